"""`prove` counts what was written apart from each other: whatever is taken away by hand makes it fail."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from syncd.errors import Retryable
from syncd.model import Context, Refusal
from syncd.store.proof import Proof, prove
from syncd.store.schema import history, inbox, interactions, leads, orders
from syncd.testing.clock import FakeClock
from tests.together import together
from tests.world import World, submission


@pytest.fixture
def full(world: World) -> World:
    """One of each: in the CRM, merged, quarantined, parked in two ways, on its way."""
    people = [("1", "eva@acme.com"), ("2", "eva@acme.com"), ("3", "tom@other.com"), ("4", "ann@third.com")]
    world.receive(*(submission(key, name="A B", email=email, message="Hello there, please?") for key, email in people))
    bot = submission("5", name="Bo T", email="bot@fifth.com", message="Hello there, please?")
    world.receive(replace(bot, context=Context(honeypot=True)), replace(submission("6"), problem="odd"))
    world.plan()
    marks = [line.lead.id for line in world.leads() if line.lead.fields["email"] == "ann@third.com"]
    world.crm.troubles["upsert"] = [lambda lead: Refusal("no") if lead in marks else None]
    world.dispatch()
    world.crm.troubles["upsert"] = [Retryable("502")]
    world.receive(submission("7", name="Late Comer", email="late@fourth.com", message="Hello there, please?"))
    world.settle()
    return world


def broken(proof: Proof) -> list[str]:
    return [check.what for check in proof.checks if check.broken]


def test_the_balance_holds_and_every_arrival_has_one_class(full: World) -> None:
    proof = prove(full.store.database)

    assert (proof.holds, broken(proof)) == (True, [])
    assert proof.received == 7
    assert proof.classes == {
        "in the CRM": 2, "quarantined": 1, "suppressed": 0, "merged": 1, "on its way": 1, "parked": 2,
    }  # fmt: skip


def test_an_empty_store_holds(world: World) -> None:
    assert prove(world.store.database).holds


Breakage = Callable[[Connection], object]


def of(kind: str, state: str = "done") -> object:
    """The first order of a kind."""
    return (
        select(orders.c.id)
        .where(orders.c.kind == kind, orders.c.state == state)
        .order_by(orders.c.id)
        .limit(1)
        .scalar_subquery()
    )


BREAKAGES: dict[str, tuple[Breakage, str]] = {
    "a record order is deleted": (
        lambda tx: tx.execute(delete(orders).where(orders.c.id == of("record"))), "leads without an order for a record",
    ),
    "a task order is deleted": (
        lambda tx: tx.execute(delete(orders).where(orders.c.id == of("task"))),
        "leads whose open task was never ordered",
    ),
    "a note order is deleted": (
        lambda tx: tx.execute(delete(orders).where(orders.c.id == of("note"))),
        "interactions of which no note was ordered",
    ),
    "two tasks have one ref": (
        lambda tx: tx.execute(update(orders).where(orders.c.kind == "task", orders.c.state == "done").values(ref="1")),
        "records, tasks or notes that two orders claim to have made",
    ),
    "a ref is lost": (
        lambda tx: tx.execute(update(orders).where(orders.c.id == of("record")).values(ref=None)),
        "orders called done that have no reference",
    ),
    "a task is held back for ever": (
        lambda tx: tx.execute(update(orders).where(orders.c.id == of("task")).values(state="blocked")),
        "tasks and notes held back although their record is there",
    ),
    "an interaction is dropped": (
        lambda tx: tx.execute(delete(interactions).where(interactions.c.submission_id == 2)),
        "planned submissions that belong to no lead",
    ),
    "an owner is removed": (
        lambda tx: tx.execute(update(leads).values(owner="")), "open leads without an owner",
    ),
    "a task is forgotten": (
        lambda tx: tx.execute(update(leads).values(open_task="", due_at=None)),
        "open leads that nobody has answered and that have no task with a due time",
    ),
    "a story is torn out": (lambda tx: tx.execute(delete(history)), "leads without a story"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKAGES)
def test_what_is_broken_by_hand_is_found_and_named(full: World, name: str) -> None:
    breakage, what = BREAKAGES[name]
    with full.store.database.write() as tx:
        breakage(tx)

    proof = prove(full.store.database)

    assert proof.holds is False
    assert what in broken(proof)


def test_a_lost_arrival_is_missed_in_the_sum(full: World) -> None:
    with full.store.database.write() as tx:
        tx.execute(delete(inbox).where(inbox.c.state == "quarantined"))

    proof = prove(full.store.database)

    assert (proof.received, sum(proof.classes.values()), proof.holds) == (7, 6, False)


def test_an_arrival_smuggled_in_is_one_too_many(full: World) -> None:
    with full.store.database.write() as tx:
        row = dict(tx.execute(select(inbox).limit(1)).mappings().one())
        tx.execute(insert(inbox).values({**row, "id": 99, "key": "smuggled"}))

    assert prove(full.store.database).holds is False


def test_an_answered_lead_needs_no_task(full: World, clock: FakeClock) -> None:
    with full.store.database.write() as tx:
        tx.execute(update(leads).values(open_task="", due_at=None, answered_at=1))

    assert prove(full.store.database).holds


def test_it_holds_at_any_moment_while_a_daemon_works(world: World) -> None:
    def work() -> list[bool]:
        for number in range(6):
            world.receive(submission(str(number), name="A B", email=f"a@firm{number}.com", message="Hello, please?"))
            world.settle()
        return []

    def look() -> list[bool]:
        return [prove(world.store.database).holds for _ in range(6)]

    _, seen = together(work, look)

    assert all(seen)
