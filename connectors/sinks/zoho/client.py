"""One call to Zoho: where it goes, as whom, and what its answer means.

https://www.zoho.com/crm/developer/docs/api/v8/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sinks.zoho.auth import grant_of
from connectors.sinks.zoho.composite import PATH, SCOPE, composite_of, rows_in
from connectors.sinks.zoho.failures import NO_RIGHT, Fault, describe, read_fault, trouble_with
from connectors.sinks.zoho.limits import Meter
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.places import api_url
from syncd.connector import (
    AuthFailed,
    HttpReply,
    Refused,
    Retryable,
    Tools,
    json_object,
    object_in,
    objects_in,
    raise_trouble,
)

API = "/crm/v8"
BATCH = 100  # records of one call that writes
NO_CONTENT, NOT_MODIFIED = 204, 304  # nothing to tell
PAGE = 200  # rows of one page, and of a query that costs one credit
COQL = "/coql"
APART_FOR = timedelta(hours=1)  # queries are not sent together again after that did not work

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """Zoho took the call, or judged what was sent."""

    status: int
    body: Mapping[str, Any]

    @property
    def fault(self) -> Fault | None:
        """What it has against the whole call."""
        refused = self.status // 100 != 2 or self.body.get("status") == "error"
        return read_fault(self.body, self.status) if refused else None

    def rows(self, name: str = "data") -> list[Row]:
        return objects_in(self.body.get(name))

    @property
    def more(self) -> bool:
        return object_in(self.body, "info").get("more_records") is True


class Client:
    """Thread-safe. Never retries, but for one replay with a renewed token: a 401 has done nothing."""

    def __init__(self, options: ZohoOptions, tools: Tools) -> None:
        self.meter = Meter()
        self._options = options
        self._http, self._clock = tools.http, tools.clock
        self._grant = grant_of(options, tools)
        self._apart_until = float("-inf")

    def write(self, method: str, path: str, *, what: str, json: object) -> Reply:
        """Raises Ambiguous, AuthFailed, RateLimited or Retryable; a judgement on the content is returned."""
        return self._call(method, path, f"zoho: {what}", writes=True, json=json)

    def get(
        self,
        path: str,
        *,
        what: str,
        params: Mapping[str, str] | None = None,
        name: str = "data",
        since: datetime | None = None,
    ) -> Reply:
        """`name`: what the rows stand under. `since`: only what has changed. Raises AuthFailed, RateLimited, Retryable,
        and Refused where Zoho does not take the question: no answer must pass for an empty one.
        """
        reply = self._call("GET", path, f"zoho: {what}", writes=False, params=params, since=since)
        return _answered(reply, what, name)

    def query(self, select: str, *, what: str) -> list[Row]:
        """The rows of a COQL query; as `get`."""
        reply = self._call("POST", COQL, f"zoho: {what}", writes=False, json={"select_query": select})
        return _answered(reply, what, "data").rows()

    def queries(self, selects: Sequence[str], *, what: str) -> list[list[Row]]:
        """The rows of up to five queries, in one call where `together`; as `query`."""
        if len(selects) > 1 and self.together:
            if (rows := self._composite(selects, what)) is not None:
                return rows
            self._apart_until = self._clock.monotonic() + APART_FOR.total_seconds()
        return [self.query(select, what=what) for select in selects]

    @property
    def together(self) -> bool:
        """Whether several queries go in one call: the grant allows it, and it has worked."""
        granted = SCOPE.lower() in (scope.lower() for scope in self.scopes())
        return granted and self._clock.monotonic() >= self._apart_until

    def _composite(self, selects: Sequence[str], what: str) -> list[list[Row]] | None:
        """None where it was refused, or one of the queries was: each then says by itself what is wrong."""
        body = composite_of(API + COQL, selects)
        try:
            reply = self._call("POST", PATH, f"zoho: {what}", writes=False, json=body)
        except AuthFailed:
            return None
        return rows_in(reply.body, len(selects)) if reply.fault is None else None

    def scopes(self) -> frozenset[str]:
        """What the grant allows, as far as Zoho has said it."""
        return frozenset(self._grant.detail("scope").replace(",", " ").split())

    @property
    def url(self) -> str:
        options = self._options
        return options.api_url.rstrip("/") or api_url(
            options.data_center, options.environment, self._grant.detail("api_domain")
        )

    def close(self) -> None:
        self._http.close()

    def _call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        writes: bool,
        json: object = None,
        params: Mapping[str, str] | None = None,
        since: datetime | None = None,
    ) -> Reply:
        only = {"if-modified-since": since.astimezone(UTC).isoformat(timespec="seconds")} if since else {}

        def send(token: str) -> HttpReply:
            return self._http.call(
                method,
                self.url + API + path,
                what=what,
                writes=writes,
                headers={"authorization": f"Zoho-oauthtoken {token}", **only},
                params=params,
                json=json,
            )

        token = self._grant.token()
        answer = send(token)
        if answer.status == 401 and _is_stale(answer) and self._grant.renew(token):
            answer = send(self._grant.token())
        self.meter.note(answer.headers)
        if since and answer.status == NOT_MODIFIED:
            return Reply(NO_CONTENT, {})
        body = json_object(answer)
        trouble = trouble_with(answer.status, body, writes=writes, deletes=method == "DELETE")
        words = f"{what} {describe(answer.status, body)}"
        pause = answer.retry_after or self.meter.pause(answer.headers, self._clock.now())
        raise_trouble(trouble, words, answer.retry_after, pause)
        return Reply(answer.status, body or {})


def _is_stale(answer: HttpReply) -> bool:
    """Another token would not have the missing scope either, and tokens are rationed."""
    return (json_object(answer) or {}).get("code") not in NO_RIGHT


def _answered(reply: Reply, what: str, name: str) -> Reply:
    if reply.fault is not None:
        raise Refused(f"zoho: {what} refused: {reply.fault}")
    if reply.status != NO_CONTENT and not isinstance(reply.body.get(name), list):
        raise Retryable(f"zoho: {what} answered {reply.status} without {name}")
    return reply
