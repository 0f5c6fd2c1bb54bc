"""Any program that posts JSON or form fields: automation tools, scripts, form builders without a connector.

One object is one submission; a list, or the list that `items` points to, is a batch. Paths are dotted and
count lists from 0: "data.contact.emails.0". What no path names is kept too, under its own path.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncd.connector import (
    FORM_TYPES,
    JSON_TYPE,
    About,
    Answer,
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
    at_path,
    content_key,
    flatten,
    id_key,
    json_bytes,
    moment_of,
    open_locks,
    path_answers,
    read_any,
    text_at,
    unreadable,
)

RETRY_WINDOW = timedelta(hours=24)  # programs that got no answer send again for hours


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

    takes = (JSON_TYPE, *FORM_TYPES)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name = options, tools.name

    def receive(self, request: WebRequest) -> Received:
        open_locks(self.options, request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, with all locks open."""
        try:
            body, request = read_any(request)
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
        found = at_path(body, where) if where else body
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
        key = id_key(text_at(item, self.options.id)) or delivery
        return Submission(
            source=self.name,
            key=key or content_key(self.name, flat),
            received_at=request.received_at,
            answers=answers,
            raw=request.body,
            content_type=request.header("content-type"),
            submitted_at=moment_of(at_path(item, self.options.time)),
            context=Context(
                form_id=text_at(item, self.options.form_id),
                test=text_at(item, self.options.test).lower() in _TRUE,
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
        for answer in path_answers(flat):
            yield Answer(named[answer.id], answer.value, ref=answer.id) if answer.id in named else answer


_TRUE = ("yes", "true", "1")

plugin = Plugin(
    Options,
    Webhook,
    About(
        "Any program that posts JSON or form fields",
        setup=(
            "In Zapier, Make, n8n or a script of your own: POST to {url}.",
            "Let it send an id of its own for each submission; `id` is its path.",
        ),
        missed="Nothing: there is no list to ask for. What got no 200 has to be sent again.",
        tested="Bodies of every shape; the published vectors of Standard Webhooks.",
        notes=(
            "Signed by the program itself: `scheme: standard`, or `signature` in any way of its own.",
            "Without an id in the body or in a header, the same content within 24 hours is one submission.",
        ),
        example={"token": "${WEBHOOK_TOKEN}", "id": "id", "fields": "{email: contact.mail, message: text}"},
    ),
)
