"""Copper keeps the contract of sinks, and where its searches run behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.copper import Copper, plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from tests.connectors.copper_world import World, copper_world
from tests.connectors.world_contract import OneByOneContract
from tests.fakes.copper.service import KEY

FORBIDDEN = b'{"success": false, "status": 403, "message": "You are not allowed to do this"}'


class TestCopper(OneByOneContract):
    plugin = plugin
    secrets = (KEY,)
    fields = ("company", "phone")  # how a name is taken apart is Copper's
    build = staticmethod(copper_world)
    allowed = 180, timedelta(minutes=1)
    world: World

    def refuse_login(self) -> None:
        self.world.fake.key = "another"

    def lose_answers(self) -> None:
        self.world.fake.order_fault("commit_then_drop", "*", "*/leads/upsert", count=None)
        self.world.fake.order_fault("commit_then_drop", "POST", "*/tasks", count=None)
        self.world.fake.order_fault("commit_then_drop", "POST", "*/activities", count=None)
        self.world.fake.order_fault("commit_then_drop", "DELETE", count=None)

    def forbid_removal(self) -> None:
        self.world.fake.order_fault("answer", "DELETE", "*", status=403, body=FORBIDDEN, count=None)

    def let_in(self) -> None:
        self.world.fake.key = KEY

    def deactivate(self, owner: OwnerRef) -> None:
        del self.world.fake.users[int(owner.id)]
        self.world.advance(minutes=1)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.human_edits(self.world.fake.leads, number(record), assignee_id=int(owner.id))

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.human_deletes(number(record))

    def human_merges(self, into: Ref, lost: Ref) -> str:
        """Copper does not say who was merged; a lead that is converted lives on as a person."""
        return f"person/{self.world.fake.human_converts(number(lost))}"

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, fields={**order.fields, "email": "no address at all"})


class TestCopperWithAListOfChoices(TestCopper):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Copper]:
        with copper_world(tmp_path) as self.world:
            self.world.fake.keep_field("Size", "Dropdown", options=[{"name": "Large"}, {"name": "Small"}])
            yield self.world.another_sink(map={"company_size": "Size"})

    def unlisted_choice(self) -> tuple[str, str]:
        return "company_size", "gigantic"


class TestCopperWhoseSearchesRunBehind(TestCopper):
    options: ClassVar[dict[str, Any]] = {"lag": 30.0, "sink": {"settle": 60}}

    def mend(self) -> None:
        super().mend()
        self.world.advance(seconds=31)

    def human_merges(self, into: Ref, lost: Ref) -> str:
        """Until the search shows it, a converted lead cannot be told from a deleted one."""
        lives_on = super().human_merges(into, lost)
        self.world.advance(seconds=31)
        return lives_on


def number(record: Ref) -> int:
    return int(record.id.rpartition("/")[2])
