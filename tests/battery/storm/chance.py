"""What the seed decides: which fault sites are active, when one strikes, and what the time is."""

import hashlib
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from syncd.testing.clock import START

T = TypeVar("T")

ACTIVE = 4  # one site in four is active in a seed
OFTEN, SELDOM, RARE = 4, 12, 30
"""An active site strikes once in so many times: a turn makes one call, a dozen transactions, and may die at each."""


class Violation(AssertionError):
    """A promise was broken. The message names the promise and the rows, never what a person typed."""


class Killed(BaseException):
    """The process in which this code ran is gone; no `except Exception` of its own can outlive it."""


class Bug(Exception):
    """What a connector raises that nobody thought of."""


class Chance:
    """`strikes` says whether a fault happens here and now. Sites are named by what fails and where.

    `only`: words of the sites that are active, and often strike, instead of a quarter of all of them.
    """

    def __init__(self, seed: int, only: tuple[str, ...] = ()) -> None:
        self.seed, self.random, self.only = seed, random.Random(seed), only
        self.calm = False
        self.trace: list[str] = []
        self._active: dict[str, bool] = {}

    def strikes(self, site: str, once_in: int = OFTEN) -> bool:
        if self.calm:
            return False
        active = self._active.get(site)
        if active is None:
            active = self._active[site] = self._is_active(site)
        struck = active and self.random.random() * (OFTEN if self.only else once_in) < 1
        if struck:
            self.tell(f"    ! {site}")
        return struck

    def _is_active(self, site: str) -> bool:
        if self.only:
            return any(word in site for word in self.only)
        return hashlib.blake2b(f"{self.seed} {site}".encode(), digest_size=2).digest()[0] % ACTIVE == 0

    def one(self, things: Sequence[T]) -> T:
        return things[self.random.randrange(len(things))]

    def one_in(self, times: float) -> bool:
        return self.random.random() * times < 1

    def seconds(self, most: float) -> float:
        """Small ones as often as large ones."""
        return float(most ** self.random.random())

    def tell(self, line: str) -> None:
        self.trace.append(line)


class VirtualClock:
    """The wall clock may be set wrong and right again; `monotonic` only ever goes on."""

    def __init__(self) -> None:
        self.at, self.steady = START, 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.steady

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.steady += seconds

    def jump(self, seconds: float) -> None:
        """Somebody, or a time server, sets the wall clock."""
        self.at += timedelta(seconds=seconds)
