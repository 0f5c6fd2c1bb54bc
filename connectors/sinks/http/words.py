"""What templates may say of a record, a task, a note or somebody looked for: the variables, with an example each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from syncd.connector import (
    EXTRA_FIELDS,
    FIELDS,
    LeadKeys,
    NoteOrder,
    OwnerRef,
    RecordOrder,
    Ref,
    Rejected,
    Sandbox,
    TaskOrder,
)

Values = Mapping[str, Any]
MOMENT = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
EVA = OwnerRef("eva@acme.example", "eva@acme.example", "Eva Muster")
KEYS = LeadKeys("L-SAMPLE", ("ada@beispiel.example",), "+49301234567", None, "beispiel.example")
FIELDS_OF_ADA = {
    **dict.fromkeys([*FIELDS, *EXTRA_FIELDS], "Example"),
    "email": "ada@beispiel.example", "first_name": "Ada", "last_name": "Beispiel", "company": "Beispiel GmbH",
    "phone": "+49301234567", "message": 'What does "it" cost?', "country": "DE", "lead_source": "Website",
}  # fmt: skip


def of_record(order: RecordOrder) -> Values:
    """`ref` is the id where the record is known, `due_at` when somebody must have answered."""
    ref = order.keys.ref or (order.known.ref if order.known else None)
    return {
        "mark": order.mark,
        **of_keys(order.keys),
        "ref": ref.id if ref else "",
        "fields": {**dict.fromkeys([*FIELDS, *EXTRA_FIELDS], ""), **order.fields},
        "due_at": _instant(order.due_at) if order.due_at else "",
        **_owner(order.owner),
    }


def of_task(order: TaskOrder) -> Values:
    """`due_date` and `due_time` are those of the owner's zone, `due_at` is UTC."""
    local = order.due_at.astimezone(ZoneInfo(order.zone))
    return {
        "mark": order.mark,
        "record": order.record.id,
        "ref": order.ref.id if order.ref else "",
        "subject": order.subject,
        "body": order.body,
        "due_at": _instant(order.due_at),
        "due_local": local.isoformat(timespec="seconds"),
        "due_date": local.date().isoformat(),
        "due_time": local.strftime("%H:%M"),
        "due_epoch": int(order.due_at.timestamp()),
        "zone": order.zone,
        "kind": order.kind,
        "priority": order.priority,
        **_owner(order.owner),
    }


def of_note(order: NoteOrder) -> Values:
    return {
        "mark": order.mark,
        "record": order.record.id,
        "body": order.body,
        "at": _instant(order.at),
        "at_epoch": int(order.at.timestamp()),
        **_owner(order.owner),
    }


def of_keys(keys: LeadKeys) -> Values:
    return {
        "lead": keys.lead,
        "ref": keys.ref.id if keys.ref else "",
        "email": keys.emails[0] if keys.emails else "",
        "phone": keys.phone,
        "domain": keys.company_domain,
    }


def _owner(owner: OwnerRef | None) -> Values:
    known = owner or OwnerRef("")
    return {"owner": known.id, "owner_email": known.email, "owner_name": known.name}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _part_of_address(value: object) -> str:
    """Percent-encoded, so that no value can leave its place. Raises Rejected for one that is no part of a path."""
    text = str(value)
    if text in ("", ".", ".."):
        raise Rejected("a part of the address is empty or only dots")
    return quote(text, safe="")


@dataclass(frozen=True)
class Words:
    """The language of one kind of request: for its values, and for its address."""

    sample: Values
    texts: Sandbox
    address: Sandbox


def _words(sample: Values) -> Words:
    return Words(sample, Sandbox(sample), Sandbox(sample, dress=_part_of_address))


_REF = Ref("record", "4711")
_task = partial(TaskOrder, "task-SAMPLE", _REF, "Call Ada Beispiel", "What does it cost?", MOMENT, "Europe/Berlin")
RECORD = RecordOrder("record-SAMPLE", KEYS, FIELDS_OF_ADA, EVA, due_at=MOMENT)
TASK = _task(owner=EVA, ref=Ref("task", "815"))
NOTE = NoteOrder("note-SAMPLE", _REF, "All that Ada has answered.", MOMENT, EVA)

RECORD_WORDS = _words({**of_record(RECORD), "ref": "4711"})
TASK_WORDS = _words(of_task(TASK))
NOTE_WORDS = _words(of_note(NOTE))
KEY_WORDS = _words({**of_keys(KEYS), "ref": "4711"})
MARK_WORDS = _words({"mark": "task-SAMPLE", "record": "4711"})
LINK_WORDS = _words({"id": "4711"})
