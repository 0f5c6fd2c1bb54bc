"""Odoo keeps the contract of sinks, with leads and with opportunities, alone and as one of several databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.odoo import Odoo, plugin
from syncd.connector import OwnerRef, RecordOrder, Ref, Sink
from syncd.model import OrderKind
from syncd.testing import SinkContract
from tests.connectors.odoo_world import ANNA, World, odoo_world
from tests.fakes.odoo.service import TOKEN


class TestOdooWithLeads(SinkContract):
    plugin = plugin
    secrets = (TOKEN,)
    fields = ("company", "phone")  # a name is one text there
    options: ClassVar[dict[str, Any]] = {}
    world: World

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Odoo]:
        with odoo_world(tmp_path, **self.options) as self.world:
            yield self.world.sink

    def count(self, kind: OrderKind) -> int:
        return self.world.fake.count(kind)

    def refuse_login(self) -> None:
        self.world.fake.token = "another"

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", count=None)

    def lose_answers(self) -> None:
        for method in ("create", "write", "message_post"):
            self.world.fake.order_fault("commit_then_drop", "POST", f"*/{method}", count=None)

    def fall_silent(self) -> None:
        self.world.tools.http.timeout = (2, 0.1)
        self.world.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.world.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.world.fake.clear_faults()
        self.world.fake.token = TOKEN

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

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

    def test_owner_of_the_roster_is_known(self, sink: Odoo) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink(self, sink: Odoo) -> None:
        assert isinstance(sink, Sink)


class TestOdooWithOpportunities(TestOdooWithLeads):
    options: ClassVar[dict[str, Any]] = {"sink": {"make": "opportunity"}}


class TestOdooAmongSeveralDatabases(TestOdooWithLeads):
    options: ClassVar[dict[str, Any]] = {"asked_of": "acme"}
