"""Dynamics 365 keeps the contract of sinks, whatever the environment holds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.dynamics import Dynamics, plugin
from syncd.connector import Budgeted, OwnerRef, RecordOrder, Ref, Sink
from syncd.model import OrderKind
from syncd.testing import SinkContract
from tests.connectors.dynamics_world import ANNA, World, dynamics_world


class TestDynamicsSink(SinkContract):
    plugin = plugin
    options: ClassVar[dict[str, Any]] = {}
    world: World

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Dynamics]:
        with dynamics_world(tmp_path, **self.options) as self.world:
            yield self.world.sink

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

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", path="/api/data/*", count=None)

    def lose_answers(self) -> None:
        for method in ("PATCH", "POST", "DELETE"):
            self.world.fake.order_fault("commit_then_drop", "POST", f"*/$batch/{method}/*", count=None)

    def forbid_removal(self) -> None:
        self.world.fake.org.keeps = True

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

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

    def bad_record(self) -> RecordOrder:
        """A plug-in of the environment is against it."""
        self.world.fake.refuse("lastname", "Quistorp2")
        return self.record(2)

    def test_owner_of_the_roster_is_known(self, sink: Dynamics) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink_with_a_budget(self, sink: Dynamics) -> None:
        assert isinstance(sink, Sink)
        assert isinstance(sink, Budgeted)


class TestContacts(TestDynamicsSink):
    """Two rows a page as well."""

    def unlisted_choice(self) -> tuple[str, str]:
        pytest.skip("does not apply: nothing of a contact is a list of choices")

    options: ClassVar[dict[str, Any]] = {"page_size": 2, "sink": {"object": "contact"}}
