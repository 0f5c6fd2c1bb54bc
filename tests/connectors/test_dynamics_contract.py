"""Dynamics 365 keeps the contract of sinks, whatever the environment holds."""

from typing import Any, ClassVar

import pytest

from connectors.sinks.dynamics import plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from syncd.model import OrderKind
from tests.connectors.dynamics_world import World, dynamics_world
from tests.connectors.world_contract import BatchContract


class TestDynamicsSink(BatchContract):
    plugin = plugin
    build = staticmethod(dynamics_world)
    limited = "/api/data/*"
    world: World

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # known only once the environment is there
        return (self.world.fake.options.client_secret, *self.world.fake.org.tokens)

    def count(self, kind: OrderKind) -> int:
        rows = self.world.fake.rows
        if kind is OrderKind.RECORD:
            return sum(not row["merged"] for row in (*rows("lead"), *rows("contact")))
        return len(rows("task" if kind is OrderKind.TASK else "annotation"))

    def refuse_login(self) -> None:
        self.world.fake.refuse_login()

    def lose_answers(self) -> None:
        for method in ("PATCH", "POST", "DELETE"):
            self.world.fake.order_fault("commit_then_drop", "POST", f"*/$batch/{method}/*", count=None)

    def forbid_removal(self) -> None:
        self.world.fake.org.keeps = True

    def let_in(self) -> None:
        self.world.fake.accept_login()
        self.world.advance(seconds=60)  # a refused login is not tried again at once

    def expire_login(self) -> None:
        self.world.fake.end_tokens()

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.humans.leave(owner.id)

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.humans.give(self.world.id_of(record), owner.id)

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.humans.delete(self.world.id_of(record))

    def human_merges(self, into: Ref, lost: Ref) -> str:
        self.world.fake.humans.merge(self.world.id_of(into), self.world.id_of(lost))
        return into.id

    def unlisted_choice(self) -> tuple[str, str]:
        return "lead_source", "Bakery"

    def bad_record(self) -> RecordOrder:
        """A plug-in of the environment is against it."""
        self.world.fake.refuse("lastname", "Quistorp2")
        return self.record(2)


class TestContacts(TestDynamicsSink):
    """Two rows a page as well."""

    def unlisted_choice(self) -> tuple[str, str]:
        pytest.skip("does not apply: nothing of a contact is a list of choices")

    options: ClassVar[dict[str, Any]] = {"page_size": 2, "sink": {"object": "contact"}}
