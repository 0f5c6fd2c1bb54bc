"""What was set aside before anything was made of it, and comes again in a form that can be read."""

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from syncd.model import Submission
from syncd.store import history
from syncd.store.inbox_rows import to_row
from syncd.store.prepared import Prepared
from syncd.store.schema import inbox, word

_SAID = ("received_at", "submitted_at", "raw", "sha256", "content_type", "content", "problem", "state", "due_at")


def mend(tx: Connection, now: int, number: int, row: dict[str, Any]) -> bool:
    """Whether the row was parked and says something else now. It stays one row, so that it counts once."""
    was = _PARKED_AS.run(tx, number=number).first()
    if was is None or was.raw == row["raw"]:
        return False
    said = {name: row[name] for name in _SAID}
    tx.execute(update(inbox).where(inbox.c.id == number).values(**said, fetched=None, attempts=0, lease=None))
    history.write(tx, [history.row(now, "mended", submission=number, reason=was.problem)])
    return True


def mended_at_once(row: dict[str, Any], submission: Submission) -> dict[str, Any]:
    """What changes in a row that came a moment ago, unreadable."""
    if row["state"] != "parked" or not submission.mends:
        return {}
    again = to_row(submission, row["key"])
    return {name: again[name] for name in _SAID}


_PARKED_AS = Prepared(
    select(inbox.c.raw, inbox.c.problem)
    .where(inbox.c.id == bindparam("number"), inbox.c.state == word("parked"), inbox.c.lead_id.is_(None))
    .with_for_update()
)
