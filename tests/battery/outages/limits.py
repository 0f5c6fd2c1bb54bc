"""Told to slow down for an hour (F16), and the calls of a day spent long before midnight (H7)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syncd.run.line import LineOptions
from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import Stage, stage, told
from tests.fakes.hubspot import Limits

HOUR = timedelta(hours=1)
STEP = timedelta(seconds=10)
DAILY, RESERVE = 1000, 0.1
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def slow_down(folder: Path, leads: int, seed: int) -> Findings:
    """Every call is answered 429 for an hour; enquiries go on coming in."""
    found = Findings()
    with told() as events, stage(folder, workers=4) as here:
        here.post(0)
        here.until_done(timedelta(minutes=1))
        here.fake.order_fault("too_many", count=None, retry_after=60)
        before, number = here.calls(), 0
        for step in range(int(HOUR / STEP)):
            while number * int(HOUR / STEP) < step * leads:
                number += 1
                here.post(number)
            here.work()
            here.clock.advance(seconds=STEP.total_seconds())
        found.most("calls in the hour, with a minute to wait after each", here.calls() - before, 60 * 4)
        found.exactly("attempts used up", _most_attempts(here), 0)
        here.fake.clear_faults()
        found.most("seconds until it goes on", _until_sent(here).total_seconds(), 61)
        here.until_done(timedelta(minutes=30))
        found.exactly("lines that say the sink is paused", _count(events, "sink paused"), 1)
        found.exactly("lines that say it works again", _count(events, "sink works again"), 1)
        here.check(found)
    return found


def quota(folder: Path, leads: int, seed: int, daily: int = DAILY) -> Findings:
    """A day of few calls, and more enquiries than they can carry, one at a time; the rest goes after midnight."""
    found, singles = Findings(), 260
    with told() as events, stage(folder, limits=Limits(daily=daily), line=LineOptions(reserve=RESERVE)) as here:
        for number in range(singles):
            here.post(number)
            here.until_done(timedelta(seconds=1), timedelta(milliseconds=200))
            here.clock.advance(seconds=30)
            if _count(events, "sink paused"):
                break
        spent_at = here.clock.now()
        found.exactly("calls when it stopped", here.fake.account.meter.today, daily * (1 - RESERVE))
        kept = _wait_for_midnight(here, len(here.posted), leads)
        hours = (MIDNIGHT - spent_at) / HOUR
        found.most("calls of the day", kept, daily * (1 - RESERVE) + hours * 1 + 1)
        found.least("calls left to people and other programs", daily - kept, daily * RESERVE - hours - 1)
        took = here.until_done(timedelta(hours=2))
        found.most("seconds of work after it went on", took.total_seconds(), 600)
        found.exactly("calls that were refused", sum(call.status == 429 for call in here.fake.log), 0)
        found.exactly("lines that say the day is spent", _count(events, "sink paused"), 1)
        here.check(found)
    return found


def _wait_for_midnight(here: Stage, singles: int, leads: int) -> int:
    """The calls that the day has cost when it ends."""
    number = singles
    while here.clock.now() < MIDNIGHT:
        if number < singles + leads:
            number += 1
            here.post(number)
        here.work()
        here.clock.advance(seconds=30)
    return here.fake.account.meter.today


def _until_sent(here: Stage) -> timedelta:
    began, before = here.clock.now(), here.calls()
    while not (here.work() and here.calls() > before):
        here.clock.advance(seconds=1)
    return here.clock.now() - began


def _most_attempts(here: Stage) -> int:
    with here.store.database.read() as tx:
        return int(tx.exec_driver_sql("SELECT COALESCE(max(attempts), 0) FROM orders").scalar_one())


def _count(events: Sequence[dict], event: str) -> int:  # type: ignore[type-arg] # of structlog
    return sum(each["event"] == event for each in events)
