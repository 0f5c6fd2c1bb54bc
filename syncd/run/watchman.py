"""Looks after what no request and no order would notice by itself: disk, clock, memory and the database file."""

from datetime import timedelta

from syncd import log
from syncd.clock import Clock
from syncd.errors import StoreBusy, StoreError
from syncd.run import memory
from syncd.run.health import Health
from syncd.store.back_in_time import pull_back
from syncd.store.inspection import inspect
from syncd.store.room import Room
from syncd.store.store import Store

LOOKS = timedelta(seconds=2)
JUMP = timedelta(seconds=60)
"""The wall clock may drift so far from the monotonic one between two looks; more is a jump."""

TIDIED_EVERY = timedelta(minutes=1)
"""So often free pages go back to the machine; by itself the C library gives back only those at the end of its heap."""

INSPECTED_EVERY = timedelta(days=1)
SOON = timedelta(minutes=10)
FILE = "store:file"


class Watchman:
    """While the disk is short the intake is closed, for what it takes in would be room that outcomes need."""

    def __init__(self, store: Store, health: Health, clock: Clock) -> None:
        self.store, self.health, self.clock = store, health, clock
        self.room = Room(store.database.path) if store.database.path else None
        self._ahead = self._wall_ahead()
        self._tidied = clock.monotonic()
        self._log = log.get("watchman")

    def turn(self) -> bool:
        self.look_at_disk()
        self._look_at_clock()
        self._tidy()
        return False

    def look_at_disk(self) -> None:
        if self.room is None:
            return
        before, now = self.health.intake.closed_for, self.room.short()
        self.health.intake.closed_for = now
        if now and not before:
            self._log.error("intake closed", reason=now)
        elif before and not now:
            self._log.info("intake open again")
        self.room.tend()

    def _look_at_clock(self) -> None:
        before, self._ahead = self._ahead, self._wall_ahead()
        jump = self._ahead - before
        if abs(jump) <= JUMP:
            return
        pulled = pull_back(self.store.database, timedelta(0)) if jump < timedelta(0) else 0
        self._log.warning("clock jumped", seconds=round(jump.total_seconds()), pulled_back=pulled)

    def _tidy(self) -> None:
        if self.clock.monotonic() - self._tidied >= TIDIED_EVERY.total_seconds():
            self._tidied = self.clock.monotonic()
            memory.give_back()

    def _wall_ahead(self) -> timedelta:
        return timedelta(seconds=self.clock.now().timestamp() - self.clock.monotonic())


class Inspector:
    """Looks through the database file once a day, and soon after a start that had no time for all of it."""

    def __init__(self, store: Store, health: Health, clock: Clock) -> None:
        self.store, self.health, self.clock = store, health, clock
        self._due: float | None = None  # monotonic
        self._log = log.get("inspector")

    def start(self, seconds: float) -> None:
        """At the start, within so many seconds. Raises StoreError for a damaged file: nothing may be sent of it."""
        whole = inspect(self.store.database, seconds)
        self._put_off(INSPECTED_EVERY if whole else SOON)

    def turn(self) -> bool:
        if self._due is not None and self.clock.monotonic() < self._due:
            return False
        self._put_off(SOON)
        try:
            inspect(self.store.database)
        except StoreBusy:
            return False
        except StoreError as error:
            self._log.error("database file is damaged", reason=str(error))
            self.health.notes[FILE] = str(error)
        else:
            self.health.notes.pop(FILE, None)
        self._put_off(INSPECTED_EVERY)
        return False

    def _put_off(self, after: timedelta) -> None:
        self._due = self.clock.monotonic() + after.total_seconds()
