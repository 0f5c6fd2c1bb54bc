"""The CRM is away for two days while enquiries come in; then it is back, and more come in meanwhile (H5, F15)."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import Stage, stage, told
from tests.fakes.hubspot import Limits

AWAY = timedelta(hours=48)
STEP = timedelta(minutes=1)
ENOUGH = 300
"""Fewer leads are in before the limit can be felt."""

TROUBLE: tuple[Mapping[str, object], ...] = (
    {"kind": "server_error", "status": 502},
    {"kind": "server_error", "status": 503, "retry_after": 30},
    {"kind": "server_error", "status": 500},
    {"kind": "drop_before_commit"},
)


def run(folder: Path, leads: int, seed: int, away: timedelta = AWAY) -> Findings:
    """`leads` come in while there is no CRM, and a few more while the backlog drains.

    The limit is HubSpot's 190 calls in ten seconds; a tenth of it for few leads, so that they take their time.
    """
    found, dice, allowed = Findings(), random.Random(seed), 190 if leads >= 5000 else 19
    with told() as events, stage(folder, limits=Limits(burst=allowed, daily=None, search=4)) as here:
        here.post(0)
        here.until_done(timedelta(minutes=1))
        before = here.calls()
        _outage(here, leads, dice, away)
        found.told("leads that waited", leads)
        most = len(here.workers) * (away / timedelta(minutes=5)) + 50  # each may have a probe of its own on the way
        found.most("calls while it was away", here.calls() - before, most)
        alarms = [event for event in events if event["event"] == "sink paused"]
        found.exactly("lines that say the sink is paused", len(alarms), 1)
        _drain(here, leads, allowed, found)
        here.check(found)
        _dates(here.due_dates(), here.posted, found)
    return found


def _outage(here: Stage, leads: int, dice: random.Random, away: timedelta) -> None:
    """Everything fails, each hour in another way."""
    steps = int(away / STEP)
    arrivals = sorted(dice.randrange(steps) for _ in range(leads))
    number = 0
    for step in range(steps):
        if step % 60 == 0:
            here.fake.clear_faults()
            fault = TROUBLE[(step // 60) % len(TROUBLE)]
            here.fake.order_fault(count=None, **fault)  # type: ignore[arg-type]
        while number < len(arrivals) and arrivals[number] <= step:
            number += 1
            here.post(number)
        here.work()
        here.clock.advance(seconds=STEP.total_seconds())
    here.fake.clear_faults()


def _drain(here: Stage, leads: int, allowed: int, found: Findings) -> None:
    """The limit is obeyed and used; who asks meanwhile does not wait behind two days of others."""
    while not here.work():  # until the pause ends, and the probe finds the CRM
        here.clock.advance(seconds=1)
    began, first, waits, number = here.clock.now(), here.calls(), [0.0], leads
    while here.open_orders() > leads // 10:
        number += 1
        fresh, asked = here.post(number), here.clock.now()
        while not here.has_task(fresh):
            if not here.work():
                here.clock.advance(seconds=0.2)
        waits.append((here.clock.now() - asked).total_seconds())
    took = here.clock.now() - began
    share = (here.calls() - first) / (allowed * max(took / timedelta(seconds=10), 1))
    here.until_done(timedelta(minutes=30))
    found.told("seconds to drain", round(took.total_seconds(), 1))
    found.told("new leads meanwhile", number - leads)
    if leads >= ENOUGH:
        found.least("share of the allowed calls that was used", share, 0.8)
    took_s, longest = round(took.total_seconds()), round(max(waits))
    found.also = f"drained in {took_s} s with {share:.0%} of the allowed calls; a new lead waited {longest} s"
    found.most("longest wait of a new lead, seconds", max(waits), 10)
    found.exactly("times told to slow down", sum(call.status == 429 for call in here.fake.log), 0)


def _dates(due: Mapping[str, datetime], posted: Mapping[str, datetime], found: Findings) -> None:
    """From the moment at which it was sent, however long it had to wait."""
    targets = {5, 60, 24 * 60}
    wrong = [mail for mail, at in posted.items() if mail in due and _minutes(due[mail] - at) not in targets]
    found.none("due dates that do not start from the enquiry", wrong)


def _minutes(span: timedelta) -> float:
    """The CRM keeps whole milliseconds."""
    return round(span / timedelta(minutes=1), 3)
