"""Arrivals: kept once, claimed in batches, settled in the transaction that plans them."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.model import Page, Submission
from syncd.store import counters, cursors, leases
from syncd.store.content import dump_content, load_content
from syncd.store.database import Database, micros, moment, moment_or_none
from syncd.store.schema import inbox

LEASE = timedelta(seconds=30)
DAMAGED = "the stored bytes do not match their checksum: the disk or the file is damaged"


@dataclass(frozen=True, slots=True)
class Kept:
    """A submission as it stands in the inbox."""

    id: int
    submission: Submission
    attempts: int
    lead_id: str = ""
    trusted: bool = False  # a person has said that it is not junk


@dataclass(frozen=True, slots=True)
class Accepted:
    new: int
    repeated: int


class Inbox:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._insert = (
            sqlite.insert(inbox).on_conflict_do_nothing(index_elements=["source", "key"])
            if database.sqlite
            else postgresql.insert(inbox).on_conflict_do_nothing(index_elements=["source", "key"])
        )

    def accept(self, submissions: Sequence[Submission]) -> Accepted:
        """Keep what is new in one durable transaction. A known (source, key) is counted, not kept again."""
        with self.database.write() as tx:
            return self._keep(tx, submissions)

    def accept_page(self, source: str, page: Page, fence: int | None = None) -> Accepted:
        """Keep a page and its cursor, both or neither.

        Raises LeaseLost when another daemon has taken the source over since `fence` was given.
        """
        with self.database.write() as tx:
            if fence is not None:
                leases.insist(tx, f"source:{source}", fence)
            accepted = self._keep(tx, page.submissions)
            if page.cursor is not None:
                cursors.move(tx, f"source:{source}", page.cursor, self.database.now_us())
            return accepted

    def _keep(self, tx: Connection, submissions: Sequence[Submission]) -> Accepted:
        rows = {(s.source, key): _row(s, key) for s in submissions for key in [_windowed_key(s)]}
        repeats = self._known(tx, rows) | self._within_window(tx, submissions)
        fresh = [row for name, row in rows.items() if name not in repeats]
        if fresh:
            tx.execute(self._insert, fresh)
        if repeats:
            tx.execute(_COUNT_REPEAT, [{"s": source, "k": key} for source, key in repeats])
        again = len(submissions) - len(fresh)
        counters.add(tx, self.database, "received", _by_source(fresh))
        return Accepted(len(fresh), again)

    def _known(self, tx: Connection, names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        by_source: dict[str, list[str]] = {}
        for source, key in names:
            by_source.setdefault(source, []).append(key)
        for source, keys in by_source.items():
            found.update((source, key) for (key,) in tx.execute(_KNOWN, {"source": source, "keys": keys}))
        return found

    def _within_window(self, tx: Connection, submissions: Sequence[Submission]) -> set[tuple[str, str]]:
        """Content hashes seen in the slot before this one, but still within the window."""
        earlier = {(s.source, _slot_key(s, -1)): s for s in submissions if s.window is not None}
        if not earlier:
            return set()
        repeats: set[tuple[str, str]] = set()
        for (source, key), submission in earlier.items():
            row = tx.execute(_RECEIVED, {"source": source, "key": key}).one_or_none()
            if row and submission.received_at - moment(row.received_at) < (submission.window or timedelta()):
                repeats.add((source, _windowed_key(submission)))
        return repeats

    def claim(self, most: int) -> tuple[str, list[Kept]]:
        """Lease up to `most` due submissions, oldest first; (lease token, submissions).

        Damaged rows are parked on the way. An expired lease makes its rows due again.
        """
        now, token = self.database.now_us(), secrets.token_hex(8)
        due = (
            select(inbox.c.id)
            .where(inbox.c.state == "waiting", inbox.c.due_at <= now)
            .order_by(inbox.c.due_at)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("due")
            .prefix_with("MATERIALIZED")
        )
        claimed = (
            update(inbox)
            .where(inbox.c.id.in_(select(due.c.id)))
            .values(lease=token, due_at=now + LEASE // timedelta(microseconds=1), attempts=inbox.c.attempts + 1)
            .returning(*_READ)
        )
        with self.database.write() as tx:
            rows = sorted(tx.execute(claimed).all(), key=lambda row: row.id)
            sound = [row for row in rows if hashlib.sha256(row.raw).digest() == row.sha256]
            self._park_damaged(tx, {row.id for row in rows} - {row.id for row in sound})
        return token, [read_kept(row) for row in sound]

    def _park_damaged(self, tx: Connection, ids: set[int]) -> None:
        if ids:
            tx.execute(update(inbox).where(inbox.c.id.in_(ids)).values(state="parked", problem=DAMAGED, lease=None))

    def renew(self, token: str, ids: Sequence[int]) -> bool:
        """Prolong a lease; False when somebody else has taken the rows over."""
        until = self.database.now_us() + LEASE // timedelta(microseconds=1)
        with self.database.write() as tx:
            kept = tx.execute(
                update(inbox).where(inbox.c.id.in_(ids), inbox.c.lease == token).values(due_at=until)
            ).rowcount
        return kept == len(ids)

    def release(self, token: str, ids: Sequence[int], after: timedelta) -> None:
        """Give back unplanned work, due again after a while."""
        due = self.database.now_us() + after // timedelta(microseconds=1)
        with self.database.write() as tx:
            tx.execute(
                update(inbox)
                .where(inbox.c.id.in_(ids), inbox.c.lease == token, inbox.c.state == "waiting")
                .values(lease=None, due_at=due)
            )

    def take_over(self) -> int:
        """Make every leased submission due at once; only for a store that had one owner, who is gone."""
        with self.database.write() as tx:
            return tx.execute(
                update(inbox)
                .where(inbox.c.state == "waiting", inbox.c.lease.is_not(None))
                .values(lease=None, due_at=self.database.now_us())
            ).rowcount

    def park(self, submission_id: int, reason: str) -> None:
        """Set aside for a person, with the reason."""
        with self.database.write() as tx:
            tx.execute(
                update(inbox)
                .where(inbox.c.id == submission_id)
                .values(state="parked", problem=reason[:1000], lease=None)
            )

    def wake(self, ids: Sequence[int], *, trusted: bool = False) -> int:
        """Have submissions planned again, with all attempts to spare; how many there were.

        `trusted`: a person has looked at them and says that they are not junk.
        """
        values = {
            "state": "waiting",
            "due_at": self.database.now_us(),
            "attempts": 0,
            "lease": None,
            "problem": "",
        }
        with self.database.write() as tx:
            return tx.execute(
                update(inbox)
                .where(inbox.c.id.in_(ids), inbox.c.state.in_(("parked", "quarantined", "suppressed")))
                .values(**values, **({"trusted": True} if trusted else {}))
            ).rowcount

    def read(self, submission_id: int) -> Kept | None:
        with self.database.read() as tx:
            row = tx.execute(select(*_READ).where(inbox.c.id == submission_id)).one_or_none()
        return read_kept(row) if row else None

    def waiting(self) -> tuple[int, datetime | None]:
        """How many submissions wait to be planned, and since when the oldest does."""
        with self.database.read() as tx:
            count, oldest = tx.execute(
                select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == "waiting")
            ).one()
        return count, moment_or_none(oldest)


_READ = (
    inbox.c.id,
    inbox.c.source,
    inbox.c.key,
    inbox.c.received_at,
    inbox.c.submitted_at,
    inbox.c.raw,
    inbox.c.sha256,
    inbox.c.content_type,
    inbox.c.content,
    inbox.c.problem,
    inbox.c.attempts,
    inbox.c.lead_id,
    inbox.c.trusted,
)
_KNOWN = select(inbox.c.key).where(
    inbox.c.source == bindparam("source"), inbox.c.key.in_(bindparam("keys", expanding=True))
)
_RECEIVED = select(inbox.c.received_at).where(inbox.c.source == bindparam("source"), inbox.c.key == bindparam("key"))
_COUNT_REPEAT = (
    update(inbox)
    .where(inbox.c.source == bindparam("s"), inbox.c.key == bindparam("k"))
    .values(repeats=inbox.c.repeats + 1)
)


def read_kept(row: Any) -> Kept:
    answers, context = load_content(row.content)
    submission = Submission(
        source=row.source,
        key=row.key,
        received_at=moment(row.received_at),
        answers=answers,
        raw=row.raw,
        content_type=row.content_type,
        submitted_at=moment_or_none(row.submitted_at),
        context=context,
        problem=row.problem,
    )
    return Kept(row.id, submission, row.attempts, row.lead_id or "", bool(row.trusted))


def _row(submission: Submission, key: str) -> dict[str, Any]:
    received = micros(submission.received_at)
    return {
        "source": submission.source,
        "key": key,
        "received_at": received,
        "submitted_at": micros(submission.submitted_at) if submission.submitted_at else None,
        "raw": submission.raw,
        "sha256": hashlib.sha256(submission.raw).digest(),
        "content_type": submission.content_type[:200],
        "content": dump_content(submission.answers, submission.context),
        "problem": submission.problem[:1000],
        "state": "parked" if submission.problem else "waiting",
        "due_at": received,
    }


def _windowed_key(submission: Submission) -> str:
    """The key itself, or for content hashes the hash and the number of its time slot."""
    return submission.key[:300] if submission.window is None else _slot_key(submission, 0)


def _slot_key(submission: Submission, offset: int) -> str:
    window = micros(submission.received_at) // (
        (submission.window or timedelta(minutes=1)) // timedelta(microseconds=1)
    )
    return f"{submission.key[:280]}:{window + offset}"


def _by_source(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["source"]] = counts.get(row["source"], 0) + 1
    return counts
