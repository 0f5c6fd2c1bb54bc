"""The contract of sinks for those that stand in a world with a fake of ours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from syncd.connector import Budgeted, Done, HttpClient, Sink, Wait
from syncd.model import OrderKind
from syncd.testing import SinkContract
from syncd.testing.sink_under_test import done
from tests.connectors.sink_world import ANNA


class WorldContract(SinkContract):
    """Says what each of our fakes can do in the same words; a vendor's class says who may log in and who is where."""

    build: ClassVar[Callable[..., AbstractContextManager[Any]]]
    options: ClassVar[dict[str, Any]] = {}
    allowed: ClassVar[tuple[int, timedelta] | None] = None  # calls and window, as the service tells them
    limited: ClassVar[str] = "*"  # paths of the calls that count
    world: Any

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Any]:
        with type(self).build(tmp_path, **self.options) as self.world:
            yield self.world.sink

    def let_in(self) -> None:
        """The login is good again."""
        raise NotImplementedError

    def count(self, kind: OrderKind) -> int:
        counted: int = self.world.fake.count(kind)
        return counted

    @property
    def http(self) -> HttpClient:
        """Of the sink."""
        lent: HttpClient = self.world.tools.http
        return lent

    def slow_down(self) -> None:
        self.world.fake.order_fault("too_many", path=self.limited, count=None)

    def fall_silent(self) -> None:
        self.http.timeout = (2, 0.1)
        self.world.fake.order_fault("hang", count=None)

    def answer_with(self, status: int, body: bytes) -> None:
        self.world.fake.order_fault("answer", status=status, body=body, count=None)

    def mend(self) -> None:
        self.world.fake.clear_faults()
        self.let_in()

    def let_time_pass(self, time: timedelta) -> None:
        self.world.advance(seconds=time.total_seconds())

    def test_owner_of_the_roster_is_known(self, sink: Sink) -> None:
        assert sink.owners()[ANNA].active

    def test_is_a_sink_that_tells_how_often_it_may_be_asked(self, sink: Sink) -> None:
        assert isinstance(sink, Sink)
        assert isinstance(sink, Budgeted)
        assert sink.owners()
        told = sink.allowance()
        assert (told and (told.per_window, told.window)) == self.allowed


class BatchContract(WorldContract):
    """Of sinks that take many orders a call; how often they may be asked the service tells by and by."""

    @property
    def http(self) -> HttpClient:
        made: HttpClient = self.world.http
        return made

    def test_is_a_sink_that_tells_how_often_it_may_be_asked(self, sink: Sink) -> None:
        assert isinstance(sink, Sink)
        assert isinstance(sink, Budgeted)


class OneByOneContract(WorldContract):
    """Of sinks that read a record before they change it, and take one order a call."""

    def human_deletes_tasks(self) -> None:
        self.world.fake.tasks.clear()

    def test_record_that_was_deleted_since_is_looked_up_again_and_made_whole(self, sink: Sink) -> None:
        ref, order = self.written(sink), self.record(1)
        (known,) = sink.find([order.keys])
        self.human_deletes(ref)

        (first,) = sink.upsert([replace(order, keys=replace(order.keys, ref=ref), known=known)])
        (second,) = sink.upsert([order])

        assert isinstance(first, Wait)
        assert isinstance(second, Done)
        assert second.created

    def test_deleted_task_is_made_again(self, sink: Sink) -> None:
        ref = self.written(sink)
        (made,) = done(sink.add_tasks([self.task(1, ref)]))
        self.human_deletes_tasks()

        (remade,) = done(sink.add_tasks([replace(self.task(2, ref), ref=made.ref)]))

        assert remade.ref != made.ref
