"""Submissions that are set aside and that their source reads again: what was kept stays, the reading changes."""

from sqlalchemy import select, update

from syncd.model import Submission
from syncd.store import history
from syncd.store.content import dump_content, storable
from syncd.store.database import Database, micros
from syncd.store.inbox_rows import LONGEST_PROBLEM, checksum
from syncd.store.schema import ASIDE, inbox, one_of


class Rereading:
    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, number: int, reading: Submission) -> bool:
        """Answers, context and time are those of `reading`; it goes on to be planned, or is parked with its problem.

        Its key and its bytes stay. False for what is not set aside: a lead that has gone its way is not called back.
        """
        held = select(inbox.c.id, inbox.c.source, inbox.c.key, inbox.c.received_at, inbox.c.raw, inbox.c.state).where(
            inbox.c.id == number, one_of(inbox.c.state, ASIDE)
        )
        content = dump_content(reading.answers, reading.context)
        submitted = micros(reading.submitted_at) if reading.submitted_at else None
        with self.database.write() as tx:
            row = tx.execute(held.with_for_update()).one_or_none()
            if row is None:
                return False
            now = self.database.now_us()
            tx.execute(
                update(inbox)
                .where(inbox.c.id == number)
                .values(
                    content=content,
                    submitted_at=submitted,
                    sha256=checksum(row.raw, content, (row.source, row.key, row.received_at, submitted)),
                    problem=storable(reading.problem, LONGEST_PROBLEM),
                    state="parked" if reading.problem else "waiting",
                    due_at=now,
                    attempts=0,
                    lease=None,
                )
            )
            story = history.row(now, "read again", submission=number, was=row.state, reason=reading.problem)
            history.write(tx, [story])
        return True
