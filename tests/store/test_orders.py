"""Orders: one in flight per lead and sink, intent before the call, every outcome on its own, doubt never forgotten."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from syncd.core.looks import LOOKS
from syncd.core.playbook import Rule
from syncd.model import Done, OrderKind, Outcome, Ref, Refusal, Unknown, Wait
from syncd.store.orders import CRASHES, LEASE
from syncd.store.outcomes import Claimed, Settled
from syncd.store.schema import FRAIL, history, orders
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.together import plan_of, statements, together
from tests.world import World, submission

RECORD, TASK, NOTE = OrderKind.RECORD, OrderKind.TASK, OrderKind.NOTE


@pytest.fixture
def planned(world: World) -> Callable[[int], Store]:
    """So many leads, planned and not yet sent."""

    def plan(count: int) -> Store:
        world.receive(
            *(
                submission(str(n), name="A B", email=f"a@firm{n}.com", message="Hello there, please?")
                for n in range(count)
            )
        )
        world.plan()
        return world.store

    return plan


def state(store: Store, kind: OrderKind = RECORD) -> dict[str, object]:
    """The first order of a kind, as it stands."""
    with store.database.read() as tx:
        return dict(
            tx.execute(select(orders).where(orders.c.kind == kind.value).order_by(orders.c.id)).mappings().first() or {}
        )


def events(store: Store) -> list[str]:
    with store.database.read() as tx:
        told = select(history.c.event).where(history.c.order_id.is_not(None)).order_by(history.c.id)
        return list(tx.execute(told).scalars())


def settle(store: Store, token: str, order: Claimed, outcome: Outcome, **more: object) -> None:
    store.orders.settle(token, "crm", [Settled(order, outcome, **more)])  # type: ignore[arg-type]


def done(number: str = "7") -> Done:
    return Done(Ref("contact", number, "https://crm/7"))


class TestClaiming:
    def test_a_claim_commits_the_intent_before_anything_is_sent(
        self, planned: Callable[[int], Store], other: Store
    ) -> None:
        store = planned(1)

        _, (order,) = store.orders.claim("crm", RECORD, 10)

        assert (order.kind, order.attempts, order.sent_at, order.ref) == (RECORD, 0, None, None)
        assert order.lead is not None
        assert order.lead.fields["email"] == "a@firm0.com"
        assert (state(other)["state"], state(other)["intent_at"]) == ("sending", state(other)["first_try_at"])

    def test_tasks_and_notes_wait_for_the_record(self, planned: Callable[[int], Store]) -> None:
        store = planned(1)
        before = [store.orders.claim("crm", kind, 10)[1] for kind in (TASK, NOTE)]

        token, (order,) = store.orders.claim("crm", RECORD, 10)
        settle(store, token, order, done())
        after = [store.orders.claim("crm", kind, 10)[1] for kind in (TASK, NOTE)]

        assert before == [[], []]
        assert [claimed.record for (claimed,) in after] == [Ref("contact", "7", "https://crm/7")] * 2

    def test_hot_ones_come_first(self, planned: Callable[[int], Store], world: World) -> None:
        store = planned(3)
        world.playbook = replace(world.playbook, rules=(Rule("hot", None, person="tom", hot=True),))
        world.receive(submission("hot", name="H O", email="hot@firm.com", message="Now, please?"))
        world.plan()

        _, claimed = store.orders.claim("crm", RECORD, 2)

        assert claimed[0].lead is not None
        assert claimed[0].lead.fields["email"] == "hot@firm.com"

    def test_claimers_at_once_never_get_the_same(self, planned: Callable[[int], Store], other: Store) -> None:
        store = planned(40)

        def claim_all(opened: Store) -> list[int]:
            found: list[int] = []
            while more := [order.id for order in opened.orders.claim("crm", RECORD, 6)[1]]:
                found += more
            return found

        taken = together(*(lambda opened=opened: claim_all(opened) for opened in (store, other, store, other)))

        everything = [number for part in taken for number in part]
        assert len(everything) == len(set(everything)) == 40

    def test_another_sinks_orders_are_left_alone(self, planned: Callable[[int], Store]) -> None:
        assert planned(1).orders.claim("elsewhere", RECORD, 10)[1] == []

    @pytest.mark.parametrize(
        ("newest", "order"), [(False, ["hot", "hotter", "old", "new"]), (True, ["hotter", "hot", "new", "old"])]
    )
    def test_hot_ones_go_first_and_among_equals_the_oldest_or_the_newest(
        self, planned: Callable[[int], Store], newest: bool, order: list[str]
    ) -> None:
        store = planned(4)
        with store.database.write() as tx:
            ids = tx.execute(select(orders.c.id).where(orders.c.kind == "record").order_by(orders.c.id)).scalars().all()
            names = dict(zip(ids, ["old", "hot", "hotter", "new"], strict=True))
            for due, (number, name) in enumerate(names.items()):
                urgency = 2 if name.startswith("hot") else 1
                tx.execute(update(orders).where(orders.c.id == number).values(urgency=urgency, due_at=due))

        claimed = [store.orders.claim("crm", RECORD, 1, newest=newest)[1][0].id for _ in order]

        assert [names[number] for number in claimed] == order

    @pytest.mark.parametrize(("newest", "due"), [(False, 1), (True, 30_500_000)])
    def test_what_lost_its_dispatcher_goes_before_a_backlog_for_it_has_waited_longest(
        self, planned: Callable[[int], Store], clock: FakeClock, newest: bool, due: int
    ) -> None:
        store = planned(20)
        _, lost = store.orders.claim("crm", RECORD, 3)
        with store.database.write() as tx:  # due before the lease ended, or after that
            tx.execute(update(orders).where(orders.c.state == "waiting").values(due_at=orders.c.due_at + due))
        clock.advance(seconds=LEASE.total_seconds() + 1)

        _, claimed = store.orders.claim("crm", RECORD, 5, newest=newest)

        in_doubt = {order.id for order in claimed if order.sent_at}
        assert in_doubt == {order.id for order in lost}
        assert len(claimed) == 5

    @pytest.mark.parametrize("kind", OrderKind)
    def test_a_claim_has_nothing_planned_anew_by_a_value_that_an_index_has_in_its_where(
        self, planned: Callable[[int], Store], kind: OrderKind
    ) -> None:
        store = planned(1)

        with statements(store.database) as seen:
            store.orders.claim("crm", kind, 10)
            store.orders.claim_frail("crm", kind)

        bound = re.compile(r"orders\.(kind|state|attempts) (=|<|>=) [?%]")
        assert [text for text, _ in seen if bound.search(text)] == []

    @pytest.mark.parametrize("which", ["oldest", "newest", "frail"])
    def test_the_claims_find_what_is_due_through_the_indexes_of_open_orders(
        self, planned: Callable[[int], Store], which: str
    ) -> None:
        store, frail = planned(200), which == "frail"
        if not store.database.sqlite:  # of one row its statistics could say any index
            with store.database.write() as tx:
                tx.exec_driver_sql("ANALYZE orders")
        with statements(store.database) as seen:
            if frail:
                store.orders.claim_frail("crm", RECORD)
            else:
                store.orders.claim("crm", RECORD, 10, newest=which == "newest")

        due = [one for one in seen if "due_at <=" in one[0] and "state = 'sending' AND" not in one[0]]
        plans = [plan_of(store.database, *one) for one in due]
        assert plans
        assert all("ix_orders_frail" in plan if frail else "ix_orders_due" in plan for plan in plans)
        assert not any("TEMP B-TREE" in plan for plan in plans) or frail

    def test_what_lost_its_dispatcher_is_found_without_a_walk_through_the_backlog(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(200)
        store.orders.claim("crm", RECORD, 10)
        clock.advance(seconds=LEASE.total_seconds() + 1)
        if not store.database.sqlite:
            with store.database.write() as tx:
                tx.exec_driver_sql("ANALYZE orders")
        with statements(store.database) as seen:
            store.orders.claim("crm", RECORD, 10)

        plans = [plan_of(store.database, *one) for one in seen if "state = 'sending' AND" in one[0]]
        assert len(plans) == 2  # whether there is any, and their claim
        assert all("ix_orders_sending" in plan for plan in plans)

    def test_a_claim_costs_the_same_for_one_and_for_many(self, planned: Callable[[int], Store]) -> None:
        store = planned(20)

        with statements(store.database) as one:
            store.orders.claim("crm", RECORD, 1)
        with statements(store.database) as many:
            token, claimed = store.orders.claim("crm", RECORD, 19)
        with statements(store.database) as settled:
            store.orders.settle(token, "crm", [Settled(order, done(str(order.id))) for order in claimed])

        assert len(one) == len(many)
        assert len(settled) <= 6


class TestFences:
    def test_an_expired_lease_is_taken_over_in_doubt_and_the_late_outcome_is_ignored(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(1)
        sent_at = clock.now()
        late, (order,) = store.orders.claim("crm", RECORD, 1)
        clock.advance(seconds=LEASE.total_seconds() + 1)
        token, (again,) = store.orders.claim("crm", RECORD, 1)

        settle(store, late, order, Refusal("too late"))
        store.orders.release(late, [order.id], timedelta(0))
        store.orders.renew(late, [order.id])

        assert (again.id, again.sent_at) == (order.id, sent_at)
        assert (state(store)["state"], state(store)["lease"]) == ("sending", token)

    @pytest.mark.parametrize("late_outcome", [done("r1"), Unknown("no answer")])
    def test_a_record_that_was_written_late_is_written_once_more_for_the_late_words_may_be_older(
        self, planned: Callable[[int], Store], clock: FakeClock, late_outcome: Outcome
    ) -> None:
        store = planned(1)
        late, (order,) = store.orders.claim("crm", RECORD, 1)
        clock.advance(seconds=31)
        token, (again,) = store.orders.claim("crm", RECORD, 1)
        settle(store, token, again, done("r1"))

        settle(store, late, order, late_outcome)

        _, (once_more,) = store.orders.claim("crm", RECORD, 1)
        assert (once_more.id, once_more.ref, once_more.sent_at) == (order.id, done("r1").ref, clock.now())

    def test_a_record_that_is_in_another_hand_while_it_is_written_late_is_written_once_more_too(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(1)
        late, (order,) = store.orders.claim("crm", RECORD, 1)
        clock.advance(seconds=31)
        token, (again,) = store.orders.claim("crm", RECORD, 1)
        clock.advance(seconds=1)

        settle(store, late, order, done("r1"))
        settle(store, token, again, done("r1"))

        assert [once_more.id for once_more in store.orders.claim("crm", RECORD, 1)[1]] == [order.id]

    def test_what_was_surely_not_written_late_is_not_written_once_more(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(1)
        late, (order,) = store.orders.claim("crm", RECORD, 1)
        clock.advance(seconds=31)
        token, (again,) = store.orders.claim("crm", RECORD, 1)
        settle(store, token, again, done("r1"))

        settle(store, late, order, Refusal("too late"))

        assert state(store)["state"] == "done"

    def test_whoever_takes_over_looks_anew_for_the_looks_before_say_nothing_of_the_last_call(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(1)
        for wait in LOOKS:
            token, (order,) = store.orders.claim("crm", RECORD, 1)
            settle(store, token, order, Unknown("not seen"))
            clock.advance(seconds=wait.total_seconds())
        store.orders.claim("crm", RECORD, 1)  # and with so many looks the connector sends it again, and dies
        clock.advance(seconds=31)

        _, (order,) = store.orders.claim("crm", RECORD, 1)

        assert order.looks == 0

    def test_a_renewed_lease_holds(self, planned: Callable[[int], Store], clock: FakeClock) -> None:
        store = planned(1)
        token, (order,) = store.orders.claim("crm", RECORD, 1)

        for _ in range(4):
            clock.advance(seconds=20)
            store.orders.renew(token, [order.id])

        assert store.orders.claim("crm", RECORD, 1)[1] == []

    def test_a_dead_owners_orders_are_due_at_once_and_in_doubt(self, planned: Callable[[int], Store]) -> None:
        store = planned(2)
        store.orders.claim("crm", RECORD, 1)

        assert store.orders.take_over() == 1
        _, claimed = store.orders.claim("crm", RECORD, 10)
        assert sorted(order.sent_at is not None for order in claimed) == [False, True]

    def test_saving_and_planning_at_once_do_not_wait_for_each_other_in_a_ring(
        self, planned: Callable[[int], Store], other: Store, world: World
    ) -> None:
        store = planned(20)
        token, claimed = store.orders.claim("crm", RECORD, 20)
        again = [
            submission(f"again {n}", name="A B", email=f"a@firm{n}.com", message="And another one, please?")
            for n in reversed(range(20))
        ]
        other.inbox.accept(again)

        together(
            lambda: store.orders.settle(token, "crm", [Settled(o, done(str(o.id))) for o in reversed(claimed)]),
            world.plan,
            lambda: store.orders.renew(token, [order.id for order in claimed]),
        )

        with store.database.read() as tx:
            behind = select(func.count()).where(orders.c.kind == "record", orders.c.state == "waiting")
            assert tx.execute(behind).scalar_one() == 20


class TestOutcomes:
    def claim(self, store: Store, kind: OrderKind = RECORD) -> tuple[str, Claimed]:
        token, (order,) = store.orders.claim("crm", kind, 1)
        return token, order

    def test_done_leaves_the_ref_and_forgets_the_troubles(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(1)
        settle(store, *self.claim(store), Unknown("lost"))
        clock.advance(seconds=3)
        settle(store, *self.claim(store), done())

        left = {
            "state": "done", "object": "contact", "ref": "7", "url": "https://crm/7", "attempts": 0, "looks": 0,
            "doubt_at": None, "reason": "", "lease": None,
        }  # fmt: skip
        assert state(store) == state(store) | left
        assert events(store) == ["answer lost", "made in the CRM"]

    def test_what_was_wanted_meanwhile_is_sent_next(self, planned: Callable[[int], Store], world: World) -> None:
        store = planned(1)
        token, order = self.claim(store)
        world.receive(submission("2", name="A B", email="a@firm0.com", message="One more thing, please?"))
        world.plan()

        settle(store, token, order, done())
        _, again = self.claim(store)

        assert (order.wanted, again.wanted, again.ref) == (1, 2, Ref("contact", "7", "https://crm/7"))

    def test_a_wait_counts_an_attempt_only_when_something_failed(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(1)
        after = timedelta(seconds=9)
        settle(store, *self.claim(store), Wait("500"), retry_after=after)
        clock.advance(seconds=9)
        settle(store, *self.claim(store), Wait("locked", failed=False), retry_after=after)

        assert (state(store)["state"], state(store)["attempts"]) == ("waiting", 1)
        assert store.orders.claim("crm", RECORD, 1)[1] == []
        assert events(store) == ["has to wait"]

    def test_a_refusal_is_parked_with_its_words_and_can_be_released_with_all_attempts(
        self, planned: Callable[[int], Store]
    ) -> None:
        store = planned(1)
        token, order = self.claim(store)
        settle(store, token, order, Refusal("crm: \x00 not \ud800 valid" + "!" * 2000))

        parked = state(store)
        released = store.orders.retry([order.id, 99])

        assert parked["state"] == "parked"
        assert str(parked["reason"]).startswith("crm: \ufffd not ? valid!")
        assert len(str(parked["reason"])) == 1000
        assert (released, state(store)["state"], state(store)["reason"]) == (1, "waiting", "")
        assert events(store) == ["parked", "released by hand"]

    def test_a_lost_answer_is_looked_for_at_growing_distances(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store, waits = planned(1), []
        for _ in range(5):
            settle(store, *self.claim(store), Unknown("not there yet", looked=True))
            due_at = int(str(state(store)["due_at"]))
            waits.append(timedelta(microseconds=due_at - store.database.now_us()))
            clock.advance(seconds=waits[-1].total_seconds())

        assert waits == [*LOOKS, LOOKS[-1]]
        assert (state(store)["state"], state(store)["looks"], state(store)["attempts"]) == ("unknown", 4, 0)

    @pytest.mark.parametrize(
        ("outcome", "more"),
        [(Unknown("sent once more, and lost"), {}), (Wait("a bug once it was sent"), {"in_doubt": True})],
    )
    def test_what_may_have_been_made_just_now_is_looked_for_anew(
        self, planned: Callable[[int], Store], clock: FakeClock, outcome: Outcome, more: dict[str, bool]
    ) -> None:
        store = planned(1)
        for look in LOOKS:
            settle(store, *self.claim(store), Unknown("not there yet", looked=True))
            clock.advance(seconds=look.total_seconds())
        token, order = self.claim(store)

        settle(store, token, order, outcome, **more)

        assert (order.looks, state(store)["looks"], state(store)["state"]) == (3, 0, "unknown")

    def test_a_crm_that_loses_every_answer_is_asked_ever_less_often(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store, waits = planned(1), []
        for _ in range(40):
            settle(store, *self.claim(store), Unknown("lost"))
            due_at = int(str(state(store)["due_at"]))
            waits.append(timedelta(microseconds=due_at - store.database.now_us()))
            clock.advance(seconds=waits[-1].total_seconds())

        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (LOOKS[0], LOOKS[-1])

    @pytest.mark.parametrize("outcome", [Wait("500"), Wait("later", failed=False)])
    def test_doubt_lasts_until_it_is_resolved(
        self, planned: Callable[[int], Store], clock: FakeClock, outcome: Outcome
    ) -> None:
        store, sent_at = planned(1), clock.now()
        settle(store, *self.claim(store), Unknown("lost"))
        clock.advance(seconds=3)
        settle(store, *self.claim(store), outcome)
        token, order = self.claim(store)
        store.orders.release(token, [order.id], timedelta(0))

        assert (order.sent_at, state(store)["state"]) == (sent_at, "unknown")

    def test_parking_keeps_the_doubt_for_the_day_it_is_released(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store, sent_at = planned(1), clock.now()
        settle(store, *self.claim(store), Unknown("lost"))
        clock.advance(seconds=3)
        token, order = self.claim(store)
        settle(store, token, order, Unknown("still lost"), give_up=True)

        store.orders.retry([order.id])

        assert self.claim(store)[1].sent_at == sent_at

    def test_a_connectors_bug_leaves_doubt_for_nobody_knows_what_was_sent(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store, sent_at = planned(1), clock.now()
        settle(store, *self.claim(store), Wait("a bug"), in_doubt=True)

        _, order = self.claim(store)

        assert (order.sent_at, order.attempts, order.looks) == (sent_at, 1, 0)

    def test_orders_given_back_unsent_use_up_nothing(self, planned: Callable[[int], Store], clock: FakeClock) -> None:
        store = planned(1)
        token, order = self.claim(store)
        store.orders.release(token, [order.id], timedelta(seconds=10))

        assert store.orders.claim("crm", RECORD, 1)[1] == []
        clock.advance(seconds=10)
        _, again = self.claim(store)
        assert (again.attempts, again.sent_at, again.first_try_at) == (0, None, clock.now())

    def test_each_order_of_a_batch_has_its_own_outcome(self, planned: Callable[[int], Store]) -> None:
        store = planned(5)
        token, claimed = store.orders.claim("crm", RECORD, 5)
        outcomes: Sequence[Outcome] = [done("1"), Refusal("no"), Unknown("lost"), Wait("later"), done("2")]

        store.orders.settle(token, "crm", [Settled(o, outcome) for o, outcome in zip(claimed, outcomes, strict=True)])

        with store.database.read() as tx:
            found = tx.execute(
                select(orders.c.state, orders.c.ref).where(orders.c.kind == "record").order_by(orders.c.id)
            )
            assert [tuple(row) for row in found] == [
                ("done", "1"), ("parked", None), ("unknown", None), ("waiting", None), ("done", "2"),
            ]  # fmt: skip
            blocked = select(func.count()).where(orders.c.state == "blocked")
            assert tx.execute(blocked).scalar_one() == 6  # tasks and notes of the three that are not there


class TestFrail:
    def fail(self, store: Store, clock: FakeClock, times: int) -> None:
        for _ in range(times):
            token, claimed = store.orders.claim("crm", RECORD, 100)
            store.orders.settle(token, "crm", [Settled(order, Wait("500")) for order in claimed])
            clock.advance(seconds=1)

    def test_what_failed_often_is_taken_alone(self, planned: Callable[[int], Store], clock: FakeClock) -> None:
        store = planned(3)
        self.fail(store, clock, FRAIL)

        together_again = store.orders.claim("crm", RECORD, 100)[1]
        alone = [len(store.orders.claim_frail("crm", RECORD)[1]) for _ in range(4)]

        assert together_again == []
        assert alone == [1, 1, 1, 0]

    def test_an_order_that_kills_its_daemon_is_parked_and_its_neighbours_get_through(
        self, planned: Callable[[int], Store], clock: FakeClock
    ) -> None:
        store = planned(3)
        poison = state(store)["id"]
        for _ in range(FRAIL + 1):
            assert len(store.orders.claim("crm", RECORD, 100)[1]) == 3
            clock.advance(seconds=31)

        for _ in range(CRASHES + 5):
            clock.advance(seconds=31)
            token, claimed = store.orders.claim_frail("crm", RECORD)
            for order in claimed:
                if order.id != poison:
                    settle(store, token, order, done(str(order.id)))

        with store.database.read() as tx:
            found = tx.execute(select(orders.c.state).where(orders.c.kind == "record").order_by(orders.c.id)).scalars()
            assert list(found) == ["parked", "done", "done"]
        assert state(store)["reason"] == f"the daemon ended {CRASHES} times while this order was in its hands"
        assert state(store)["doubt_at"] is not None


def test_thousands_can_be_released_at_once(planned: Callable[[int], Store]) -> None:
    store = planned(3)
    with store.database.write() as tx:
        tx.execute(update(orders).values(state="parked"))
        tx.execute(delete(history))

    assert store.orders.retry(range(1, 2_000)) == 9
    assert events(store) == ["released by hand"] * 9


class TestDamage:
    """SQLite keeps no checksums: what goes out to a CRM carries its own."""

    @pytest.mark.parametrize(
        ("table", "column"), [("leads", "fields"), ("leads", "first_touch"), ("orders", "payload")]
    )
    def test_a_damaged_text_is_never_sent_and_holds_nobody_else_up(
        self, planned: Callable[[int], Store], table: str, column: str
    ) -> None:
        store = planned(2)
        with store.database.write() as tx:
            where = "id = (SELECT min(lead_id) FROM orders)" if table == "leads" else "kind = 'record' AND id = 1"
            tx.exec_driver_sql(
                f"UPDATE {table} SET {column} = replace({column}, 'a', 'b') WHERE {where}"  # noqa: S608 - names of ours
            )

        _, claimed = store.orders.claim("crm", RECORD, 10)

        parked = [line for line in store.reports.parked(10) if "checksum" in line.reason]
        assert (len(claimed), len(parked)) == (1, 1)
        assert events(store).count("parked") == 1

    def test_texts_of_earlier_versions_are_read_without_a_checksum(self, planned: Callable[[int], Store]) -> None:
        store = planned(1)
        with store.database.write() as tx:
            tx.exec_driver_sql("UPDATE leads SET fields = substr(fields, 1, length(fields) - 9)")

        _, (order,) = store.orders.claim("crm", RECORD, 10)

        assert order.lead is not None
        assert order.lead.fields["email"] == "a@firm0.com"
