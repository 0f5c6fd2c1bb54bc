"""A clock that moves only when the test says so."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning."""
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FakeClock:
    """Starts at `START` unless told otherwise; `monotonic` follows the same hands."""

    def __init__(self, start: datetime = START) -> None:
        self.started = self.at = start

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - self.started).total_seconds()

    def advance(self, **amount: float) -> datetime:
        """`advance(hours=2)`; the arguments of timedelta."""
        self.at += timedelta(**amount)
        return self.at

    def set(self, at: datetime) -> None:
        self.at = at

    def jump(self, **amount: float) -> None:
        """As if somebody had set the wall clock: `monotonic` stays where it is."""
        self.started += timedelta(**amount)
        self.advance(**amount)
