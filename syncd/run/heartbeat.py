"""Keeps leases alive while their work takes long. A process that sleeps past its lease loses it."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from syncd import log
from syncd.errors import StoreBusy

EVERY = timedelta(seconds=10)


class Heartbeat:
    def __init__(self, always: Sequence[Callable[[], object]] = ()) -> None:
        """`always`: what is called with every beat."""
        self._always = tuple(always)
        self._held: dict[int, Callable[[], object]] = {}
        self._numbers = itertools.count()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._log = log.get("heartbeat")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)

    @contextmanager
    def keep(self, renew: Callable[[], object]) -> Iterator[None]:
        """Call `renew` every ten seconds for as long as the block runs."""
        number = next(self._numbers)
        self._held[number] = renew
        try:
            yield
        finally:
            del self._held[number]

    def _beat(self) -> None:
        while not self._stopping.wait(EVERY.total_seconds()):
            for renew in [*self._always, *self._held.values()]:
                try:
                    renew()
                except StoreBusy as error:
                    self._log.warning("lease not renewed", trouble=str(error))
