"""The line to a sink: its pauses, its breaker, its budget and its owners, whatever the store does meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from syncd.connector import Allowance, Limit
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable
from syncd.model import OwnerRef
from syncd.run.line import BREAKER, Line, LineOptions
from syncd.run.metrics import Metrics
from syncd.store.schema import budgets
from syncd.store.sinks import LONGEST_PROBE
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.fakes.crm import FakeCrm
from tests.together import busy, together
from tests.world import World

SEARCHES = Limit("search", 4, timedelta(seconds=1))


def fail(error: Exception) -> Callable[[], object]:
    def action() -> object:
        raise error

    return action


def attempt(line: Line, what: str, error: Exception) -> None:
    with pytest.raises(type(error)):
        line.call(what, fail(error))


def line_of(store: Store, clock: FakeClock, crm: FakeCrm | None = None, calls_per_10s: int | None = None) -> Line:
    """Sleeping moves the clock."""
    return Line(
        "crm", crm or FakeCrm(), store.sinks, clock, Metrics(), LineOptions(), calls_per_10s,
        sleep=lambda seconds: clock.advance(seconds=seconds) and None,
    )  # fmt: skip


def budget(store: Store) -> Any:
    """The row as it stands, or None."""
    with store.database.read() as tx:
        return tx.execute(select(budgets)).one_or_none()


class TestPauses:
    def test_a_call_that_works_brings_its_result(self, world: World) -> None:
        assert world.line.call("find", lambda: 5) == 5
        assert not world.line.paused()

    def test_being_told_to_slow_down_pauses_for_that_long(self, world: World, clock: FakeClock) -> None:
        attempt(world.line, "records", RateLimited("slow down", timedelta(seconds=10)))

        paused = world.line.paused()
        clock.advance(seconds=10)

        assert (paused, world.line.paused()) == (True, False)

    def test_a_call_that_began_before_a_pause_does_not_end_it(self, world: World, clock: FakeClock) -> None:
        """Two workers: one is told to slow down while the other's call is still on its way and ends well."""

        def work() -> None:
            attempt(world.line, "records", RateLimited("slow down", timedelta(seconds=10)))

        world.line.call("tasks", work)

        assert world.line.paused()
        assert world.store.sinks.state("crm").kind == "rate"
        clock.advance(seconds=11)
        world.line.call("tasks", lambda: None)
        assert world.store.sinks.state("crm").kind == ""

    def test_another_daemons_pause_counts_within_a_second(self, world: World, other: Store, clock: FakeClock) -> None:
        theirs = line_of(other, clock)
        theirs.call("find", lambda: None)
        assert not theirs.paused()

        attempt(world.line, "records", RateLimited("slow down", timedelta(seconds=10)))
        clock.advance(seconds=1)

        assert theirs.paused()

    def test_a_pause_outlives_a_restart(self, world: World, other: Store, clock: FakeClock) -> None:
        attempt(world.line, "records", RateLimited("slow down", timedelta(seconds=10)))

        assert line_of(other, clock).paused()

    def test_refused_credentials_are_tried_again_within_a_minute(self, world: World, clock: FakeClock) -> None:
        pauses = []
        for _ in range(8):
            attempt(world.line, "records", AuthFailed("the token was revoked"))
            pauses.append(world.store.sinks.state("crm").paused_until - clock.now())
            clock.advance(minutes=2)

        assert pauses == sorted(pauses)
        assert max(pauses) == timedelta(minutes=1)

    @pytest.mark.parametrize("error", [Refused("not valid"), KeyError("a bug")])
    def test_what_is_wrong_with_one_order_says_nothing_of_the_sink(self, world: World, error: Exception) -> None:
        for _ in range(20):
            attempt(world.line, "records", error)

        assert not world.line.paused()


class TestBreaker:
    @pytest.mark.parametrize("error", [Retryable("502"), Ambiguous("no answer")])
    def test_it_opens_after_so_many_failures_in_a_row(self, world: World, error: Exception) -> None:
        open_after = []
        for _ in range(BREAKER):
            open_after.append(world.line.paused())
            attempt(world.line, "records", error)

        assert (open_after, world.line.paused()) == ([False] * BREAKER, True)
        assert world.store.sinks.state("crm").kind == "outage"

    def test_a_success_between_keeps_it_closed(self, world: World) -> None:
        for _ in range(3):
            for _ in range(BREAKER - 1):
                attempt(world.line, "records", Retryable("502"))
            world.line.call("records", lambda: None)

        assert not world.line.paused()

    def test_pauses_grow_to_five_minutes_and_heed_what_the_service_asks(self, world: World, clock: FakeClock) -> None:
        pauses = []
        for _ in range(BREAKER + 3):
            attempt(world.line, "records", Retryable("502", timedelta(seconds=200)))
            pauses.append(world.store.sinks.state("crm").paused_until - clock.now())
            clock.advance(minutes=6)

        assert pauses[BREAKER - 1 :] == [timedelta(seconds=200)] + [timedelta(minutes=5)] * 3

    def test_only_the_call_that_broke_the_line_mends_it(self, world: World, clock: FakeClock) -> None:
        for _ in range(BREAKER):
            attempt(world.line, "records", Retryable("502"))
        clock.advance(minutes=6)

        world.line.call("find", lambda: None)
        after_a_look = world.store.sinks.state("crm").kind
        world.line.call("records", lambda: None)

        assert (after_a_look, world.store.sinks.state("crm").kind) == ("outage", "")

    def test_what_a_connector_knows_by_heart_mends_nothing(self, world: World, clock: FakeClock) -> None:
        """Only a call that went out says that the service works."""
        world.line.call("find", world.line.gate)
        attempt(world.line, "find", RateLimited("slow down", timedelta(seconds=10)))
        clock.advance(seconds=11)

        world.line.call("owners", lambda: None)
        by_heart = world.store.sinks.state("crm").kind
        world.line.call("owners", world.line.gate)

        assert (by_heart, world.store.sinks.state("crm").kind) == ("rate", "")

    def test_failures_counted_by_several_threads_are_all_counted(self, world: World) -> None:
        together(*[lambda: attempt(world.line, "records", Retryable("502"))] * BREAKER)

        assert world.store.sinks.state("crm").kind == "outage"


class TestBudget:
    def test_a_limit_that_a_person_set_holds_from_the_first_call_on(self, store: Store, clock: FakeClock) -> None:
        line = line_of(store, clock, calls_per_10s=20)

        for _ in range(60):
            line.gate()

        assert clock.monotonic() >= 20

    def test_what_the_service_says_is_learnt(self, store: Store, clock: FakeClock) -> None:
        class Telling(FakeCrm):
            def allowance(self) -> Allowance:
                return Allowance(100, timedelta(seconds=10), left_today=500, per_day=1000)

        line = line_of(store, clock, Telling(), calls_per_10s=50)
        line.call("find", lambda: None)

        row = budget(store)
        assert (row.per_window, row.left_today, row.per_day) == (50, 500, 1000)

    def test_a_spent_day_raises_instead_of_waiting(self, store: Store, clock: FakeClock) -> None:
        store.sinks.learn("crm", Allowance(100, timedelta(seconds=10), left_today=0, per_day=1000))
        line = line_of(store, clock)

        with pytest.raises(RateLimited, match="crm: the day's calls are spent") as caught:
            line.gate()

        assert caught.value.after <= LONGEST_PROBE

    def test_a_probe_of_a_day_that_is_still_spent_does_not_call_the_sink_well(
        self, store: Store, clock: FakeClock
    ) -> None:
        store.sinks.learn("crm", Allowance(100, timedelta(seconds=10), left_today=0, per_day=1000))
        line = line_of(store, clock)
        with pytest.raises(RateLimited):
            line.call("find", line.gate)
        clock.advance(seconds=LONGEST_PROBE.total_seconds())

        line.call("find", line.gate)
        still = store.sinks.state("crm").kind
        store.sinks.learn("crm", Allowance(100, timedelta(seconds=10), left_today=1000, per_day=1000))
        line.call("find", line.gate)

        assert (still, store.sinks.state("crm").kind) == ("rate", "")

    def test_calls_with_a_limit_of_their_own_keep_it_and_leave_the_others_alone(
        self, store: Store, clock: FakeClock
    ) -> None:
        line = line_of(store, clock, calls_per_10s=1000)
        began = []
        for _ in range(12):
            line.gate(SEARCHES)
            began.append(clock.monotonic())
            before = clock.monotonic()
            line.gate()
            assert clock.monotonic() == before

        assert all(fifth - first > 1 for first, fifth in zip(began, began[4:], strict=False))
        assert began[-1] < 3

    def test_reading_back_leaves_room_for_leads(self, store: Store, clock: FakeClock) -> None:
        line = line_of(store, clock, calls_per_10s=190)
        for _ in range(400):
            line.call("changes", line.gate)

        before = clock.monotonic()
        for _ in range(3):
            line.call("records", line.gate)

        assert clock.monotonic() == before

    def test_reading_back_goes_on_while_leads_take_all_they_can(self, store: Store, clock: FakeClock) -> None:
        """Somebody else's records take every slot as soon as it is there, for a little longer than it yields."""
        others = line_of(store, clock)
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            clock.advance(seconds=seconds)
            if sum(slept) < 1.2:
                others.gate()

        line = Line("crm", FakeCrm(), store.sinks, clock, Metrics(), LineOptions(), 190, sleep)
        for _ in range(30):
            line.gate()
        slept.clear()
        line.call("changes", line.gate)

        assert 1 < sum(slept) < 1.4

    def test_only_what_reads_back_yields_not_what_comes_after_it(self, store: Store, clock: FakeClock) -> None:
        line = line_of(store, clock, calls_per_10s=190)
        line.call("changes", lambda: line.call("owners", line.gate))
        for _ in range(7):
            line.gate()

        assert clock.monotonic() == 0

    def test_without_a_known_limit_nothing_waits(self, store: Store, clock: FakeClock) -> None:
        line = line_of(store, clock)

        for _ in range(50):
            line.gate()

        assert clock.monotonic() == 0


class TestAStoreThatStumbles:
    """What a call has brought never depends on whether its traces could be written down."""

    @pytest.mark.parametrize("table", ["sink_states", "budgets"])
    def test_results_come_through(self, store: Store, clock: FakeClock, table: str) -> None:
        line = line_of(store, clock, calls_per_10s=1000)

        with busy(store.database, table) as failed:
            assert line.call("records", lambda: 5) == 5

        assert failed

    @pytest.mark.parametrize(
        "error", [RateLimited("slow", timedelta(seconds=1)), AuthFailed("token"), Retryable("502"), Ambiguous("lost")]
    )
    def test_errors_keep_their_meaning_and_the_sink_is_paused_all_the_same(
        self, store: Store, clock: FakeClock, error: Exception
    ) -> None:
        line = line_of(store, clock, calls_per_10s=1000)
        line.paused()

        with busy(store.database):
            for _ in range(BREAKER):
                attempt(line, "records", error)
            assert line.paused()


class TestOwners:
    def test_they_are_asked_for_once_in_ten_minutes(self, world: World, clock: FakeClock) -> None:
        asked = []
        world.crm.owners = lambda: asked.append(clock.now()) or {"eva@example.com": OwnerRef("1")}  # type: ignore[method-assign]

        for _ in range(30):
            assert world.line.owners()["eva@example.com"].id == "1"
            clock.advance(minutes=1)

        assert len(asked) == 3

    def test_an_old_list_is_better_than_none(self, world: World, clock: FakeClock) -> None:
        world.line.owners()
        clock.advance(minutes=11)
        failing = [Retryable("502")]

        def owners() -> dict[str, OwnerRef]:
            if failing:
                raise failing.pop()
            return {}

        world.crm.owners = owners  # type: ignore[method-assign]

        during = world.line.owners()
        clock.advance(minutes=2)

        assert "eva@example.com" in during
        assert world.line.owners() == {}

    def test_without_any_list_the_trouble_is_told(self, world: World) -> None:
        def owners() -> dict[str, OwnerRef]:
            raise Retryable("502")

        world.crm.owners = owners  # type: ignore[method-assign]

        with pytest.raises(Retryable):
            world.line.owners()
