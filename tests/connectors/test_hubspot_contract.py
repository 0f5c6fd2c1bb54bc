"""HubSpot keeps the contract of sinks, whatever the account allows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.hubspot import HubSpot, plugin
from syncd.connector import Budgeted, OwnerRef, RecordOrder, Ref, Sink
from syncd.model import OrderKind
from syncd.testing import SinkContract
from tests.connectors.hubspot_world import ANNA, World, hubspot_world


class TestHubSpotSink(SinkContract):
    plugin = plugin
    options: ClassVar[dict[str, Any]] = {}
    world: World

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[HubSpot]:
        with hubspot_world(tmp_path, **self.options) as self.world:
            yield self.world.sink

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # known only once the account is there
        return (self.world.fake.token,)

    def count(self, kind: OrderKind) -> int:
        fake = self.world.fake
        return len({OrderKind.RECORD: fake.contacts, OrderKind.TASK: fake.tasks}.get(kind, fake.notes))

    def refuse_login(self) -> None:
        self.world.fake.revoke_token()

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", count=None)

    def lose_answers(self) -> None:
        for call in ("create", "update", "upsert", "archive"):
            self.world.fake.order_fault("commit_then_drop", path=f"*/batch/{call}", count=None)

    def fall_silent(self) -> None:
        self.world.http.timeout = (2, 0.1)
        self.world.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.world.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.world.fake.clear_faults()
        self.world.fake.restore_token()

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.archive_owner(owner.id)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.human_edits(record.id, hubspot_owner_id=owner.id)

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.human_deletes(record.id)

    def human_merges(self, into: Ref, lost: Ref) -> str:
        return self.world.fake.merge(into.id, lost.id)

    def use_up_the_day(self) -> None:
        self.world.fake.order_fault("too_many", count=None, policy="DAILY")

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, keys=replace(order.keys, emails=("no address at all",)))

    def test_owner_of_the_roster_is_known(self, sink: HubSpot) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink_with_a_budget(self, sink: HubSpot) -> None:
        assert isinstance(sink, Sink)
        assert isinstance(sink, Budgeted)


class TestAccountWithoutUniqueTaskProperties(TestHubSpotSink):
    options: ClassVar[dict[str, Any]] = {"unique_task_properties": False, "search_lag": 30.0}


class TestAccountThatEchoesNoTraceIds(TestHubSpotSink):
    options: ClassVar[dict[str, Any]] = {"echo_trace_ids": False, "conflicts_name_the_id": False}


class TestAccountThatIsLoggedInToByAGrant(TestHubSpotSink):
    options: ClassVar[dict[str, Any]] = {
        "sink": {"oauth": {"client_id": "fake-client", "client_secret": "fake-secret", "refresh_token": "fake-refresh"}}
    }

    def expire_login(self) -> None:
        self.world.fake.revoke_token()

    def refuse_login(self) -> None:
        self.world.fake.revoke_token()
        self.world.fake.revoke_refresh_token()


class TestAccountWithAListOfChoices(TestHubSpotSink):
    options: ClassVar[dict[str, Any]] = {"sink": {"map": {"company_size": "hs_language"}}}

    def unlisted_choice(self) -> tuple[str, str]:
        return "company_size", "11-50"


class TestNumberedApi(TestHubSpotSink):
    options: ClassVar[dict[str, Any]] = {"sink": {"api": "v3"}}
