"""Polls a source: page after page, each kept with its cursor, tidied up only after the commit."""

from datetime import timedelta

from syncd import log
from syncd.connector import Fates, PullSource, PushSource, Reporting
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Rejected, Retryable
from syncd.run.bell import Bell
from syncd.run.follower import HANDOVER
from syncd.run.health import Health
from syncd.run.loop import asked_to_stop
from syncd.store import cursors, leases
from syncd.store.inbox import Inbox

LATE = timedelta(minutes=15)
"""What was submitted so long ago and is fetched was missed by its webhook, which comes within seconds."""

_TROUBLE = (Ambiguous, AuthFailed, RateLimited, Refused, Rejected, Retryable)


class Poller:
    """One per polled source; of several daemons only the one that holds the lease polls."""

    def __init__(
        self, name: str, source: PullSource, inbox: Inbox, wake: Bell, holder: str, health: Health,
        fates: Fates | None = None,
    ) -> None:  # fmt: skip
        """`fates`: for sources that tell what became of their submissions."""
        self.name, self.source, self.inbox, self.fates = name, source, inbox, fates
        self.wake, self.holder, self.health = wake, holder, health
        self.source_takes_posts = isinstance(source, PushSource) and getattr(source, "takes_posts", True)
        self._log = log.get("poller").bind(source=name)

    def turn(self) -> bool | timedelta:
        """Read everything that is there; always False: the next look is due after the pause."""
        fence = leases.hold(self.inbox.database, f"source:{self.name}", self.holder)
        if fence is None:
            return HANDOVER
        if self.health.intake.closed_for:  # a full disk: what is there will still be there later
            return False
        note = f"source:{self.name}"
        try:
            self._poll(fence)
        except leases.LeaseLost:
            self._log.info("another daemon polls this source now")
        except _TROUBLE as error:
            if self.health.notes.get(note) != str(error):
                self._log.warning("polling failed", reason=str(error))
            self.health.notes[note] = str(error)
        else:
            if self.health.notes.pop(note, ""):
                self._log.info("polling works again")
        return False

    def _poll(self, fence: int) -> None:
        """A source that cannot be read now may still tell what became of what it has brought."""
        try:
            self._read(fence)
        except _TROUBLE:
            self._report()
            raise
        self._report()

    def _report(self) -> None:
        if self.fates and isinstance(self.source, Reporting) and not asked_to_stop():
            self.source.report(self.fates)

    def _read(self, fence: int) -> None:
        cursor = cursors.read(self.inbox.database, f"source:{self.name}")
        heals = cursor is not None and self.source_takes_posts  # the first fetch brings history
        for page in self.source.pages(cursor):
            if asked_to_stop():
                return
            leases.hold(self.inbox.database, f"source:{self.name}", self.holder)
            late = self.inbox.database.now() - LATE if heals else None
            accepted = self.inbox.accept_page(self.name, page, fence, late)
            if page.settle:
                page.settle()
            if accepted.new or accepted.mended:
                self._log.info(
                    "page kept",
                    new=accepted.new,
                    repeated=accepted.repeated,
                    healed=accepted.late,
                    mended=accepted.mended,
                )
                self.wake.ring()
