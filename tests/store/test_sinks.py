"""Pauses and budgets, shared by all daemons: no window is overrun, the day keeps its reserve."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from syncd.connector import Allowance, Limit
from syncd.store.schema import budgets
from syncd.store.sinks import LONGEST_PROBE, MOST_TRAVEL, PROBE, TRAVEL, Sinks
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.together import together

WINDOW = timedelta(seconds=10)
SEARCHES = Limit("search", 4, timedelta(seconds=1))


def spend(sinks: Sinks, clock: FakeClock, count: int, reserve: float = 0.0) -> list[float]:
    """So many calls as fast as they are allowed; when each went out, in seconds."""
    times = []
    for _ in range(count):
        while (early := sinks.take("crm", reserve)) > timedelta(0):
            clock.advance(seconds=early.total_seconds())
        times.append(clock.monotonic())
    return times


def most_in_a_window(times: list[float], window: float) -> int:
    """Both ends included: a service may count either way."""
    return max(bisect_left(times, start + window + 1e-9) - index for index, start in enumerate(times))


def budget(store: Store) -> Any:
    """The row as it stands, or None."""
    with store.database.read() as tx:
        return tx.execute(select(budgets)).one_or_none()


class TestPauses:
    def test_a_sink_nobody_has_complained_about_is_open(self, store: Store) -> None:
        assert store.sinks.state("crm").paused_until.year == 1970

    def test_a_pause_is_told_once_and_until_the_sink_works_again(
        self, store: Store, other: Store, clock: FakeClock
    ) -> None:
        told = [store.sinks.pause("crm", "outage", "502", timedelta(seconds=10)) for _ in range(3)]
        state = other.sinks.state("crm")

        assert told == [True, False, False]
        assert (state.kind, state.reason, state.since, state.paused_until) == (
            "outage", "502", clock.now(), clock.now() + timedelta(seconds=10),
        )  # fmt: skip

    def test_another_kind_of_trouble_is_told_anew(self, store: Store) -> None:
        store.sinks.pause("crm", "rate", "slow down", timedelta(seconds=10))

        assert store.sinks.pause("crm", "login", "token revoked", timedelta(seconds=10)) is True

    def test_of_two_pauses_the_longer_one_counts(self, store: Store, clock: FakeClock) -> None:
        store.sinks.pause("crm", "rate", "day", timedelta(minutes=5))
        store.sinks.pause("crm", "rate", "second", timedelta(seconds=1))

        assert store.sinks.state("crm").paused_until == clock.now() + timedelta(minutes=5)

    def test_a_success_does_not_end_a_pause_that_runs(self, store: Store, clock: FakeClock) -> None:
        store.sinks.pause("crm", "rate", "slow down", timedelta(seconds=10))

        early = store.sinks.resume("crm")
        clock.advance(seconds=10)

        assert (early, store.sinks.resume("crm"), store.sinks.resume("crm")) == (False, True, False)
        assert store.sinks.state("crm").kind == ""

    def test_a_reason_with_odd_characters_is_kept(self, store: Store) -> None:
        store.sinks.pause("crm", "outage", "\x00\ud800", timedelta(0))

        assert store.sinks.state("crm").reason == "\ufffd?"


class TestWindow:
    def test_without_a_known_limit_nothing_waits(self, store: Store) -> None:
        assert [store.sinks.take("crm", 0.1) for _ in range(300)] == [timedelta(0)] * 300
        assert budget(store) is None

    def test_no_window_of_ten_seconds_holds_more_than_190_calls(self, store: Store, clock: FakeClock) -> None:
        store.sinks.learn("crm", Allowance(190, WINDOW))

        times = spend(store.sinks, clock, 450)

        assert most_in_a_window(times, 10) <= 190
        assert times[-1] < 450 / 177 * 10  # and more than nine tenths of what is allowed are used

    @pytest.mark.parametrize(("limit", "seconds"), [(4, 1), (10, 2), (20, 1), (80, 2), (100, 5), (180, 60), (190, 10)])
    def test_a_call_that_is_late_on_its_way_overruns_no_window(
        self, store: Store, clock: FakeClock, limit: int, seconds: int
    ) -> None:
        window = timedelta(seconds=seconds)
        store.sinks.learn("crm", Allowance(limit, window))

        times = spend(store.sinks, clock, 4 * limit)

        late = min(window * TRAVEL, MOST_TRAVEL).total_seconds()
        assert most_in_a_window(times, seconds + late) <= limit

    def test_calls_that_come_late_are_made_up_for(self, store: Store, clock: FakeClock) -> None:
        """Whoever waited wakes a little too late each time, as on a busy machine."""
        store.sinks.learn("crm", Allowance(20, timedelta(seconds=1)))
        times = []
        for _ in range(200):
            while (early := store.sinks.take("crm", 0.0)) > timedelta(0):
                clock.advance(seconds=early.total_seconds() + 0.02)
            times.append(clock.monotonic())

        assert 200 / times[-1] > 0.9 * 20
        assert most_in_a_window(times, 1) <= 20

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 10, 100])
    def test_small_limits_hold_and_are_used(self, store: Store, clock: FakeClock, limit: int) -> None:
        store.sinks.learn("crm", Allowance(limit, WINDOW))

        times = spend(store.sinks, clock, 3 * limit)

        assert most_in_a_window(times, 9.999) == limit or most_in_a_window(times, 10) <= limit
        assert times[-1] <= 33

    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 400_000)), max_size=60))
    @settings(max_examples=30)
    def test_no_second_holds_more_than_four_searches_whatever_else_is_sent(
        self, tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[bool, int]]
    ) -> None:
        clock = FakeClock()
        store = Store(f"sqlite:///{tmp_path_factory.mktemp('searches')}/s.db", clock, list)
        store.open()
        store.sinks.learn("crm", Allowance(190, WINDOW))
        searches = []
        for search, rest in calls:
            while (early := store.sinks.take("crm", 0.0, SEARCHES if search else None)) > timedelta(0):
                clock.advance(microseconds=early // timedelta(microseconds=1))
            searches += [clock.monotonic()] * search
            clock.advance(microseconds=rest)
        store.close()

        assert not searches or most_in_a_window(searches, 1) <= 4

    def test_a_search_that_must_wait_has_spent_nothing(self, store: Store) -> None:
        store.sinks.learn("crm", Allowance(100, WINDOW))
        store.sinks.take("crm", 0.0, SEARCHES)

        waits = [store.sinks.take("crm", 0.0, SEARCHES) for _ in range(50)]

        assert min(waits) > timedelta(0)
        assert [store.sinks.take("crm", 0.0) for _ in range(3)] == [timedelta(0)] * 3

    def test_daemons_share_the_limit_of_searches(self, store: Store, other: Store) -> None:
        taken = together(*(lambda one=one: [one.sinks.take("crm", 0.0, SEARCHES)] for one in (store, other, store)))

        assert sum(early == timedelta(0) for (early,) in taken) == 1

    def test_a_limit_that_has_changed_counts_from_then_on(self, store: Store) -> None:
        store.sinks.take("crm", 0.0, SEARCHES)
        wider = Limit("search", 40, timedelta(seconds=1))

        assert store.sinks.take("crm", 0.0, SEARCHES) > timedelta(milliseconds=200)
        assert store.sinks.take("crm", 0.0, wider) < timedelta(milliseconds=50)

    def test_daemons_share_one_budget(self, store: Store, other: Store) -> None:
        store.sinks.learn("crm", Allowance(100, WINDOW))

        taken = together(*(lambda one=one: [one.sinks.take("crm", 0.0) for _ in range(10)] for one in (store, other)))

        assert sum(early == timedelta(0) for part in taken for early in part) == 4

    def test_a_clock_that_goes_back_does_not_stop_the_calls(self, store: Store, clock: FakeClock) -> None:
        store.sinks.learn("crm", Allowance(190, WINDOW))
        spend(store.sinks, clock, 30)
        clock.advance(hours=-5)

        began = clock.monotonic()
        times = spend(store.sinks, clock, 190)

        assert clock.monotonic() - began <= 11
        assert most_in_a_window(times, 10) <= 190

    def test_nor_does_it_stop_those_that_yield(self, store: Store, clock: FakeClock) -> None:
        store.sinks.learn("crm", Allowance(190, WINDOW))
        spend(store.sinks, clock, 30)
        clock.advance(hours=-5)

        for _ in range(20):
            if (early := store.sinks.take("crm", 0.0, yields=True)) == timedelta(0):
                break
            clock.advance(microseconds=early // timedelta(microseconds=1))

        assert early == timedelta(0)


@settings(max_examples=15)
@given(
    limit=st.integers(1, 190),
    pauses=st.lists(st.one_of(st.just(0.0), st.floats(0, 0.2), st.floats(0, 15)), min_size=20, max_size=120),
)
def test_no_rolling_window_is_ever_overrun(shared: tuple[Store, FakeClock], limit: int, pauses: list[float]) -> None:
    store, clock = shared
    clock.advance(hours=1)
    store.sinks.learn("crm", Allowance(limit, WINDOW))

    times = []
    for pause in pauses:
        clock.advance(seconds=pause)
        times += spend(store.sinks, clock, 1)

    assert most_in_a_window(times, 10) <= limit


@pytest.fixture(scope="module")
def shared(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, FakeClock]:
    path = tmp_path_factory.mktemp("budget") / "syncd.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    clock = FakeClock()
    return Store(f"sqlite:///{path}", clock), clock


class TestDay:
    def test_the_reserve_is_left_to_people(self, store: Store) -> None:
        store.sinks.learn("crm", Allowance(10_000, WINDOW, left_today=200, per_day=200))

        calls = 0
        while store.sinks.take("crm", 0.1) == timedelta(0):
            calls += 1

        assert calls == 180

    @pytest.mark.parametrize(("per_day", "pause"), [(650_000, PROBE), (1000, LONGEST_PROBE), (50_000, PROBE)])
    def test_a_spent_day_is_asked_about_now_and_then_and_no_more(
        self, store: Store, clock: FakeClock, per_day: int, pause: timedelta
    ) -> None:
        store.sinks.learn("crm", Allowance(100, WINDOW, left_today=0, per_day=per_day))
        assert store.sinks.take("crm", 0.1) == pause

        calls = 0
        for _ in range(6 * 60):
            clock.advance(minutes=1)
            calls += store.sinks.take("crm", 0.1) == timedelta(0)

        assert calls == timedelta(hours=6) // pause
        assert store.sinks.take("crm", 0.1) == pause

    def test_a_spent_day_is_not_waited_for_longer_than_it_lasts(self, store: Store, clock: FakeClock) -> None:
        clock.set(datetime(START.year, START.month, START.day, 23, 50, tzinfo=UTC))
        store.sinks.learn("crm", Allowance(100, WINDOW, left_today=0, per_day=1000))

        assert store.sinks.take("crm", 0.1) == timedelta(minutes=10)

    def test_the_services_own_new_day_opens_the_line(self, store: Store) -> None:
        store.sinks.learn("crm", Allowance(100, WINDOW, left_today=0, per_day=1000))
        store.sinks.take("crm", 0.1)
        assert store.sinks.take("crm", 0.1) > timedelta(0)

        store.sinks.learn("crm", Allowance(100, WINDOW, left_today=1000, per_day=1000))

        assert store.sinks.take("crm", 0.1) == timedelta(0)

    def test_what_was_left_yesterday_says_nothing_of_today(self, store: Store, clock: FakeClock) -> None:
        store.sinks.learn("crm", Allowance(100, WINDOW, left_today=0, per_day=1000))
        store.sinks.take("crm", 0.1)

        clock.set(datetime(START.year, START.month, START.day + 1, 0, 1, tzinfo=UTC))

        assert [store.sinks.take("crm", 0.1) for _ in range(3)] == [timedelta(0)] * 3

    def test_what_is_spent_is_counted_between_two_answers_of_the_service(self, store: Store) -> None:
        store.sinks.learn("crm", Allowance(100, WINDOW, left_today=500, per_day=1000))
        store.sinks.take("crm", 0.1)

        row = budget(store)
        assert (row.left_today, row.calls) == (499, 1)
