"""SugarCRM and SuiteCRM keep the contract of sinks, by each of their three APIs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from connectors.sinks.sugar import sugarcrm_plugin, suitecrm_plugin
from syncd.connector import OwnerRef, Plugin, RecordOrder, Ref
from syncd.model import OrderKind
from tests.connectors.sugar_world import WRITES, World, id_of, sugar_world
from tests.connectors.world_contract import WorldContract


class TestSugarCrm(WorldContract):
    plugin: Plugin[Any] = sugarcrm_plugin
    build = staticmethod(sugar_world)
    options: ClassVar[dict[str, Any]] = {"dialect": "sugarcrm"}
    world: World

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # known only once the installation is there
        fake = self.world.fake
        given, tokens = fake.options, fake.account.tokens
        return given.password, given.client_secret, *tokens.access, *tokens.sessions

    def count(self, kind: OrderKind) -> int:
        rows = self.world.fake.rows
        if kind is OrderKind.RECORD:
            return len(rows("Leads")) + len(rows("Contacts"))
        return len(rows("Tasks" if kind is OrderKind.TASK else "Notes"))

    def refuse_login(self) -> None:
        self.world.fake.change_password()

    def let_in(self) -> None:
        self.world.fake.restore_password()
        self.let_time_pass(timedelta(minutes=1))  # a refused login is left alone for a while

    def expire_login(self) -> None:
        self.world.fake.revoke_tokens()

    def lose_answers(self) -> None:
        for method, path in WRITES[self.world.dialect]:
            self.world.fake.order_fault("commit_then_drop", method, path, count=None)

    def forbid_removal(self) -> None:
        self.world.fake.account.keeps = True

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.humans.leave(owner.id)
        self.let_time_pass(timedelta(minutes=1))  # users and records are looked at again after a minute

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.humans.edit(id_of(record), {"assigned_user_id": owner.id})

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.humans.delete(id_of(record))
        self.let_time_pass(timedelta(minutes=1))

    def human_merges(self, into: Ref, lost: Ref) -> str:
        self.world.fake.humans.merge(id_of(into), id_of(lost))
        return into.id

    def test_merging_is_told(self, sink: Any) -> None:
        pytest.skip("does not apply: no merge is told; the survivor is found when the lead is written next")

    def unlisted_choice(self) -> tuple[str, str]:
        return "lead_source", "Telepathy"

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        bad = "no address at all"
        return replace(order, keys=replace(order.keys, emails=(bad,)), fields={**order.fields, "email": bad})


class TestSuiteCrmByV8(TestSugarCrm):
    plugin = suitecrm_plugin
    options: ClassVar[dict[str, Any]] = {"dialect": "v8"}

    def bad_record(self) -> RecordOrder:
        """SuiteCRM takes any text; that an owner is nobody we see ourselves."""
        return replace(self.record(2), owner=OwnerRef("nobody"))

    def unlisted_choice(self) -> tuple[str, str]:
        pytest.skip("does not apply: lists of choices are not told, and any value is taken")


class TestSuiteCrmByV41(TestSuiteCrmByV8):
    options: ClassVar[dict[str, Any]] = {"dialect": "v4_1"}

    def unlisted_choice(self) -> tuple[str, str]:
        return "lead_source", "Telepathy"
