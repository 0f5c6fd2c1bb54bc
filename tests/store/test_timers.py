"""Reminders: due once, told at least once, stopped by an answer."""

from datetime import timedelta

from sqlalchemy import select

from syncd.store import timers
from syncd.store.schema import history
from syncd.store.schema import timers as table
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.together import plan_of, statements, together
from tests.world import World, submission


def due_leads(world: World, count: int = 1) -> None:
    """Leads whose task is due in an hour."""
    people = range(count)
    world.receive(
        *(submission(str(n), name="A B", email=f"a@firm{n}.com", message="Hello there, please?") for n in people)
    )
    world.plan()


def states(store: Store) -> list[str]:
    with store.database.read() as tx:
        return list(tx.execute(select(table.c.state)).scalars())


def test_nothing_is_due_before_its_time(world: World, clock: FakeClock) -> None:
    due_leads(world)
    clock.advance(minutes=59)

    assert timers.take(world.store.database) == []
    clock.advance(minutes=1)
    (due,) = timers.take(world.store.database)
    assert due.lead == world.leads()[0].lead


def test_a_reminder_that_was_given_ends_the_timer_and_leaves_a_line(world: World, clock: FakeClock) -> None:
    due_leads(world)
    clock.advance(hours=1)
    (due,) = timers.take(world.store.database)

    ended = timers.end(world.store.database, due, told=["chat"])
    clock.advance(hours=5)

    assert ended
    assert timers.take(world.store.database) == []
    with world.store.database.read() as tx:
        assert tx.execute(select(history.c.event).order_by(history.c.id)).scalars().all()[-1] == "overdue"


def test_a_daemon_that_dies_before_it_told_anybody_leaves_the_reminder_to_the_next(
    world: World, clock: FakeClock
) -> None:
    due_leads(world)
    clock.advance(hours=1)
    (late,) = timers.take(world.store.database)
    at_once = timers.take(world.store.database)
    clock.advance(seconds=61)
    (again,) = timers.take(world.store.database)

    assert at_once == []
    assert timers.end(world.store.database, late) is False
    assert timers.end(world.store.database, again) is True


def test_a_reminder_that_could_not_be_given_comes_back(world: World, clock: FakeClock) -> None:
    due_leads(world)
    clock.advance(hours=1)
    (due,) = timers.take(world.store.database)
    timers.put_off(world.store.database, due, timedelta(minutes=5))

    clock.advance(minutes=4)
    early = timers.take(world.store.database)
    clock.advance(minutes=1)

    assert early == []
    assert len(timers.take(world.store.database)) == 1


def test_an_answer_that_comes_while_the_reminder_is_on_its_way_wins(world: World, clock: FakeClock) -> None:
    due_leads(world)
    clock.advance(hours=1)
    (due,) = timers.take(world.store.database)
    with world.store.database.write() as tx:
        timers.stop(tx, [due.lead.id])

    assert timers.end(world.store.database, due) is False
    assert states(world.store) == ["stopped"]


def test_a_new_enquiry_sets_a_clock_that_was_stopped(world: World) -> None:
    due_leads(world)
    (line,) = world.leads()
    with world.store.database.write() as tx:
        timers.stop(tx, [line.lead.id])
        timers.stop(tx, [])
        timers.set_due(tx, {line.lead.id: 5})
        timers.set_due(tx, {})

    assert states(world.store) == ["set"]


def test_daemons_never_remind_twice(world: World, other: Store, clock: FakeClock) -> None:
    due_leads(world, 15)
    clock.advance(hours=1)

    taken = together(*(lambda one=one: timers.take(one.database, 5) for one in (world.store, other, other)))

    leads = [due.lead.id for part in taken for due in part]
    assert len(leads) == len(set(leads)) == 15


def test_what_is_due_is_found_through_the_index_of_timers_that_are_set(world: World) -> None:
    with statements(world.store.database) as seen:
        timers.take(world.store.database)

    (take,) = [one for one in seen if "UPDATE timers" in one[0]]
    assert "ix_timers_due" in plan_of(world.store.database, *take)
