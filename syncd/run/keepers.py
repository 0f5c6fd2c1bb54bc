"""The loops that keep an eye on the daemon itself: they outlive every reload of the config."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from syncd.clock import Clock
from syncd.connector import Alert
from syncd.core.playbook import Playbook
from syncd.run.alarms import Alarms
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.loop import PAUSE, Loop
from syncd.run.silences import Silences
from syncd.run.watchman import LOOKS, Inspector, Watchman
from syncd.store.back_in_time import LONGEST_WAIT, pull_back
from syncd.store.store import Store

START_SECONDS = 2.0
"""So long the start waits for a look through the database file; a large one is looked through soon after."""

_EVERY, _TOO_LONG, _END_SECONDS = timedelta(minutes=1), timedelta(hours=1), 5.0


class Keepers:
    """`look` comes before anything is taken in or sent, `start` after it."""

    def __init__(
        self,
        store: Store,
        health: Health,
        alerts: Callable[[], Mapping[str, Alert]],
        playbook: Callable[[], Playbook],
        holder: str,
        clock: Clock,
    ) -> None:
        self.store, self.health = store, health
        self.silences = Silences(store.database, playbook)
        self.watchman = Watchman(store, health, clock)
        self.inspector = Inspector(store, health, clock)
        self.loops = [
            Loop("watchman", self.watchman.turn, Bell(), LOOKS),
            Loop("inspector", self.inspector.turn, Bell(), _EVERY, _TOO_LONG),
            Loop("silences", self.listen, Bell(), _EVERY),
            Loop("alarms", Alarms(health, store.database, alerts, holder, clock).turn, Bell(), 5 * PAUSE),
        ]

    def look(self) -> None:
        """Raises StoreError for a damaged database file: nothing may be sent of it."""
        self.inspector.start(START_SECONDS)
        pull_back(self.store.database, LONGEST_WAIT)
        self.watchman.look_at_disk()

    def listen(self) -> bool:
        """Which sources bring nothing. While we keep the door shut ourselves, that says nothing about them."""
        if not (self.health.intake.trouble or self.health.intake.closed_for):
            self.health.silences = self.silences.look(listens=True)
            self.health.looked = self.store.database.now()
        return False

    def start(self) -> None:
        for loop in self.loops:
            loop.start()

    def stop(self) -> None:
        for loop in self.loops:
            loop.stop()
        for loop in self.loops:
            loop.join(_END_SECONDS)
