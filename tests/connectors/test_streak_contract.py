"""Streak keeps the contract of sinks, and where its lists and its search run behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.streak import Streak, plugin
from syncd.connector import Budgeted, OwnerRef, RecordOrder, Ref, Sink
from syncd.model import OrderKind
from syncd.testing import SinkContract
from tests.connectors.streak_world import ANNA, World, streak_world
from tests.fakes.streak.service import KEY


class TestStreak(SinkContract):
    plugin = plugin
    secrets = (KEY,)
    fields = ("company", "phone")  # names stand in the name of the box and in the contact, which are people's to change
    options: ClassVar[dict[str, Any]] = {}
    world: World

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Streak]:
        with streak_world(tmp_path, **self.options) as self.world:
            yield self.world.sink

    def count(self, kind: OrderKind) -> int:
        return self.world.fake.count(kind)

    def refuse_login(self) -> None:
        self.world.fake.key = "another"

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", count=None)

    def lose_answers(self) -> None:
        self.world.fake.order_fault("commit_then_drop", "POST", "/api/v2/*s", count=None)  # boxes, tasks, comments

    def fall_silent(self) -> None:
        self.world.tools.http.timeout = (2, 0.1)
        self.world.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.world.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.world.fake.clear_faults()
        self.world.fake.key = KEY

    def deactivate(self, owner: OwnerRef) -> None:
        del self.world.fake.members[owner.id]
        self.world.advance(minutes=1)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.human_gives(record.id, owner.id)

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.human_deletes(record.id)

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, fields={**order.fields, "email": "no address at all"})

    def test_owner_of_the_roster_is_known(self, sink: Streak) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink_with_a_budget(self, sink: Streak) -> None:
        assert isinstance(sink, Sink)
        assert isinstance(sink, Budgeted)
        allowance = sink.allowance()
        assert allowance is not None
        assert (allowance.per_window, allowance.window) == (10, timedelta(seconds=1))


class TestStreakWithAListOfChoices(TestStreak):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Streak]:
        with streak_world(tmp_path) as self.world:
            self.world.fake.add_dropdown("Size", "Large", "Small")
            yield self.world.another_sink(map={"company_size": "Size"})

    def unlisted_choice(self) -> tuple[str, str]:
        return "company_size", "gigantic"


class TestStreakWhoseListsRunBehind(TestStreak):
    options: ClassVar[dict[str, Any]] = {"lag": 30.0, "list_lag": 30.0, "sink": {"settle": 60}}

    def mend(self) -> None:
        super().mend()
        self.world.advance(seconds=31)
