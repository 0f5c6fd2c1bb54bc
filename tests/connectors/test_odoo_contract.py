"""Odoo keeps the contract of sinks, with leads and with opportunities, alone and as one of several databases."""

from dataclasses import replace
from typing import Any, ClassVar

from connectors.sinks.odoo import plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from tests.connectors.odoo_world import World, odoo_world
from tests.connectors.world_contract import WorldContract
from tests.fakes.odoo.service import TOKEN


class TestOdooWithLeads(WorldContract):
    plugin = plugin
    secrets = (TOKEN,)
    fields = ("company", "phone")  # a name is one text there
    build = staticmethod(odoo_world)
    world: World

    def refuse_login(self) -> None:
        self.world.fake.token = "another"

    def lose_answers(self) -> None:
        for method in ("create", "write", "message_post"):
            self.world.fake.order_fault("commit_then_drop", "POST", f"*/{method}", count=None)

    def let_in(self) -> None:
        self.world.fake.token = TOKEN

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.human_edits(int(owner.id), "res.users", active=False)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.human_edits(int(record.id), user_id=int(owner.id))

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.human_deletes(int(record.id))

    def bad_record(self) -> RecordOrder:
        """Without a name for the database: NUL is nothing that PostgreSQL can hold."""
        order = self.record(2)
        return replace(order, fields={**order.fields, "company": "Firm\0Ltd"})


class TestOdooWithOpportunities(TestOdooWithLeads):
    options: ClassVar[dict[str, Any]] = {"sink": {"make": "opportunity"}}


class TestOdooAmongSeveralDatabases(TestOdooWithLeads):
    options: ClassVar[dict[str, Any]] = {"asked_of": "acme"}
