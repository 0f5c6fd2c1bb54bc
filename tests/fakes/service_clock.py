"""A fake service's own clock: real time plus what the test advanced, or standing still."""

from datetime import UTC, datetime, timedelta


class ServiceClock:
    def __init__(self, start: datetime | None) -> None:
        """With `start` (aware) the clock stands there and moves only through `advance`."""
        self._start = start
        self._ahead = timedelta()

    def now(self) -> datetime:
        return (self._start or datetime.now(UTC)) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def rewind(self) -> None:
        self._ahead = timedelta()
