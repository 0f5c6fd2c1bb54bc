"""HubSpot keeps the contract of sinks, whatever the account allows."""

from dataclasses import replace
from typing import Any, ClassVar

from connectors.sinks.hubspot import plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from syncd.model import OrderKind
from tests.connectors.hubspot_world import World, hubspot_world
from tests.connectors.world_contract import BatchContract


class TestHubSpotSink(BatchContract):
    plugin = plugin
    build = staticmethod(hubspot_world)
    world: World

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # known only once the account is there
        return (self.world.fake.token,)

    def count(self, kind: OrderKind) -> int:
        fake = self.world.fake
        return len({OrderKind.RECORD: fake.contacts, OrderKind.TASK: fake.tasks}.get(kind, fake.notes))

    def refuse_login(self) -> None:
        self.world.fake.revoke_token()

    def lose_answers(self) -> None:
        for call in ("create", "update", "upsert", "archive"):
            self.world.fake.order_fault("commit_then_drop", path=f"*/batch/{call}", count=None)

    def let_in(self) -> None:
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

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, keys=replace(order.keys, emails=("no address at all",)))


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
