"""What became of claimed orders, as rows: one statement per kind of outcome, and a line of history each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, update

from syncd.core.looks import after_look, after_send
from syncd.model import Done, Lead, OrderKind, Outcome, Ref, Refusal, Unknown, Wait
from syncd.store import history
from syncd.store.content import storable
from syncd.store.database import micros
from syncd.store.prepared import Prepared
from syncd.store.schema import number, orders, word

LONGEST_REASON = 1000
OVERTAKEN = number(-1)
"""As the looks of a record that is in somebody's hand, and that somebody else has written meanwhile."""

WRITTEN_LATE = "written late, is written once more"
_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An order leased to us; its intent to be sent is committed."""

    id: int
    mark: str
    lead_id: str
    lead: Lead | None  # with a record order; a task or note carries all it needs
    kind: OrderKind
    wanted: int  # the revision that is sent now
    payload: Mapping[str, Any]
    attempts: int  # tries before this one that failed
    looks: int
    first_try_at: datetime
    sent_at: datetime | None  # an earlier call was sent and never answered
    ref: Ref | None  # of the order's own object
    record: Ref | None  # of the lead's record in this sink


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed order."""

    order: Claimed
    outcome: Outcome
    retry_after: timedelta = timedelta(0)  # for Wait, as the dispatcher decided
    give_up: bool = False
    in_doubt: bool = False  # for Wait: whether it was sent, nobody can say
    forget: bool = False  # for Wait: where its object was, for there is none any more

    @property
    def gone(self) -> bool:
        """Whether there is no object any more where the order had one."""
        return self.forget or (isinstance(self.outcome, Refusal) and self.outcome.gone)

    @property
    def parks(self) -> bool:
        return self.give_up or isinstance(self.outcome, Refusal)


def save(tx: Connection, sink: str, results: Sequence[Settled], now: int) -> None:
    """Write the outcomes of orders that are still ours, set by set."""
    sets: dict[int, tuple[Prepared, list[dict[str, Any]]]] = {}
    for result in results:
        statement, row = _row(result, now)
        sets.setdefault(id(statement), (statement, []))[1].append(row)
    for statement, rows in sets.values():
        statement.many(tx, rows)
    history.write(tx, [_told(result, sink, now) for result in results if _worth_telling(result)])


def raise_overtaken(tx: Connection, sink: str, results: Sequence[Settled], now: int) -> None:
    """Records that were written while somebody else had their orders: the CRM has no versions, and ours may be older.

    Who has such an order in hand, or has done it, does it once more; others write the newest anyway.
    """
    late = sorted((result.order for result in results if _may_have_written(result)), key=lambda order: order.mark)
    raised = [order for order in late if _OVERTAKEN.run(tx, number=order.id, now=now).first()]
    history.write(tx, [history.row(now, WRITTEN_LATE, lead=o.lead_id, order=o.id, sink=sink) for o in raised])


def _may_have_written(result: Settled) -> bool:
    of_record, outcome = result.order.kind is OrderKind.RECORD, result.outcome
    return of_record and (result.in_doubt or isinstance(outcome, Done | Unknown))


def _row(result: Settled, now: int) -> tuple[Prepared, dict[str, Any]]:
    order, outcome = result.order, result.outcome
    if isinstance(outcome, Done):
        link = outcome.ref.url or (order.ref.url if order.ref else "")
        made = {"what": outcome.ref.object, "reference": outcome.ref.id, "link": link}
        words = {name: storable(value, LONGEST_REASON) for name, value in made.items()}
        return _DONE, {"number": order.id, "revision": order.wanted, "now": now, **words}
    common = {"number": order.id, "said": storable(outcome.reason, LONGEST_REASON)}
    if result.parks:
        return (_GONE if result.gone else _PARKED), {**common, "due": now}
    if result.forget:
        return _AGAIN, {**common, "due": now}
    if isinstance(outcome, Unknown):
        return _UNKNOWN, {**common, **_looks(order, outcome, now)}
    tried = {"tries": order.attempts + _failed(outcome), "due": now + result.retry_after // _US}
    if result.in_doubt or order.sent_at:
        return _IN_DOUBT, {**common, **tried, "seen": 0 if result.in_doubt else order.looks}
    return _WAITING, {**common, **tried}


def _looks(order: Claimed, outcome: Unknown, now: int) -> dict[str, int]:
    """Looks in vain are counted from the last call that may have made the thing."""
    if outcome.looked and order.sent_at is not None:
        looks = order.looks + 1
        return {"seen": looks, "due": now + after_look(looks) // _US}
    return {"seen": 0, "due": now + after_send(now * _US - micros(order.first_try_at) * _US) // _US}


def _failed(outcome: Outcome) -> bool:
    return isinstance(outcome, Wait) and outcome.failed


_MINE = update(orders).where(orders.c.id == bindparam("number"))
_DONE = Prepared(
    _MINE.values(
        state=case(
            (orders.c.wanted > bindparam("revision"), word("waiting")),
            (orders.c.looks == OVERTAKEN, word("waiting")),
            else_=word("done"),
        ),
        done=bindparam("revision"), done_at=bindparam("now"), due_at=bindparam("now"),
        object=bindparam("what"), ref=bindparam("reference"), url=bindparam("link"),
        attempts=number(0), crashes=number(0), looks=number(0), doubt_at=None, first_try_at=None, reason=word(""),
        lease=None,
    )
)  # fmt: skip
_OVERTAKEN = Prepared(
    update(orders)
    .where(orders.c.id == bindparam("number"), orders.c.state.in_([word("done"), word("sending")]))
    .values(
        looks=case((orders.c.state == word("sending"), OVERTAKEN), else_=number(0)),
        doubt_at=case(
            (orders.c.state == word("done"), bindparam("now")), else_=orders.c.doubt_at
        ),  # ask before writing
        state=case((orders.c.state == word("done"), word("unknown")), else_=orders.c.state),
        due_at=case((orders.c.state == word("done"), bindparam("now")), else_=orders.c.due_at),
    )
    .returning(orders.c.id)
)
_NOT_DONE = _MINE.values(reason=bindparam("said"), due_at=bindparam("due"), lease=None)
_DOUBT = func.coalesce(orders.c.doubt_at, orders.c.intent_at)
_PARKED = Prepared(_NOT_DONE.values(state=word("parked")))
_NOWHERE = _NOT_DONE.values(object=None, ref=None, url=None, looks=number(0), doubt_at=None)
_GONE = Prepared(_NOWHERE.values(state=word("parked")))
_AGAIN = Prepared(_NOWHERE.values(state=word("waiting")))
_WAITING = Prepared(_NOT_DONE.values(state=word("waiting"), attempts=bindparam("tries")))
_UNSURE = _NOT_DONE.values(state=word("unknown"), looks=bindparam("seen"), doubt_at=_DOUBT)
_IN_DOUBT = Prepared(_UNSURE.values(attempts=bindparam("tries")))
_UNKNOWN = Prepared(_UNSURE)


def _worth_telling(result: Settled) -> bool:
    """A wait that will be tried again is told once, with its first attempt."""
    return result.parks or result.forget or not isinstance(result.outcome, Wait) or result.order.attempts == 0


def _told(result: Settled, sink: str, now: int) -> dict[str, Any]:
    order, outcome = result.order, result.outcome
    detail: dict[str, Any] = {"sink": sink, "kind": order.kind.value, "revision": order.wanted}
    if isinstance(outcome, Done):
        event = "made in the CRM" if outcome.created else "brought up to date in the CRM"
        detail |= {"object": outcome.ref.object, "ref": outcome.ref.id}
    else:
        detail["reason"] = outcome.reason[:LONGEST_REASON]
        if order.ref and result.gone:
            detail["was"] = order.ref.id
        lost = "answer lost" if isinstance(outcome, Unknown) or result.in_doubt else "has to wait"
        event = "parked" if result.parks else lost
    return history.row(now, event, lead=order.lead_id, order=order.id, **detail)
