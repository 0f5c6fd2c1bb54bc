"""Any program that posts JSON or form fields: automation tools, scripts, form builders without a connector.

One object is one submission; a list, or the list that `items` points to, is a batch. Paths are dotted and
count lists from 0: "data.contact.emails.0". What no path names is kept too, under its own path.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from syncd.connector import (
    Answer,
    AnswerKind,
    Context,
    Field,
    Finding,
    LockedSourceOptions,
    Plugin,
    Received,
    Rejected,
    Submission,
    Text,
    Tools,
    UnsupportedBody,
    WebRequest,
    content_key,
    flatten,
    form_fields,
    id_key,
    is_tracking,
    json_bytes,
    json_value,
    moment_of,
    open_locks,
    text_of,
    unreadable,
    without_uploads,
)

RETRY_WINDOW = timedelta(hours=24)  # programs that got no answer send again for hours
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Options(LockedSourceOptions):
    items: str = Field("", description="path of the list of submissions; empty: the body is one, or a list")
    id: str = Field("", description="path of the sender's own id in a submission")
    id_headers: tuple[str, ...] = Field(
        ("idempotency-key", "webhook-id", "svix-id", "x-request-id"),
        description="headers that are the same when a delivery is repeated; leave out those your proxy sets",
    )
    time: str = Field("", description="path of the time of submission: ISO 8601, or seconds since 1970")
    form_id: str = Field("", description="path of the form's id")
    test: str = Field("", description="path that holds true in a test")
    fields: dict[str, str] = Field(default_factory=dict, description="name of an answer -> its path")


class Webhook:
    """All locks that are configured must open."""

    takes = ("application/json", *FORMS)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name = options, tools.name

    def receive(self, request: WebRequest) -> Received:
        open_locks(self.options, request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, with all locks open."""
        try:
            body, request = _read(request)
            items = self._items(body)
        except Rejected as error:
            if isinstance(error, UnsupportedBody) or self.options.unsigned:
                raise
            return Received([self._unreadable(request, str(error))])
        return Received([self._one_of(items, place, request) for place in range(len(items))])

    def check(self) -> Sequence[Finding]:
        locks = ", ".join(self.options.locks())
        remedy = "" if locks else "have the sender sign, or set a token"
        return [Finding("who may post", ok=True, detail=locks or "anybody", remedy=remedy)]

    def close(self) -> None:
        """Nothing is open."""

    def _items(self, body: Any) -> list[Any]:
        where = self.options.items
        found = _at(body, where) if where else body
        if not isinstance(found, dict | list):
            raise Rejected(f"webhook: no object or list at {where or 'the top'}")
        return found if isinstance(found, list) else [found]

    def _one_of(self, items: Sequence[Any], place: int, request: WebRequest) -> Submission:
        """One that cannot be read never hides its neighbours."""
        item, of = items[place], len(items)
        if of > 1:
            request = replace(request, body=json_bytes(item))
        if not isinstance(item, dict):
            return self._unreadable(request, f"webhook: item {place} of the list is not an object")
        return self._submission(request, item, self._delivery_id(request, place, of))

    def _submission(self, request: WebRequest, item: Mapping[str, Any], delivery: str) -> Submission:
        flat = list(flatten(item))
        answers = tuple(self._answers(flat))
        key = id_key(_text_at(item, self.options.id)) or delivery
        return Submission(
            source=self.name,
            key=key or content_key(self.name, flat),
            received_at=request.received_at,
            answers=answers,
            raw=request.body,
            content_type=request.header("content-type"),
            submitted_at=moment_of(_at(item, self.options.time)),
            context=Context(
                form_id=_text_at(item, self.options.form_id),
                test=_text_at(item, self.options.test).lower() in _TRUE,
            ),
            window=None if key else RETRY_WINDOW,
            problem="" if answers else "webhook: nothing in it",
        )

    def _unreadable(self, request: WebRequest, why: str) -> Submission:
        return unreadable(self.name, request.body, request.received_at, why, request.header("content-type"))

    def _delivery_id(self, request: WebRequest, place: int, of: int) -> str:
        found = next(filter(None, map(request.header, self.options.id_headers)), "")
        return id_key(f"{found}#{place}" if found and of > 1 else found)

    def _answers(self, flat: Iterable[tuple[str, Text]]) -> Iterator[Answer]:
        named = {path: name for name, path in self.options.fields.items()}
        for path, text in flat:
            if path in named:
                yield Answer(named[path], text, ref=path)
            else:
                label, ref, kind = _usual_parts(path) if len(path) <= _CACHED_WITHIN else _parts(path)
                yield Answer(path, text, label, ref, kind)


_TRUE = ("yes", "true", "1")


def _read(request: WebRequest) -> tuple[Any, WebRequest]:
    """What the body says, and the request without uploads."""
    kind, header = request.content_type, request.header("content-type")
    if kind in FORMS:
        fields = form_fields(request.body, header)
        body, kept_as = without_uploads(request.body, header, fields)
        given = {field.name: field.value for field in fields}
        return given, replace(request, body=body, headers={**request.headers, "content-type": kept_as})
    if kind == "application/json" or kind.endswith("+json"):
        return json_value(request.body), request
    raise UnsupportedBody("webhook: neither JSON nor form fields")


def _at(value: Any, path: str) -> Any:
    """What the path leads to; None where it leads nowhere. A name with a dot in it wins over two steps."""
    if not path:
        return None
    if isinstance(value, dict) and path in value:
        return value[path]
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text_at(value: Any, path: str) -> str:
    text = text_of(_at(value, path))
    return text if isinstance(text, str) else "; ".join(text)


_THINGS = frozenset(
    {"account", "campaign", "company", "event", "field", "file", "form", "list", "organisation"}
    | {"organization", "owner", "page", "product", "project", "site", "source", "team", "workflow"}
)


def _parts(path: str) -> tuple[str, str, AnswerKind]:
    """Label, ref and kind of the answer at a path."""
    last = path.rpartition(".")[2]
    return (last, "", AnswerKind.HIDDEN) if is_tracking(last) else ("", _ref(path), AnswerKind.TEXT)


_usual_parts = lru_cache(maxsize=4096)(_parts)  # a program sends the same fields again and again
_CACHED_WITHIN = 120


def _ref(path: str) -> str:
    """The last part of a path says what the question is, unless it may be about something else."""
    *above, last = path.split(".")
    about_another = any(part.isdecimal() or part.lower() in _THINGS for part in above)
    return last if above and not about_another else ""


plugin = Plugin(Options, Webhook)
