"""A bell that also rings when the source itself hears of something new."""

import time

from syncd import log
from syncd.protocols import Listening
from syncd.run.bell import Bell

SLICE = 1.0
"""Seconds that a source listens at a time, so that a ring, or the order to stop, never waits longer."""


class Ear(Bell):
    def __init__(self, name: str, source: Listening) -> None:
        super().__init__()
        self._name, self._source = name, source
        self._deaf = ""  # the bug that ended the listening; told once

    def wait(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            slice_end = time.monotonic() + min(left, SLICE)
            if self._hears(min(left, SLICE)) or super().wait(max(0.0, slice_end - time.monotonic())):
                return True
        return super().wait(0)

    def _hears(self, seconds: float) -> bool:
        try:
            return self._source.listen(seconds)
        except Exception as error:  # noqa: BLE001 - a bug in the connector: the polls go on as if it could not listen
            if self._deaf != type(error).__name__:
                log.get("poller").error("source does not listen", source=self._name, exc_info=error)
            self._deaf = type(error).__name__
            return False
