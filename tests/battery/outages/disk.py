"""A disk that fills up at any moment, and is made room on again (H8, F6); writes that fail (F7)."""

import os
import random
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import requests

from syncd.errors import StoreBusy
from syncd.store.inspection import inspect
from tests.battery.outages.findings import CannotLook, Findings
from tests.battery.outages.real import site
from tests.battery.outages.stage import Stage, stage, told
from tests.e2e.processes import until

_LONG = timedelta(hours=12)
MIB = 2**20
LEFT = 96 * 2**10
"""So much room at most is left when the disk is full: enough for some commits, then for none."""


def run(folder: Path, leads: int, seed: int, rounds: int | None = None) -> Findings:
    """Rounds of filling at random points, in process; then once with a real daemon."""
    rounds = rounds or min(max(leads // 40, 10), 500)
    found, dice = Findings(runs=rounds), random.Random(seed)
    size = 6 * MIB + rounds * MIB // 8
    with told(), _small_disk(folder, size) as disk, stage(folder, store_url=f"sqlite:///{disk}/syncd.db") as here:
        here.post(0)
        here.work()
        refused = sum(_round(here, disk, dice) for _ in range(rounds))
        found.told("rounds", rounds)
        found.least("enquiries refused for lack of room", refused, rounds // 4)
        found.exactly("file sound at the end", inspect(here.store.database), True)
        here.until_done(_LONG)
        here.check(found)
        found.also = f"{refused} refused for lack of room, file sound"
    return found


def io_errors(folder: Path, leads: int, seed: int, rounds: int | None = None) -> Findings:
    """Writing to any file fails (EFBIG, as EIO would), reading does not; then it is over."""
    rounds = rounds or min(max(leads // 100, 5), 200)
    found, dice, false = Findings(runs=rounds), random.Random(seed), 0
    with told(), stage(folder) as here:
        here.post(0)
        for _ in range(rounds):
            with _no_writing():
                false += sum(_try_post(here) for _ in range(dice.randint(1, 4)))
                with suppress(StoreBusy):
                    here.work()
            _try_post(here)
            here.clock.advance(seconds=dice.randint(0, 40))
            with suppress(StoreBusy):
                here.work()
        found.exactly("answered 200 while nothing could be written", false, 0)
        found.exactly("file sound at the end", inspect(here.store.database), True)
        here.until_done(_LONG)
        here.check(found)
    return found


@contextmanager
def _no_writing() -> Iterator[None]:
    """No file of this process may grow beyond less than a page, nor be written behind that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def daemon(folder: Path, leads: int, seed: int) -> Findings:
    """What the sender and the load balancer see of it."""
    found = Findings()
    with _small_disk(folder, 8 * MIB) as disk, site(folder, f"sqlite:///{disk}/syncd.db") as here:
        here.post(30)
        _fill(disk, 0)
        until(lambda: here.ready() == 503 or None, "readiness to turn red", 30)
        answers = [requests.post(f"{here.daemon.url}/in/contact", {"email": "a@b.com"}, timeout=10) for _ in range(20)]
        found.exactly("answers while it was full", {answer.status_code for answer in answers}, {503})
        found.none("503 without Retry-After", [a for a in answers if not a.headers.get("retry-after")])
        (disk / "filler").unlink()
        until(lambda: here.ready() == 200 or None, "readiness to turn green", 30)
        found.exactly("answers afterwards", set(here.post(10)), {200})
        here.judge(found)
    return found


def _round(here: Stage, disk: Path, dice: random.Random) -> int:
    """Fill, go on as well as it goes, make room again; how many enquiries were refused."""
    _fill(disk, dice.randrange(LEFT))
    refused = 0
    for _ in range(dice.randint(1, 12)):
        refused += not _try_post(here)
        if dice.random() < 0.3:
            with suppress(StoreBusy):
                here.work()
        here.clock.advance(seconds=1)
    (disk / "filler").unlink()
    here.clock.advance(seconds=dice.randint(0, 40))
    with suppress(StoreBusy):
        here.work()
    return refused


def _try_post(here: Stage) -> bool:
    try:
        here.post(len(here.ledger) + 1)
    except StoreBusy:
        return False
    return True


def _fill(disk: Path, left: int) -> None:
    """Everything but so many bytes, as another program's log would."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (64 * 2**10, 4096, 512):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
        file.truncate(max(0, file.tell() - left))


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system in memory, for root alone."""
    disk = folder / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)):
        raise CannotLook("only root may mount a small file system here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def _mount(*words: str) -> int:
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode
