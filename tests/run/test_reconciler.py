"""Every night the provider's own list is compared with what is kept; what is missing is fetched."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.connector import Finding, LooksBack, Received, WebRequest
from syncd.errors import AuthFailed, RateLimited
from syncd.model import Page, Submission
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.poller import Poller
from syncd.run.reconciler import NIGHT, SPREAD, Reconciler, look_through, next_night
from syncd.store import balances, counters, cursors, leases
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.world import World, submission

BERLIN = ZoneInfo("Europe/Berlin")


class FakeForms:
    """A provider's list, two on a page; takes webhooks as well unless the test says otherwise."""

    reconciled = timedelta(days=3)
    takes_posts = True

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.listed = clock, list[Submission]()
        self.trouble: Exception | None = None

    def submitted(self, key: str, ago: timedelta = timedelta(hours=2)) -> Submission:
        one = replace(submission(key, "forms", email=f"{key}@acme.com"), submitted_at=self.clock.now() - ago)
        self.listed.append(one)
        return one

    def since(self, moment: datetime) -> str:
        return moment.isoformat()

    def pages(self, cursor: str | None) -> Iterator[Page]:
        since = datetime.fromisoformat(cursor) if cursor else datetime.min.replace(tzinfo=UTC)
        found = [one for one in self.listed if one.submitted_at and one.submitted_at >= since]
        for start in range(0, len(found), 2):
            if self.trouble and start:
                raise self.trouble
            yield Page(found[start : start + 2], self.since(datetime(2020, 1, 1, tzinfo=UTC)))

    def receive(self, request: WebRequest) -> Received:
        raise NotImplementedError

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        pass


@pytest.fixture
def forms(clock: FakeClock) -> FakeForms:
    return FakeForms(clock)


def reconciler(store: Store, forms: LooksBack, holder: str = "me") -> Reconciler:
    return Reconciler("forms", forms, store.inbox, store.reports, BERLIN, Bell(), holder)


def a_night(looks: Reconciler, clock: FakeClock) -> None:
    """Asks as a loop does, for a day."""
    until = clock.now() + timedelta(days=1)
    while clock.now() < until:
        clock.advance(seconds=looks.turn().total_seconds())


def healed(store: Store) -> dict[str, int]:
    return counters.by_source(store.database, "healed")


def test_what_a_webhook_missed_is_fetched_and_the_rest_is_known(
    world: World, forms: FakeForms, clock: FakeClock
) -> None:
    looks = reconciler(world.store, forms)
    world.receive(forms.submitted("a"), forms.submitted("b"))
    world.settle()
    forms.submitted("c")

    a_night(looks, clock)

    balance = balances.read(world.store.database, "forms")
    assert balance
    assert (balance.listed, balance.fetched, balance.missing) == (3, 1, 0)
    assert balance.classes == {"in the CRM": 2, "on its way": 1}
    assert healed(world.store) == {"forms": 1}


def test_what_has_no_id_is_known_again_whichever_slot_of_its_window_it_is_in(
    store: Store, forms: FakeForms, clock: FakeClock
) -> None:
    day = timedelta(days=1)
    arrived = replace(forms.submitted("sha256:1"), window=day, received_at=clock.now() - timedelta(hours=2))
    store.inbox.accept([arrived])
    later = [replace(arrived, received_at=arrived.received_at + timedelta(hours=hours)) for hours in (2, 12)]

    for one in later:
        forms.listed = [one]
        found = look_through("forms", forms, store.inbox, store.reports, clock.now() - day)

        assert (found.listed, found.fetched, found.missing) == (1, 0, 0)


def test_the_sources_own_fetching_goes_on_from_where_it_was(store: Store, forms: FakeForms, clock: FakeClock) -> None:
    forms.submitted("a")

    a_night(reconciler(store, forms), clock)

    assert cursors.read(store.database, "source:forms") is None


def test_it_looks_once_a_night(store: Store, forms: FakeForms, clock: FakeClock) -> None:
    looks = reconciler(store, forms)
    forms.submitted("a")
    a_night(looks, clock)
    first = balances.read(store.database, "forms")
    looks.turn()

    assert first
    assert first.at.astimezone(BERLIN).hour == NIGHT.hour
    assert balances.read(store.database, "forms") == first


def test_what_is_older_than_it_looks_back_is_left_alone(store: Store, forms: FakeForms, clock: FakeClock) -> None:
    forms.submitted("long ago", timedelta(days=9))

    a_night(reconciler(store, forms), clock)

    assert balances.read(store.database, "forms") is not None
    assert store.inbox.waiting()[0] == 0


@pytest.mark.parametrize("trouble", [AuthFailed("wrong key"), RateLimited("slow down", timedelta(minutes=1))])
def test_a_list_that_breaks_off_loses_nothing_and_is_looked_through_again(
    store: Store, forms: FakeForms, clock: FakeClock, trouble: Exception
) -> None:
    looks = reconciler(store, forms)
    for key in "abc":
        forms.submitted(key)
    clock.set(next_night(clock.now(), BERLIN, "forms"))
    forms.trouble = trouble
    looks.turn()
    during = balances.read(store.database, "forms"), store.inbox.waiting()[0]

    forms.trouble = None
    clock.advance(hours=1)
    looks.turn()

    assert during == (None, 2)
    balance = balances.read(store.database, "forms")
    assert balance
    assert (balance.listed, balance.fetched) == (3, 1)


def test_of_two_daemons_one_looks(store: Store, forms: FakeForms, clock: FakeClock) -> None:
    looks = reconciler(store, forms)
    clock.set(next_night(clock.now(), BERLIN, "forms"))
    leases.hold(store.database, "reconcile:forms", "another")

    looks.turn()

    assert balances.read(store.database, "forms") is None


def test_what_is_fetched_soon_or_for_the_first_time_was_not_missed(
    store: Store, forms: FakeForms, clock: FakeClock
) -> None:
    polling = Poller("forms", forms, store.inbox, Bell(), "me", Health(store, Intake(store.inbox, Bell()), list))
    forms.submitted("history", timedelta(days=400))
    polling.turn()
    forms.submitted("just now", timedelta(minutes=1))
    polling.turn()
    before = healed(store)
    forms.submitted("missed", timedelta(hours=3))
    polling.turn()

    assert (before, healed(store)) == ({}, {"forms": 1})


def test_what_a_source_without_webhooks_fetches_was_not_missed(
    store: Store, forms: FakeForms, clock: FakeClock
) -> None:
    forms.takes_posts = False
    polling = Poller("forms", forms, store.inbox, Bell(), "me", Health(store, Intake(store.inbox, Bell()), list))
    polling.turn()
    forms.submitted("a", timedelta(hours=3))

    polling.turn()

    assert healed(store) == {}


def test_looking_through_the_same_list_twice_takes_nothing_twice(
    store: Store, forms: FakeForms, clock: FakeClock
) -> None:
    for key in "abcde":
        forms.submitted(key)
    since = clock.now() - timedelta(days=1)

    first, second = (look_through("forms", forms, store.inbox, store.reports, since) for _ in range(2))

    assert (first.listed, first.fetched, second.listed, second.fetched) == (5, 5, 5, 0)


@given(
    after=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    name=st.text(min_size=1, max_size=20),
)
def test_the_next_night_is_within_a_day_and_the_hours_that_a_clock_may_be_moved(after: datetime, name: str) -> None:
    due = next_night(after, BERLIN, name)

    assert after < due <= after + timedelta(hours=25)
    local = due.astimezone(BERLIN).replace(tzinfo=None)
    assert timedelta(0) <= local - datetime.combine(local.date(), NIGHT) <= SPREAD
