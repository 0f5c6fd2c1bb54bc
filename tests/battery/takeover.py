"""Two daemons on one store: how long until the other takes over what a killed or a paused one had in hand."""

import random
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from syncd.store.outcomes import WRITTEN_LATE
from tests.battery import oracle, views
from tests.battery.crash_world import World, sending, until
from tests.battery.daemons import Daemon

MINUTE = 60.0


def after_a_kill(world: World, dice: random.Random) -> float:
    """Seconds from the kill until nothing of what it had in hand is still its own."""
    victim = dice.choice(world.daemons)
    with _slow_calls(world):
        until(lambda: len({lease for _, lease in sending(world.url)}) > 1, 20)
        began = time.monotonic()
        victim.kill()
        held = sending(world.url)
    return _until_taken_over(world, began, held)


def after_a_pause(world: World, dice: random.Random) -> tuple[float, list[oracle.Violation]]:
    """The same after SIGSTOP; then the sleeper wakes, and what it saves must change nothing."""
    victim = dice.choice(world.daemons)
    began, held = _put_to_sleep(world, victim, dice)
    seconds = _until_taken_over(world, began, held)
    numbers = {number for number, _ in held}
    until(lambda: not numbers & {number for number, _ in sending(world.url)}, MINUTE)
    before = {number: row for number, row in _orders(world, numbers).items() if row["state"] == "done"}
    victim.signal(signal.SIGCONT)
    time.sleep(3)
    after, once_more = _orders(world, numbers), _written_once_more(world)
    found = [
        oracle.Violation("I4", "a paused daemon wrote over what another had done", f"order {number}")
        for number, row in before.items()
        if _spoilt(row, after[number], once_more=number in once_more)
    ]
    if not before:
        found.append(oracle.Violation("I3", "nothing of a paused daemon was taken over", victim.name))
    return seconds, found


def _put_to_sleep(world: World, victim: Daemon, dice: random.Random) -> tuple[float, frozenset[tuple[int, str]]]:
    """In the middle of a call: what is still in the same hands after the other's calls have ended is its own."""
    for _ in range(40):
        with _slow_calls(world):
            until(lambda: len({lease for _, lease in sending(world.url)}) > 1, 20)
            time.sleep(dice.uniform(0, 0.5))
            began = time.monotonic()
            victim.signal(signal.SIGSTOP)
            held = sending(world.url)
        time.sleep(4)
        if held := held & sending(world.url):
            return began, held
        victim.signal(signal.SIGCONT)
    return began, held


@contextmanager
def _slow_calls(world: World) -> Iterator[None]:
    world.crm.order("fault", kind="latency", **world.account.at("upsert"), count=None, seconds=1.0)
    try:
        yield
    finally:
        world.clear()


def _until_taken_over(world: World, began: float, held: frozenset[tuple[int, str]]) -> float:
    until(lambda: time.sleep(0.2) or not held & sending(world.url), 2 * MINUTE)
    return time.monotonic() - began


def _orders(world: World, numbers: set[int]) -> dict[int, Mapping[str, Any]]:
    return {row["id"]: row for row in views.stored(world.url).orders if row["id"] in numbers}


def _written_once_more(world: World) -> set[int]:
    """What the sleeper had written too late, as it found out by itself."""
    return {event["order_id"] for event in views.stored(world.url).events if event["event"] == WRITTEN_LATE}


def _spoilt(before: Mapping[str, Any], after: Mapping[str, Any], *, once_more: bool) -> bool:
    """A new enquiry may have raised what is wanted, or it is written once more; nothing else may have changed."""
    raised = after["wanted"] > before["wanted"]
    return (
        after["ref"] != before["ref"]
        or after["done"] < before["done"]
        or (not (raised or once_more) and (after["state"], after["done_at"]) != ("done", before["done_at"]))
    )
