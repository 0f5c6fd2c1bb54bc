"""What becomes of submissions as they come: new rows, repeats that are counted, and rows that are mended."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from syncd.core.probe import is_probe
from syncd.model import Submission
from syncd.store import arrivals, counters
from syncd.store.announced import make_whole
from syncd.store.content import storable
from syncd.store.database import Database, micros
from syncd.store.inbox_rows import ROW, Names, to_row
from syncd.store.mended import mend, mended_at_once
from syncd.store.prepared import Prepared, among
from syncd.store.schema import inbox

_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Accepted:
    new: int
    repeated: int
    late: int = 0  # of the new ones, where it was asked for
    mended: int = 0  # took the place of what was parked: nothing is received twice
    mended_rows: Sequence[int] = field(default=(), compare=False)  # their numbers


def keep(
    tx: Connection, database: Database, submissions: Sequence[Submission], late: datetime | None = None
) -> Accepted:
    """A known (source, key) is counted, not kept again. What is new and submitted before `late` counts as healed."""
    known = [(submission, Names.of(submission)) for submission in submissions]
    database.take_turns(tx, (f"inbox {one.source} {storable(one.key, len(one.key))}" for one in submissions))
    there = _there(tx, known)
    whole: dict[int, Submission] = {}
    fresh: dict[tuple[str, str], dict[str, Any]] = {}
    repeats: Counter[int] = Counter()
    mended: list[int] = []
    for submission, names in known:
        first = _first(submission, names, there)
        if first is None:
            row = fresh[submission.source, names.key] = to_row(submission, names.key)
            there[submission.source, names.key] = (None, row["received_at"], False)
        elif (number := there[first][0]) is None:
            fresh[first] |= mended_at_once(fresh[first], submission) | {"repeats": fresh[first]["repeats"] + 1}
        elif (
            submission.mends
            and not there[first][2]
            and mend(tx, database.now_us(), number, to_row(submission, names.key))
        ):
            mended.append(number)
        else:
            repeats[number] += 1
            if there[first][2] and not (submission.announced or submission.problem):
                whole[number] = submission
    if fresh:
        arrivals.add(tx, _heard(fresh, known))
        _INSERT.many(tx, list(fresh.values()))
        counters.add(tx, database, "received", Counter(source for source, _ in fresh))
    if repeats:
        _COUNT_REPEATS.many(tx, [{"number": number, "more": n} for number, n in sorted(repeats.items())])
    if whole:
        make_whole(tx, database.now_us(), whole)
    healed = _healed(fresh, late) if late else Counter()
    counters.add(tx, database, "healed", healed)
    return Accepted(len(fresh), len(submissions) - len(fresh) - len(mended), healed.total(), len(mended), mended)


_There = dict[tuple[str, str], tuple[int | None, int, bool]]
"""(source, key) -> number of the row, None while it is new; when it was received; and whether it is announced alone."""


def _there(tx: Connection, known: Iterable[tuple[Submission, Names]]) -> _There:
    by_source: dict[str, set[str]] = {}
    for submission, names in known:
        by_source.setdefault(submission.source, set()).update(filter(None, (names.key, names.before)))
    return {
        (source, row.key): (row.id, row.received_at, bool(row.announced))
        for source, keys in by_source.items()
        for row in _THERE.all(tx, source=source, keys=sorted(keys))
    }


def _first(submission: Submission, names: Names, there: _There) -> tuple[str, str] | None:
    """The arrival that this one repeats, if it does."""
    if (submission.source, names.key) in there:
        return submission.source, names.key
    before = (submission.source, names.before)
    if submission.window is None or before not in there:
        return None
    age = micros(submission.received_at) - there[before][1]
    return before if age < submission.window // _US else None


def _healed(fresh: Mapping[tuple[str, str], Mapping[str, Any]], late: datetime) -> Counter[str]:
    """Source -> how many of these were submitted before that."""
    before = micros(late)
    return Counter(source for (source, _), row in fresh.items() if row["submitted_at"] and row["submitted_at"] < before)


def _heard(
    fresh: Mapping[tuple[str, str], dict[str, Any]], known: Iterable[tuple[Submission, Names]]
) -> list[dict[str, Any]]:
    """What says that its source is alive: a probe of ours does not."""
    ours = {(submission.source, names.key) for submission, names in known if is_probe(submission)}
    return [row for name, row in fresh.items() if name not in ours]


_INSERT = Prepared(insert(inbox).values({name: bindparam(name) for name in ROW}))
_THERE = Prepared(
    lambda sqlite: select(inbox.c.id, inbox.c.key, inbox.c.received_at, inbox.c.announced).where(
        inbox.c.source == bindparam("source"), among(inbox.c.key, "keys", sqlite=sqlite)
    )
)
_COUNT_REPEATS = Prepared(
    update(inbox).where(inbox.c.id == bindparam("number")).values(repeats=inbox.c.repeats + bindparam("more"))
)
