"""Signals that came before we knew whom they are about: the sink made a record or task, and its answer was lost.

They are kept for as long as an order of that sink is in doubt, in the order in which they were said.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from syncd.model import Ref, Signal, SignalKind
from syncd.store import cursors
from syncd.store.content import dump, load
from syncd.store.database import micros, moment
from syncd.store.prepared import Prepared
from syncd.store.schema import HELD, OPEN, one_of, orders, word

MOST = 1000
"""The oldest are let go beyond that: so many in doubt at once is a sink whose read-back has nothing to say of them."""


def read(tx: Connection, sink: str) -> list[Signal]:
    return [_signal(parts) for parts in load(cursors.value(tx, _name(sink)) or "[]")]


def keep(tx: Connection, sink: str, strangers: Sequence[Signal], before: Sequence[Signal], now: int) -> None:
    """These instead of those of before; nobody's signals when nothing is in doubt."""
    kept = list(dict.fromkeys(strangers))[-MOST:] if strangers and _in_doubt(tx, sink) else []
    if kept != list(before):
        cursors.move(tx, _name(sink), dump([_parts(signal) for signal in kept]), now)


def _name(sink: str) -> str:
    return f"early:{sink}"


def _in_doubt(tx: Connection, sink: str) -> bool:
    return bool(_IN_DOUBT.run(tx, sink=sink).scalar_one())


_CALLED = and_(one_of(orders.c.state, OPEN), or_(orders.c.state == word("sending"), orders.c.state == word("unknown")))
_SET_ASIDE = and_(one_of(orders.c.state, HELD), orders.c.doubt_at.is_not(None))
_IN_DOUBT = Prepared(select(exists().where(orders.c.sink == bindparam("sink"), or_(_CALLED, _SET_ASIDE))))


def _parts(signal: Signal) -> list[Any]:
    return [signal.kind.value, signal.ref.object, signal.ref.id, micros(signal.at), signal.value]


def _signal(parts: list[Any]) -> Signal:
    kind, what, ref, at, value = parts
    return Signal(SignalKind(kind), Ref(what, ref), moment(at), value)
