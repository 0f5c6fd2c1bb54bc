"""From decisions to orders: one record order per lead and sink, tasks and notes once per mark."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, update

from syncd.core.decision import Decision, NotePlan, TaskPlan
from syncd.model import Lead
from syncd.store.content import dump, known_parts, seal
from syncd.store.database import micros
from syncd.store.prepared import Prepared, insert_into
from syncd.store.schema import number, orders, word


def write(
    tx: Connection,
    landed: Sequence[tuple[int, Decision]],
    leads: Mapping[str, Lead],
    sinks: Sequence[str],
    record_sink: str,
    now: int,
) -> None:
    """Records are raised to the lead's newest revision; tasks and notes wait blocked for the record's ref.

    The record's next success unblocks them, and every new interaction raises the record, so a task can
    never be forgotten between the two.
    """
    records: dict[tuple[str, str], dict[str, Any]] = {}
    made: list[dict[str, Any]] = []
    raised: list[dict[str, Any]] = []
    for submission, decision in landed:
        for sink in sinks:
            lead = leads[decision.lead.id] if decision.lead else None
            if lead is None:
                continue
            common = {
                "lead_id": lead.id,
                "submission_id": submission,
                "sink": sink,
                "urgency": decision.urgency,
                "due_at": now,
                "created_at": now,
            }
            records[lead.id, sink] = _record(common, lead, decision, now, asked_here=sink == record_sink)
            if decision.task and decision.task.raises:
                raised.append(_raise(decision.task, sink, decision.urgency, now))
            elif decision.task:
                made.append(_blocked(common, "task", decision.task.mark, task_payload(decision.task)))
            if decision.note:
                made.append(_blocked(common, "note", decision.note.mark, _note_payload(decision.note)))
    if records:  # by mark: two that lock several rows must do so in one order
        rows = sorted(records.values(), key=lambda row: (row["mark"], row["sink"]))
        _RAISE_OR_MAKE_RECORD.many(tx, rows)
    _MAKE_ONCE.many(tx, made)
    _RAISE_TASK.many(tx, raised)


def _record(common: dict[str, Any], lead: Lead, decision: Decision, now: int, *, asked_here: bool) -> dict[str, Any]:
    payload: dict[str, Any] = {"reassign": decision.reassign}
    if asked_here and decision.asked:
        payload |= {"asked_at": now, "known": known_parts(decision.known) if decision.known else None}
    return {
        **common,
        "mark": lead.id,
        "kind": "record",
        "state": "waiting",
        "wanted": lead.revision,
        "done": 0,
        "payload": seal(dump(payload)),
    }


def _new(sqlite: bool) -> Any:
    return insert_into(orders, sqlite_=sqlite).values({name: bindparam(name) for name in _NEW})


_NEW = (
    "mark", "lead_id", "submission_id", "sink", "kind", "state", "urgency", "wanted", "done", "payload", "due_at",
    "created_at",
)  # fmt: skip


def _raise_or_make_record(sqlite: bool) -> Any:
    made = _new(sqlite)
    idle = or_(orders.c.state == word("done"), orders.c.state == word("parked"))
    return made.on_conflict_do_update(
        index_elements=["sink", "mark"],
        set_={
            "wanted": made.excluded.wanted,
            "payload": made.excluded.payload,
            "urgency": case((orders.c.urgency > made.excluded.urgency, orders.c.urgency), else_=made.excluded.urgency),
            "due_at": case((idle, made.excluded.due_at), else_=orders.c.due_at),
            "attempts": case((idle, number(0)), else_=orders.c.attempts),
            "reason": case((idle, word("")), else_=orders.c.reason),
            "first_try_at": case((idle, None), else_=orders.c.first_try_at),
            "state": case((idle, word("waiting")), else_=orders.c.state),
        },
    )


_RAISE_OR_MAKE_RECORD = Prepared(_raise_or_make_record)
_MAKE_ONCE = Prepared(lambda sqlite: _new(sqlite).on_conflict_do_nothing(index_elements=["sink", "mark"]))


def doubt(tx: Connection, submissions: Sequence[int], now: int) -> None:
    """What was ordered for these may be there already: it is looked for before it is sent."""
    tx.execute(
        update(orders)
        .where(orders.c.submission_id.in_(submissions), orders.c.doubt_at.is_(None))
        .values(doubt_at=now, state=case((orders.c.state == "waiting", "unknown"), else_=orders.c.state))
    )


def raise_records(tx: Connection, lead_id: str, revision: int, now: int) -> None:
    """The lead has changed: every sink is to get its new state."""
    idle = or_(orders.c.state == "done", orders.c.state == "parked")  # IN cannot go into an executemany
    tx.execute(
        update(orders)
        .where(orders.c.lead_id == lead_id, orders.c.kind == "record")
        .values(
            wanted=revision,
            due_at=case((idle, now), else_=orders.c.due_at),
            attempts=case((idle, 0), else_=orders.c.attempts),
            first_try_at=case((idle, None), else_=orders.c.first_try_at),
            reason=case((idle, ""), else_=orders.c.reason),
            state=case((idle, "waiting"), else_=orders.c.state),
        )
    )


def task_payload(task: TaskPlan) -> str:
    parts = {
        "subject": task.subject,
        "body": task.body,
        "due_at": micros(task.due_at),
        "zone": task.zone,
        "owner": task.owner,
        "kind": task.kind,
        "priority": task.priority,
    }
    return seal(dump(parts))


def _note_payload(note: NotePlan) -> str:
    return seal(dump({"body": note.body, "at": micros(note.at)}))


def _blocked(common: dict[str, Any], kind: str, mark: str, payload: str) -> dict[str, Any]:
    return {
        **common,
        "mark": mark,
        "kind": kind,
        "state": "blocked",
        "wanted": 1,
        "done": 0,
        "payload": payload,
    }


def _raise(task: TaskPlan, sink: str, urgency: int, now: int) -> dict[str, Any]:
    return {"m": task.mark, "s": sink, "p": task_payload(task), "u": urgency, "now": now}


_RAISE_TASK = Prepared(
    update(orders)
    .where(orders.c.mark == bindparam("m"), orders.c.sink == bindparam("s"), orders.c.kind == word("task"))
    .values(
        payload=bindparam("p"),
        wanted=orders.c.wanted + number(1),
        urgency=case((orders.c.urgency > bindparam("u"), orders.c.urgency), else_=bindparam("u")),
        due_at=case((orders.c.state == word("done"), bindparam("now")), else_=orders.c.due_at),
        state=case((orders.c.state == word("done"), word("waiting")), else_=orders.c.state),
    )
)
