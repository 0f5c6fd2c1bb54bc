"""Two daemons on one store: how long until the other takes over what a killed or a paused one had in hand."""

import random
import signal
import time

from tests.battery import oracle, views
from tests.battery.crash_points import UPSERT
from tests.battery.crash_world import World, sending, until
from tests.battery.daemons import Daemon

MINUTE = 60.0


def after_a_kill(world: World, dice: random.Random) -> float:
    """Seconds from the kill until nothing of what it had in hand is still its own."""
    victim = dice.choice(world.daemons)
    began, held = _strike(world, victim, signal.SIGKILL)
    victim.gone()
    return _until_taken_over(world, began, held)


def after_a_pause(world: World, dice: random.Random) -> tuple[float, list[oracle.Violation]]:
    """The same after SIGSTOP; then the sleeper wakes, and what it saves must change nothing."""
    victim = dice.choice(world.daemons)
    began, held = _strike(world, victim, signal.SIGSTOP)
    seconds = _until_taken_over(world, began, held)
    numbers = {number for number, _ in held}
    until(lambda: not numbers & {number for number, _ in sending(world.url)}, MINUTE)
    before = _ended(world, numbers)
    victim.signal(signal.SIGCONT)
    time.sleep(3)
    after = _ended(world, numbers)
    found = [
        oracle.Violation("I4", "a paused daemon wrote over what another had done", f"order {number}")
        for number, row in before.items()
        if after.get(number) != row
    ]
    return seconds, found


def _strike(world: World, victim: Daemon, number: int) -> tuple[float, frozenset[tuple[int, str]]]:
    """While both have calls under way; the time, and what was in hand of either."""
    world.crm.order("fault", kind="latency", path=UPSERT, count=None, seconds=1.0)
    try:
        until(lambda: len({lease for _, lease in sending(world.url)}) > 1, 20)
        began = time.monotonic()
        victim.signal(number)
        return began, sending(world.url)
    finally:
        world.clear()


def _until_taken_over(world: World, began: float, held: frozenset[tuple[int, str]]) -> float:
    until(lambda: time.sleep(0.2) or not held & sending(world.url), 2 * MINUTE)
    return time.monotonic() - began


def _ended(world: World, numbers: set[int]) -> dict[int, tuple[object, ...]]:
    """What has been done of them, as it stands."""
    rows = views.stored(world.url).orders
    return {
        row["id"]: (row["state"], row["ref"], row["done"])
        for row in rows
        if row["id"] in numbers and row["state"] == "done" and row["done"] == row["wanted"]
    }
