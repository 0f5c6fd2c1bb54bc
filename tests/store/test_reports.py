"""What people ask: each answer through an index, none with the bodies of what arrived."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from syncd.errors import Retryable
from syncd.model import Context, Refusal
from syncd.store.database import micros
from syncd.store.history import row, write
from syncd.store.schema import inbox, orders
from syncd.store.store import Store
from syncd.testing.clock import NOON, FakeClock
from tests.together import plan_of, statements
from tests.world import World, submission


def test_the_newest_leads_come_first_with_their_orders(world: World, clock: FakeClock) -> None:
    world.receive(submission("1", name="A B", email="a@firm.com", message="Hello there, please?"))
    clock.advance(minutes=1)
    world.receive(submission("2", name="C D", email="c@other.com", message="Hello there, please?"))
    world.settle()

    newest, oldest = world.store.reports.newest()

    assert newest.lead.created_at > oldest.lead.created_at
    assert [(order.kind, order.state) for order in newest.orders] == [
        ("record", "done"), ("task", "done"), ("note", "done"),
    ]  # fmt: skip
    assert len(world.store.reports.newest(1)) == 1


def test_a_story_tells_arrivals_orders_and_events_in_order(world: World) -> None:
    world.receive(submission("1"), submission("2"))
    world.settle()
    (line,) = world.leads()

    story = world.story(line.lead.id)

    assert [arrival.key for arrival in story.arrivals] == ["1", "2"]
    assert [event.event for event in story.events][:2] == ["planned: new", "planned: merged"]
    assert world.store.reports.story("nobody") is None


def test_leads_are_found_by_their_keys_and_by_their_orders(world: World) -> None:
    world.receive(submission("1"))
    world.settle()
    (line,) = world.leads()

    assert world.store.reports.find_lead(["e:eva@acme.com", "e:nobody@acme.com"]) == [line.lead.id]
    assert world.store.reports.find_order(line.orders[0].id) == line.lead.id
    assert world.store.reports.find_order(99) == ""


def test_parked_things_are_listed_oldest_first_with_the_id_that_retry_takes(world: World, clock: FakeClock) -> None:
    world.receive(replace(submission("1"), problem="unreadable"))
    clock.advance(minutes=1)
    world.crm.troubles["upsert"] = [lambda _: Refusal("not valid")]
    world.receive(submission("2"))
    world.settle()

    parked = world.store.reports.parked()

    assert [(line.id[0], line.what, line.reason) for line in parked] == [
        ("s", "contact", "unreadable"), ("o", "record in crm", "not valid"),
    ]  # fmt: skip
    assert world.store.reports.count_parked() == 2
    assert len(world.store.reports.parked(1)) == 1


def test_what_happened_to_a_submission_that_became_no_lead_is_told(world: World) -> None:
    world.receive(replace(submission(), context=Context(honeypot=True)))
    world.settle()
    (held,) = world.store.reports.aside("quarantined")
    world.operations().restore([held.id])

    events = [event.event for event in world.store.reports.arrival_events(held.id)]

    assert events == ["planned: quarantined", "released by hand"]
    assert world.store.reports.find_arrival(held.id) is not None
    assert world.store.reports.find_arrival(99) is None


def test_fates_say_where_each_key_landed(world: World) -> None:
    world.receive(submission("1"), submission("2"), replace(submission("3"), problem="unreadable"))
    world.plan()
    before = {key: fate.state for key, fate in world.store.reports.fates("contact", ["1", "2", "3", "4"]).items()}
    world.dispatch()

    after = world.store.reports.fates("contact", ["1", "2"])

    assert before == {"1": "on its way", "2": "on its way", "3": "parked"}
    assert [(fate.state, fate.ref) for fate in after.values()] == [("in the CRM", "100"), ("merged", "100")]


def test_the_queue_counts_what_is_not_done(world: World, clock: FakeClock) -> None:
    world.crm.troubles["tasks"] = [Retryable("500")]
    world.receive(submission("1"))
    world.plan()
    before = [line[:4] for line in world.store.reports.queue()]
    world.dispatch()

    after = world.store.reports.queue()

    assert before == [("crm", "note", "blocked", 1), ("crm", "record", "waiting", 1), ("crm", "task", "blocked", 1)]
    assert after == [("crm", "task", "waiting", 1, clock.now())]


def test_overdue_leads_are_those_whose_time_has_passed_unanswered(world: World, clock: FakeClock) -> None:
    world.receive(submission("1"))
    world.settle()
    early = world.store.reports.overdue(world.store.database.now_us())
    clock.advance(hours=1, seconds=1)

    (late,) = world.store.reports.overdue(world.store.database.now_us())

    assert early == []
    assert late.due_at == clock.started + timedelta(hours=1)


def test_the_newest_aside_are_found_among_the_latest_arrivals(world: World) -> None:
    world.receive(*(replace(submission(str(n)), context=Context(honeypot=True)) for n in range(3)), submission("9"))
    world.settle()

    assert [arrival.key for arrival in world.store.reports.newest_aside(2)] == ["2", "1"]


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        ("parked", "ix_orders_held"),
        ("parked", "ix_inbox_aside"),
        ("count_parked", "ix_orders_held"),
        ("aside", "ix_inbox_aside"),
        ("overdue", "ix_leads_due"),
        ("newest", "ix_leads_created_at"),
    ],
)
def test_each_question_finds_its_rows_through_an_index(store: Store, ask: str, index: str) -> None:
    given = {"aside": ("quarantined",), "overdue": (1,)}
    with statements(store.database) as seen:
        getattr(store.reports, ask)(*given.get(ask, ()))

    assert index in plan_of(store.database, *seen[-1])


def test_events_of_one_arrival_among_many_are_found_through_their_index(store: Store) -> None:
    with store.database.write() as tx:
        write(tx, [row(micros(NOON), "kept", submission=number) for number in range(1000)])
        if not store.database.sqlite:
            tx.exec_driver_sql("ANALYZE history")  # how many there are decides between this index and the key
    with statements(store.database) as seen:
        found = store.reports.arrival_events(7)

    assert [event.event for event in found] == ["kept"]
    assert "ix_history_submission_id" in plan_of(store.database, *seen[-1])


def test_the_queue_is_counted_through_the_indexes_of_what_is_open(store: Store) -> None:
    with statements(store.database) as seen:
        store.reports.queue()

    plans = [plan_of(store.database, *one) for one in seen if "count(" in one[0]]
    assert ["ix_orders_due" in plans[0] or "ix_orders_frail" in plans[0], "ix_orders_held" in plans[1]] == [True, True]


def test_lists_never_fetch_the_bodies(world: World) -> None:
    world.receive(submission("1"), replace(submission("2"), context=Context(honeypot=True)))
    world.settle()
    (line,) = world.leads()

    with statements(world.store.database) as seen:
        world.story(line.lead.id)
        world.store.reports.aside("quarantined")
        world.store.reports.newest_aside()
        world.store.reports.parked()

    assert not [statement for statement, _ in seen if "inbox.raw" in statement]


def test_thousands_of_fates_can_be_asked_for_at_once(store: Store) -> None:
    store.inbox.accept([submission(str(number)) for number in range(700)])
    with store.database.write() as tx:
        tx.execute(update(inbox).values(state="planned"))
        tx.execute(update(orders).values(state="done"))

    assert len(store.reports.fates("contact", [str(number) for number in range(2000)])) == 700
