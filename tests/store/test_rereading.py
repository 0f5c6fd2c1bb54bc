"""Submissions that are set aside and read again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.model import Answer, Context
from syncd.store.proof import prove
from syncd.store.store import Store
from syncd.testing.clock import START
from tests.world import World, submission

READ_AGAIN = (Answer("name", "Eva Muster"), Answer("email", "eva@muster.com"), Answer("message", "How much is it?"))


def held(world: World, **changes: object) -> int:
    """One that is parked, or whatever else its parts make of it."""
    world.receive(replace(submission(), **{"problem": "mail for review: odd", **changes}))  # type: ignore[arg-type]
    world.plan()
    return 1


def again(world: World, **changes: object) -> bool:
    whole = replace(submission(), answers=READ_AGAIN, submitted_at=START - timedelta(hours=1))
    return world.store.rereading.put(1, replace(whole, **changes))  # type: ignore[arg-type]


def test_what_was_parked_goes_its_way_by_what_is_read_now_and_keeps_its_key_and_its_bytes(world: World) -> None:
    held(world)
    before = world.store.inbox.read(1)

    assert again(world, key="other", raw=b"other")
    world.settle()

    after = world.store.inbox.read(1)
    assert before
    assert after
    assert (after.submission.key, after.submission.raw) == (before.submission.key, before.submission.raw)
    assert after.submission.answers == READ_AGAIN
    assert after.submission.submitted_at == START - timedelta(hours=1)
    assert [line.lead.fields["email"] for line in world.leads()] == ["eva@muster.com"]
    assert prove(world.store.database).holds


def test_what_was_held_back_may_be_a_lead_now(world: World) -> None:
    held(world, problem="", context=Context(no_lead="own_copy: a colleague writes"))

    assert again(world)
    world.plan()

    assert len(world.leads()) == 1


def test_what_still_needs_a_person_stays_parked_with_its_reason_of_today(world: World) -> None:
    held(world)

    assert again(world, problem="mail for review: still odd")
    world.plan()

    assert [line.reason for line in world.store.reports.parked()] == ["mail for review: still odd"]


def test_what_has_gone_its_way_is_not_called_back(world: World) -> None:
    held(world, problem="")

    assert not again(world)
    assert [line.lead.fields["email"] for line in world.leads()] == ["eva@acme.com"]


def test_what_is_not_there_is_not_made(store: Store) -> None:
    assert not store.rereading.put(7, submission())


@pytest.mark.parametrize("state", ["parked", "waiting"])
def test_it_leaves_a_story(world: World, state: str) -> None:
    held(world)

    again(world, problem="" if state == "waiting" else "odd")

    assert "read again" in [event.event for event in world.store.reports.arrival_events(1)]
