"""What a person has seen in the CRM ends a doubt, one way or the other."""

import pytest

from syncd.errors import Ambiguous, Rejected
from syncd.model import Refusal
from syncd.store.proof import prove
from tests.world import World, submission


def order(world: World, kind: str) -> object:
    (line,) = world.leads()
    return next(each for each in line.orders if each.kind == kind)


def number(world: World, kind: str) -> int:
    return order(world, kind).id  # type: ignore[attr-defined]


def parked(world: World, call: str, lost: bool) -> None:
    """An order that was sent without an answer, or refused, and waits for a person."""
    world.receive(submission())
    world.plan()
    if lost:
        world.crm.lost[call] = [ValueError("a bug after the call")] * 5
    else:
        world.crm.troubles[call] = [lambda _: Refusal("no room")]
    for _ in range(8):
        world.dispatch()
        world.clock.advance(hours=1)
    assert [line.what for line in world.store.reports.parked()] == [
        f"{'record' if call == 'upsert' else call[:-1]} in crm"
    ]


def test_what_is_there_is_done_and_never_sent_again(world: World) -> None:
    parked(world, "tasks", lost=True)
    calls = world.crm.count("tasks")

    world.operations().settle(number(world, "task"), "t-9")
    world.dispatch()

    assert (order(world, "task").state, order(world, "task").ref) == ("done", "t-9")  # type: ignore[attr-defined]
    assert world.crm.count("tasks") == calls
    assert prove(world.store.database).holds


def test_what_is_not_there_is_sent_as_if_for_the_first_time(world: World) -> None:
    parked(world, "tasks", lost=True)
    world.crm.tasks.clear()

    world.operations().settle(number(world, "task"), "")
    world.dispatch()

    assert order(world, "task").state == "done"  # type: ignore[attr-defined]
    assert [task.sent_at for task in world.crm.tasks.values()] == [None]


def test_a_record_that_is_there_lets_its_task_and_note_go(world: World) -> None:
    parked(world, "upsert", lost=False)
    world.crm.records["500"] = {"email": "eva@acme.com"}

    world.operations().settle(number(world, "record"), "500")
    world.dispatch()

    assert [task.record.id for task in world.crm.tasks.values()] == ["500"]
    assert prove(world.store.database).holds


def test_the_story_tells_who_said_so(world: World) -> None:
    parked(world, "tasks", lost=True)
    (line,) = world.leads()
    world.operations().settle(number(world, "task"), "")
    world.crm.troubles["tasks"] = [lambda _: Refusal("no room")]
    world.dispatch()

    world.operations().settle(number(world, "task"), "t-9")

    events = [each.event for each in world.story(line.lead.id).events]
    assert "missed by a person, sent again" in events
    assert events[-1] == "found by a person"


@pytest.mark.parametrize("ref", ["t-9", ""])
def test_only_what_is_held_back_or_in_doubt_can_be_settled(world: World, ref: str) -> None:
    world.receive(submission())
    world.settle()

    for wrong in (number(world, "task"), 999):
        with pytest.raises(Rejected, match="neither parked nor in doubt"):
            world.operations().settle(wrong, ref)


def test_two_orders_cannot_have_made_the_same_task(world: World) -> None:
    world.receive(submission())
    world.settle()
    made = order(world, "task")
    world.receive(submission("2", name="Tom", email="tom@other.org", message="What about us, please?"))
    world.plan()
    world.crm.troubles["tasks"] = [lambda _: Refusal("no room")]
    world.dispatch()
    (line,) = world.store.reports.parked()

    with pytest.raises(Rejected, match=f"is what o{made.id} has made"):  # type: ignore[attr-defined]
        world.operations().settle(int(line.id[1:]), made.ref)  # type: ignore[attr-defined]


def test_an_order_in_doubt_need_not_wait_until_it_is_parked(world: World) -> None:
    world.receive(submission())
    world.plan()
    world.crm.lost["tasks"] = [Ambiguous("no answer")]
    world.dispatch()

    world.operations().settle(number(world, "task"), "t-9")

    assert order(world, "task").state == "done"  # type: ignore[attr-defined]
