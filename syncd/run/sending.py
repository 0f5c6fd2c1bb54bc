"""Claimed orders as the connector's words, and the calls that bring them out. One outcome per order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd import log
from syncd.core.cleaning.emails import clean_email
from syncd.core.playbook import Playbook
from syncd.core.record import allowed_fields, owner_for
from syncd.model import (
    Done,
    Known,
    Lead,
    LeadKeys,
    NoteOrder,
    OrderKind,
    Outcome,
    OwnerRef,
    RecordOrder,
    Refusal,
    TaskOrder,
    Unknown,
)
from syncd.run.hold import Hold
from syncd.run.line import Line
from syncd.store.content import read_known
from syncd.store.database import moment
from syncd.store.outcomes import Claimed

FRESH = timedelta(seconds=60)
"""So long the planner's look-up may be trusted; a form must not overwrite what a rep types meanwhile."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one call brought, and owners that the CRM had and we did not know of."""

    outcomes: Sequence[Outcome]
    owners: Sequence[tuple[Claimed, OwnerRef]] = ()


class Sending:
    """Translates for one sink. Everything raised by the connector passes through."""

    def __init__(self, line: Line, playbook: Callable[[], Playbook]) -> None:
        self.line, self.playbook = line, playbook
        self._log = log.get("sending").bind(sink=line.name)

    def send(self, kind: OrderKind, orders: Sequence[Claimed], hold: Hold) -> Sent:
        """Raises Overslept, and has sent nothing, when `hold` has run out before the call that would write."""
        if kind is OrderKind.RECORD:
            return self._send_records(orders, hold)
        if kind is OrderKind.TASK:
            tasks = [self._task(order) for order in orders]
            hold.insist()
            return Sent(self.line.call("tasks", lambda: self.line.sink.add_tasks(tasks)))
        notes = [self._note(order) for order in orders]
        hold.insist()
        return Sent(self.line.call("notes", lambda: self.line.sink.add_notes(notes)))

    def _send_records(self, orders: Sequence[Claimed], hold: Hold) -> Sent:
        known = self._known(orders)
        made = [self._record(order, there) for order, there in zip(orders, known, strict=True)]
        instead = [self._without_call(order, record) for order, record in zip(orders, made, strict=True)]
        hold.insist()
        answered = self._upsert([record for record, outcome in zip(made, instead, strict=True) if outcome is None])
        outcomes = [next(answered) if outcome is None else outcome for outcome in instead]
        found = [
            (order, there.owner)
            for order, there in zip(orders, known, strict=True)
            if there and there.owner and there.owner.active and not order.payload.get("reassign")
        ]
        return Sent(outcomes, found)

    def _without_call(self, order: Claimed, record: RecordOrder) -> Outcome | None:
        """What became of an order that need not or must not be sent."""
        if order.ref is not None and record.known is None:
            sink = self.line.name
            return Refusal(f"the record was deleted in {sink}: `syncd retry` makes it again", gone=True)
        return Done(record.known.ref, created=False) if record.known and not _has_news(order, record) else None

    def _upsert(self, records: Sequence[RecordOrder]) -> Iterator[Outcome]:
        if not records:
            return iter(())
        answered = self.line.call("records", lambda: self.line.sink.upsert(records))
        if len(answered) != len(records):
            self._log.error("connector answered for another number of records")
            return iter([Unknown("the connector answered for another number of records")] * len(records))
        return iter(answered)

    def _known(self, orders: Sequence[Claimed]) -> list[Known | None]:
        """What the planner was told, where that is fresh; otherwise the CRM is asked, once for all."""
        now = self.line.state.database.now_us()  # as the planner noted it
        stale = [order for order in orders if not _is_fresh(order, now)]
        told: dict[int, Known | None] = {}
        if stale:
            keys = [_keys(order) for order in stale]
            found = self.line.call("find", lambda: self.line.sink.find(keys))
            told = {order.id: there for order, there in zip(stale, found, strict=True)}
        return [told[order.id] if order.id in told else _told(order) for order in orders]

    def _record(self, order: Claimed, known: Known | None) -> RecordOrder:
        owner = None
        if known is None or known.owner is None or not known.owner.active or order.payload.get("reassign"):
            owner = self._owner(_lead(order).owner, order)
        return RecordOrder(
            mark=order.mark,
            keys=_keys(order) if known is None else _at(_keys(order), known),
            fields=allowed_fields(_lead(order), known, self.playbook()),
            owner=owner,
            known=known,
            sent_at=order.sent_at,
            looks=order.looks,
            due_at=_lead(order).due_at,
        )

    def _task(self, order: Claimed) -> TaskOrder:
        payload = order.payload
        return TaskOrder(
            mark=order.mark,
            record=_record_of(order),
            subject=payload["subject"],
            body=payload["body"],
            due_at=moment(payload["due_at"]),
            zone=payload["zone"],
            owner=self._owner(payload["owner"], order),
            kind=payload["kind"],
            priority=payload["priority"],
            ref=order.ref,
            sent_at=order.sent_at,
            looks=order.looks,
        )

    def _note(self, order: Claimed) -> NoteOrder:
        return NoteOrder(
            mark=order.mark,
            record=_record_of(order),
            body=order.payload["body"],
            at=moment(order.payload["at"]),
            owner=None,
            sent_at=order.sent_at,
            looks=order.looks,
        )

    def _owner(self, owner: str, order: Claimed) -> OwnerRef | None:
        found, remark = owner_for(owner, self.line.name, self.playbook(), self.line.owners())
        if remark:
            self._log.warning("owner replaced", order=order.id, remark=remark)
        return found


def _keys(order: Claimed) -> LeadKeys:
    fields = _lead(order).fields
    email = clean_email(fields.get("email", ""))
    phone = fields.get("phone", "")
    return LeadKeys(
        lead=order.lead_id,
        emails=(email.display,) if email else (),
        phone=phone if phone.startswith("+") else "",
        ref=order.ref,
        company_domain="" if email is None or email.freemail or email.disposable else email.registrable,
    )


def _lead(order: Claimed) -> Lead:
    if order.lead is None:
        raise ValueError("a record order comes with its lead")
    return order.lead


def _at(keys: LeadKeys, known: Known) -> LeadKeys:
    return LeadKeys(keys.lead, keys.emails, keys.phone, known.ref, keys.company_domain)


def _is_fresh(order: Claimed, now_us: int) -> bool:
    asked: Any = order.payload.get("asked_at")
    tried = order.attempts > 0 or order.sent_at is not None  # then the record may be there by now
    outdated = order.ref is not None and not order.payload.get("known")  # it was made since
    return asked is not None and not tried and not outdated and 0 <= now_us - asked < FRESH // timedelta(microseconds=1)


def _told(order: Claimed) -> Known | None:
    parts = order.payload.get("known")
    return read_known(parts) if parts else None


def _has_news(order: Claimed, record: RecordOrder) -> bool:
    """A record that we made or found before, and that already holds everything, is left alone."""
    return order.ref is None or bool(record.fields) or record.owner is not None


def _record_of(order: Claimed) -> Any:
    if order.record is None:
        raise ValueError("a task or note is due only when its record is there")
    return order.record


def age(order: Claimed, now: datetime) -> timedelta:
    return now.astimezone(UTC) - order.first_try_at
