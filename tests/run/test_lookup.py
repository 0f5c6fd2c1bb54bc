"""The look-up: patient, but never in the way of planning."""

import gc
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest

from syncd.errors import AuthFailed, Retryable
from syncd.model import Known, LeadKeys
from syncd.run.line import Line, LineOptions
from syncd.run.lookup import Lookup
from syncd.run.metrics import Metrics
from tests.e2e.processes import until
from tests.world import World

KEYS = [LeadKeys("", ("eva@acme.com",)), LeadKeys("", ("tom@other.com",))]


def test_each_lead_gets_its_answer(world: World) -> None:
    world.crm.records["7"] = {"email": "tom@other.com"}

    answers = world.lookup.ask(KEYS)

    assert answers.asked
    assert [known and known.ref.id for known in answers.known] == [None, "7"]


def test_nobody_is_asked_about_nobody(world: World) -> None:
    assert world.lookup.ask([]).asked is False
    assert Lookup(None).ask(KEYS).known == [None, None]
    assert world.crm.calls == []


@pytest.mark.parametrize("error", [Retryable("502"), AuthFailed("token"), KeyError("a bug"), TimeoutError()])
def test_trouble_of_the_crm_or_its_connector_never_reaches_the_planner(world: World, error: Exception) -> None:
    world.crm.troubles["find"] = [error]

    answers = world.lookup.ask(KEYS)

    assert (answers.asked, answers.known) == (False, [None, None])
    assert answers.reason
    assert "eva" not in answers.reason


def test_a_paused_sink_is_not_asked_at_all(world: World) -> None:
    world.store.sinks.pause("crm", "outage", "502", timedelta(minutes=1))

    answers = world.lookup.ask(KEYS)

    assert (answers.asked, answers.reason) == (False, "the CRM is paused")
    assert world.crm.calls == []


def test_an_answer_for_another_number_of_leads_is_no_answer(world: World) -> None:
    world.crm.find = lambda _leads: [None]  # type: ignore[method-assign]

    assert world.lookup.ask(KEYS).asked is False


class Hanging:
    """A CRM whose look-up ends when the test says so."""

    def __init__(self, world: World) -> None:
        self.asked, self.go, self.sink = 0, threading.Event(), world.crm
        self.sink.find = self.find  # type: ignore[method-assign]
        options = LineOptions(patience=timedelta(milliseconds=50))
        self.lookup = Lookup(Line("crm", self.sink, world.store.sinks, world.clock, Metrics(), options))

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        self.asked += 1
        self.go.wait(10)
        return [None] * len(leads)


def test_a_crm_that_hangs_costs_its_patience_once_and_is_asked_again_when_it_is_back(world: World) -> None:
    crm = Hanging(world)

    late = crm.lookup.ask(KEYS)
    meanwhile = crm.lookup.ask(KEYS)
    crm.go.set()
    until(lambda: crm.lookup.ask(KEYS).asked or None, "an answer of the CRM")

    assert (late.asked, late.reason) == (False, "the CRM did not answer in time")
    assert (meanwhile.asked, meanwhile.reason) == (False, "the CRM has not answered the last look-up yet")
    assert crm.asked == 2


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "lookup"}


def test_one_thread_makes_all_calls_and_keeps_no_process_alive(world: World) -> None:
    before, lookup = threads(), Lookup(world.line)

    lookup.start()
    (started,) = threads() - before
    known = [lookup.ask(KEYS).asked for _ in range(3)]

    assert known == [True, True, True]
    assert threads() - before == {started}
    assert started.daemon
    lookup.close()
    started.join(10)
    assert not started.is_alive()


def test_the_thread_of_a_lookup_that_is_let_go_ends(world: World) -> None:
    before, lookup = threads(), Lookup(world.line)
    lookup.ask(KEYS)
    (started,) = threads() - before

    del lookup
    gc.collect()

    started.join(10)
    assert not started.is_alive()
