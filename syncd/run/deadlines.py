"""Deadlines for what many tasks await at a time, with one timer for all of them.

`asyncio.timeout` costs more than reading a small body that is already there.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Deadlines:
    """For the tasks of one event loop; every one has the same time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until: dict[asyncio.Task[object], float] = {}  # in the order of their ends
        self._late: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def in_time(self) -> Iterator[None]:
        """Raises TimeoutError when the block does not end within the time."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is for a task")
        self.begin(task)
        try:
            yield
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise TimeoutError from None
        finally:
            self.end(task)

    def begin(self, task: "asyncio.Task[object]") -> None:
        loop = task.get_loop()
        self._until[task] = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_later(self.seconds, self._look, loop)

    def end(self, task: "asyncio.Task[object]") -> None:
        self._until.pop(task, None)
        self._late.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel those whose time is over, and come back when the next one's is."""
        now, self._timer = loop.time(), None
        for task, until in list(self._until.items()):
            if until > now:
                self._timer = loop.call_at(until, self._look, loop)
                return
            del self._until[task]
            self._late.add(task)
            task.cancel()
