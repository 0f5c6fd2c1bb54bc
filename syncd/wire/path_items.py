"""JSON of any shape as submissions: one object, a list, or a list inside; what is where, the config says by paths.

Paths are dotted and count lists from 0: "data.contact.emails.0". What no path names is kept too, under its own path.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from syncd.errors import Rejected
from syncd.model import Answer, Context, Submission
from syncd.wire.answering import path_answers
from syncd.wire.content_key import content_key, id_key, unreadable
from syncd.wire.options import SourceOptions
from syncd.wire.strict_json import json_bytes
from syncd.wire.values import Text, at_path, flatten, moment_of, text_at

RETRY_WINDOW = timedelta(hours=24)  # programs that got no answer send again for hours


class PathOptions(SourceOptions):
    items: str = Field("", description="path of the list of submissions; empty: the body is one, or a list")
    id: str = Field("", description="path of the sender's own id in a submission")
    time: str = Field("", description="path of the time of submission: ISO 8601, or seconds since 1970")
    form_id: str = Field("", description="path of the form's id")
    test: str = Field("", description="path that holds true in a test")
    fields: dict[str, str] = Field(default_factory=dict, description="name of an answer -> its path")


@dataclass(frozen=True, slots=True)
class Carrier:
    """What brought the JSON: a post, a message."""

    source: str
    kind: str  # the connector's word for itself, in what it says
    raw: bytes
    received_at: datetime
    content_type: str = "application/json"
    delivery: str = ""  # the same when it is repeated; empty: then the content says what is the same
    sent_at: datetime | None = None


def path_submissions(options: PathOptions, value: Any, carrier: Carrier) -> list[Submission]:
    """One that cannot be read never hides its neighbours. Raises Rejected where there is no object and no list."""
    where = options.items
    found = at_path(value, where) if where else value
    if not isinstance(found, dict | list):
        raise Rejected(f"{carrier.kind}: no object or list at {where or 'the top'}")
    items = found if isinstance(found, list) else [found]
    return [_one_of(options, items, place, carrier) for place in range(len(items))]


def unread(carrier: Carrier, why: str) -> Submission:
    """What an authenticated sender sent and nobody can read."""
    return unreadable(carrier.source, carrier.raw, carrier.received_at, why, carrier.content_type)


def _one_of(options: PathOptions, items: Sequence[Any], place: int, carrier: Carrier) -> Submission:
    item = items[place]
    if len(items) > 1:
        delivery = id_key(f"{carrier.delivery}#{place}") if carrier.delivery else ""
        carrier = replace(carrier, raw=json_bytes(item), delivery=delivery)
    if not isinstance(item, dict):
        return unread(carrier, f"{carrier.kind}: item {place} of the list is not an object")
    return _submission(options, item, carrier)


def _submission(options: PathOptions, item: Mapping[str, Any], carrier: Carrier) -> Submission:
    flat = list(flatten(item))
    answers = tuple(_answers(options, flat))
    key = id_key(text_at(item, options.id)) or carrier.delivery
    return Submission(
        source=carrier.source,
        key=key or content_key(carrier.source, flat),
        received_at=carrier.received_at,
        answers=answers,
        raw=carrier.raw,
        content_type=carrier.content_type,
        submitted_at=moment_of(at_path(item, options.time)) or carrier.sent_at,
        context=Context(
            form_id=text_at(item, options.form_id),
            test=text_at(item, options.test).lower() in _TRUE,
        ),
        window=None if key else RETRY_WINDOW,
        problem="" if answers else f"{carrier.kind}: nothing in it",
    )


def _answers(options: PathOptions, flat: Iterable[tuple[str, Text]]) -> Iterator[Answer]:
    named = {path: name for name, path in options.fields.items()}
    for answer in path_answers(flat):
        yield Answer(named[answer.id], answer.value, ref=answer.id) if answer.id in named else answer


_TRUE = ("yes", "true", "1")
