"""What was announced by its id alone is fetched until it is there, once, and nobody else waits for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Rejected, Retryable, StoreBusy
from syncd.model import Answer, Submission
from syncd.run.bell import Bell
from syncd.run.collector import AFTER_LOGIN, TRIES, TRIES_OF_A_BUG, Collector
from syncd.run.follower import HANDOVER
from syncd.run.health import Health
from syncd.run.heartbeat import Heartbeat
from syncd.run.intake import Intake
from syncd.run.loop import Loop
from syncd.store.announced import LEASE
from syncd.store.schema import FRAIL
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.together import busy
from tests.world import World, submission

SAID = (Answer("email", "eva@acme.com"), Answer("name", "Eva Beispiel"))


class FakeAds:
    """Whole submissions by key; what is asked for can fail first, as often as it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failing: list[Exception] = []
        self.before: Callable[[], object] = lambda: None

    def collect(self, announced: Submission) -> Submission:
        self.asked.append(announced.key)
        self.before()
        if self.failing:
            raise self.failing.pop(0)
        return replace(announced, announced=False, answers=SAID, raw=b'{"field_data": []}', submitted_at=START)


def announced(key: str = "a1") -> Submission:
    return replace(submission(key), answers=(), raw=b'{"leadgen_id": 1}', announced=True)


@pytest.fixture
def ads() -> FakeAds:
    return FakeAds()


def collecting(store: Store, ads: FakeAds, holder: str = "me") -> Collector:
    health = Health(store, Intake(store.inbox, Bell()), list)
    return Collector("contact", ads, store, Bell(), holder, health, Heartbeat(), lambda: 1.0)


def keys(store: Store) -> list[str]:
    return [kept.submission.key for kept in store.inbox.claim(10)[1]]


def test_what_is_announced_is_planned_when_its_answers_are_there(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced(), submission("whole")])
    collector = collecting(store, ads)

    assert (keys(store), store.announced.waiting()[0].count) == (["whole"], 1)
    assert collector.turn() is False

    (kept,) = store.inbox.claim(10)[1]
    assert (kept.submission.key, kept.submission.answers, kept.submission.submitted_at) == ("a1", SAID, START)
    assert (kept.submission.raw, kept.submission.announced) == (b'{"leadgen_id": 1}', False)
    assert store.announced.waiting() == []
    assert collector.wake.wait(0)


def test_it_counts_as_on_its_way_and_the_balance_holds(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    before = store.reports.fates("contact", ["a1"])["a1"]

    collecting(store, ads).turn()

    assert (before.state, store.reports.find_arrival(before.id).state) == ("on its way", "waiting")  # type: ignore[union-attr]
    assert [event.event for event in store.reports.arrival_events(before.id)] == ["fetched"]


def to_the_end(collector: Collector) -> None:
    while collector.turn():
        pass


def test_one_that_ends_the_daemon_again_and_again_holds_up_no_other_and_is_parked(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced("poison"), announced("b1")])

    def killed() -> None:
        if ads.asked[-1] == "poison":
            raise SystemExit

    ads.before = killed
    for died in range(1, TRIES + 1):
        store.inbox.take_over()
        with pytest.raises(SystemExit):
            to_the_end(collecting(store, ads))
        if died == FRAIL + 2:
            assert ads.asked.count("b1") == 1

    store.inbox.take_over()
    collecting(store, ads).turn()

    (parked,) = store.reports.parked()
    assert (ads.asked.count("poison"), "the daemon ended" in parked.reason) == (TRIES, True)


def test_a_webhook_that_comes_again_announces_nothing_new(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    collecting(store, ads).turn()

    again = store.inbox.accept([announced()])
    collecting(store, ads).turn()

    assert (again.repeated, ads.asked) == (1, ["a1"])


@pytest.mark.parametrize("error", [Retryable("away"), Ambiguous("no answer")])
def test_an_answer_that_is_lost_is_asked_for_again_with_growing_waits(
    store: Store, clock: FakeClock, ads: FakeAds, error: Exception
) -> None:
    store.inbox.accept([announced()])
    collector = collecting(store, ads)
    ads.failing = [error, error]

    for wait in (2, 4, 8):
        collector.turn()
        collector.turn()
        clock.advance(seconds=wait)

    assert ads.asked == ["a1"] * 3
    assert keys(store) == ["a1"]
    assert collector.health.notes == {}


def test_what_is_in_the_way_is_told_once_and_stands_in_the_report(store: Store, clock: FakeClock, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    collector = collecting(store, ads)
    ads.failing = [Retryable("meta: away")] * 2

    with capture_logs() as told:
        collector.turn()
        clock.advance(seconds=2)
        collector.turn()

    assert [line["event"] for line in told] == ["fetching failed"]
    assert collector.health.notes == {"source:contact:collector": "meta: away"}
    assert store.announced.waiting()[0].reason == "meta: away"
    (arrival,) = [store.reports.find_arrival(store.reports.fates("contact", ["a1"])["a1"].id)]
    assert arrival is not None
    assert (arrival.state, arrival.reason) == ("announced", "meta: away")


def test_a_service_that_asks_for_a_pause_is_left_alone_and_no_try_is_used_up(
    store: Store, clock: FakeClock, ads: FakeAds
) -> None:
    store.inbox.accept([announced(f"a{number}") for number in range(3)])
    collector = collecting(store, ads)
    ads.failing = [RateLimited("slow down", timedelta(minutes=7))]

    rest = collector.turn()
    clock.advance(minutes=6)
    collector.turn()
    clock.advance(minutes=1)
    collector.turn()

    assert (rest, ads.asked) == (timedelta(minutes=7), ["a0", "a0", "a1", "a2"])
    assert [kept.attempts for kept in store.inbox.claim(10)[1]] == [1, 1, 1]  # of planning


def test_a_refused_login_uses_no_try_up_and_goes_on_by_itself(store: Store, clock: FakeClock, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    collector = collecting(store, ads)
    for _ in range(TRIES + 2):
        ads.failing = [AuthFailed("meta: the token is refused")]
        assert collector.turn() == AFTER_LOGIN
        clock.advance(minutes=5)

    collector.turn()

    assert keys(store) == ["a1"]


@pytest.mark.parametrize("error", [Refused("meta: it is gone"), Rejected("meta: no answers in it")])
def test_what_the_service_will_not_give_is_parked_with_its_words_and_the_others_go_on(
    store: Store, ads: FakeAds, error: Exception
) -> None:
    store.inbox.accept([announced("a1"), announced("a2")])
    ads.failing = [error]

    collecting(store, ads).turn()

    assert [line.reason for line in store.reports.parked()] == [str(error)]
    assert keys(store) == ["a2"]


def test_what_was_parked_and_is_sent_again_is_fetched_again(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    ads.failing = [Refused("meta: no permission")]
    collecting(store, ads).turn()
    (line,) = store.reports.parked()

    store.inbox.wake([int(line.id[1:])])
    assert keys(store) == []
    collecting(store, ads).turn()

    assert keys(store) == ["a1"]


def test_one_that_never_comes_is_parked_in_the_end(store: Store, clock: FakeClock, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    collector = collecting(store, ads)
    while not store.reports.parked():
        ads.failing = [Retryable("meta: away")]
        collector.turn()
        clock.advance(hours=6)

    assert (len(ads.asked), store.reports.parked()[0].reason) == (TRIES, f"not fetched after {TRIES} tries: meta: away")


def test_a_bug_of_a_connector_is_told_and_holds_nobody_up(store: Store, clock: FakeClock, ads: FakeAds) -> None:
    store.inbox.accept([announced("a1"), announced("a2")])
    collector = collecting(store, ads)
    with capture_logs() as told:
        for _ in range(TRIES_OF_A_BUG):
            ads.failing = [KeyError("field_data")]
            collector.turn()
            clock.advance(minutes=1)

    assert [line["event"] for line in told if line["log_level"] == "error"] == ["collecting failed"] * TRIES_OF_A_BUG
    assert [line.reason for line in store.reports.parked()] == ["not fetched after 5 tries: KeyError"]
    assert keys(store) == ["a2"]


def test_an_answer_about_somebody_else_is_never_taken_for_it(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    ads.collect = lambda one: replace(one, key="other", answers=SAID, announced=False)  # type: ignore[method-assign]

    collecting(store, ads).turn()

    assert "another submission" in store.reports.parked()[0].reason


def test_a_page_that_has_it_makes_it_whole_even_where_it_was_parked(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    ads.failing = [Refused("meta: no permission")]
    collecting(store, ads).turn()

    store.inbox.accept([replace(announced(), answers=SAID, announced=False)])
    collecting(store, ads).turn()

    assert (ads.asked, keys(store), store.reports.parked()) == (["a1"], ["a1"], [])


def test_a_page_that_comes_while_it_is_fetched_wins_and_it_is_there_once(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced()])
    ads.before = lambda: store.inbox.accept([replace(announced(), answers=SAID[:1], announced=False)])

    collecting(store, ads).turn()

    (kept,) = store.inbox.claim(10)[1]
    assert kept.submission.answers == SAID[:1]


def test_of_two_daemons_one_fetches_and_a_dead_one_is_taken_over(store: Store, clock: FakeClock, ads: FakeAds) -> None:
    store.inbox.accept([announced()])

    def die() -> None:
        raise KeyboardInterrupt

    ads.before = die
    with pytest.raises(KeyboardInterrupt):
        collecting(store, ads, "first").turn()
    ads.before = lambda: None
    store.inbox.accept([announced("a2")])

    assert collecting(store, ads, "second").turn() == HANDOVER
    clock.advance(seconds=LEASE.total_seconds() + 1)
    collecting(store, ads, "second").turn()

    assert ads.asked == ["a1", "a1", "a2"]
    assert keys(store) == ["a1", "a2"]


def test_a_store_that_stumbles_after_the_answer_costs_another_call_and_no_lead(
    store: Store, clock: FakeClock, ads: FakeAds
) -> None:
    store.inbox.accept([announced()])
    collector = collecting(store, ads)
    with busy(store.database, "UPDATE inbox SET submitted_at", times=1), pytest.raises(StoreBusy):
        collector.turn()

    clock.advance(seconds=LEASE.total_seconds() + 1)
    collector.turn()

    assert (ads.asked, keys(store)) == (["a1", "a1"], ["a1"])


def test_a_daemon_that_stops_gives_back_what_it_has_not_asked_for(store: Store, ads: FakeAds) -> None:
    store.inbox.accept([announced("a1"), announced("a2")])
    collector = collecting(store, ads)
    loop = Loop("collector contact", collector.turn, Bell())
    ads.before = loop.stop

    loop.start()

    assert loop.join(30)
    assert ads.asked == ["a1"]
    ads.before = lambda: None
    collector.turn()
    assert keys(store) == ["a1", "a2"]


def test_what_was_announced_becomes_one_lead_with_one_task(world: World, ads: FakeAds) -> None:
    world.store.inbox.accept([announced(), announced()])
    collecting(world.store, ads).turn()
    world.store.inbox.accept([announced()])

    world.settle()

    assert len(world.crm.records) == 1
    assert len(world.crm.tasks) == 1
