"""A provider's API that lists submissions: beside the description of what it posts, one of how it lists."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from syncd.errors import AuthFailed, RateLimited, Refused, Rejected, Retryable
from syncd.http_client import HttpClient, HttpReply, raise_for_status
from syncd.model import Finding, Page, Submission
from syncd.protocols import Tools
from syncd.wire.answering import Json, Question
from syncd.wire.answers import objects_in
from syncd.wire.fetching import Fetching, FetchOptions, cursor_at
from syncd.wire.fresh import Fresh
from syncd.wire.grants import Login
from syncd.wire.posted import Posted, Posting
from syncd.wire.strict_json import JsonLimits, json_value
from syncd.wire.values import at_path, text_at

PAGE_LIMITS = JsonLimits(keys=5_000_000)  # a thousand submissions in one answer
ASKED_ANEW = timedelta(hours=1)
"""For so long the questions of a form are known; it may get new ones."""

Judge = Callable[[HttpReply, Any, str], None]
"""Raises what an answer means where its status alone does not say it: (reply, its JSON or None, the call in words)."""


class ListApi:
    """GET and JSON, with the provider's words for what went wrong."""

    def __init__(
        self,
        provider: str,
        http: HttpClient,
        base_url: str,
        headers: Callable[[], Mapping[str, str]],
        judge: Judge | None = None,
        login: Login | None = None,
    ) -> None:
        """`login`: whose token goes beside `headers`; one that has run out before its time is renewed once."""
        self.provider, self.http, self.base_url, self.headers = provider, http, base_url.rstrip("/"), headers
        self.judge, self.login = judge, login

    def get(
        self,
        what: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        words: Sequence[str] = (),
        absent: bool = False,
    ) -> Any:
        """An object or a list. `words`: paths of the provider's own sentence in an error. `absent`: None for a 404.

        Raises AuthFailed, RateLimited, Refused or Retryable.
        """
        return self.ask("GET", what, path, params=params, words=words, absent=absent)

    def ask(
        self,
        method: str,
        what: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        form: Mapping[str, str] | None = None,
        writes: bool = False,
        words: Sequence[str] = (),
        absent: bool = False,
    ) -> Any:
        """As `get`, by another method. {} where no body comes back; Ambiguous where what it `writes` may be there."""
        named = f"{self.provider}: {what}"
        reply = self._sent(
            lambda headers: self.http.call(
                method,
                f"{self.base_url}{path}",
                what=named,
                writes=writes,
                headers=headers,
                params=params,
                json=json,
                form=form,
            )
        )
        if absent and reply.status == 404:
            return None
        try:
            found = json_value(reply.body, PAGE_LIMITS)
        except Rejected:
            found = None
        if self.judge:
            self.judge(reply, found, named)
        said = text_at(found, *words, "message", "error.message", "error", "description")
        raise_for_status(reply, named, writes=writes, words=said)
        if method != "GET" and not reply.body.strip():
            return {}
        if not isinstance(found, dict | list):
            raise Retryable(f"{named} answered {reply.status}, but no JSON object or list")
        return found

    def _sent(self, send: Callable[[Mapping[str, str]], HttpReply]) -> HttpReply:
        if self.login is None:
            return send(self.headers())
        token = self.login.token()
        reply = send({**self.headers(), **_bearer(token)})
        if reply.status == 401 and self.login.renew(token):
            reply = send({**self.headers(), **_bearer(self.login.token())})
        return reply


def bearer(options: FetchOptions) -> Mapping[str, str]:
    token = options.api_token
    return _bearer(token.get_secret_value() if token else "")


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def basic(user: str, password: SecretStr | None) -> Mapping[str, str]:
    login = f"{user}:{password.get_secret_value() if password else ''}"
    return {"authorization": f"Basic {b64encode(login.encode()).decode()}"}


def rows_in(found: Any, *paths: str) -> list[Json]:
    """The submissions in an answer: the list that it is, or the one at the first path where there is one."""
    lists = [found, *(at_path(found, path) for path in paths)]
    return objects_in(next((one for one in lists if isinstance(one, list)), None))


def in_utc(moment: datetime, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    """A moment as an API wants it among its parameters."""
    return moment.astimezone(UTC).strftime(form)


@dataclass(frozen=True, slots=True)
class Listing:
    """How a provider lists what was submitted since a moment."""

    pages: Callable[[ListApi, Any, datetime], Iterator[Sequence[Json]]]  # (api, options, since) -> pages, any order
    headers: Callable[[Any], Mapping[str, str]] = bearer
    oldest_first: bool = False
    newest_first: bool = False  # what is older than asked for ends it, so `pages` may go on and on
    questions: Callable[[ListApi, Any], Mapping[str, Question]] | None = None  # for answers that come without labels
    posting: Posting | None = None  # where everything stands in an item of the list; None: as in what is posted
    judge: Judge | None = None  # what the provider's own error codes mean


class Listed(Posted):
    """Takes what is posted and fetches what was missed, under the same keys; options: with those of FetchOptions, and
    `base_url`. `partial(Listed, posting, listing)` is what its plugin makes.
    """

    def __init__(
        self, posting: Posting, listing: Listing, options: Any, tools: Tools, login: Login | None = None
    ) -> None:
        """`login`: what gives out the tokens, where the API takes none that a person could set."""
        super().__init__(posting, options, tools)
        self.listing, self.login = listing, login
        self._item: Posted = Posted(listing.posting, options, tools) if listing.posting else self
        self.reconciled = timedelta(days=options.reconcile_days if options.fetches else 0)
        self.takes_posts = bool(posting.proof.told(options)) or bool(getattr(options, "unsigned", False))
        ask = listing.questions
        self._questions = Fresh(lambda: ask(self.api(), options), tools.clock, ASKED_ANEW) if ask else None
        self._fetching = Fetching(tools.name, options, tools.clock, self, oldest_first=listing.oldest_first)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        return self._fetching.pages(cursor)

    def since(self, moment: datetime) -> str:
        return cursor_at(moment)

    def lists(self, since: datetime) -> Iterator[Sequence[Json]]:
        api = self.api()
        if self._questions:
            self.questions = self._item.questions = self._questions.value()
        for items in self.listing.pages(api, self.options, since):
            yield [item for item in items if self._item.posting.ours(item)]
            if self.listing.newest_first and self._reaches_back(items, since):
                return

    def fetched(self, item: Json, received_at: datetime, raw: bytes) -> Submission:
        """A content hash counts from when it was submitted: so it meets what the webhook brought days ago."""
        found = self._item.submission(item, received_at, raw)
        if found.window is None or found.submitted_at is None:
            return found
        return replace(found, received_at=min(received_at, found.submitted_at + found.window / 2))

    def submitted_at(self, item: Json) -> datetime | None:
        return self._item.posting_time(self._item.posting.unwrap(item))

    def _reaches_back(self, items: Sequence[Json], since: datetime) -> bool:
        times = [at for at in map(self.submitted_at, items) if at]
        return bool(times) and min(times) < since

    def check(self) -> Sequence[Finding]:
        posted = super().check()
        if not self.options.fetches:
            return posted
        try:
            next(iter(self.lists(self.clock.now())), None)
        except (AuthFailed, RateLimited, Refused, Retryable, Rejected) as error:
            remedy = "see api_token and its rights, base_url, and which form is named"
            return [*posted, Finding("fetching", ok=False, detail=str(error), remedy=remedy)]
        return [*posted, Finding("fetching", ok=True, detail="what was missed is fetched")]

    def api(self) -> ListApi:
        return ListApi(
            self.posting.provider,
            self.http,
            self.options.base_url,
            lambda: self.listing.headers(self.options),
            self.listing.judge,
            self.login,
        )
