"""One planning transaction: written whole, decided upon what is true, and never by two for one person."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from syncd.core.decision import Verdict
from syncd.core.read import read
from syncd.model import Context, Known, OwnerRef, Ref
from syncd.run.planner import Planner, Thought
from syncd.store.database import moment
from syncd.store.planning import Session
from syncd.store.schema import history, inbox, interactions, lead_keys, leads, orders, pools, timers
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.together import statements, together
from tests.world import World, submission


def count(store: Store, *tables: object) -> list[int]:
    with store.database.read() as tx:
        return [tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]  # type: ignore[arg-type]


def people(number: int) -> list[object]:
    return [
        submission(f"{n}", name="A B", email=f"a@firm{n}.com", message="Hello there, please?") for n in range(number)
    ]


def decide_all(planner: Planner, thoughts: Sequence[Thought], verdicts: list[Verdict]) -> Callable[[Session], None]:
    def all_of_them(session: Session) -> None:
        for thought in thoughts:
            if thought.kept.id in session.held:
                decision = planner.think(thought, session, "crm")
                verdicts.append(decision.verdict)
                session.take(thought.kept.id, decision)

    return all_of_them


class Batch:
    """A claimed batch, read and ready to be saved."""

    def __init__(self, world: World, store: Store | None = None, known: Known | None = None) -> None:
        self.world, self.store = world, store or world.store
        self.token, claimed = self.store.inbox.claim(50)
        self.thoughts = [Thought(kept, read(kept.submission, world.playbook), known, asked=True) for kept in claimed]
        self.verdicts: list[Verdict] = []

    def save(self, between: Callable[[], object] = lambda: None) -> Session:
        """`between` happens after the first decisions, before anything is written."""
        first = decide_all(self.world.planner, self.thoughts, self.verdicts)
        called = []

        def decide_and_then(session: Session) -> None:
            first(session)
            if not called:
                called.append(True)
                between()

        keys = [key.text for thought in self.thoughts for key in thought.draft.keys]
        refs = [thought.known.ref.id for thought in self.thoughts if thought.known]
        ids = [thought.kept.id for thought in self.thoughts]
        return self.store.planning.save(self.token, ids, keys, refs, "crm", decide_and_then)


def test_everything_of_a_lead_is_written_together(world: World) -> None:
    world.receive(submission())

    Batch(world).save()

    assert count(world.store, leads, interactions, orders, timers, pools, history) == [1, 1, 3, 1, 1, 1]
    assert count(world.store, lead_keys)[0] >= 1
    with world.store.database.read() as tx:
        row = tx.execute(select(inbox.c.state, inbox.c.lease, inbox.c.merged)).one()
        found = tx.execute(select(orders.c.kind, orders.c.state).order_by(orders.c.kind)).all()
    assert tuple(row) == ("planned", None, False)
    assert [tuple(each) for each in found] == [("note", "blocked"), ("record", "waiting"), ("task", "blocked")]


def test_a_batch_that_fails_while_it_is_decided_leaves_nothing(world: World) -> None:
    world.receive(submission("1"), submission("2", name="Ann Other", email="ann@other.com"))

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Batch(world).save(fail)

    assert count(world.store, leads, interactions, orders, history) == [0, 0, 0, 0]
    assert world.store.inbox.waiting()[0] == 2


def test_decisions_upon_a_picture_that_changed_meanwhile_are_made_again(world: World, other: Store) -> None:
    world.receive(submission("1"))
    batch = Batch(world)

    def meanwhile() -> None:
        other.inbox.accept([submission("2")])
        Batch(world, other).save()

    batch.save(meanwhile)

    assert batch.verdicts == [Verdict.NEW, Verdict.MERGED]
    (line,) = world.leads()
    assert line.lead.interactions == 2


def test_a_picture_that_stayed_the_same_is_decided_about_once(world: World) -> None:
    world.receive(*people(3))
    batch = Batch(world)

    batch.save()

    assert batch.verdicts == [Verdict.NEW] * 3


def test_a_change_by_the_crm_in_the_same_moment_is_not_overwritten(world: World) -> None:
    world.receive(submission("1"))
    Batch(world).save()
    (line,) = world.leads()
    world.receive(submission("2"))

    Batch(world).save(lambda: world.store.leads.adopt_owner(line.lead.id, "crm", "crm:99"))

    (line,) = world.leads()
    assert (line.lead.owner, line.lead.interactions) == ("crm:99", 2)


def test_a_planner_that_overslept_writes_nothing(world: World, clock: FakeClock) -> None:
    world.receive(submission())
    late = Batch(world)
    clock.advance(seconds=31)
    Batch(world).save()

    session = late.save()

    assert (session.held, session.taken) == (frozenset(), [])
    assert count(world.store, leads, interactions, orders) == [1, 1, 3]


def test_daemons_that_meet_the_same_people_at_once_make_each_of_them_once(world: World, other: Store) -> None:
    world.receive(*people(10))
    first = Batch(world)
    other.inbox.accept([replace(each, key=f"again {each.key}") for each in reversed(people(10))])  # type: ignore[type-var]
    second = Batch(world, other)

    together(first.save, second.save)

    assert count(world.store, leads, interactions) == [10, 20]
    assert {line.lead.interactions for line in world.leads()} == {2}
    assert sorted(line.lead.owner for line in world.leads()) == ["eva"] * 5 + ["tom"] * 5


def test_two_addresses_of_one_crm_record_in_one_batch_are_one_lead(world: World) -> None:
    world.receive(
        submission("1", name="Eva B", email="eva@acme.com"), submission("2", name="Eva B", email="e@acme.com")
    )

    Batch(world, known=Known(Ref("contact", "7"), owner=OwnerRef("1", "eva@example.com"))).save()

    assert count(world.store, leads, interactions) == [1, 2]


def test_junk_leaves_no_lead_but_a_story(world: World) -> None:
    world.receive(replace(submission(), context=Context(honeypot=True)))

    Batch(world).save()

    assert count(world.store, leads, interactions, orders, history) == [0, 0, 0, 1]
    assert world.store.reports.aside("quarantined")[0].reason.startswith("junk")


def test_a_preview_locks_nothing_and_writes_nothing(world: World, other: Store) -> None:
    world.receive(submission("1"))
    Batch(world).save()
    (line,) = world.leads()
    draft = read(submission("2"), world.playbook)

    with world.store.database.write() as tx:  # a daemon in the middle of its own planning
        tx.execute(select(pools).with_for_update())
        tx.execute(select(leads).with_for_update())
        session = other.planning.preview([key.text for key in draft.keys], record_sink="crm")

    assert list(session.leads) == [line.lead.id]
    assert session.pools.keys() == {"sales"}
    assert session.records == {}


def test_a_second_batch_costs_no_more_statements_than_a_first_lead(world: World) -> None:
    world.receive(*people(1))
    with statements(world.store.database) as few:
        Batch(world).save()
    world.receive(*people(30))
    batch = Batch(world)
    with statements(world.store.database) as many:
        batch.save()

    assert len(many) <= len(few) + 4  # the claim, and what only known people need


def test_a_new_interaction_raises_the_open_task_and_moves_its_timer(world: World, clock: FakeClock) -> None:
    world.receive(submission("1", name="Eva Beispiel", email="eva@acme.com"))
    Batch(world).save()
    clock.advance(minutes=10)
    world.receive(submission("2"))
    Batch(world).save()

    with world.store.database.read() as tx:
        found = tx.execute(select(orders.c.kind, orders.c.wanted, orders.c.state).order_by(orders.c.id)).all()
        due = moment(tx.execute(select(timers.c.due_at)).scalar_one())
    assert sorted(tuple(each) for each in found) == [
        ("note", 1, "blocked"), ("note", 1, "blocked"), ("record", 2, "waiting"), ("task", 2, "blocked"),
    ]  # fmt: skip
    assert due == clock.now() + timedelta(hours=1)
