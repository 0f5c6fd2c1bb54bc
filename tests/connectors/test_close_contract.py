"""Close keeps the contract of sinks, and where the search runs behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.close import Close, plugin
from syncd.connector import Budgeted, OwnerRef, RecordOrder, Ref, Sink
from syncd.model import OrderKind
from syncd.testing import SinkContract
from tests.connectors.close_world import ANNA, World, close_world
from tests.fakes.close.service import KEY


class TestClose(SinkContract):
    plugin = plugin
    secrets = (KEY,)
    fields = ("company", "phone")  # a name is one text there, and comes back divided at its last word
    options: ClassVar[dict[str, Any]] = {}
    world: World

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Close]:
        with close_world(tmp_path, **self.options) as self.world:
            yield self.world.sink

    def count(self, kind: OrderKind) -> int:
        return self.world.fake.count(kind)

    def refuse_login(self) -> None:
        self.world.fake.key = "another"

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", count=None)

    def lose_answers(self) -> None:
        for path in ("lead", "contact", "task", "activity"):
            self.world.fake.order_fault("commit_then_drop", "POST", f"/api/v1/{path}/*", count=None)
        self.world.fake.order_fault("commit_then_drop", "PUT", count=None)

    def fall_silent(self) -> None:
        self.world.tools.http.timeout = (2, 0.1)
        self.world.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.world.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.world.fake.clear_faults()
        self.world.fake.key = KEY

    def deactivate(self, owner: OwnerRef) -> None:
        del self.world.fake.users[owner.id]

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        code = self.world.fake.code("syncd_owner", "lead")
        self.world.fake.human_changes_lead(record.id, **{code: owner.id})

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.human_deletes(record.id)

    def human_merges(self, into: Ref, lost: Ref) -> str:
        return self.world.fake.human_merges(into.id, lost.id)

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, fields={**order.fields, "email": "no address at all"})

    def test_owner_of_the_roster_is_known(self, sink: Close) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink_with_a_budget(self, sink: Close) -> None:
        assert isinstance(sink, Sink)
        assert isinstance(sink, Budgeted)
        assert sink.owners()
        allowance = sink.allowance()
        assert allowance is not None
        assert (allowance.per_window, allowance.window) == (100, timedelta(seconds=5))


class TestCloseWithAListOfChoices(TestClose):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Close]:
        size = {"id": "cf_size", "name": "Size", "type": "choices", "choices": ["Large"]}
        with close_world(tmp_path) as self.world:
            self.world.fake.fields["contact"].append({**size, "accepts_multiple_values": False})
            yield self.world.another_sink(map={"company_size": "Size"})

    def unlisted_choice(self) -> tuple[str, str]:
        return "company_size", "gigantic"


class TestCloseWhoseSearchRunsBehind(TestClose):
    options: ClassVar[dict[str, Any]] = {"lag": 30.0}

    def human_merges(self, into: Ref, lost: Ref) -> str:
        lives_on = super().human_merges(into, lost)
        self.world.advance(seconds=31)
        return lives_on
