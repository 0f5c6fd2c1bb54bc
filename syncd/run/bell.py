"""A bell wakes a loop that sleeps. A lost ring costs at most the loop's pause."""

import threading


class Bell:
    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Sleep until rung; True when it was. The ring is used up."""
        rung = self._event.wait(seconds)
        self._event.clear()
        return rung
