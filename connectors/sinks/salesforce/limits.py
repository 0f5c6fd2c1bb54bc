"""Calls of the last 24 hours, as each answer tells them; there is no limit on bursts.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
"""

from collections.abc import Mapping
from datetime import timedelta

from connectors.sinks.salesforce.transport import usage_in
from syncd.connector import Allowance

DAILY_PAUSE = timedelta(minutes=15)  # the 24 hours roll: calls come back little by little
BUSY_PAUSE = timedelta(seconds=10)  # too many long calls at once
PER_WINDOW, WINDOW = 2_000, timedelta(seconds=10)  # more than anybody sends


class Meter:
    """Remembers the last answer that said something."""

    def __init__(self) -> None:
        self._last: Allowance | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        used, most = usage_in(headers)
        if most > 0:
            self._last = Allowance(PER_WINDOW, WINDOW, left_today=max(0, most - used), per_day=most)

    def allowance(self) -> Allowance | None:
        return self._last
