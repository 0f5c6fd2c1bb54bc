"""Streak keeps the contract of sinks, and where its lists and its search run behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.streak import Streak, plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from tests.connectors.streak_world import World, streak_world
from tests.connectors.world_contract import OneByOneContract
from tests.fakes.streak.service import KEY

FORBIDDEN = b'{"success": false, "error": "Not allowed"}'


class TestStreak(OneByOneContract):
    plugin = plugin
    secrets = (KEY,)
    fields = ("company", "phone")  # names stand in the name of the box and in the contact, which are people's to change
    build = staticmethod(streak_world)
    allowed = 10, timedelta(seconds=1)
    world: World

    def refuse_login(self) -> None:
        self.world.fake.key = "another"

    def lose_answers(self) -> None:
        self.world.fake.order_fault("commit_then_drop", "POST", "/api/v2/*s", count=None)  # boxes, tasks, comments
        self.world.fake.order_fault("commit_then_drop", "DELETE", count=None)

    def forbid_removal(self) -> None:
        self.world.fake.order_fault("answer", "DELETE", "*", status=403, body=FORBIDDEN, count=None)

    def let_in(self) -> None:
        self.world.fake.key = KEY

    def deactivate(self, owner: OwnerRef) -> None:
        del self.world.fake.members[owner.id]
        self.world.advance(minutes=1)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.human_gives(record.id, owner.id)

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.human_deletes(record.id)

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, fields={**order.fields, "email": "no address at all"})


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
