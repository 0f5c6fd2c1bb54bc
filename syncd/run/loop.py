"""Every loop has the same shape: do one unit of work, or wait for a bell or a time, until told to stop.

A unit is a transaction, so stopping between two units is always safe.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from syncd import log
from syncd.errors import StoreBusy, StoreError
from syncd.run.bell import Bell

PAUSE = timedelta(seconds=1)
AFTER_TROUBLE = timedelta(seconds=5)
TOO_LONG = timedelta(minutes=5)
"""A turn that takes longer hangs in a connector; health names it."""

_here = threading.local()


def asked_to_stop() -> bool:
    """For long turns, between two units: whether the loop of this thread is to end."""
    stopping: threading.Event | None = getattr(_here, "stopping", None)
    return stopping is not None and stopping.is_set()


class Loop:
    """A thread that calls `turn` again and again.

    `turn` says whether there may be more to do at once, or how long to rest instead of the usual pause. `vital`: no
    turn of it waits for a connector without a limit, so when one hangs nothing but another process helps.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[], bool | timedelta],
        bell: Bell,
        pause: timedelta = PAUSE,
        too_long: timedelta = TOO_LONG,
        *,
        vital: bool = False,
    ) -> None:
        self.vital = vital
        self.name, self.turn, self.bell, self.pause, self.too_long = name, turn, bell, pause, too_long
        self.stopping = threading.Event()
        self.trouble = ""  # what went wrong in the last turn; empty when it went well
        self._began: float | None = None  # monotonic time at which the turn in hand began
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._log = log.get(name)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask to stop after the unit in hand."""
        self.stopping.set()
        self.bell.ring()

    def join(self, seconds: float) -> bool:
        """True when the thread has ended within the time."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Its thread runs; a vital one also gets on."""
        return self._thread.is_alive() and not (self.vital and self.hangs)

    @property
    def hangs(self) -> str:
        """A remark when the turn in hand has taken too long; empty otherwise."""
        began = self._began
        took = time.monotonic() - began if began is not None else 0.0
        return f"hangs in one turn for {took:.0f} s" if took > self.too_long.total_seconds() else ""

    def _run(self) -> None:
        _here.stopping = self.stopping
        while not self.stopping.is_set():
            more, rest = self._one_turn()
            if not more and not self.stopping.is_set():
                self.bell.wait(rest.total_seconds())

    def _one_turn(self) -> tuple[bool, timedelta]:
        self._began = time.monotonic()
        try:
            more = self.turn()
        except (StoreBusy, StoreError) as error:
            self._tell(str(error), traceback=False)
            return False, AFTER_TROUBLE
        except Exception as error:  # noqa: BLE001 - the loop outlives any bug; the rows are kept
            self._tell(type(error).__name__, traceback=True)
            return False, AFTER_TROUBLE
        finally:
            self._began = None
        if self.trouble:
            self._log.info("loop recovered", loop=self.name)
        self.trouble = ""
        return (False, more) if isinstance(more, timedelta) else (more, self.pause)

    def _tell(self, trouble: str, *, traceback: bool) -> None:
        """Loud once; the same trouble again is silent."""
        if trouble != self.trouble:
            self._log.error("loop failed", loop=self.name, trouble=trouble, exc_info=traceback)
        self.trouble = trouble
