"""Salesforce keeps the contract of sinks, whatever the organisation allows."""

from typing import Any, ClassVar

from connectors.sinks.salesforce import plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from syncd.model import OrderKind
from tests.connectors.salesforce_world import World, salesforce_world
from tests.connectors.world_contract import BatchContract


class TestSalesforceSink(BatchContract):
    plugin = plugin
    build = staticmethod(salesforce_world)
    limited = "/services/data/*"
    world: World

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # known only once the organisation is there
        own = self.world.fake.options
        return (own.client_secret, *self.world.fake.org.tokens.access)

    def count(self, kind: OrderKind) -> int:
        fake = self.world.fake
        if kind is OrderKind.RECORD:
            return len(fake.records("Lead")) + len(fake.records("Contact"))
        return sum(task["IsClosed"] is (kind is OrderKind.NOTE) for task in fake.records("Task"))

    def refuse_login(self) -> None:
        self.world.fake.refuse_login()

    def lose_answers(self) -> None:
        self.world.fake.order_fault("commit_then_drop", path="*/composite/sobjects*", count=None)

    def let_in(self) -> None:
        self.world.fake.accept_login()
        self.world.advance(seconds=60)  # a refused login is not tried again at once

    def expire_login(self) -> None:
        self.world.fake.end_sessions()

    def use_up_the_day(self) -> None:
        self.slow_down()

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.deactivate(owner.id)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.people.edit(record.id, {"OwnerId": owner.id})

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.people.delete(record.id)

    def human_merges(self, into: Ref, lost: Ref) -> str:
        self.world.fake.people.merge(into.id, lost.id)
        return into.id

    def unlisted_choice(self) -> tuple[str, str]:
        return "lead_source", "Fair"

    def bad_record(self) -> RecordOrder:
        """A validation rule of the organisation is against it."""
        self.world.fake.refuse("LastName", "Quistorp2")
        return self.record(2)


class TestContacts(TestSalesforceSink):
    options: ClassVar[dict[str, Any]] = {"sink": {"object": "Contact"}}


class TestOrganisationThatShowsLittle(TestSalesforceSink):
    """No external id on Activity, two rows a page, no opt-out, no history, an old version of the API."""

    options: ClassVar[dict[str, Any]] = {
        "activity_fields": False,
        "page_size": 2,
        "history": False,
        "hidden_fields": frozenset(
            {"Lead.HasOptedOutOfEmail", "Task.Type", "Task.CompletedDateTime", "Lead.LastActivityDate"}
        ),
        "sink": {"api_version": "59.0"},
    }
