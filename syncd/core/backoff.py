"""How long to wait before the next try: a pure function of the attempt; jitter comes in as an argument."""

from datetime import timedelta

FIRST = timedelta(seconds=2)
LONGEST = timedelta(hours=6)


def wait(attempt: int, jitter: float) -> timedelta:
    """Before try number `attempt + 1` (attempt >= 1); doubles up to six hours and keeps its spread there.

    `jitter` lies in [0, 1]; the result lies between half of the full wait and all of it.
    """
    doublings = min(max(attempt, 1) - 1, _MOST_DOUBLINGS)
    return min(FIRST * (1 << doublings), LONGEST) * (0.5 + jitter / 2)


_MOST_DOUBLINGS = (LONGEST // FIRST).bit_length()
