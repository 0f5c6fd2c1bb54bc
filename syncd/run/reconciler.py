"""Once a night: the provider's own list against what is kept here, and from there against the CRM."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from syncd import log
from syncd.connector import LooksBack, Page
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Rejected, Retryable
from syncd.run.bell import Bell
from syncd.run.follower import HANDOVER
from syncd.run.loop import asked_to_stop
from syncd.run.poller import LATE
from syncd.store import balances, leases
from syncd.store.balances import Balance
from syncd.store.inbox import Inbox
from syncd.store.inbox_rows import Names
from syncd.store.reports import Reports

NIGHT = time(3, 0)
SPREAD = timedelta(hours=1)
"""Sources do not all ask at once, and each asks at the same minute every night."""

AGAIN = timedelta(hours=1)
_TROUBLE = (Ambiguous, AuthFailed, RateLimited, Refused, Rejected, Retryable)


class Interrupted(Exception):
    """The daemon stops: the rest is looked through next time."""


class Reconciler:
    """One per source that can be asked; of several daemons only the one that holds the lease asks."""

    def __init__(
        self, name: str, source: LooksBack, inbox: Inbox, reports: Reports, zone: ZoneInfo, wake: Bell, holder: str
    ) -> None:
        self.name, self.source, self.inbox, self.reports = name, source, inbox, reports
        self.zone, self.wake, self.holder = zone, wake, holder
        self._since_start = inbox.database.now()
        self._log = log.get("reconciler").bind(source=name)

    def turn(self) -> timedelta:
        """Look through the list where a night has come since; how long to rest until the next look at the clock."""
        database = self.inbox.database
        now = database.now()
        last = balances.read(database, self.name)
        due = next_night(max(last.at, self._since_start) if last else self._since_start, self.zone, self.name)
        if now < due:
            return min(due - now, AGAIN)
        if leases.hold(database, f"reconcile:{self.name}", self.holder) is None:
            return HANDOVER
        try:
            balance = look_through(self.name, self.source, self.inbox, self.reports, now - self.source.reconciled)
        except _TROUBLE as error:
            self._log.warning("not reconciled", reason=str(error))
            return AGAIN
        except Interrupted:
            return timedelta(0)
        balances.keep(database, self.name, balance)
        self._tell(balance)
        return AGAIN

    def _tell(self, balance: Balance) -> None:
        say = self._log.warning if balance.fetched or balance.missing else self._log.info
        say("reconciled", listed=balance.listed, fetched=balance.fetched, missing=balance.missing)
        if balance.fetched:
            self.wake.ring()


def look_through(
    name: str,
    source: LooksBack,
    inbox: Inbox,
    reports: Reports,
    since: datetime,
    each: Callable[[Page], object] = lambda _: None,
) -> Balance:
    """Everything the provider has since then is kept here afterwards, and counted by what became of it.

    `each` is told of every page. Raises what `pages` raises, and Interrupted.
    """
    listed: set[Names] = set()
    fetched = 0
    for page in source.pages(source.since(since)):
        if asked_to_stop():
            raise Interrupted
        fetched += inbox.accept_page(name, Page(page.submissions, None), late=inbox.database.now() - LATE).new
        listed.update(map(Names.of, page.submissions))
        each(page)
    return Balance(inbox.database.now(), since, len(listed), fetched, balances.count(reports, name, listed))


def next_night(after: datetime, zone: ZoneInfo, name: str) -> datetime:
    """The next three o'clock in that zone, and this source's part of the hour behind it; aware, UTC."""
    local = after.astimezone(zone)
    share = timedelta(seconds=crc32(name.encode()) % int(SPREAD.total_seconds()))
    for days in range(3):
        at = datetime.combine(local.date() + timedelta(days=days), NIGHT, zone) + share
        if at.astimezone(UTC) > after:
            return at.astimezone(UTC)
    raise AssertionError("one of three nights is yet to come")
