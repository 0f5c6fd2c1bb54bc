"""SugarCRM and SuiteCRM keep the contract of sinks, by each of their three APIs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.sugar import Sugar, sugarcrm_plugin, suitecrm_plugin
from syncd.connector import OwnerRef, Plugin, RecordOrder, Ref, Sink
from syncd.model import OrderKind
from syncd.testing import SinkContract
from tests.connectors.sugar_world import ANNA, WRITES, Dialect, World, id_of, sugar_world


class TestSugarCrm(SinkContract):
    plugin: Plugin[Any] = sugarcrm_plugin
    dialect: ClassVar[Dialect] = "sugarcrm"
    world: World

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Sugar]:
        with sugar_world(tmp_path, self.dialect) as self.world:
            yield self.world.sink

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

    def expire_login(self) -> None:
        self.world.fake.revoke_tokens()

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", count=None)

    def lose_answers(self) -> None:
        for method, path in WRITES[self.dialect]:
            self.world.fake.order_fault("commit_then_drop", method, path, count=None)

    def fall_silent(self) -> None:
        self.world.tools.http.timeout = (2, 0.1)
        self.world.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.world.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.world.fake.clear_faults()
        self.world.fake.restore_password()
        self.let_time_pass(timedelta(minutes=1))  # a refused login is left alone for a while

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

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

    def test_owner_of_the_roster_is_known(self, sink: Sugar) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink(self, sink: Sugar) -> None:
        assert isinstance(sink, Sink)


class TestSuiteCrmByV8(TestSugarCrm):
    plugin = suitecrm_plugin
    dialect: ClassVar[Dialect] = "v8"

    def bad_record(self) -> RecordOrder:
        """SuiteCRM takes any text; that an owner is nobody we see ourselves."""
        return replace(self.record(2), owner=OwnerRef("nobody"))

    def unlisted_choice(self) -> tuple[str, str]:
        pytest.skip("does not apply: lists of choices are not told, and any value is taken")


class TestSuiteCrmByV41(TestSuiteCrmByV8):
    dialect: ClassVar[Dialect] = "v4_1"

    def unlisted_choice(self) -> tuple[str, str]:
        return "lead_source", "Telepathy"
