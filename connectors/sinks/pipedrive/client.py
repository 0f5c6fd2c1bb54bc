"""One call to Pipedrive: where it goes, as whom, and what its answer means.

https://developers.pipedrive.com/docs/api/v1 - persons, activities, deals and fields are v2; leads, notes and users
exist in v1 alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from connectors.sinks.pipedrive.failures import Fault, is_from_pipedrive, read_fault
from connectors.sinks.pipedrive.limits import SEARCHES, Meter, pause_for
from connectors.sinks.pipedrive.login import Login
from connectors.sinks.pipedrive.options import PipedriveOptions
from syncd.connector import (
    HttpReply,
    JsonReply,
    Refused,
    Retryable,
    Tools,
    json_object,
    object_in,
    objects_in,
    of_method,
    raise_trouble,
    trouble_of,
)

V1, V2 = "/v1", "/api/v2"
PAGE = 500
Row = Mapping[str, Any]
Method = Literal["GET", "POST", "PATCH", "DELETE"]


class Reply(JsonReply[Fault]):
    """The object, or the objects of a list, stand under `data`."""

    @property
    def ok(self) -> bool:
        return self.status // 100 == 2 and self.body.get("success") is True

    @property
    def row(self) -> Row:
        return object_in(self.body, "data")

    @property
    def rows(self) -> list[Row]:
        return objects_in(self.body.get("data"))


class Client:
    """Thread-safe. Never retries, but for one replay with a renewed token: a 401 has done nothing."""

    def __init__(self, options: PipedriveOptions, tools: Tools) -> None:
        self.meter = Meter()
        self._http, self._clock = tools.http, tools.clock
        self._login = Login(options, tools)

    def write(self, method: Method, path: str, *, what: str, json: object) -> Reply:
        """Raises Ambiguous, AuthFailed, RateLimited or Retryable; a judgement on the content is returned."""
        return self._call(method, path, f"pipedrive: {what}", writes=True, json=json)

    def delete(self, path: str) -> Fault | None:
        """None when it is gone, now or before. Raises as `write` does."""
        reply = self._call("DELETE", path, "pipedrive: removal", writes=True)
        return None if reply.ok or reply.fault.gone else reply.fault

    def get(self, path: str, *, what: str, params: Mapping[str, str] | None = None) -> Reply:
        """As `write` for what changes nothing, and Refused for anything but success."""
        reply = self.ask(path, what=what, params=params)
        if not reply.ok:
            raise Refused(f"pipedrive: {what} refused: {reply.fault}")
        return reply

    def ask(self, path: str, *, what: str, params: Mapping[str, str] | None = None) -> Reply:
        return self._call("GET", path, f"pipedrive: {what}", writes=False, params=params)

    def search(self, path: str, *, what: str, params: Mapping[str, str]) -> list[Row]:
        """The items of a search, best first."""
        found = self.get(path, what=what, params=params).row.get("items")
        return [item for hit in objects_in(found) if isinstance(item := hit.get("item"), dict)]

    def pages(self, path: str, *, what: str, params: Mapping[str, str]) -> Iterator[list[Row]]:
        """All pages of a v2 list."""
        asked = {"limit": str(PAGE), **params}
        while True:
            reply = self.get(path, what=what, params=asked)
            yield reply.rows
            more = reply.body.get("additional_data")
            cursor = str(more.get("next_cursor") or "") if isinstance(more, dict) else ""
            if not cursor:
                return
            if cursor == asked.get("cursor"):
                raise Retryable(f"pipedrive: {what}: the page after this one is this one again")
            asked["cursor"] = cursor

    def scopes(self) -> frozenset[str]:
        """As the login tells them."""
        return self._login.scopes()

    def close(self) -> None:
        self._http.close()

    def _call(
        self,
        method: Method,
        path: str,
        what: str,
        *,
        writes: bool,
        json: object = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        token = self._login.token()
        answer = self._send(method, path, what, token, writes=writes, json=json, params=params)
        if answer.status == 401 and self._login.renew(token):
            answer = self._send(method, path, what, self._login.token(), writes=writes, json=json, params=params)
        if not _is_search(path):
            self.meter.note(answer.headers)
        body = json_object(answer)
        known = is_from_pipedrive(answer.status, body)
        trouble = trouble_of(answer.status, writes=writes, known=known, but=of_method(method))
        pause = pause_for(answer.headers, answer.retry_after, self._clock.now())
        raise_trouble(trouble, f"{what} answered {answer.status}", answer.retry_after, pause)
        return Reply(answer.status, body or {}, read_fault(answer.status, body or {}))

    def _send(self, method: Method, path: str, what: str, token: str, **rest: Any) -> HttpReply:
        limit = SEARCHES if _is_search(path) else None
        headers = self._login.headers(token)
        return self._http.call(method, self._login.address + path, what=what, headers=headers, limit=limit, **rest)


def _is_search(path: str) -> bool:
    return path.endswith("/search")
