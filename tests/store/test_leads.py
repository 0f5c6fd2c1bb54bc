"""Reading back: signals move leads and stop clocks, once, whatever page they come on and however often."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from syncd.model import Lead, LeadState, Ref, Signal, SignalKind
from syncd.store import cursors, leases
from syncd.store.schema import orders, timers
from syncd.testing.clock import FakeClock
from tests.together import statements
from tests.world import World, submission

RECORD = Ref("contact", "100")


@pytest.fixture
def fence(world: World) -> int:
    """One lead stands in the CRM, its task is open, and this daemon reads back."""
    world.receive(submission("1"))
    world.settle()
    found = leases.hold(world.store.database, "changes:crm", "me")
    assert found is not None
    return found


def hear(world: World, fence: int, *signals: Signal, cursor: str = "c1") -> int:
    return world.store.leads.hear("crm", signals, cursor, fence)


def lead(world: World) -> Lead:
    (line,) = world.leads()
    return line.lead


def task_ref(world: World) -> Ref:
    return Ref("task", f"t-{lead(world).open_task}")


def timer(world: World) -> tuple[str, ...]:
    with world.store.database.read() as tx:
        return tuple(tx.execute(select(timers.c.state)).scalars())


def signal(kind: SignalKind, at: datetime, ref: Ref = RECORD, value: str = "") -> Signal:
    return Signal(kind, ref, at, value)


def test_an_answer_moves_the_lead_and_stops_the_clock(world: World, fence: int, clock: FakeClock) -> None:
    at = clock.advance(minutes=5)

    heard = hear(world, fence, signal(SignalKind.ANSWERED, at))

    assert heard == 1
    assert (lead(world).state, lead(world).answered_at) == (LeadState.ATTEMPTED, at)
    assert timer(world) == ("stopped",)
    assert cursors.read(world.store.database, "changes:crm") == "c1"


@pytest.mark.parametrize(
    ("kind", "state", "answered", "stopped"),
    [
        (SignalKind.QUALIFIED, LeadState.QUALIFIED, True, True),
        (SignalKind.WON, LeadState.WON, True, True),
        (SignalKind.LOST, LeadState.LOST, True, True),
        (SignalKind.OPTED_OUT, LeadState.OPTED_OUT, False, True),
        (SignalKind.STATUS_CHANGED, LeadState.ASSIGNED, False, False),
        (SignalKind.GONE, LeadState.ASSIGNED, False, False),
    ],
)
def test_each_kind_of_signal_has_its_meaning(
    world: World, fence: int, clock: FakeClock, kind: SignalKind, state: LeadState, answered: bool, stopped: bool
) -> None:
    hear(world, fence, signal(kind, clock.advance(minutes=5)))

    assert (lead(world).state, lead(world).answered_at is not None) == (state, answered)
    assert timer(world) == (("stopped",) if stopped else ("set",))


def test_saying_a_signal_twice_changes_nothing_the_second_time(world: World, fence: int, clock: FakeClock) -> None:
    said = signal(SignalKind.ANSWERED, clock.advance(minutes=5))
    hear(world, fence, said, said)
    before = lead(world), world.story(lead(world).id).events
    clock.advance(minutes=1)

    heard = hear(world, fence, said, cursor="c2")

    assert heard == 0
    assert (lead(world), world.story(lead(world).id).events) == before
    assert cursors.read(world.store.database, "changes:crm") == "c2"


def test_signals_about_strangers_are_passed_over(world: World, fence: int, clock: FakeClock) -> None:
    stranger = signal(SignalKind.ANSWERED, clock.now(), Ref("contact", "999"))
    company = signal(SignalKind.ANSWERED, clock.now(), Ref("company", "100"))

    assert hear(world, fence, stranger, company) == 0
    assert lead(world).answered_at is None


def test_a_done_task_is_an_answer_and_the_next_enquiry_gets_a_task_of_its_own(
    world: World, fence: int, clock: FakeClock
) -> None:
    hear(world, fence, signal(SignalKind.TASK_DONE, clock.advance(minutes=5), task_ref(world)))
    done = lead(world)
    clock.advance(minutes=5)
    world.receive(submission("2"))
    world.settle()

    assert (done.state, done.open_task, done.due_at) == (LeadState.ATTEMPTED, "", None)
    assert len(world.crm.tasks) == 2
    assert lead(world).open_task != ""
    assert timer(world) == ("set",)


def test_the_second_task_stops_its_clock_too(world: World, fence: int, clock: FakeClock) -> None:
    hear(world, fence, signal(SignalKind.TASK_DONE, clock.advance(minutes=5), task_ref(world)))
    clock.advance(minutes=5)
    world.receive(submission("2"))
    world.settle()

    hear(world, fence, signal(SignalKind.TASK_DONE, clock.advance(minutes=5), task_ref(world)))

    assert timer(world) == ("stopped",)


def test_an_answer_from_before_the_question_stops_no_clock(world: World, fence: int, clock: FakeClock) -> None:
    early = clock.now() - timedelta(hours=1)

    hear(world, fence, signal(SignalKind.ANSWERED, early))

    assert (lead(world).answered_at, timer(world)) == (None, ("set",))


def test_a_task_done_before_the_newest_question_came_is_made_once_more(
    world: World, fence: int, clock: FakeClock
) -> None:
    mark, done_at = task_ref(world), clock.advance(minutes=5)
    clock.advance(minutes=1)
    world.receive(submission("2", name="Eva Beispiel", email="eva@acme.com", message="And the licence, please?"))
    world.settle()

    hear(world, fence, signal(SignalKind.TASK_DONE, done_at, mark))
    world.settle()

    assert len(world.crm.tasks) == 2
    assert "And the licence" in world.crm.tasks[lead(world).open_task].body
    assert (lead(world).answered_at, timer(world)) == (None, ("set",))


def test_a_closed_lead_stays_closed(world: World, fence: int, clock: FakeClock) -> None:
    hear(world, fence, signal(SignalKind.WON, clock.advance(minutes=5)))

    hear(world, fence, signal(SignalKind.QUALIFIED, clock.advance(minutes=5)))

    assert lead(world).state is LeadState.WON


def test_a_new_owner_is_known_from_then_on(world: World, fence: int, clock: FakeClock) -> None:
    hear(world, fence, signal(SignalKind.OWNER_CHANGED, clock.now(), value="tom"))

    assert lead(world).owner == "tom"
    assert timer(world) == ("set",)


def test_what_was_merged_is_heard_under_its_new_id_even_on_the_same_page(
    world: World, fence: int, clock: FakeClock
) -> None:
    merged = signal(SignalKind.MERGED, clock.now(), value="200")
    answered = signal(SignalKind.ANSWERED, clock.advance(minutes=1), Ref("contact", "200"))

    heard = hear(world, fence, merged, answered)

    with world.store.database.read() as tx:
        assert tx.execute(select(orders.c.ref).where(orders.c.kind == "record")).scalar_one() == "200"
    assert (heard, lead(world).answered_at) == (2, clock.now())


def test_every_lead_on_one_record_hears_of_it(world: World, fence: int, clock: FakeClock) -> None:
    world.receive(submission("2", name="Info Desk", email="info@acme.com", message="Hello there, please?"))
    world.settle()
    with world.store.database.write() as tx:
        tx.execute(orders.update().where(orders.c.kind == "record").values(ref="100"))

    hear(world, fence, signal(SignalKind.ANSWERED, clock.advance(minutes=5)))

    assert [line.lead.answered_at for line in world.leads()] == [clock.now()] * 2


def test_a_reader_that_overslept_changes_nothing(world: World, fence: int, clock: FakeClock) -> None:
    clock.advance(seconds=31)
    leases.hold(world.store.database, "changes:crm", "another")

    with pytest.raises(leases.LeaseLost):
        hear(world, fence, signal(SignalKind.ANSWERED, clock.now()))

    assert lead(world).answered_at is None
    assert cursors.read(world.store.database, "changes:crm") is None


def test_a_page_costs_a_fixed_number_of_statements(world: World, fence: int, clock: FakeClock) -> None:
    def page(size: int) -> Sequence[Signal]:
        return [signal(SignalKind.ANSWERED, clock.advance(seconds=1)) for _ in range(size)]

    few, many = page(2), page(60)
    with statements(world.store.database) as first:
        hear(world, fence, *few)
    with statements(world.store.database) as second:
        hear(world, fence, *many)

    assert len(second) <= len(first)


def test_an_owner_found_late_gets_the_lead_and_the_tasks_that_are_not_sent(world: World) -> None:
    world.receive(submission("1"))
    world.plan()

    world.store.leads.adopt_owner(lead(world).id, "crm", "tom")
    world.dispatch()

    (task,) = world.crm.tasks.values()
    assert lead(world).owner == "tom"
    assert task.owner is not None
    assert task.owner.email == "tom@example.com"


def test_refreshed_fields_raise_the_record_and_nothing_else(world: World, fence: int) -> None:
    revision = lead(world).revision

    changed = world.store.leads.refresh(lead(world).id, {"company": "Acme AG", "email": "eva@acme.com"}, 1)
    again = world.store.leads.refresh(lead(world).id, {"company": "Acme AG"}, 1)
    world.dispatch()

    assert (changed, again, world.store.leads.refresh("nobody", {}, 1)) == (["company"], [], [])
    assert lead(world).revision == revision + 1
    assert len(world.crm.tasks) == 1
