"""Submissions, leads and their parts as JSON text, and back. The only place that knows the stored shape."""

import zlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import orjson

from syncd.model import Answer, AnswerKind, Context, Known, Lead, LeadState, OwnerRef, Ref, Touch
from syncd.store.database import micros, moment, moment_or_none


def dump(value: object) -> str:
    """JSON for a text column. Half characters (lone surrogates), which no database keeps, become U+FFFD."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return orjson.dumps(_whole(value), option=orjson.OPT_NON_STR_KEYS).decode()


class Damaged(ValueError):
    """A stored text does not match the checksum at its end: the disk or the file is damaged."""

    def __init__(self) -> None:
        super().__init__("what is stored does not match its checksum: the disk or the file is damaged")


def seal(text: str) -> str:
    """JSON with a checksum behind it, for what goes out to a sink: SQLite has none of its own."""
    return f"{text}#{zlib.crc32(text.encode()):08x}"


def load(value: str) -> Any:
    """Raises Damaged for a sealed text whose checksum is another."""
    if value[-9:-8] != "#":
        return orjson.loads(value)
    text = value[:-9]
    if f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}" != value[-8:]:
        raise Damaged
    return orjson.loads(text)


def storable(text: str, most: int) -> str:
    """A text for a plain column: PostgreSQL keeps no NUL, and nobody keeps half characters."""
    short = text[:most]
    if short.isascii() and short.isprintable():
        return short
    return short.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _whole(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value


def dump_content(answers: tuple[Answer, ...], context: Context) -> str:
    """Answers as lists, [id, value, label, ref, kind] cut after the last part that is set."""
    rows = []
    for answer in answers:
        row: list[object] = [answer.id, answer.value, answer.label, answer.ref, answer.kind]
        if answer.kind is AnswerKind.TEXT:
            row = row[: 4 if answer.ref else 3 if answer.label else 2]
        rows.append(row)
    return dump({"answers": rows, "context": _set_parts(context)})


def load_content(text: str) -> tuple[tuple[Answer, ...], Context]:
    content = load(text)
    parts = content["context"]
    if "suspicions" in parts:
        parts["suspicions"] = tuple(parts["suspicions"])
    return tuple(_answer(row) for row in content["answers"]), Context(**parts)


def _answer(row: list[Any]) -> Answer:
    value = row[1] if isinstance(row[1], str) else tuple(row[1])
    if len(row) < 5:
        return Answer(row[0], value, *row[2:])
    return Answer(row[0], value, row[2], row[3], AnswerKind(row[4]))


_CONTEXT_DEFAULTS = {field.name: field.default for field in fields(Context)}
_TOUCH_DEFAULTS = {field.name: field.default for field in fields(Touch)}


def _set_parts(context: Context) -> dict[str, object]:
    return {name: value for name, default in _CONTEXT_DEFAULTS.items() if (value := getattr(context, name)) != default}


def dump_touch(touch: Touch | None) -> str | None:
    if touch is None:
        return None
    parts = {name: value for name, default in _TOUCH_DEFAULTS.items() if (value := getattr(touch, name)) != default}
    return seal(dump(parts))


def load_touch(text: str | None) -> Touch | None:
    if text is None:
        return None
    parts = load(text)
    for name in ("click_ids", "unresolved"):
        if name in parts:
            parts[name] = tuple(tuple(item) if isinstance(item, list) else item for item in parts[name])
    return Touch(**parts)


def lead_row(lead: Lead) -> dict[str, Any]:
    return {
        "id": lead.id,
        "state": lead.state.value,
        "created_at": micros(lead.created_at),
        "updated_at": micros(lead.updated_at),
        "revision": lead.revision,
        "fields": seal(dump(dict(lead.fields))),
        "source": lead.source,
        "lead_source": lead.lead_source,
        "first_touch": dump_touch(lead.first_touch),
        "last_touch": dump_touch(lead.last_touch),
        "interactions": lead.interactions,
        "owner": lead.owner,
        "rule": lead.rule,
        "stage": lead.stage,
        "junk_score": lead.junk_score,
        "due_at": micros(lead.due_at) if lead.due_at else None,
        "open_task": lead.open_task,
        "answered_at": micros(lead.answered_at) if lead.answered_at else None,
    }


def read_lead(row: Any) -> Lead:
    """From a row of `leads` (any object with its columns as attributes)."""
    return Lead(
        id=row.id,
        state=LeadState(row.state),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        revision=row.revision,
        fields=load(row.fields),
        source=row.source,
        lead_source=row.lead_source,
        first_touch=load_touch(row.first_touch),
        last_touch=load_touch(row.last_touch),
        interactions=row.interactions,
        owner=row.owner,
        rule=row.rule,
        stage=row.stage,
        junk_score=row.junk_score,
        due_at=moment_or_none(row.due_at),
        open_task=row.open_task,
        answered_at=moment_or_none(row.answered_at),
    )


def known_parts(known: Known) -> dict[str, Any]:
    """A sink's answer as plain values, to travel with an order."""
    return {
        "ref": [known.ref.object, known.ref.id, known.ref.url],
        "owner": _owner_parts(known.owner),
        "account_owner": _owner_parts(known.account_owner),
        "values": dict(known.values),
        "customer": known.customer,
    }


def read_known(parts: dict[str, Any]) -> Known:
    return Known(
        ref=Ref(*parts["ref"]),
        owner=_read_owner(parts["owner"]),
        account_owner=_read_owner(parts["account_owner"]),
        values=parts["values"],
        customer=parts["customer"],
    )


def _owner_parts(owner: OwnerRef | None) -> list[Any] | None:
    return None if owner is None else [owner.id, owner.email, owner.name, owner.active, owner.queue]


def _read_owner(parts: list[Any] | None) -> OwnerRef | None:
    return None if parts is None else OwnerRef(*parts)
