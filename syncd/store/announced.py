"""Submissions of which a provider has told the id alone: leased while their answers are fetched, then made whole."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, false, func, null, select, update

from syncd.model import Submission
from syncd.store import history
from syncd.store.content import dump_content, storable
from syncd.store.database import Database, micros, moment
from syncd.store.inbox_claims import ANY_ANNOUNCED, CLAIM_ANNOUNCED, CLAIM_FRAIL_ANNOUNCED, CLAIM_LEFT_ANNOUNCED
from syncd.store.inbox_rows import LONGEST_PROBLEM, Kept, checksum, read_kept
from syncd.store.prepared import Prepared
from syncd.store.schema import ANNOUNCED, inbox, number, word

LEASE = timedelta(seconds=60)
"""An answer may take as long as the HTTP client waits for it; the heartbeat prolongs it."""

_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Announcements:
    """What is being fetched from one source."""

    source: str
    count: int
    oldest: datetime
    reason: str  # what was in the way last; empty while nothing was


class Announced:
    """Such rows are `waiting` like any other, and left alone by the planner until they are whole."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def any_due(self, source: str) -> bool:
        with self.database.read() as tx:
            return ANY_ANNOUNCED.run(tx, now=self.database.now_us(), from_source=source).first() is not None

    def claim(self, source: str, most: int) -> tuple[str, list[Kept]]:
        """Lease up to `most` that are due, oldest first; (lease token, submissions). An expired lease is due again,
        before all others.

        What has been tried often is leased alone, when there is nothing else: it may be what ends the daemon.
        """
        with self.database.write(durable=False) as tx:  # a claim that is lost is made again
            token = secrets.token_hex(8)
            now = self.database.now_us()
            due = {"now": now, "from_source": source, "token": token, "until": now + LEASE // _US}
            rows = list(CLAIM_LEFT_ANNOUNCED.all(tx, most=most, **due))
            if len(rows) < most:
                rows += CLAIM_ANNOUNCED.all(tx, most=most - len(rows), **due)
            rows = rows or list(CLAIM_FRAIL_ANNOUNCED.all(tx, **due))
        kept = sorted((read_kept(row) for row in rows), key=lambda each: (each.submission.received_at, each.id))
        return token, [replace(each, submission=replace(each.submission, problem="")) for each in kept]

    def whole(self, token: str, row: int, submission: Submission) -> bool:
        """Its answers are there: it goes on to be planned, or is parked with their `problem`.

        False when somebody else has taken it over, or a page of the provider's own list has brought it meanwhile.
        """
        with self.database.write() as tx:
            if _STILL_MINE.run(tx, number=row, token=token).first() is None:
                return False
            make_whole(tx, self.database.now_us(), {row: submission})
        return True

    def later(self, token: str, row: int, after: timedelta, reason: str, *, tried: bool = True) -> None:
        """Fetched again after a while; `tried`: it has used up an attempt."""
        with self.database.write() as tx:
            tx.execute(
                update(inbox)
                .where(inbox.c.id == row, inbox.c.lease == token, inbox.c.state == word("waiting"))
                .values(
                    lease=None,
                    due_at=self.database.now_us() + after // _US,
                    attempts=inbox.c.attempts - (0 if tried else 1),
                    **({"problem": storable(reason, LONGEST_PROBLEM)} if reason else {}),
                )
            )

    def waiting(self) -> list[Announcements]:
        """By source, with the words of the oldest trouble."""
        held = (
            select(inbox.c.source, func.count(), func.min(inbox.c.received_at), func.max(inbox.c.problem))
            .where(ANNOUNCED, inbox.c.state == word("waiting"))
            .group_by(inbox.c.source)
            .order_by(inbox.c.source)
        )
        with self.database.read() as tx:
            return [Announcements(row[0], row[1], moment(row[2]), row[3]) for row in tx.execute(held)]


def make_whole(tx: Connection, now: int, found: Mapping[int, Submission]) -> None:
    """Row -> what was fetched of it. What a person has set aside meanwhile is released, for now it can be read."""
    rows = tx.execute(
        select(inbox.c.id, inbox.c.source, inbox.c.key, inbox.c.received_at, inbox.c.raw, inbox.c.attempts)
        .where(inbox.c.id.in_(found), ANNOUNCED)
        .order_by(inbox.c.id)
        .with_for_update()
    ).all()
    _MAKE_WHOLE.many(tx, [_filled(row, found[row.id], now) for row in rows])
    history.write(tx, [history.row(now, "fetched", submission=row.id, attempts=row.attempts) for row in rows])


def _filled(row: Any, whole: Submission, now: int) -> dict[str, Any]:
    """The raw bytes stay those that were posted."""
    submitted = micros(whole.submitted_at) if whole.submitted_at else None
    content = dump_content(whole.answers, whole.context)
    return {
        "number": row.id,
        "said": content,
        "at": submitted,
        "sum": checksum(row.raw, content, (row.source, row.key, row.received_at, submitted)),
        "answer": whole.raw,
        "trouble": storable(whole.problem, LONGEST_PROBLEM),
        "then": "parked" if whole.problem else "waiting",
        "now": now,
    }


_STILL_MINE = Prepared(
    select(inbox.c.id).where(inbox.c.id == bindparam("number"), inbox.c.lease == bindparam("token")).with_for_update()
)
_MAKE_WHOLE = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("number"))
    .values(
        content=bindparam("said"),
        submitted_at=bindparam("at"),
        sha256=bindparam("sum"),
        fetched=bindparam("answer"),
        problem=bindparam("trouble"),
        state=bindparam("then"),
        announced=false(),
        due_at=bindparam("now"),
        attempts=number(0),
        lease=null(),
    )
)
