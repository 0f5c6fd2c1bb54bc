"""Counts now and then that the four promises hold, and says so aloud when one does not."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd import log
from syncd.store.database import Database
from syncd.store.proof import Proof, prove

FIRST = timedelta(minutes=10)
EVERY = timedelta(hours=1)
SHARE = 100
"""A count that takes long is made less often: at most this part of the time is spent on it."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What the last count found."""

    at: datetime  # aware, UTC
    proof: Proof
    broken: dict[str, int] = field(default_factory=dict)  # promise -> how many rows break it; 20 of one kind at most


class Auditor:
    """`last` is what the metrics show; None until the first count."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.last: Audit | None = None
        self._begun = False
        self._log = log.get("auditor")

    def turn(self) -> timedelta:
        """Count once; when to count again. A daemon that has just started is left to its work first."""
        if not self._begun:
            self._begun = True
            return FIRST
        started = time.monotonic()
        self.audit()
        return max(EVERY, timedelta(seconds=SHARE * (time.monotonic() - started)))

    def audit(self) -> Audit:
        before = self.last
        proof = prove(self.database)
        self.last = audit = Audit(self.database.now(), proof, _broken(proof))
        if any(audit.broken.values()) and (before is None or before.broken != audit.broken):
            for check in proof.checks:
                if check.broken:
                    self._log.error("promise broken", promise=check.promise, what=check.what, rows=check.broken)
            if not proof.balanced:
                self._log.error("balance broken", received=proof.received, classes=proof.classes)
        return audit


def _broken(proof: Proof) -> dict[str, int]:
    """Every promise, so that a metric of zero is told as well."""
    found: Counter[str] = Counter()
    for check in proof.checks:
        found[check.promise] += len(check.broken)
    found["nothing lost"] += not proof.balanced
    return dict(found)
