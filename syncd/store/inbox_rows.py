"""Submissions as rows of the inbox, and back. What arrived is kept as it came; its checksum says so."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from syncd.model import Submission
from syncd.store.content import dump_content, load_content, storable
from syncd.store.database import micros, moment, moment_or_none
from syncd.store.schema import inbox

LONGEST_KEY = 300
LONGEST_PROBLEM = 1000
DAMAGED = "the stored bytes do not match their checksum: the disk or the file is damaged"
UNREADABLE = "what is stored cannot be read back: "


@dataclass(frozen=True, slots=True)
class Kept:
    """A submission as it stands in the inbox."""

    id: int
    submission: Submission
    attempts: int
    lead_id: str = ""
    trusted: bool = False  # a person has said that it is not junk


@dataclass(frozen=True, slots=True)
class Names:
    """What a submission is known by. A content hash counts per slot of its window, and in the slot before."""

    key: str
    before: str = ""

    @classmethod
    def of(cls, submission: Submission) -> "Names":
        if submission.window is None:
            return cls(_short(submission.key))
        slot = micros(submission.received_at) // max(submission.window // timedelta(microseconds=1), 1)
        return cls(*(_short(f"{submission.key}:{number}") for number in (slot, slot - 1)))


def _short(key: str) -> str:
    """The key itself, or its beginning and a hash of the whole where the column is too narrow for it."""
    plain = storable(key, len(key))
    if len(plain) <= LONGEST_KEY:
        return plain
    return f"{plain[:200]}:{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def to_row(submission: Submission, key: str) -> dict[str, Any]:
    received = micros(submission.received_at)
    submitted = micros(submission.submitted_at) if submission.submitted_at else None
    content = dump_content(submission.answers, submission.context)
    return {
        "source": submission.source,
        "key": key,
        "received_at": received,
        "submitted_at": submitted,
        "raw": submission.raw,
        "sha256": checksum(submission.raw, content, (submission.source, key, received, submitted)),
        "content_type": storable(submission.content_type, 200),
        "content": content,
        "problem": storable(submission.problem, LONGEST_PROBLEM),
        "state": "parked" if submission.problem else "waiting",
        "due_at": received,
        "repeats": 0,
        "announced": submission.announced and not submission.problem,
    }


ROW = (
    "source", "key", "received_at", "submitted_at", "raw", "sha256", "content_type", "content", "problem", "state",
    "due_at", "repeats", "announced",
)  # fmt: skip
"""The columns that `to_row` fills."""


def checksum(raw: bytes, content: str, names: tuple[object, ...] = ()) -> bytes:
    """`names`: whatever else a decision rests on; rows of earlier versions are without."""
    digest = hashlib.sha256(raw)
    digest.update(content.encode())
    if names:
        digest.update(repr(names).encode("utf-8", "surrogatepass"))
    return digest.digest()


READ = (
    inbox.c.id, inbox.c.source, inbox.c.key, inbox.c.received_at, inbox.c.submitted_at, inbox.c.raw, inbox.c.sha256,
    inbox.c.content_type, inbox.c.content, inbox.c.problem, inbox.c.attempts, inbox.c.lead_id, inbox.c.trusted,
    inbox.c.announced,
)  # fmt: skip


def read_sound(row: Any) -> Kept:
    """Raises ValueError with the reason when the row has been damaged."""
    names = (row.source, row.key, row.received_at, row.submitted_at)
    if row.sha256 not in (checksum(row.raw, row.content, names), checksum(row.raw, row.content)):
        raise ValueError(DAMAGED)
    try:
        return read_kept(row)
    except (TypeError, LookupError, ValueError, OverflowError) as error:
        raise ValueError(UNREADABLE + type(error).__name__) from error


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
        announced=bool(row.announced),
    )
    return Kept(row.id, submission, row.attempts, row.lead_id or "", bool(row.trusted))
