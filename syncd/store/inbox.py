"""Arrivals: kept once, claimed in batches, settled in the transaction that plans them."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from syncd.model import Page, Submission
from syncd.store import cursors, history, leases
from syncd.store.content import storable
from syncd.store.database import Database, in_parts, moment_or_none
from syncd.store.inbox_claims import ANY_LEFT, CLAIM, CLAIM_LEFT, CLAIM_ONE, FRAIL_ONE, RENEW, TAKE_FRAIL
from syncd.store.inbox_rows import LONGEST_PROBLEM, READ, Kept, read_kept, read_sound
from syncd.store.keeping import Accepted, keep
from syncd.store.prepared import Prepared
from syncd.store.receipts import Receipts
from syncd.store.schema import ASIDE, WHOLE, inbox, one_of, word

LEASE = timedelta(seconds=30)
CLAIMED_BYTES = 8 * 2**20
"""Raw bytes of one claim at most, unless one submission alone has more: what is read back takes several times that."""
CRASHES = 8
"""A submission that was in hand so often when a daemon died is set aside: it may be what kills it."""

_US = timedelta(microseconds=1)


class Inbox:
    """`receipts` has a second copy of everything before it is kept here."""

    def __init__(self, database: Database, receipts: Receipts | None = None) -> None:
        self.database, self.receipts = database, receipts

    def accept(self, submissions: Sequence[Submission]) -> Accepted:
        """Keep what is new in one durable transaction. A known (source, key) is counted, not kept again."""
        if self.receipts:
            self.receipts.keep(submissions)
        with self.database.write() as tx:
            return keep(tx, self.database, submissions)

    def accept_page(self, source: str, page: Page, fence: int | None = None, late: datetime | None = None) -> Accepted:
        """Keep a page and its cursor, both or neither. What is new and submitted before `late` is counted as healed.

        Raises LeaseLost when another daemon has taken the source over since `fence` was given.
        """
        if self.receipts:
            self.receipts.keep(page.submissions)
        with self.database.write() as tx:
            if fence is not None:
                leases.insist(tx, f"source:{source}", fence)
            accepted = keep(tx, self.database, page.submissions, late)
            if page.cursor is not None:
                cursors.move(tx, f"source:{source}", page.cursor, self.database.now_us())
            return accepted

    def rebuild(self, submissions: Sequence[Submission]) -> Accepted:
        """Keep what receipts tell of. What is new here may have reached the CRM before the store was lost: whatever
        is planned of it is looked for there before it is sent.
        """
        with self.database.write() as tx:
            first = (tx.execute(select(func.max(inbox.c.id))).scalar_one() or 0) + 1
            accepted = keep(tx, self.database, submissions)
            last = tx.execute(select(func.max(inbox.c.id))).scalar_one() or 0
            if accepted.new or accepted.mended:
                ranges = [*rebuilt(tx), *((number, number) for number in accepted.mended_rows), (first, last)]
                cursors.move(tx, _REBUILT, json.dumps(ranges), self.database.now_us())
            return accepted

    def probe(self) -> None:
        """Keep something durably, for its own sake. Raises StoreBusy when that cannot be done now."""
        if self.receipts:
            self.receipts.probe()
        with self.database.write() as tx:
            cursors.move(tx, "intake", "", self.database.now_us())

    def claim(self, most: int, room: int = CLAIMED_BYTES) -> tuple[str, list[Kept]]:
        """Lease up to `most` due submissions, oldest first; (lease token, submissions).

        So many as have `room` bytes of raw content together, and one in any case. Damaged rows are parked on the way.
        An expired lease makes its rows due again, before all others: they have waited longest. What has been tried
        often is left to `claim_frail`.
        """
        with self.database.write(durable=False) as tx:  # a claim that is lost is made again
            now = self.database.now_us()
            token = secrets.token_hex(8)
            claims = [CLAIM] if ANY_LEFT.run(tx, now=now).first() is None else [CLAIM_LEFT, CLAIM]
            found: list[Kept] = []
            for claim in claims:
                left = room - sum(len(kept.submission.raw) for kept in found)
                if len(found) < most and left > 0:
                    what = {"most": most - len(found), "room": left, "token": token, "until": now + LEASE // _US}
                    found += self._sound(tx, claim.all(tx, now=now, **what))
            return token, sorted(found, key=lambda kept: (kept.submission.received_at, kept.id))

    def claim_frail(self) -> tuple[str, list[Kept]]:
        """Lease one due submission that has been tried often, if there is one: it is planned alone."""
        with self.database.read() as tx:
            if FRAIL_ONE.run(tx, now=self.database.now_us()).first() is None:
                return "", []
        with self.database.write() as tx:
            now = self.database.now_us()
            row = TAKE_FRAIL.run(tx, now=now).first()
            if row is None:
                return "", []
            if row.attempts >= CRASHES:
                self._park(tx, {row.id: f"the daemon ended {CRASHES} times while this was being planned"})
                return "", []
            token = secrets.token_hex(8)
            taken = CLAIM_ONE.all(tx, number=row.id, token=token, until=now + LEASE // _US)
            return token, self._sound(tx, taken)

    def _sound(self, tx: Connection, rows: Sequence[Any]) -> list[Kept]:
        """Those that can be read back; damaged ones are parked."""
        sound, broken = [], {}
        for row in rows:
            try:
                sound.append(read_sound(row))
            except ValueError as error:
                broken[row.id] = str(error)
        self._park(tx, broken)
        return sound

    def _park(self, tx: Connection, reasons: dict[int, str]) -> None:
        if reasons:
            now = self.database.now_us()
            rows = [{"number": number, "reason": reason} for number, reason in sorted(reasons.items())]
            _PARK.many(tx, rows)
            history.write(tx, [history.row(now, "parked", submission=n, reason=why) for n, why in reasons.items()])

    def renew(self, token: str, ids: Sequence[int]) -> None:
        """Prolong a lease; rows that somebody else has taken over, or that are just being saved, are left."""
        with self.database.write() as tx:
            RENEW.run(tx, ids=list(ids), token=token, until=self.database.now_us() + LEASE // _US)

    def release(self, token: str, ids: Sequence[int], after: timedelta, *, tried: bool = True) -> None:
        """Give back unplanned work, due again after a while; `tried`: it has used up an attempt."""
        with self.database.write() as tx:
            tx.execute(
                update(inbox)
                .where(inbox.c.id.in_(ids), inbox.c.lease == token, inbox.c.state == word("waiting"))
                .values(
                    lease=None,
                    due_at=self.database.now_us() + after // _US,
                    attempts=inbox.c.attempts - (0 if tried else 1),
                )
            )

    def take_over(self) -> int:
        """Make every leased submission due at once; only for a store that had one owner, who is gone."""
        with self.database.write() as tx:
            return tx.execute(
                update(inbox)
                .where(inbox.c.state == word("waiting"), inbox.c.lease.is_not(None))
                .values(due_at=self.database.now_us())
            ).rowcount

    def park(self, token: str, submission_id: int, reason: str) -> bool:
        """Set aside for a person, with the reason; False when somebody else has taken the row over."""
        with self.database.write() as tx:
            if _STILL_MINE.run(tx, number=submission_id, token=token).first() is None:
                return False
            self._park(tx, {submission_id: storable(reason, LONGEST_PROBLEM)})
        return True

    def wake(self, ids: Sequence[int], *, trusted: bool = False) -> int:
        """Have submissions planned again, with all attempts to spare; how many there were.

        `trusted`: a person has looked at them and says that they are not junk.
        """
        count = 0
        for part in in_parts(sorted(ids)):
            with self.database.write() as tx:
                count += self._wake(tx, part, trusted=trusted)
        return count

    def _wake(self, tx: Connection, ids: Sequence[int], *, trusted: bool) -> int:
        now = self.database.now_us()
        held = select(inbox.c.id, inbox.c.state, inbox.c.problem).where(
            inbox.c.id.in_(ids), one_of(inbox.c.state, ASIDE)
        )
        rows = tx.execute(held.order_by(inbox.c.id).with_for_update()).all()
        fresh = {"state": "waiting", "due_at": now, "attempts": 0, "lease": None, "problem": ""}
        tx.execute(
            update(inbox)
            .where(inbox.c.id.in_([row.id for row in rows]))
            .values(**fresh, **({"trusted": True} if trusted else {}))
        )
        story = [history.row(now, "released by hand", submission=r.id, was=r.state, reason=r.problem) for r in rows]
        history.write(tx, story)
        return len(rows)

    def read(self, submission_id: int) -> Kept | None:
        with self.database.read() as tx:
            row = tx.execute(select(*READ).where(inbox.c.id == submission_id)).one_or_none()
        return read_kept(row) if row else None

    def waiting(self) -> tuple[int, datetime | None]:
        """How many submissions wait to be planned, and since when the oldest does. Those that are announced do not."""
        with self.database.read() as tx:
            count, oldest = tx.execute(
                select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == word("waiting"), WHOLE)
            ).one()
        return count, moment_or_none(oldest)


_REBUILT = "rebuilt"


def rebuilt(tx: Connection) -> list[tuple[int, int]]:
    """Numbers of submissions, first and last of each batch, that came back from receipts."""
    ranges = json.loads(cursors.value(tx, _REBUILT) or "[]")
    return [(int(first), int(last)) for first, last in ranges]


_STILL_MINE = Prepared(
    select(inbox.c.id).where(inbox.c.id == bindparam("number"), inbox.c.lease == bindparam("token")).with_for_update()
)


_PARK = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("number"))
    .values(state="parked", problem=bindparam("reason"), lease=None)
)
