"""Salesforce keeps the contract of sinks, whatever the organisation allows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.salesforce import Salesforce, plugin
from syncd.connector import Budgeted, OwnerRef, RecordOrder, Ref, Sink
from syncd.model import OrderKind
from syncd.testing import SinkContract
from tests.connectors.salesforce_world import ANNA, World, salesforce_world


class TestSalesforceSink(SinkContract):
    plugin = plugin
    options: ClassVar[dict[str, Any]] = {}
    world: World

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Salesforce]:
        with salesforce_world(tmp_path, **self.options) as self.world:
            yield self.world.sink

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

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", path="/services/data/*", count=None)

    def lose_answers(self) -> None:
        self.world.fake.order_fault("commit_then_drop", path="*/composite/sobjects*", count=None)

    def fall_silent(self) -> None:
        self.world.http.timeout = (2, 0.1)
        self.world.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.world.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.world.fake.clear_faults()
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

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

    def bad_record(self) -> RecordOrder:
        """A validation rule of the organisation is against it."""
        self.world.fake.refuse("LastName", "Quistorp2")
        return self.record(2)

    def test_owner_of_the_roster_is_known(self, sink: Salesforce) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink_with_a_budget(self, sink: Salesforce) -> None:
        assert isinstance(sink, Sink)
        assert isinstance(sink, Budgeted)


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
