"""How much may come from one sender and to one source, decided before a body is read. No locks, nothing to sweep."""

import time
from dataclasses import dataclass

from syncd.run.replies import TooMany


class Buckets:
    """A bucket of `burst` by name, filled again at `rate` a second. For one thread alone."""

    def __init__(self, rate: float, burst: int) -> None:
        self._each, self._ahead = 1 / rate, burst / rate  # seconds
        self._full_at: dict[str, float] = {}
        self._full_before: dict[str, float] = {}  # not touched for a while: soon nothing will be known of them
        self._forget_at = 0.0

    def take(self, name: str, now: float) -> bool:
        """Take one, if there is one."""
        at = self._at(name, now) + self._each
        if at - now > self._ahead:
            return False
        self._full_at[name] = at
        return True

    def empty(self, name: str, now: float) -> bool:
        return self._at(name, now) + self._each - now > self._ahead

    def _at(self, name: str, now: float) -> float:
        """When it will be full; a bucket that nobody has touched for as long as it takes to fill is full."""
        if now >= self._forget_at:
            self._full_before, self._full_at = self._full_at, {}
            self._forget_at = now + self._ahead
        return max(self._full_at.get(name) or self._full_before.get(name, 0.0), now)


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    burst: int

    def buckets(self) -> Buckets:
        return Buckets(self.per_second, self.burst)


class Rates:
    """What comes to a source that anybody may post to is counted by sender and by source.

    Where senders have to prove who they are, only failed proofs are counted, by sender and source. So those who
    can prove it are never told to wait, whatever others do.
    """

    def __init__(self, address: Rate, source: Rate) -> None:
        self._posts, self._all_posts, self._failures = address.buckets(), source.buckets(), address.buckets()

    def admit(self, source: str, sender: str, *, locked: bool) -> None:
        """Raises TooMany. `sender` is empty where many stand behind an address: that is not counted."""
        if not sender:
            return
        now = time.monotonic()
        if locked:
            if self._failures.empty(f"{source} {sender}", now):
                raise TooMany("too many wrong proofs from this address")
        elif not self._posts.take(sender, now):
            raise TooMany("too many posts from this address")
        elif not self._all_posts.take(source, now):
            raise TooMany("too many posts to this source")

    def failed(self, source: str, sender: str) -> None:
        """Somebody could not prove who they are."""
        if sender:
            self._failures.take(f"{source} {sender}", time.monotonic())


NO_LIMIT = Rate(1e9, 1_000_000_000)
