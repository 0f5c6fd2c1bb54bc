"""The wall clock of a real daemon jumps, an hour or a year, back and forth, and past 2038 (H10, F14)."""

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from tests.battery.outages.findings import CannotLook, Findings
from tests.battery.outages.real import Site, site
from tests.e2e.processes import until

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
RIGHT = timedelta(0)
NOTICED = 20.0
"""Seconds until a jump must have been told."""


def jumps(count: int, seed: int) -> Sequence[timedelta]:
    """How far ahead the clock is after each: ten that are always tried, then back and forth as the seed says."""
    to_2038 = datetime(2038, 1, 19, 3, 14, 0, tzinfo=UTC) - datetime.now(UTC)
    always = (HOUR, RIGHT, -HOUR, RIGHT, YEAR, RIGHT, -YEAR, RIGHT, to_2038, RIGHT)
    drawn = random.Random(seed)  # a run that can be seen again
    return (*always, *(far for _ in range(len(always), count, 2) for far in (_far(drawn), RIGHT)))


def _far(drawn: random.Random) -> timedelta:
    """Two minutes to three years, either way; as often of one size as of another."""
    return timedelta(seconds=drawn.choice((-1, 1)) * 2 ** drawn.uniform(7, 26.5))


def run(folder: Path, leads: int, seed: int, ways: Sequence[timedelta] = ()) -> Findings:
    """At each jump some enquiries, and the CRM asks for a pause just before: its end must not be a year away."""
    found, ahead = Findings(), folder / "ahead"
    ahead.write_text("+0")
    env = {
        "LD_PRELOAD": _library(), "FAKETIME_TIMESTAMP_FILE": str(ahead), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    with site(folder, env=env) as here:
        here.post(2)
        waits = [_jump(here, ahead, to) for to in ways or jumps(leads, seed)]
        found.runs = len(waits)
        found.most("longest wait for an enquiry after a jump, seconds", max(waits), 45)
        lines = [json.loads(line) for line in here.daemon.process.lines if line.startswith("{")]  # type: ignore[union-attr]
        found.exactly("jumps that were told", sum(line["event"] == "clock jumped" for line in lines), len(waits))
        told = Counter(line["lead"] for line in lines if line["event"] == "lead overdue")
        found.told("leads told to be overdue", len(told))
        found.none("told twice", [lead for lead, times in told.items() if times > 1])
        here.judge(found)
        found.also = f"an enquiry waits {max(waits):.0f} s at most after a jump"
    return found


def _jump(here: Site, ahead: Path, to: timedelta) -> float:
    """Two enquiries are under way when the clock jumps, two come after it; how long until all are done."""
    here.hub.order("fault", kind="too_many", retry_after=3, count=2)
    here.post(2)
    before = _jumps_told(here)
    ahead.with_suffix(".new").write_text(f"{'+' if to >= RIGHT else '-'}{int(abs(to).total_seconds())}")
    ahead.with_suffix(".new").replace(ahead)
    began = time.monotonic()
    until(lambda: _jumps_told(here) > before or None, "a word about the jump", NOTICED)
    here.post(2)
    here.until_done()
    return time.monotonic() - began


def _jumps_told(here: Site) -> int:
    process = here.daemon.process
    return sum('"clock jumped"' in line for line in process.lines) if process else 0


def _library() -> str:
    spec = find_spec("libfaketime")
    found = list(Path(spec.origin).parent.rglob("libfaketime.so.1")) if spec and spec.origin else []
    if not found:
        raise CannotLook("libfaketime is not installed: pip install libfaketime")
    return str(found[0])
