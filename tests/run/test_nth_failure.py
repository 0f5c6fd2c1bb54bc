"""Fail the Nth statement: wherever the store stumbles, nothing is lost, doubled or half done."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from syncd.errors import StoreBusy
from syncd.model import Ref, Signal, SignalKind, SignalPage
from syncd.run.timekeeper import Timekeeper
from syncd.store.proof import prove
from tests.together import busy
from tests.world import World, submission


def work(world: World, steps: int) -> None:
    """What the loops do, again and again; each turn that fails is taken again later, as loops do."""
    keeper = Timekeeper(world.store.database, dict, lambda: world.playbook)
    turns: list[Callable[[], object]] = [
        world.planner.turn, world.dispatcher.turn, world.follower.turn, keeper.turn,
    ]  # fmt: skip
    for _ in range(steps):
        for turn in turns:
            with suppress(StoreBusy):
                turn()
        world.clock.advance(seconds=40)


def deliver(world: World) -> int:
    """As a provider does: the same again until it has been taken. How many answers were yes."""
    taken = 0
    for key, message in (("1", "How much is it for ten people?"), ("2", "And the licence, please?"), ("1", "again")):
        for _ in range(5):
            with suppress(StoreBusy):
                world.receive(submission(key, name="Eva Beispiel", email="eva@acme.com", message=message))
                taken += 1
                break
    return taken


def scenario(world: World, steps: int = 1) -> int:
    world.dispatcher._sleep = lambda _: None
    taken = deliver(world)
    work(world, 2 * steps)
    world.crm.pages = [SignalPage([Signal(SignalKind.ANSWERED, Ref("contact", "100"), world.clock.now())], "1")]
    work(world, steps)
    return taken


def check(world: World) -> None:
    assert (len(world.crm.records), len(world.crm.tasks), len(world.crm.notes)) == (1, 1, 2)
    (line,) = world.leads()
    assert line.lead.interactions == 2
    assert line.lead.answered_at is not None
    assert {order.state for order in line.orders} == {"done"}
    proof = prove(world.store.database)
    assert (proof.holds, proof.received) == (True, 2)


def test_without_a_failure_it_is_one_record_one_task_and_two_notes(world: World) -> None:
    assert scenario(world) == 3

    check(world)


EVERY = 37  # more than any one transaction has, so that each can succeed between two failures


@pytest.mark.parametrize("first", range(0, EVERY, 3))
def test_it_comes_to_the_same_when_each_37th_statement_fails(world: World, first: int) -> None:
    with busy(world.store.database, after=first, every=EVERY) as failed:
        taken = scenario(world, steps=2)
    work(world, 3)

    assert (len(failed) > 3, taken) == (True, 3)
    check(world)
