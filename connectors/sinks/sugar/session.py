"""The session of the v4_1 API: it ends when nobody uses it for a while, and nothing says when."""

from datetime import timedelta
from threading import Lock
from typing import Protocol

from syncd.connector import AuthFailed, Clock

QUIET = timedelta(seconds=30)  # in which a refused login is not tried again


class LogsIn(Protocol):
    def __call__(self) -> str: ...


class Session:
    """The one session of a process. Thread-safe: one logs in, the others wait for what it gets."""

    def __init__(self, log_in: LogsIn, clock: Clock) -> None:
        self._log_in, self._clock = log_in, clock
        self._lock = Lock()
        self._now, self._refusal, self._quiet_until = "", "", 0.0

    def token(self) -> str:
        with self._lock:
            return self._now or self._ask()

    def renew(self, stale: str) -> None:
        with self._lock:
            if self._now == stale:
                self._now = ""

    def _ask(self) -> str:
        if self._refusal and self._clock.monotonic() < self._quiet_until:
            raise AuthFailed(self._refusal)
        try:
            self._now = self._log_in()
        except AuthFailed as error:
            self._refusal = str(error)
            self._quiet_until = self._clock.monotonic() + QUIET.total_seconds()
            raise
        return self._now
