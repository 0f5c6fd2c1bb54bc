"""`syncd settle`: the two ways out for what was sent without an answer."""

from datetime import UTC, datetime

import pytest

from syncd.app import App
from syncd.model import Done, OrderKind, Outcome, Ref, Unknown
from syncd.store.outcomes import Settled
from syncd.testing.clock import FakeClock
from tests.cli.office import ANNA, Office, settle


@pytest.fixture
def doubtful(office: Office) -> str:
    """The id of a task that is parked in doubt."""
    office.receive(**ANNA)
    clock = FakeClock(datetime.now(UTC))
    with office.app(clock) as built:
        next(loop for loop in built.crew.loops if loop.name == "planner").turn()
        finish(built, OrderKind.RECORD, Done(Ref("contact", "1")))
        finish(built, OrderKind.TASK, Unknown("book: no answer"))
        clock.advance(seconds=2)
        return finish(built, OrderKind.TASK, Unknown("book: no answer"), give_up=True)


def finish(built: App, kind: OrderKind, outcome: Outcome, *, give_up: bool = False) -> str:
    """One order is sent, and that comes of it; its id."""
    token, (order,) = built.store.orders.claim("book", kind, 10)
    built.store.orders.settle(token, "book", [Settled(order, outcome, give_up=give_up)])
    return f"o{order.id}"


def test_what_is_parked_in_doubt_names_both_ways_out(office: Office, doubtful: str) -> None:
    said = office.run("parked")

    assert f"`syncd settle {doubtful} --ref <its id there>`, or `syncd settle {doubtful} --absent`" in said
    assert office.run("parked", "--json").json()[0]["in_doubt"] is True


def test_it_is_there(office: Office, doubtful: str) -> None:
    said = office.run("settle", doubtful, "--ref", "77")

    assert f"{doubtful} is done, as 77 in the CRM." in said
    assert "Nothing is parked." in office.run("parked")
    told = office.run("why", doubtful)
    assert "Task found by a person" in told
    assert "book: task 77" in told


def test_it_is_not_there(office: Office, doubtful: str) -> None:
    assert "is sent again" in office.run("settle", doubtful, "--absent")
    with office.app() as built:
        settle(built)

    told = office.run("why", doubtful)
    assert "Task missed by a person, sent again" in told
    assert "Task made in the CRM" in told


def test_machines_are_told_the_same(office: Office, doubtful: str) -> None:
    found = office.run("settle", doubtful, "--ref", "77", "--json").json()

    assert found == {"order": doubtful, "state": "done", "ref": "77"}


@pytest.mark.parametrize("words", [("o1",), ("o1", "--ref", "7", "--absent"), ("o1", "--ref", " ")])
def test_it_wants_one_of_two_answers(office: Office, words: tuple[str, ...]) -> None:
    assert "say --ref ID when it is there" in office.run("settle", *words, code=2).err


def test_what_cannot_be_settled_is_an_exit_code(office: Office) -> None:
    office.land(**ANNA)

    assert "neither parked nor in doubt" in office.run("settle", "o1", "--absent", code=3).err
    assert "is no id of an order" in office.run("settle", "s1", "--absent", code=2).err
