"""The source itself: receives, and fetches what was missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.sources.typeform.answers import (
    Json,
    answers_of,
    asks_unknown,
    is_test,
    response_of,
    seconds_to_submit,
    submitted_at,
    title_of,
    token_of,
)
from connectors.sources.typeform.hooks import hook_up, hooks_of
from syncd.connector import (
    AuthFailed,
    Context,
    FetchOptions,
    Field,
    Finding,
    Hook,
    HookedSourceOptions,
    JsonLimits,
    ListApi,
    Page,
    ProvenSourceOptions,
    RateLimited,
    Received,
    Refused,
    Rejected,
    Retryable,
    SecretStr,
    Signature,
    Submission,
    Tools,
    UnsupportedBody,
    WebRequest,
    id_key,
    json_bytes,
    json_value,
    list_in,
    object_in,
    raise_for_status,
    signed,
    text_in,
    unreadable,
)

PROOF = signed(Signature("typeform-signature", encoding="base64", prefix="sha256="))
PAGE_LIMITS = JsonLimits(keys=5_000_000)  # a thousand responses in one answer


class Options(FetchOptions, ProvenSourceOptions, HookedSourceOptions):
    form_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="the form: the end of its address")
    api_token: SecretStr | None = Field(
        None, description="personal token (scopes forms:read and responses:read) to fetch what was missed"
    )
    base_url: str = Field(
        "https://api.typeform.com",
        pattern=r"^https?://",
        description="where the account lives; https://api.eu.typeform.com or https://api.typeform.eu in the EU",
    )
    page_size: int = Field(200, ge=1, le=1000, description="responses per call")
    since: datetime | None = Field(None, description="where the first fetch begins (UTC), instead of history")
    every: int = Field(60, ge=1, description="seconds between two fetches")


class Typeform:
    takes = ("application/json",)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name, self.http, self.clock = options, tools.name, tools.http, tools.clock
        self.reconciled = timedelta(days=options.reconcile_days if options.api_token else 0)
        self.takes_posts = bool(PROOF.told(options)) or options.unsigned
        self.form: Json = {}  # the definition as fetched last; webhooks bring their own

    def receive(self, request: WebRequest) -> Received:
        PROOF.of_bytes(self.options, request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, whoever signed it."""
        if request.content_type != "application/json":
            raise UnsupportedBody("typeform: the body is not JSON")
        try:
            delivery = json_value(request.body)
            response = response_of(delivery)
            if response is None:
                return Received()
            form = object_in(response, "definition")
            arrived = self._submission(response, form, request.received_at, request.body)
            return Received([replace(arrived, context=replace(arrived.context, test=is_test(delivery, response)))])
        except Rejected as error:
            if self.options.unsigned:
                raise
            return Received([unreadable(self.name, request.body, request.received_at, str(error))])

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Nothing without api_token. The cursor is the time of the newest response that was seen."""
        if self.options.api_token is None:
            return
        start = self.options.since or self.options.begins(self.clock.now())
        newest = datetime.fromisoformat(cursor) if cursor else start.replace(tzinfo=start.tzinfo or UTC)
        if cursor is None:
            yield Page((), newest.isoformat())  # from now on nothing is missed, even if nobody answers yet
        for items in self._fetched(newest - timedelta(minutes=self.options.overlap)):
            latest = max([newest, *filter(None, map(submitted_at, items))])
            newest = max(newest, min(latest, self.clock.now()))  # a time to come would hide what comes before it
            yield Page([self._kept(item) for item in items], newest.isoformat())

    def since(self, moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat()

    def check(self) -> Sequence[Finding]:
        proved = PROOF.told(self.options) or ("unsigned" if self.options.unsigned else "not taken")
        findings = [Finding("webhooks", ok=True, detail=proved)]
        if self.options.api_token:
            try:
                self.form = self._get("form", "", {})
                self._get("responses", "/responses", {"page_size": "1"})
            except (AuthFailed, RateLimited, Refused, Retryable) as error:
                remedy = "see form_id, base_url and the scopes of api_token"
                return [*findings, Finding("fetching", ok=False, detail=str(error), remedy=remedy)]
            findings.append(Finding("fetching", ok=True, detail=text_in(self.form, "title")))
        return findings

    @property
    def hooked(self) -> bool:
        return bool(self.options.api_token)

    def hooks(self) -> Sequence[Hook]:
        return hooks_of(self._api(), self.options.form_id)

    def hook_up(self, url: str) -> None:
        hook_up(self._api(), self.options.form_id, url, self.options)

    def _api(self) -> ListApi:
        return ListApi("typeform", self.http, self.options.base_url, self._login)

    def close(self) -> None:
        self.http.close()

    def _fetched(self, since: datetime) -> Iterator[list[Json]]:
        """Responses since then (inclusive), oldest first, page by page; those that are not finished are not among them,
        for they would be under the token of what they become.

        Tokens page through the order of processing, which is not told to be that of submission; so the
        next page begins at the second in which the last one ended. A token is needed only where a single
        second holds more than a page.
        """
        oldest, seen = since, set[str]()
        after, looked = "", False
        while True:
            items = self._page(since, after)
            fresh = [item for item in items if token_of(item) not in seen]
            whole = [item for item in fresh if text_in(item, "response_type") in ("", "completed")]
            if not looked and asks_unknown(whole, self.form):
                self.form, looked = self._get("form", "", {}), True
            if whole:
                yield sorted(whole, key=lambda item: submitted_at(item) or oldest)
            if len(items) < self.options.page_size or (after and not fresh):
                return
            end = submitted_at(items[-1]) or since
            since, after = (end, "") if end > since else (since, token_of(items[-1]))
            seen = {token_of(item) for item in items}

    def _page(self, since: datetime, after: str) -> list[Json]:
        params = {
            "page_size": str(self.options.page_size),
            "since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "response_type": "completed",
            **({"after": after} if after else {"sort": "submitted_at,asc"}),
        }
        items = list_in(self._get("responses", "/responses", params), "items")
        return [item for item in items if isinstance(item, dict)]

    def _get(self, name: str, path: str, params: Mapping[str, str]) -> Json:
        what = f"typeform: {name} of form {self.options.form_id}"
        reply = self.http.call(
            "GET",
            f"{self.options.base_url.rstrip('/')}/forms/{self.options.form_id}{path}",
            what=what,
            writes=False,
            headers=self._login(),
            params=params,
        )
        try:
            found = json_value(reply.body, PAGE_LIMITS)
        except Rejected:
            found = None
        raise_for_status(reply, what, writes=False, words=text_in(found, "description"))
        if not isinstance(found, dict):
            raise Retryable(f"{what} answered {reply.status}, but no JSON object")
        return found

    def _login(self) -> Mapping[str, str]:
        token = self.options.api_token
        return {"authorization": f"Bearer {token.get_secret_value() if token else ''}"}

    def _kept(self, item: Json) -> Submission:
        now = self.clock.now()
        try:
            return self._submission(item, self.form, now, json_bytes(item))
        except Rejected as error:
            return unreadable(self.name, json_bytes(item), now, str(error))

    def _submission(self, response: Json, form: Json, received_at: datetime, raw: bytes) -> Submission:
        key = id_key(token_of(response))
        if not key:
            raise Rejected("typeform: a response without token")
        metadata = object_in(response, "metadata")
        return Submission(
            source=self.name,
            key=key,
            received_at=received_at,
            answers=tuple(answers_of(response, form)),
            raw=raw,
            submitted_at=submitted_at(response),
            context=Context(
                form_id=text_in(response, "form_id") or text_in(form, "id") or self.options.form_id,
                form_name=title_of(form),
                page_url=text_in(metadata, "referer"),
                user_agent=text_in(metadata, "user_agent"),
                seconds_to_submit=seconds_to_submit(response),
            ),
        )
