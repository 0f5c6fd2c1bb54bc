"""One call to Close: where it goes, as whom, and what its answer means.

https://developer.close.com/api/overview - HTTP Basic with the API key as user and no password; PUT changes just what is
sent; lists have `data` and `has_more`.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from connectors.sinks.close.failures import Fault, is_from_close, read_fault
from connectors.sinks.close.limits import Meter, pause_for
from connectors.sinks.close.options import CloseOptions
from syncd.connector import (
    JsonReply,
    Refused,
    Retryable,
    Tools,
    json_object,
    objects_in,
    of_method,
    raise_trouble,
    trouble_of,
)

API = "/api/v1"
PAGE = 100
Row = Mapping[str, Any]
Method = Literal["GET", "POST", "PUT", "DELETE"]
Reply = JsonReply[Fault]


class Client:
    """Thread-safe. Never retries."""

    def __init__(self, options: CloseOptions, tools: Tools) -> None:
        self.meter = Meter()
        self._http, self._address = tools.http, options.base_url.rstrip("/")
        pair = f"{options.api_key.get_secret_value()}:".encode()
        self._headers = {"authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def write(self, method: Method, path: str, *, what: str, json: object) -> Reply:
        """Raises Ambiguous, AuthFailed, RateLimited or Retryable; a judgement on the content is returned."""
        return self._call(method, path, what, writes=True, json=json)

    def delete(self, path: str) -> Fault | None:
        """None when it is gone, now or before. Raises as `write` does."""
        reply = self._call("DELETE", path, "removal", writes=True)
        return None if reply.ok or reply.fault.gone else reply.fault

    def ask(self, path: str, *, what: str, params: Mapping[str, str] | None = None) -> Reply:
        """As `write` for what changes nothing."""
        return self._call("GET", path, what, writes=False, params=params)

    def page(self, path: str, *, what: str, params: Mapping[str, str]) -> tuple[list[Row], Row]:
        """The objects of a list, and the whole answer. Raises Refused too."""
        return self._listed(self.ask(path, what=what, params=params), what)

    def pages(self, path: str, *, what: str, params: Mapping[str, str] | None = None) -> Iterator[list[Row]]:
        """All pages of a list that is turned by `_skip`."""
        skip = 0
        while True:
            asked = {**(params or {}), "_limit": str(PAGE), "_skip": str(skip)}
            rows, body = self.page(path, what=what, params=asked)
            yield rows
            if body.get("has_more") is not True or not rows:
                return
            skip += len(rows)

    def search(self, query: Row) -> list[Row]:
        """https://developer.close.com/api/resources/advanced-filtering - a POST that changes nothing."""
        what = "search"
        return self._listed(self._call("POST", f"{API}/data/search/", what, writes=False, json=query), what)[0]

    def close(self) -> None:
        self._http.close()

    def _listed(self, reply: Reply, what: str) -> tuple[list[Row], Row]:
        if not reply.ok:
            raise Refused(f"close: {what} refused: {reply.fault}")
        if not isinstance(reply.body.get("data"), list):
            raise Retryable(f"close: {what} was not answered with a list")
        return objects_in(reply.body["data"]), reply.body

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
        what = f"close: {what}"
        answer = self._http.call(
            method, self._address + path, what=what, writes=writes, headers=self._headers, params=params, json=json
        )
        self.meter.note(method, path, answer.headers)
        body = json_object(answer)
        known = is_from_close(answer.status, body)
        trouble = trouble_of(answer.status, writes=writes, known=known, but=of_method(method))
        pause = pause_for(answer.headers, answer.retry_after)
        raise_trouble(trouble, f"{what} answered {answer.status}", answer.retry_after, pause)
        return Reply(answer.status, body or {}, read_fault(answer.status, body or {}))
