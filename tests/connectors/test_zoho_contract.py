"""Zoho CRM keeps the contract of sinks, whatever the account allows."""

from dataclasses import replace
from typing import Any, ClassVar

import pytest

from connectors.sinks.zoho import plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from syncd.model import OrderKind
from tests.connectors.world_contract import BatchContract
from tests.connectors.zoho_world import World, zoho_world

FORBIDDEN = b'{"code": "OAUTH_SCOPE_MISMATCH", "details": {}, "message": "invalid oauth scope", "status": "error"}'


class TestZohoSink(BatchContract):
    plugin = plugin
    build = staticmethod(zoho_world)
    world: World

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # known only once the account is there
        given = self.world.fake.options
        return (given.client_secret, given.refresh_token, *self.world.fake.account.tokens.access)

    def count(self, kind: OrderKind) -> int:
        rows = self.world.fake.rows
        if kind is OrderKind.RECORD:
            return len(rows("Leads")) + len(rows("Contacts"))
        return len(rows("Tasks" if kind is OrderKind.TASK else "Notes"))

    def refuse_login(self) -> None:
        self.world.fake.revoke_grant()

    def lose_answers(self) -> None:
        for method in ("POST", "PUT", "DELETE"):
            for module in ("Leads", "Contacts", "Tasks", "Notes"):
                self.world.fake.order_fault("commit_then_drop", method, f"/crm/v8/{module}*", count=None)

    def forbid_removal(self) -> None:
        self.world.fake.order_fault("answer", "DELETE", "*", status=401, body=FORBIDDEN, count=None)

    def let_in(self) -> None:
        self.world.fake.restore_grant()

    def expire_login(self) -> None:
        self.world.fake.revoke_token()

    def use_up_the_day(self) -> None:
        self.world.fake.order_fault("too_many", count=None, headers={"X-API-CREDITS-REMAINING": "0"})

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.humans.leave(owner.id)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.humans.edit(self.world.id_of(record), {"Owner": {"id": owner.id}})

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.humans.delete(self.world.id_of(record))

    def human_merges(self, into: Ref, lost: Ref) -> str:
        self.world.fake.humans.merge(self.world.id_of(into), self.world.id_of(lost))
        return into.id

    def test_merging_is_told(self, sink: Any) -> None:
        pytest.skip("does not apply: Zoho tells of no merge; the survivor is found when the lead is written next")

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        bad = "no address at all"
        return replace(order, keys=replace(order.keys, emails=(bad,)), fields={**order.fields, "email": bad})


class TestStrictAccountWhoseTasksHaveAPlainMark(TestZohoSink):
    options: ClassVar[dict[str, Any]] = {"task_fields": "plain", "read_lag": 30.0, "restricted_picklists": True}

    def unlisted_choice(self) -> tuple[str, str]:
        return "industry", "Bakery"


class TestAccountWithoutFieldsOnTasks(TestZohoSink):
    options: ClassVar[dict[str, Any]] = {"task_fields": "none", "read_lag": 30.0}


class TestStrangersBecomeContacts(TestZohoSink):
    options: ClassVar[dict[str, Any]] = {"sink": {"module": "Contacts"}}
    fields = ("first_name", "last_name", "phone")

    def record(self, number: int) -> RecordOrder:
        """Without a company: that of a contact is an account, which a person chooses."""
        order = super().record(number)
        return replace(order, fields={name: text for name, text in order.fields.items() if name != "company"})

    def test_record_with_a_ref_is_changed_where_it_is(self, sink: Any) -> None:
        pytest.skip("does not apply: the test changes the company")
