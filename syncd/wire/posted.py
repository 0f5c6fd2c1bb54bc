"""A provider that posts submissions, as names and paths: one description is one kind of source.

What has logic of its own (a handshake, ids without answers, bodies within bodies) is a class that builds upon `Posted`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from syncd.errors import Rejected, Unauthenticated, UnsupportedBody
from syncd.model import Context, Finding, Submission
from syncd.protocols import Tools
from syncd.wire.answering import Answering, Json, Question, asked
from syncd.wire.bodies import JSON_TYPE, Read, in_the_body, read_json
from syncd.wire.content_key import content_key, id_key, unreadable
from syncd.wire.proofs import Proof, locked
from syncd.wire.strict_json import json_bytes
from syncd.wire.values import at_path, moment_of, text_at
from syncd.wire.web import Received, WebRequest

Paths = tuple[str, ...]

RETRY_WINDOW = timedelta(hours=24)
"""In which the same content again is taken for a delivery that is repeated, where a provider gives no id."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where everything stands in what a provider posts. Of several paths the first with a text counts."""

    provider: str  # as messages call it
    answers: Answering
    proof: Proof = locked
    read: Callable[[WebRequest], Read] = read_json
    takes: Sequence[str] = (JSON_TYPE,)
    methods: Sequence[str] = ()  # beside POST
    largest_body: int = 0  # bytes, where a post may be larger than those of others
    items: str = ""  # path of the list of submissions; empty: the body is one, or a list of them
    unwrap: Callable[[Json], Json] = lambda item: item  # the submission out of what wraps it
    ours: Callable[[Json], bool] = lambda _: True  # whether it is a submission: other events are let go
    id: Paths = ()
    key: Callable[[Json, Any], str] | None = None  # from item and options, where the id alone is not unique
    time: Paths = ()
    form_id: Paths = ()
    form_name: Paths = ()
    page_url: Paths = ()
    referrer: Paths = ()
    user_agent: Paths = ()
    language: Paths = ()
    test: Callable[[Json], bool] = lambda _: False  # the provider's test button
    no_lead: Callable[[Json], str] = lambda _: ""  # why it is kept and goes to nobody: "marked as spam by Basin"
    moment: Callable[[str, tzinfo], datetime | None] = moment_of  # of a time as the provider writes it
    zone: Callable[[Any], tzinfo] = lambda _: UTC  # of times that name none, by the options
    window: timedelta = RETRY_WINDOW  # where there is no id


def one_of(path: str, values: Collection[str]) -> Callable[[Json], bool]:
    """Whether one of these stands at the path, or nothing: for `ours`."""
    return lambda item: text_at(item, path) in ("", *values)


def true_at(*paths: str) -> Callable[[Json], bool]:
    """For `test`."""
    return lambda item: text_at(item, *paths).lower() in ("yes", "true", "1")


class Posted:
    """One source of such a provider; `partial(Posted, posting)` is what its plugin makes."""

    def __init__(self, posting: Posting, options: Any, tools: Tools) -> None:
        self.posting, self.options, self.name, self.clock = posting, options, tools.name, tools.clock
        self.http = tools.http  # what some ask their provider with
        self.questions: Mapping[str, Question] = {}  # by id, where somebody has asked the provider for them
        self.takes, self.methods, self.largest_body = tuple(posting.takes), posting.methods, posting.largest_body

    def receive(self, request: WebRequest) -> Received:
        request = in_the_body(request)
        known = self.posting.proof.of_bytes(self.options, request)
        return self._received(request, self.posting.proof.of_body, known=known)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, whoever sent it."""
        return self._received(request, lambda *_: None, known=bool(self.posting.proof.told(self.options)))

    def check(self) -> Sequence[Finding]:
        shown = self.posting.proof.told(self.options)
        remedy = "" if shown else "set the webhook's secret, or a token"
        return [Finding("who may post", ok=True, detail=shown or "anybody", remedy=remedy)]

    def close(self) -> None:
        self.http.close()

    def submission(self, item: Any, received_at: datetime, raw: bytes, content_type: str = JSON_TYPE) -> Submission:
        """What the webhook and the provider's own list agree on. Raises Rejected."""
        posting = self.posting
        if not isinstance(item, dict):
            raise Rejected(f"{posting.provider}: not an object")
        item = posting.unwrap(item)
        answers = tuple(asked(posting.answers(item), self.questions_of(item)))
        own = self._own_id(item)
        form_id = text_at(item, *posting.form_id) or str(getattr(self.options, "form_id", ""))
        if not (answers or own):  # nothing in it would be the key of all that is empty
            raise Rejected(f"{posting.provider}: no answers in it")
        told = [(answer.id or answer.label, answer.value) for answer in answers]
        return Submission(
            source=self.name,
            key=own or content_key(form_id, told),
            received_at=received_at,
            answers=answers,
            raw=raw,
            content_type=content_type,
            submitted_at=self.posting_time(item),
            context=Context(
                form_id=form_id,
                form_name=text_at(item, *posting.form_name),
                page_url=text_at(item, *posting.page_url),
                referrer=text_at(item, *posting.referrer),
                user_agent=text_at(item, *posting.user_agent),
                language=text_at(item, *posting.language),
                test=posting.test(item),
                no_lead=posting.no_lead(item),
            ),
            window=None if own else posting.window,
            problem="" if answers else f"{posting.provider}: no answers in it",
        )

    def posted(self, item: Any, received_at: datetime, raw: bytes, content_type: str) -> Submission:
        """One of what was posted. Raises Rejected."""
        return self.submission(item, received_at, raw, content_type)

    def questions_of(self, item: Json) -> Mapping[str, Question]:  # noqa: ARG002 - for those whose forms differ
        """What the answers of an item that is unwrapped answer, by id."""
        return self.questions

    def posting_time(self, item: Json) -> datetime | None:
        """When it was submitted, of an item that is unwrapped."""
        posting = self.posting
        return posting.moment(text_at(item, *posting.time), posting.zone(self.options)) if posting.time else None

    def _own_id(self, item: Json) -> str:
        posting = self.posting
        return id_key(posting.key(item, self.options) if posting.key else text_at(item, *posting.id))

    def _received(self, request: WebRequest, prove: Callable[[Any, Any, WebRequest], None], *, known: bool) -> Received:
        """`known`: the sender has proved already who they are, so what nobody can read is kept."""
        try:
            body, request = self.posting.read(request)
            prove(self.options, body, request)
            known = bool(self.posting.proof.told(self.options))
            return Received(list(self.submissions_in(body, request)))
        except (UnsupportedBody, Unauthenticated):
            raise
        except Rejected as error:
            if not known:
                raise
            why = f"{self.posting.provider}: {error}"
            return Received([unreadable(self.name, request.body, request.received_at, why, _kind(request))])

    def submissions_in(self, body: Any, request: WebRequest) -> Iterator[Submission]:
        """One that cannot be read never hides its neighbours."""
        items = self._items(body)
        for item in items:
            if isinstance(item, dict) and not self.posting.ours(item):
                continue
            raw = json_bytes(item) if len(items) > 1 else request.body
            kind = JSON_TYPE if len(items) > 1 else _kind(request)
            try:
                yield self.posted(item, request.received_at, raw, kind)
            except Rejected as error:
                yield unreadable(self.name, raw, request.received_at, str(error), kind)

    def _items(self, body: Any) -> list[Any]:
        found = at_path(body, self.posting.items) if self.posting.items else body
        if not isinstance(found, dict | list):
            raise Rejected(f"no object or list at {self.posting.items or 'the top'}")
        return found if isinstance(found, list) else [found]


def _kind(request: WebRequest) -> str:
    return request.header("content-type")
