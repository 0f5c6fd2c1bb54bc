"""Odoo keeps the contract of sinks, with leads and with opportunities, alone and as one of several databases."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.odoo import Odoo, plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from syncd.testing.sink_under_test import done
from tests.connectors.odoo_world import World, odoo_world
from tests.connectors.world_contract import WorldContract
from tests.fakes.odoo.service import TOKEN

FORBIDDEN = b'{"name": "odoo.exceptions.AccessError", "message": "You are not allowed to delete this", "arguments": []}'


class TestOdooWithLeads(WorldContract):
    plugin = plugin
    secrets = (TOKEN,)
    fields = ("company", "phone")  # a name is one text there
    build = staticmethod(odoo_world)
    world: World

    def refuse_login(self) -> None:
        self.world.fake.token = "another"

    def lose_answers(self) -> None:
        for method in ("create", "write", "message_post", "unlink"):
            self.world.fake.order_fault("commit_then_drop", "POST", f"*/{method}", count=None)

    def forbid_removal(self) -> None:
        self.world.fake.order_fault("answer", "POST", "*/unlink", status=403, body=FORBIDDEN, count=None)

    def let_in(self) -> None:
        self.world.fake.token = TOKEN

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.human_edits(int(owner.id), "res.users", active=False)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.human_edits(int(record.id), user_id=int(owner.id))

    def human_deletes(self, record: Ref) -> None:
        """And a minute passes: for so long a lead that was there is not looked at again."""
        self.world.fake.human_deletes(int(record.id))
        self.world.advance(seconds=60)

    def bad_record(self) -> RecordOrder:
        """Without a name for the database: NUL is nothing that PostgreSQL can hold."""
        order = self.record(2)
        return replace(order, fields={**order.fields, "company": "Firm\0Ltd"})


class TestOdooWithOpportunities(TestOdooWithLeads):
    options: ClassVar[dict[str, Any]] = {"sink": {"make": "opportunity"}}


class TestOdooAmongSeveralDatabases(TestOdooWithLeads):
    options: ClassVar[dict[str, Any]] = {"asked_of": "acme"}


class TestOdooWithASelection(TestOdooWithLeads):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Odoo]:
        with odoo_world(tmp_path) as self.world:
            self.world.fake.fields["crm.lead"]["x_size"] = "selection"
            self.world.fake.selections["x_size"] = [["l", "Large"], ["s", "Small"]]
            yield self.world.another_sink(map={"company_size": "x_size"})

    def unlisted_choice(self) -> tuple[str, str]:
        return "company_size", "gigantic"

    @pytest.mark.parametrize("text", ["Large", "large", "l"])
    def test_choice_is_written_by_what_people_see_or_by_its_value(self, sink: Odoo, text: str) -> None:
        order = self.record(1)

        ref = done(sink.upsert([replace(order, fields={**order.fields, "company_size": text})]))[0].ref

        assert self.world.fake.leads[int(ref.id)]["x_size"] == "l"
