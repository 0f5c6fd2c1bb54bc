"""`syncd retry`, `quarantine` and `replay`."""

import pytest

from syncd.model import OrderKind, Refusal
from syncd.store.outcomes import Settled
from tests.cli.office import ANNA, Office, settle


def refuse(office: Office) -> None:
    """A record that the CRM will not take."""
    office.receive(**ANNA)
    with office.app() as built:
        planner = next(loop for loop in built.crew.loops if loop.name == "planner")
        planner.turn()
        token, (order,) = built.store.orders.claim("book", OrderKind.RECORD, 10)
        built.store.orders.settle(token, "book", [Settled(order, Refusal("book: no room"))])


def work(office: Office) -> None:
    with office.app() as built:
        settle(built)


def test_a_parked_order_lands_after_retry(office: Office) -> None:
    refuse(office)
    assert "book: no room" in office.run("parked")

    said = office.run("retry", "o1")
    work(office)

    assert "1 released" in said
    assert "Nothing is parked." in office.run("parked")
    assert "Contact made in the CRM" in office.run("why", "o1")


def test_all_means_everything_that_is_parked(office: Office) -> None:
    refuse(office)
    office.land(message="There is no way to reach me")

    found = office.run("retry", "--all", "--json").json()

    assert found == {"released": 2, "asked": 2}


def test_what_is_not_parked_is_an_exit_code(office: Office) -> None:
    office.land(**ANNA)

    assert "Nothing of that is parked." in office.run("retry", "o1", "s1", code=3)


@pytest.mark.parametrize("wrong", ["7", "x7", "o", "o7x", "s-1", "o²"])
def test_an_id_of_another_shape_says_where_ids_are_shown(office: Office, wrong: str) -> None:
    assert "`syncd parked` shows them" in office.run("retry", "--", wrong, code=2).err


def test_retry_wants_ids_or_all_and_not_both(office: Office) -> None:
    assert "name the ids" in office.run("retry", code=2).err
    assert "name the ids" in office.run("retry", "o1", "--all", code=2).err


@pytest.mark.parametrize("number", ["s1", "1"])
def test_what_is_no_junk_passes_after_restore(office: Office, number: str) -> None:
    office.land(**ANNA, _gotcha="robot")
    assert "s1" in office.run("quarantine")

    said = office.run("quarantine", "--restore", number)
    work(office)

    assert "1 restored" in said
    assert "Nothing is held back." in office.run("quarantine")
    assert "Contact made in the CRM" in office.run("why", "anna@berg-bau.com")


def test_restoring_what_is_not_held_back_is_an_exit_code(office: Office) -> None:
    office.land(**ANNA)

    assert "Nothing of that is held back." in office.run("quarantine", "--restore", "s1", code=3)


def test_a_replay_brings_the_record_up_to_date_and_makes_nothing_twice(office: Office) -> None:
    office.land(**{**ANNA, "wo": "Kiel"})
    office.change("tag: Website", "tag: Website, map: {city: wo}")

    said = office.run("replay", "s1")
    work(office)

    assert "s1: 1 fields brought up to date" in said
    found = office.run("why", "s1", "--json").json()[0]
    assert found["lead"]["fields"]["city"] == "Kiel"
    assert [order["kind"] for order in found["orders"]] == ["record", "task", "note"]
    assert "s1: nothing changed" in office.run("replay", "s1")


def test_a_submission_that_is_not_there_does_not_stop_the_others(office: Office) -> None:
    office.land(**ANNA)

    said = office.run("replay", "s9", "1", code=3)

    assert "s9: there is no submission 9" in said.err
    assert "s1: nothing changed" in said


@pytest.mark.parametrize("wrong", ["o1", "one", "s"])
def test_what_is_no_submission_is_said_so(office: Office, wrong: str) -> None:
    assert f"'{wrong}' is no submission" in office.run("replay", wrong, code=2).err
