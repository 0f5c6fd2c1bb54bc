"""Fetches what was only announced: a provider posts an id, is answered 200, and is asked for the answers here."""

import random
from collections.abc import Callable
from datetime import timedelta

from syncd import log
from syncd.connector import Collecting, Submission
from syncd.core import backoff
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Rejected, Retryable, StoreBusy, StoreError
from syncd.run.bell import Bell
from syncd.run.follower import HANDOVER
from syncd.run.health import Health
from syncd.run.heartbeat import Heartbeat
from syncd.run.loop import asked_to_stop
from syncd.store import leases
from syncd.store.inbox_rows import Kept
from syncd.store.schema import FRAIL
from syncd.store.store import Store

UNIT = 20
TRIES = 40
"""Nearly a week, as backoff has it; then a person decides."""

TRIES_OF_A_BUG = 5
AFTER_LOGIN = timedelta(minutes=5)
_NEXT = timedelta(seconds=5)
"""For those that were claimed beside one that failed: the service may be away."""


class Collector:
    """One per source that is told ids; of several daemons the one that holds the lease asks, at the pace it may."""

    def __init__(
        self,
        name: str,
        source: Collecting,
        store: Store,
        wake: Bell,
        holder: str,
        health: Health,
        heartbeat: Heartbeat,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name, self.source, self.store, self.wake = name, source, store, wake
        self.holder, self.health, self.heartbeat, self.jitter = holder, health, heartbeat, jitter
        self._note = f"source:{name}:collector"
        self._log = log.get("collector").bind(source=name)

    def turn(self) -> bool | timedelta:
        """Fetch what is due; True when there may be more, a time when the service wants to be left alone."""
        if not self.store.announced.any_due(self.name):
            return False
        if leases.hold(self.store.database, f"collector:{self.name}", self.holder) is None:
            return HANDOVER
        token, claimed = self.store.announced.claim(self.name, UNIT)
        ids = [kept.id for kept in claimed]
        with self.heartbeat.keep(lambda: self.store.inbox.renew(token, ids)):
            return self._collect_all(token, claimed)

    def _collect_all(self, token: str, claimed: list[Kept]) -> bool | timedelta:
        whole = 0
        for place, kept in enumerate(claimed):
            pause = timedelta(0) if asked_to_stop() else self._collect(token, kept)
            if pause is not None:
                for rest in claimed[place:]:  # this one among them where it was not asked for
                    self.store.announced.later(token, rest.id, pause, "", tried=False)
                self._tell(whole)
                return pause
            whole += 1
        self._tell(whole)
        return len(claimed) == UNIT or any(kept.attempts > FRAIL for kept in claimed)  # such a one came alone

    def _tell(self, whole: int) -> None:
        if whole:
            self._log.info("answers fetched", count=whole)
            self.wake.ring()

    def _collect(self, token: str, kept: Kept) -> timedelta | None:
        """None when this one is settled and the next may be asked for; else how long to leave the service alone."""
        if kept.attempts > TRIES:  # `_again` would have parked it
            self._park(token, kept, f"the daemon ended while this was being fetched, the last of {TRIES} times")
            return None
        try:
            found = self.source.collect(kept.submission)
            _insist(kept.submission, found)
        except (Refused, Rejected) as error:
            self._park(token, kept, str(error))
            self._works()
            return None
        except RateLimited as error:
            return self._pause(token, kept, error.after, str(error))
        except AuthFailed as error:
            return self._pause(token, kept, AFTER_LOGIN, str(error))
        except (Retryable, Ambiguous) as error:
            after = max(backoff.wait(kept.attempts, self.jitter()), getattr(error, "after", None) or timedelta(0))
            return self._again(token, kept, after, str(error), TRIES)
        except (StoreBusy, StoreError):
            raise
        except Exception as error:  # noqa: BLE001 - a connector's bug; the others are still collected
            self._log.error("collecting failed", submission=kept.id, attempt=kept.attempts, exc_info=error)
            self._again(token, kept, timedelta(seconds=5 * kept.attempts), type(error).__name__, TRIES_OF_A_BUG)
            return None
        self.store.announced.whole(token, kept.id, found)
        self._works()
        return None

    def _works(self) -> None:
        if self.health.notes.pop(self._note, ""):
            self._log.info("fetching works again")

    def _pause(self, token: str, kept: Kept, after: timedelta, reason: str) -> timedelta:
        self.store.announced.later(token, kept.id, after, reason, tried=False)
        self._trouble(reason)
        return after

    def _again(self, token: str, kept: Kept, after: timedelta, reason: str, tries: int) -> timedelta | None:
        """Surely not fetched. The next is asked for after a moment, for the service may be away."""
        if kept.attempts >= tries:
            self._park(token, kept, f"not fetched after {kept.attempts} tries: {reason}")
            return None
        self.store.announced.later(token, kept.id, after, reason)
        self._trouble(reason)
        return _NEXT

    def _park(self, token: str, kept: Kept, reason: str) -> None:
        if self.store.inbox.park(token, kept.id, reason):
            self._log.warning("submission parked", submission=kept.id, source=self.name)

    def _trouble(self, reason: str) -> None:
        """Loud once; the same reason again is silent."""
        if self.health.notes.get(self._note) != reason:
            self._log.warning("fetching failed", reason=reason)
        self.health.notes[self._note] = reason


def _insist(announced: Submission, found: Submission) -> None:
    """Raises Rejected for an answer about somebody else."""
    if (found.source, found.key) != (announced.source, announced.key):
        raise Rejected("the provider answered with another submission than it was asked for")
