"""One call to Dataverse: where it goes, as whom, and what its answer means.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from connectors.sinks.dynamics.failures import OF_ROWS, Fault, fault_of
from connectors.sinks.dynamics.limits import PAUSE, USUAL
from connectors.sinks.dynamics.multipart import Request, batch_of, parts_of
from connectors.sinks.dynamics.options import DynamicsOptions
from syncd.connector import (
    Allowance,
    Ambiguous,
    Grant,
    HttpReply,
    Ref,
    Refused,
    Retryable,
    TokenService,
    Tools,
    Trouble,
    by_client_credentials,
    json_object,
    objects_in,
    raise_trouble,
    trouble_of,
)

API = "/api/data/v9.2/"
PAGE = 500  # rows
NAMED = "Microsoft.Dynamics.CRM.lookuplogicalname"
HEADERS = {"OData-Version": "4.0", "OData-MaxVersion": "4.0", "Accept": "application/json"}
SHOWN = "OData.Community.Display.V1.FormattedValue"
READING = {"Prefer": f'odata.maxpagesize={PAGE},odata.include-annotations="{NAMED},{SHOWN}"'}
Row = Mapping[str, Any]
NOTHING: Mapping[int, Trouble | None] = {}


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    following: str  # address of the next one; empty: this is the last
    delta: str = ""  # address of what changes from now on, where changes are tracked


class Client:
    """Thread-safe. Never retries, but for one replay with a renewed token: a 401 has done nothing."""

    def __init__(self, options: DynamicsOptions, tools: Tools) -> None:
        self.url, self.batch, self._http = options.url.rstrip("/"), options.batch, tools.http
        self._answered = False
        tokens = f"{options.login_url.rstrip('/')}/{options.tenant}/oauth2/v2.0/token"
        asking = by_client_credentials(options.client_credentials, scope=f"{self.url}/.default")
        self._grant = Grant(TokenService(tokens, what="dynamics: login", shared=True), asking, tools)

    def get(self, path: str, *, what: str) -> Row:
        """An object. Raises AuthFailed, RateLimited or Retryable; Refused where the question is judged."""
        reply = self._checked(self._sent("GET", self._at(path), what, writes=False), what, writes=False)
        if reply.status // 100 != 2:
            raise Refused(f"dynamics: {what} refused: {fault_of(reply)}")
        return json_object(reply) or {}

    def post(self, path: str, body: Row, *, what: str, headers: Mapping[str, str]) -> Fault | None:
        """None when it was done. Raises Ambiguous, AuthFailed, RateLimited or Retryable."""
        reply = self._sent("POST", self._at(path), what, writes=True, json=body, headers=headers)
        reply = self._checked(reply, what, writes=True)
        return None if reply.status // 100 == 2 else fault_of(reply)

    def send(self, requests: Sequence[Request], *, what: str, writes: bool) -> list[HttpReply]:
        """The answer to each request, in order, whatever it says. Raises as `post`."""
        boundary = f"batch_{uuid4()}"
        headers = {"Prefer": "odata.continue-on-error", "Content-Type": f"multipart/mixed; boundary={boundary}"}
        body = batch_of(requests, API, boundary)
        reply = self._sent("POST", self._at("$batch"), what, writes=writes, body=body, headers=headers)
        parts = parts_of(reply.headers.get("content-type", ""), reply.body) if reply.status == 200 else None
        if parts is None or len(parts) != len(requests):
            self._checked(reply, what, writes=writes)
            words = f"dynamics: {what} answered {reply.status}, but not each request"
            raise Ambiguous(words) if writes and reply.status == 200 else Retryable(words)
        return parts

    def ask(self, queries: Sequence[str | Request], *, what: str) -> list[Page | Fault]:
        """The first page of each query, or what Dataverse has against it, in one call. Raises as `get` otherwise."""
        requests = [Request("GET", each, headers=READING) if isinstance(each, str) else each for each in queries]
        parts = self.send(requests, what=what, writes=False) if requests else []
        return [self._page(part, what) for part in parts]

    def pages(self, first: Page, *, what: str, headers: Mapping[str, str] = READING) -> Iterator[Page]:
        """From the first one on. Raises as `get`."""
        page, seen = first, set[str]()
        yield page
        while page.following:
            if page.following in seen or not page.following.startswith(f"{self.url}/"):
                raise Retryable(f"dynamics: {what}: the next page is none of ours")
            seen.add(page.following)
            reply = self._sent("GET", page.following, what, writes=False, headers=headers)
            following = self._page(reply, what)
            if isinstance(following, Fault):
                raise Retryable(f"dynamics: {what}: the next page was refused: {following}")
            page = following
            yield page

    def rows(self, queries: Sequence[str], *, what: str) -> list[list[Row]]:
        """All rows of each query. Raises as `get`."""
        told = []
        for first in self.ask(queries, what=what):
            if isinstance(first, Fault):
                raise Refused(f"dynamics: {what} refused: {first}")
            told.append([row for page in self.pages(first, what=what) for row in page.rows])
        return told

    def path(self, address: str) -> str:
        """What of an address of the API stands below its version; empty for any other address."""
        base = self._at("")
        return address.removeprefix(base) if address.startswith(base) else ""

    def link(self, table: str, row_id: str) -> str:
        """Where a person can open it."""
        return f"{self.url}/main.aspx?pagetype=entityrecord&etn={table}&id={row_id}"

    def ref(self, table: str, row_id: str) -> Ref:
        """Of a task or a note."""
        return Ref("note" if table == "annotation" else table, row_id, self.link(table, row_id))

    def allowance(self) -> Allowance | None:
        return USUAL if self._answered else None

    def close(self) -> None:
        self._http.close()

    def _at(self, path: str) -> str:
        return self.url + API + path

    def _page(self, reply: HttpReply, what: str) -> Page | Fault:
        self._checked(reply, what, writes=False, but=OF_ROWS)
        if reply.status // 100 != 2:
            return fault_of(reply)
        body = json_object(reply) or {}
        if not isinstance(body.get("value"), list):
            raise Retryable(f"dynamics: {what} answered without what was asked for")
        following, delta = (str(body.get(f"@odata.{name}Link") or "") for name in ("next", "delta"))
        return Page(objects_in(body["value"]), following, delta)

    def _checked(
        self, reply: HttpReply, what: str, *, writes: bool, but: Mapping[int, Trouble | None] = NOTHING
    ) -> HttpReply:
        fault, done = fault_of(reply), reply.status // 100 == 2
        known = json_object(reply) is not None if done else bool(fault.code)
        words = f"dynamics: {what} answered {reply.status}" + (f": {fault.code}" if fault.code else "")
        trouble = trouble_of(reply.status, writes=writes, known=known, but=but)
        raise_trouble(trouble, words, reply.retry_after, reply.retry_after or PAUSE)
        return reply

    def _sent(
        self,
        method: str,
        url: str,
        what: str,
        *,
        writes: bool,
        json: Row | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpReply:
        told = f"dynamics: {what}"
        call = partial(self._http.call, method, url, what=told, writes=writes, json=json, body=body)
        given, token = {**HEADERS, **(headers or {})}, self._grant.token()
        reply = call(headers={**given, "Authorization": f"Bearer {token}"})
        if reply.status == 401 and self._grant.renew(token):
            reply = call(headers={**given, "Authorization": f"Bearer {self._grant.token()}"})
        self._answered = True
        return reply
