"""The source itself: receives, and fetches what was missed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from connectors.sources.tally.answers import Json, answers_of, as_posted
from syncd.connector import (
    AuthFailed,
    Context,
    Fetching,
    FetchOptions,
    Field,
    Finding,
    ListApi,
    Page,
    RateLimited,
    Received,
    Refused,
    Rejected,
    Retryable,
    Signature,
    SignedSourceOptions,
    Submission,
    Tools,
    UnsupportedBody,
    WebRequest,
    bearer,
    by_token,
    content_key,
    cursor_at,
    id_key,
    json_value,
    model_validator,
    moment_of,
    object_in,
    rows_in,
    text_in,
    unreadable,
    verify,
)

SIGNATURE = Signature("tally-signature", encoding="base64")
RETRY_WINDOW = timedelta(hours=48)  # Tally tries again after 5 min, 30 min, 1 h, 6 h and 24 h


class Options(SignedSourceOptions, FetchOptions):
    form_id: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,64}$", description="the form whose submissions are fetched")
    base_url: str = Field("https://api.tally.so", pattern=r"^https?://", description="where the API lives")

    @model_validator(mode="after")
    def _has_a_way_in(self) -> Self:
        if not (self.keys or self.unsigned or self.fetches):
            raise ValueError("set the webhook's signing secret, or say unsigned: true")
        return self


class Tally:
    takes = ("application/json",)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name, self.clock = options, tools.name, tools.clock
        self.reconciled = timedelta(days=options.reconcile_days if options.fetches else 0)
        self.takes_posts = bool(options.keys) or options.unsigned
        self._api = ListApi("tally", tools.http, options.base_url, lambda: bearer(options))
        self._fetching = Fetching(tools.name, options, tools.clock, self, oldest_first=False)

    def receive(self, request: WebRequest) -> Received:
        if not self.options.unsigned:
            verify(SIGNATURE, self.options.keys, request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, whoever signed it."""
        if request.content_type != "application/json":
            raise UnsupportedBody("tally: the body is not JSON")
        try:
            payload = json_value(request.body)
            if text_in(payload, "eventType") not in ("", "FORM_RESPONSE"):
                return Received()
            return Received([self._submission(payload, request.received_at, request.body)])
        except Rejected as error:
            if self.options.unsigned:
                raise
            return Received([unreadable(self.name, request.body, request.received_at, str(error))])

    def check(self) -> Sequence[Finding]:
        signed = "signed" if self.options.keys else "unsigned" if self.options.unsigned else "not taken"
        remedy = "" if self.options.keys else "set the signing secret that Tally shows with the webhook"
        webhooks = Finding("webhooks", ok=True, detail=signed, remedy=remedy)
        return [webhooks, self._fetching_checked()] if self.options.fetches else [webhooks]

    def pages(self, cursor: str | None) -> Iterator[Page]:
        return self._fetching.pages(cursor)

    def since(self, moment: datetime) -> str:
        return cursor_at(moment)

    def lists(self, since: datetime) -> Iterator[Sequence[Json]]:
        """Newest first; what was not finished is no submission yet."""
        for items in by_token(self._page):
            yield [item for item in items if text_in(item, "isCompleted") != "no"]
            if any(at < since for at in map(self.submitted_at, items) if at):
                return

    def submitted_at(self, item: Json) -> datetime | None:
        return moment_of(object_in(item, "data").get("createdAt"))

    def fetched(self, item: Json, received_at: datetime, raw: bytes) -> Submission:
        return self._submission(item, received_at, raw)

    def close(self) -> None:
        """Nothing is open."""

    def _fetching_checked(self) -> Finding:
        try:
            self._page("")
        except (AuthFailed, RateLimited, Refused, Retryable) as error:
            remedy = "see api_token, and which form form_id names"
            return Finding("fetching", ok=False, detail=str(error), remedy=remedy)
        return Finding("fetching", ok=True, detail="what was missed is fetched")

    def _page(self, number: str) -> tuple[Sequence[Json], str]:
        """Submissions as the webhook writes them, and the number of the next page."""
        form, number = self.options.form_id, number or "1"
        params = {"page": number, "limit": str(self.options.page_size), "filter": "completed"}
        found = self._api.get(f"submissions of form {form}", f"/forms/{form}/submissions", params)
        items = [as_posted(one, found, form) for one in rows_in(found, "submissions")]
        return items, str(int(number) + 1) if items and text_in(found, "hasMore") == "yes" else ""

    def _submission(self, payload: Any, received_at: datetime, raw: bytes) -> Submission:
        data = object_in(payload, "data")
        if not isinstance(data.get("fields"), list):
            raise Rejected("tally: no fields in it")
        form_id = text_in(data, "formId") or self.options.form_id
        answers = tuple(answers_of(data))
        own = id_key(text_in(data, "submissionId") or text_in(data, "responseId"))
        told = [(answer.label or answer.id, answer.value) for answer in answers]
        return Submission(
            source=self.name,
            key=own or content_key(form_id, told),
            received_at=received_at,
            answers=answers,
            raw=raw,
            submitted_at=moment_of(data.get("createdAt")),
            context=Context(form_id=form_id, form_name=text_in(data, "formName")),
            window=None if own else RETRY_WINDOW,
        )
