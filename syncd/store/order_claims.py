"""Which orders are due, and how they are leased: a statement for each kind.

The kind stands in the text of each. SQLite plans a statement anew whenever a value is bound that an index has in its
WHERE (https://www.sqlite.org/partialindex.html), and that takes several times what the statement does.
"""

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select, update

from syncd.model import OrderKind
from syncd.store.prepared import Prepared
from syncd.store.schema import FRAIL, OPEN, number, one_of, orders, word

DOUBT = func.coalesce(orders.c.doubt_at, orders.c.intent_at)
"""Since when it is in doubt whether an order whose call has not ended was sent."""

_READ = (
    orders.c.id, orders.c.mark, orders.c.lead_id, orders.c.kind, orders.c.urgency, orders.c.wanted,
    orders.c.payload, orders.c.attempts, orders.c.looks, orders.c.first_try_at, orders.c.doubt_at,
    orders.c.object, orders.c.ref, orders.c.url,
)  # fmt: skip


_OPEN = one_of(orders.c.state, OPEN)
_SENDING = orders.c.state == word("sending")
"""Due and still so: in the hands of one that died. Whoever queued at the end of that lease would wait for a whole
backlog again.
"""


def _due(kind: OrderKind, state: ColumnElement[bool] = _OPEN) -> tuple[ColumnElement[bool], ...]:
    return (
        orders.c.sink == bindparam("sink"),
        orders.c.kind == word(kind.value),
        state,
        orders.c.due_at <= bindparam("now"),
    )


def _sound(kind: OrderKind, state: ColumnElement[bool] = _OPEN) -> "Select[tuple[int]]":
    return select(orders.c.id).where(*_due(kind, state), orders.c.attempts < number(FRAIL))


def _most_frail(kind: OrderKind) -> "Select[tuple[int, str, int, str]]":
    """One, of those that failed least: then each has its turn, even beside one that kills the daemon."""
    return (
        select(orders.c.id, orders.c.state, orders.c.crashes, orders.c.lead_id)
        .where(*_due(kind), orders.c.attempts >= number(FRAIL))
        .order_by(orders.c.crashes, orders.c.due_at, orders.c.id)
        .limit(number(1))
    )


FRAIL_KINDS = Prepared(
    select(orders.c.kind)
    .where(
        orders.c.sink == bindparam("sink"),
        _OPEN,
        orders.c.attempts >= number(FRAIL),
        orders.c.due_at <= bindparam("now"),
    )
    .distinct()
)
ANY_DUE = {kind: Prepared(_sound(kind).limit(number(1))) for kind in OrderKind}
ANY_LEFT = {kind: Prepared(_sound(kind, _SENDING).limit(number(1))) for kind in OrderKind}
TAKE_FRAIL = {kind: Prepared(_most_frail(kind).with_for_update(skip_locked=True)) for kind in OrderKind}


def _claim(due: "Select[tuple[int]]") -> Prepared:
    """Lease what `due` finds and note that it is about to be sent; what another daemon holds is passed over."""
    chosen = due.with_for_update(skip_locked=True).cte("due").prefix_with("MATERIALIZED")
    more = case((_SENDING, number(1)), else_=number(0))
    return Prepared(
        update(orders)
        .where(orders.c.id.in_(select(chosen.c.id)))
        .values(
            doubt_at=case((_SENDING, DOUBT), else_=orders.c.doubt_at),
            attempts=orders.c.attempts + more,
            crashes=orders.c.crashes + more,
            looks=case((_SENDING, number(0)), else_=orders.c.looks),  # those before this call say nothing of it
            state=word("sending"),
            intent_at=bindparam("now"),
            first_try_at=func.coalesce(orders.c.first_try_at, bindparam("now")),
            lease=bindparam("token"),
            due_at=bindparam("until"),
        )
        .returning(*_READ)
    )


def _oldest(sound: "Select[tuple[int]]") -> "Select[tuple[int]]":
    return sound.order_by(orders.c.urgency.desc(), orders.c.due_at, orders.c.id).limit(bindparam("most"))


def _newest(sound: "Select[tuple[int]]") -> "Select[tuple[int]]":
    """Within one class of urgency, so that the index brings them in this order too."""
    urgencies = sound.with_only_columns(orders.c.urgency).order_by(orders.c.urgency.desc())
    of_one_class = sound.where(orders.c.urgency == urgencies.limit(number(1)).scalar_subquery())
    return of_one_class.order_by(orders.c.due_at.desc(), orders.c.id.desc()).limit(bindparam("most"))


CLAIM_LEFT = {
    kind: _claim(_sound(kind, _SENDING).order_by(orders.c.urgency.desc(), orders.c.id).limit(bindparam("most")))
    for kind in OrderKind
}
CLAIM = {kind: _claim(_oldest(_sound(kind))) for kind in OrderKind}
CLAIM_NEWEST = {kind: _claim(_newest(_sound(kind))) for kind in OrderKind}
CLAIM_ONE = _claim(select(orders.c.id).where(orders.c.id == bindparam("number")))
