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
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._log = log.get("heartbeat")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5)

    @contextmanager
    def keep(self, renew: Callable[[], object]) -> Iterator[None]:
        """Call `renew` every ten seconds for as long as the block runs."""
        with self._lock:
            number = next(self._numbers)
            self._held[number] = renew
        try:
            yield
        finally:
            with self._lock:
                del self._held[number]

    def beat(self) -> None:
        """Once through all that is held; whatever goes wrong with one, the others are renewed."""
        with self._lock:
            held = [*self._always, *self._held.values()]
        for renew in held:
            try:
                renew()
            except StoreBusy as error:
                self._log.warning("lease not renewed", trouble=str(error))
            except Exception as error:  # noqa: BLE001 - without the heart every lease would run out
                self._log.error("lease not renewed", exc_info=error)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY.total_seconds()):
            self.beat()
