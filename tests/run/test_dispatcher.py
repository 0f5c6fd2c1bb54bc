"""The dispatcher: batches, halves, gives back, gives up; and every error that a connector raises has its place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.connector import TaskOrder
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable, StoreBusy
from syncd.model import Known, LeadKeys, Outcome, OwnerRef, RecordOrder, Refusal, Unknown
from syncd.run.dispatcher import BUG_TRIES, NEWEST_EVERY, OWNER_TRIES, Dispatcher
from syncd.run.heartbeat import Heartbeat
from syncd.run.hold import Hold, Overslept
from syncd.run.line import Line, LineOptions
from syncd.run.metrics import Metrics
from syncd.store.order_rows import raise_records
from syncd.store.orders import LEASE
from syncd.store.reports import OrderLine
from syncd.testing.clock import FakeClock
from tests.fakes.crm import FakeCrm
from tests.together import busy, statements
from tests.world import World, submission


def leads(world: World, count: int, first: int = 0) -> None:
    people = range(first, first + count)
    world.receive(
        *(submission(str(n), name="A B", email=f"a@firm{n}.com", message="Hello there, please?") for n in people)
    )
    world.plan()


def orders(world: World, kind: str = "record") -> list[OrderLine]:
    return [order for line in world.leads() for order in line.orders if order.kind == kind]


def states(world: World, kind: str = "record") -> list[str]:
    return [order.state for order in orders(world, kind)]


def dispatcher(world: World, slept: list[float], number: int = 0) -> Dispatcher:
    """One that only notes how long it would have slept."""
    return Dispatcher(
        world.line, world.store.orders, world.store.leads, lambda: world.playbook, Heartbeat(), number,
        jitter=lambda: 1.0, sleep=slept.append,
    )  # fmt: skip


class TestBatches:
    def test_what_waits_goes_out_together(self, world: World) -> None:
        leads(world, 30)

        world.dispatch()

        assert [call for call in world.crm.calls if call[0] != "find"] == [("upsert", 30), ("tasks", 30), ("notes", 30)]

    def test_no_batch_is_larger_than_the_sink_takes(self, world: World) -> None:
        world.crm.batch = 10
        leads(world, 25)

        world.dispatch()

        assert [size for name, size in world.crm.calls if name == "upsert"] == [10, 10, 5]
        assert world.crm.count("tasks") == 3

    def test_notes_go_out_last_but_are_not_starved_by_a_steady_stream(self, world: World) -> None:
        leads(world, 1)
        for number in range(1, 4):
            world.dispatcher.turn()
            leads(world, 1, first=number)

        assert len(world.crm.notes) == 3

    def test_a_backlog_of_records_and_tasks_comes_before_notes(self, world: World) -> None:
        world.crm.batch = 5
        leads(world, 20)

        while len(world.crm.tasks) < 20:
            world.dispatcher.turn()
            assert len(world.crm.records) == 20 or len(world.crm.notes) == 0

    def test_of_a_backlog_every_other_turn_starts_from_its_end_with_the_record_and_its_task(
        self, world: World, clock: FakeClock
    ) -> None:
        world.crm.batch = 5
        leads(world, 40)
        clock.advance(minutes=1)
        leads(world, 1, first=40)

        for _ in range(NEWEST_EVERY):
            world.dispatcher.turn()

        newest = next(line for line in world.leads() if line.lead.fields["email"] == "a@firm40.com")
        assert [order.state for order in newest.orders if order.kind != "note"] == ["done", "done"]

    def test_two_workers_start_from_different_ends(self, world: World, clock: FakeClock) -> None:
        world.crm.batch = 5
        leads(world, 40)
        clock.advance(minutes=1)
        leads(world, 10, first=40)
        workers = [dispatcher(world, [], number) for number in range(2)]

        for worker in workers * 2:
            worker.turn()

        done = {record["email"] for record in world.crm.records.values()}
        new = done & {f"a@firm{number}.com" for number in range(40, 50)}
        assert (len(new), len(done)) == (5, 20)

    def test_whoever_waits_longest_is_not_starved_by_a_steady_stream_of_others(self, world: World) -> None:
        world.crm.batch = 5
        leads(world, 20)

        for number in range(8):
            leads(world, 5, first=20 + 5 * number)
            world.dispatcher.turn()

        done = {record["email"] for record in world.crm.records.values()}
        assert {f"a@firm{number}.com" for number in range(20)} <= done

    def test_nothing_to_do_is_said(self, world: World) -> None:
        assert world.dispatcher.turn() is False

    def test_a_paused_sink_is_left_alone(self, world: World) -> None:
        leads(world, 1)
        world.store.sinks.pause("crm", "outage", "502", timedelta(minutes=1))
        world.clock.advance(seconds=1)

        assert world.dispatcher.turn() is False
        assert world.crm.calls == [("find", 1)]


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "state", "attempts"),
        [
            (Retryable("500"), "waiting", 1),
            (RateLimited("slow", timedelta(seconds=10)), "waiting", 0),
            (AuthFailed("token"), "waiting", 0),
            (Refused("not valid"), "parked", 0),
            (Ambiguous("no answer"), "unknown", 0),
            (ZeroDivisionError("a bug"), "unknown", 1),
        ],
    )
    def test_each_kind_has_its_place(self, world: World, error: Exception, state: str, attempts: int) -> None:
        leads(world, 1)
        world.crm.troubles["upsert"] = [error]

        world.dispatcher.turn()

        (order,) = orders(world)
        assert (order.state, order.attempts) == (state, attempts)

    def test_an_owner_who_has_left_meanwhile_parks_nothing_and_who_stands_in_gets_it(
        self, world: World, clock: FakeClock
    ) -> None:
        leads(world, 4)
        world.line.owners()  # read while everybody was there
        eva = world.crm.people["eva@example.com"]
        refusals = iter([Refusal("no such owner", ("owner",), owner=True), None, None, None])
        world.crm.troubles["upsert"] = [lambda _: next(refusals)]
        world.crm.people["eva@example.com"] = replace(eva, active=False)

        world.dispatch()
        clock.advance(seconds=5)
        world.dispatch()

        assert states(world) == ["done"] * 4
        assert list(world.crm.owner_of.values())[-1] == "2"

    def test_an_owner_who_is_refused_again_and_again_is_for_a_person_to_look_at(
        self, world: World, clock: FakeClock
    ) -> None:
        leads(world, 1)
        world.crm.troubles["upsert"] = [lambda _: Refusal("no such owner", owner=True)] * 20

        for _ in range(20):
            world.dispatch()
            clock.advance(minutes=5)

        assert states(world) == ["parked"]
        assert world.crm.count("upsert") == OWNER_TRIES + 1

    def test_a_call_refused_as_a_whole_is_halved_until_the_one_at_fault_is_found(self, world: World) -> None:
        leads(world, 64)
        bad = world.leads()[20].lead.id
        real = world.crm.upsert

        def upsert(batch: Sequence[RecordOrder]) -> Sequence[Outcome]:
            if any(order.mark == bad for order in batch):
                world.crm.calls.append(("refused", len(batch)))
                raise Refused("one of them is not valid")
            return real(batch)

        world.crm.upsert = upsert  # type: ignore[method-assign]
        world.dispatch()

        assert [size for name, size in world.crm.calls if name == "refused"] == [64, 32, 16, 8, 4, 2, 1]
        assert sorted(states(world)) == ["done"] * 63 + ["parked"]

    def test_one_that_makes_the_whole_call_fail_is_found_before_the_breaker_opens(self, world: World) -> None:
        leads(world, 10)
        bad = world.leads()[3].lead.id
        real = world.crm.upsert

        def upsert(batch: Sequence[RecordOrder]) -> Sequence[Outcome]:
            if any(order.mark == bad for order in batch):
                raise Retryable("500")
            return real(batch)

        world.crm.upsert = upsert  # type: ignore[method-assign]
        for _ in range(6):
            world.dispatch()
            world.clock.advance(minutes=1)

        assert sorted(states(world)) == ["done"] * 9 + ["waiting"]
        assert len(world.crm.tasks) == 9

    def test_an_outage_uses_up_nobodys_attempts(self, world: World, clock: FakeClock) -> None:
        leads(world, 3)
        world.crm.troubles["upsert"] = [Retryable("502")] * 20
        for _ in range(20):
            world.dispatch()
            clock.advance(minutes=6)
        during = max(order.attempts for order in orders(world))
        world.crm.troubles["upsert"] = []

        clock.advance(minutes=6)
        world.dispatch()

        assert during <= 5
        assert set(states(world)) == {"done"}

    def test_a_bug_of_a_connector_is_parked_after_some_tries_and_makes_nothing_twice(
        self, world: World, clock: FakeClock
    ) -> None:
        leads(world, 1)
        real, seen = world.crm.add_tasks, list[TaskOrder]()

        def add_tasks(batch: Sequence[TaskOrder]) -> Sequence[Outcome]:
            seen.extend(batch)
            real(batch)
            raise KeyError("id")  # after the call: the task is there

        world.crm.add_tasks = add_tasks  # type: ignore[method-assign]
        for _ in range(BUG_TRIES + 3):
            world.dispatch()
            clock.advance(minutes=30)

        assert states(world, "task") == ["parked"]
        assert [order.sent_at is not None for order in seen] == [False] + [True] * (BUG_TRIES - 1)
        assert {order.looks for order in seen} == {0}

    def test_doubt_that_cannot_be_resolved_ends_with_a_person(self, world: World, clock: FakeClock) -> None:
        leads(world, 1)
        world.crm.troubles["tasks"] = [lambda _: Unknown("the mark is not to be seen")] * 2000
        for _ in range(25):
            world.dispatch()
            clock.advance(hours=6)

        assert states(world, "task") == ["parked"]

    def test_answers_for_another_number_of_orders_leave_doubt(self, world: World) -> None:
        leads(world, 3)
        real = world.crm.add_tasks
        world.crm.add_tasks = lambda batch: list(real(batch))[:2]  # type: ignore[method-assign]
        real_upsert = world.crm.upsert
        world.crm.upsert = lambda batch: [*real_upsert(batch), Refusal("?")]  # type: ignore[method-assign]

        world.dispatch()
        records = set(states(world))
        world.crm.upsert = real_upsert  # type: ignore[method-assign]
        world.clock.advance(seconds=3)
        world.dispatch()

        assert records == {"unknown"}
        assert set(states(world, "task")) == {"unknown"}

    def test_the_rest_of_a_batch_waits_when_the_sink_is_paused_in_the_middle_of_it(self, world: World) -> None:
        leads(world, 8)
        world.crm.troubles["upsert"] = [Refused("bad batch"), RateLimited("slow", timedelta(seconds=30))]

        world.dispatcher.turn()

        assert world.crm.count("upsert") == 2
        assert set(states(world)) == {"waiting"}


class TestAStoreThatStumbles:
    def test_an_answer_is_saved_as_soon_as_the_store_is_back(self, world: World) -> None:
        leads(world, 1)
        slept: list[float] = []
        world.dispatcher = dispatcher(world, slept)

        with busy(world.store.database, "done_at=", times=2):
            world.dispatcher.turn()

        assert (states(world), world.crm.count("upsert"), len(slept)) == (["done"], 1, 2)

    def test_when_it_stays_away_the_lease_puts_the_order_in_doubt(self, world: World, clock: FakeClock) -> None:
        leads(world, 1)
        world.dispatcher = dispatcher(world, [])

        with busy(world.store.database, "done_at="), pytest.raises(StoreBusy):
            world.dispatcher.turn()
        during = states(world)
        clock.advance(seconds=LEASE.total_seconds() + 1)
        world.dispatch()

        assert (during, states(world)) == (["sending"], ["done"])
        assert len(world.crm.records) == 1

    def test_a_budget_that_cannot_be_asked_is_no_bug_of_the_connector(self, world: World) -> None:
        leads(world, 1)
        world.crm.troubles["upsert"] = [StoreBusy("away")]

        with pytest.raises(StoreBusy):
            world.dispatcher.turn()

        assert states(world) == ["sending"]


class DozingCrm(FakeCrm):
    """The machine sleeps past every lease while it is asked who is known."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        self.clock.advance(seconds=LEASE.total_seconds())
        return super().find(leads)


class TestAMachineThatSleeps:
    def test_nothing_is_sent_after_the_lease_for_somebody_else_may_have_taken_over(
        self, world: World, clock: FakeClock
    ) -> None:
        leads(world, 1)
        clock.advance(minutes=2)  # what the planner was told is too old
        crm = DozingCrm(clock)
        world.line = Line("crm", crm, world.store.sinks, clock, Metrics(), LineOptions())

        dispatcher(world, []).turn()

        assert (crm.count("find"), crm.count("upsert"), states(world)) == (1, 0, ["waiting"])

    def test_a_lease_that_was_renewed_meanwhile_is_still_ours(self, clock: FakeClock) -> None:
        hold = Hold(clock, LEASE)
        clock.advance(seconds=20)
        hold.renew(lambda: clock.advance(seconds=5))
        clock.advance(seconds=24)

        hold.insist()
        clock.advance(seconds=1)

        with pytest.raises(Overslept):
            hold.insist()

    def test_a_lease_that_could_not_be_renewed_ends_when_it_would_have(self, clock: FakeClock) -> None:
        def away() -> None:
            raise StoreBusy("away")

        hold = Hold(clock, LEASE)
        clock.advance(seconds=20)
        with pytest.raises(StoreBusy):
            hold.renew(away)
        clock.advance(seconds=10)

        with pytest.raises(Overslept):
            hold.insist()

    def test_setting_the_clock_does_not_move_it(self, clock: FakeClock) -> None:
        hold = Hold(clock, LEASE)
        clock.jump(hours=1)

        hold.insist()


class TestOwners:
    def test_an_owner_found_only_now_has_the_lead_before_any_worker_can_take_its_task(self, world: World) -> None:
        world.crm.troubles["find"] = [Retryable("away")]
        world.receive(submission())
        world.plan()
        world.crm.records["7"] = {"email": "eva@acme.com"}
        world.crm.owner_of["7"] = "2"

        with statements(world.store.database) as seen:
            world.dispatch()

        written = [text for text, _ in seen if "UPDATE leads" in text or "done_at=" in text]
        assert ["UPDATE leads" in text for text in written[:2]] == [True, False]
        assert world.leads()[0].lead.owner == "tom"

    def test_an_owner_outside_the_roster_is_named_by_the_crms_id(self, world: World) -> None:
        world.crm.people["zoe@example.com"] = OwnerRef("9", "zoe@example.com")
        world.crm.troubles["find"] = [Retryable("away")]
        world.receive(submission())
        world.plan()
        world.crm.records["7"] = {"email": "eva@acme.com"}
        world.crm.owner_of["7"] = "9"

        world.dispatch()

        assert world.leads()[0].lead.owner == "crm:9"


class TestWhatTheCrmIsAsked:
    def test_what_the_planner_asked_is_not_asked_again(self, world: World) -> None:
        leads(world, 1)

        world.dispatch()

        assert world.crm.count("find") == 1

    def test_after_a_minute_or_a_failure_it_is(self, world: World, clock: FakeClock) -> None:
        leads(world, 1)
        clock.advance(seconds=61)
        world.dispatch()
        leads(world, 1, first=1)
        world.crm.lost["upsert"] = [Ambiguous("lost")]
        world.dispatch()
        clock.advance(seconds=3)
        world.dispatch()

        assert world.crm.count("find") == 4
        assert len(world.crm.records) == 2

    def test_a_record_that_holds_everything_already_is_left_alone(self, world: World) -> None:
        leads(world, 1)
        world.dispatch()
        calls = world.crm.count("upsert")
        (line,) = world.leads()
        with world.store.database.write() as tx:
            raise_records(tx, line.lead.id, line.lead.revision + 1, world.store.database.now_us())
        real = world.crm.find

        def find(keys: Sequence[LeadKeys]) -> Sequence[Known | None]:
            return [replace(known, values=world.crm.records[known.ref.id]) if known else None for known in real(keys)]

        world.crm.find = find  # type: ignore[method-assign]

        world.dispatch()

        assert states(world) == ["done"]
        assert world.crm.count("upsert") == calls
