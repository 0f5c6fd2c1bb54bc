"""Close keeps the contract of sinks, and where the search runs behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.close import Close, plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from tests.connectors.close_world import World, close_world
from tests.connectors.world_contract import OneByOneContract
from tests.fakes.close.service import KEY

FORBIDDEN = b'{"error": "You do not have permission to delete this."}'


class TestClose(OneByOneContract):
    plugin = plugin
    secrets = (KEY,)
    fields = ("company", "phone")  # a name is one text there, and comes back divided at its last word
    build = staticmethod(close_world)
    allowed = 100, timedelta(seconds=5)
    world: World

    def refuse_login(self) -> None:
        self.world.fake.key = "another"

    def lose_answers(self) -> None:
        for path in ("lead", "contact", "task", "activity"):
            self.world.fake.order_fault("commit_then_drop", "POST", f"/api/v1/{path}/*", count=None)
        for method in ("PUT", "DELETE"):
            self.world.fake.order_fault("commit_then_drop", method, count=None)

    def forbid_removal(self) -> None:
        self.world.fake.order_fault("answer", "DELETE", "*", status=403, body=FORBIDDEN, count=None)

    def let_in(self) -> None:
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

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, fields={**order.fields, "email": "no address at all"})


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
