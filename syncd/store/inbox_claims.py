"""The statements by which submissions are leased: each is planned once, and none waits for another daemon's rows."""

from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, bindparam, func, literal_column, select, update

from syncd.store.inbox_rows import READ
from syncd.store.prepared import Prepared, among
from syncd.store.schema import ANNOUNCED, FRAIL, WHOLE, inbox, number, word


def _claim(due: "Select[tuple[int]]") -> Prepared:
    """Lease what `due` finds; a row that another daemon holds is passed over."""
    chosen = due.with_for_update(skip_locked=True).cte("due").prefix_with("MATERIALIZED")
    return Prepared(_leased(select(chosen.c.id)))


def _leased(ids: "Select[tuple[int]]") -> Executable:
    return (
        update(inbox)
        .where(inbox.c.id.in_(ids))
        .values(lease=bindparam("token"), due_at=bindparam("until"), attempts=inbox.c.attempts + number(1))
        .returning(*READ)
    )


_FIRST = inbox.c.attempts < number(FRAIL)
_WAITS = (inbox.c.state == word("waiting"), inbox.c.due_at <= bindparam("now"))
_IS_DUE = (*_WAITS, WHOLE)


def _claim_what_fits(*which: ColumnElement[bool]) -> Prepared:
    """As `_claim`. The length of a blob stands in front of its row: nothing of the others is read."""
    size = func.length(inbox.c.raw).label("size")
    due = select(inbox.c.id, inbox.c.due_at, size).where(*which, *_IS_DUE, _FIRST).order_by(inbox.c.due_at, inbox.c.id)
    chosen = due.limit(bindparam("most")).with_for_update(skip_locked=True).cte("due").prefix_with("MATERIALIZED")
    sizes = func.sum(chosen.c.size).over(order_by=(chosen.c.due_at, chosen.c.id))
    summed = select(chosen.c.id, (sizes - chosen.c.size).label("before"), sizes.label("upto")).subquery("summed")
    fitting = select(summed.c.id).where((summed.c.before == number(0)) | (summed.c.upto <= bindparam("room")))
    return Prepared(_leased(fitting))


CLAIM = _claim_what_fits()
_LEFT = inbox.c.lease.is_not(None)
"""In the hands of one that died. What queued at the end of that lease would wait for a whole backlog again."""

ANY_LEFT = Prepared(select(inbox.c.id).where(_LEFT, *_IS_DUE, _FIRST).limit(number(1)))
CLAIM_LEFT = _claim_what_fits(_LEFT)
_TO_FETCH = select(inbox.c.id).where(ANNOUNCED, *_WAITS, inbox.c.source == bindparam("from_source"))
_OLDEST = (inbox.c.due_at, inbox.c.id)
ANY_ANNOUNCED = Prepared(_TO_FETCH.limit(number(1)))
CLAIM_ANNOUNCED = _claim(_TO_FETCH.where(_FIRST).order_by(*_OLDEST).limit(bindparam("most")))
_OF_SOURCE = inbox.c.source.concat(literal_column("''")) == bindparam("from_source")
"""Written so that SQLite does not take the source's own index, which has its whole backlog."""

CLAIM_LEFT_ANNOUNCED = _claim(
    select(inbox.c.id).where(_LEFT, ANNOUNCED, *_WAITS, _OF_SOURCE, _FIRST).order_by(*_OLDEST).limit(bindparam("most"))
)
CLAIM_FRAIL_ANNOUNCED = _claim(
    _TO_FETCH.where(inbox.c.attempts >= number(FRAIL)).order_by(inbox.c.attempts, *_OLDEST).limit(number(1))
)
CLAIM_ONE = _claim(select(inbox.c.id).where(inbox.c.id == bindparam("number")))

_MOST_FRAIL = (
    select(inbox.c.id, inbox.c.attempts)
    .where(*_IS_DUE, inbox.c.attempts >= number(FRAIL))
    .order_by(inbox.c.attempts, inbox.c.due_at, inbox.c.id)
    .limit(number(1))
)
"""One, of those tried least: then each has its turn, even beside one that kills the daemon."""

FRAIL_ONE, TAKE_FRAIL = Prepared(_MOST_FRAIL), Prepared(_MOST_FRAIL.with_for_update(skip_locked=True))


def _renew(sqlite: bool) -> Any:
    mine = select(inbox.c.id).where(among(inbox.c.id, "ids", sqlite=sqlite), inbox.c.lease == bindparam("token"))
    free = mine.with_for_update(skip_locked=True).cte("mine").prefix_with("MATERIALIZED")
    return update(inbox).where(inbox.c.id.in_(select(free.c.id))).values(due_at=bindparam("until"))


RENEW = Prepared(_renew)
