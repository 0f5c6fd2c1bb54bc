"""One call to Copper: where it goes, as whom, and what its answer means.

https://developer.copper.com/introduction/requests.html - three headers for the login, JSON both ways; searches are
POSTs whose pages begin at 1
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from connectors.sinks.copper.failures import Fault, read_fault
from connectors.sinks.copper.options import CopperOptions
from syncd.connector import (
    Allowance,
    JsonReply,
    Refused,
    Retryable,
    Tools,
    json_in,
    objects_in,
    of_method,
    raise_trouble,
    trouble_of,
)

V1 = "/developer_api/v1"
PAUSE = timedelta(seconds=20)  # after a 429: the minute rolls, and Copper does not say how much of it is left
PAGE, PAGES = 200, 500  # a search shows its first 100,000
Row = Mapping[str, Any]
Reply = JsonReply[Fault]


class Client:
    """Thread-safe. Never retries."""

    def __init__(self, options: CopperOptions, tools: Tools) -> None:
        self._http, self._address, self._per_minute = tools.http, options.base_url.rstrip("/") + V1, options.per_minute
        self._headers = {
            "x-pw-accesstoken": options.token.get_secret_value(),
            "x-pw-application": "developer_api",
            "x-pw-useremail": options.email,
        }

    def allowance(self) -> Allowance:
        """Copper counts the calls of the last minute, and tells nobody how many are left."""
        return Allowance(self._per_minute, timedelta(minutes=1))

    def write(self, method: str, path: str, body: object, *, what: str) -> Reply:
        """Raises Ambiguous, AuthFailed, RateLimited or Retryable; a judgement on the content is returned."""
        return self._call(method, path, what, writes=True, json=body)

    def delete(self, path: str) -> Fault | None:
        """None when it is gone, now or before. Raises as `write` does."""
        reply = self._call("DELETE", path, "removal", writes=True)
        return None if reply.ok or reply.fault.gone else reply.fault

    def ask(self, path: str, *, what: str) -> Reply:
        return self._call("GET", path, what, writes=False)

    def listed(self, path: str, *, what: str) -> list[Row]:
        """A whole list. Raises Refused too."""
        return _rows(self.ask(path, what=what), what)

    def search(self, kind: str, wanted: Mapping[str, Any], *, what: str, page: int = 1) -> list[Row]:
        """One page. Raises Refused too."""
        asked = {**wanted, "page_number": page, "page_size": PAGE}
        return _rows(self._call("POST", f"/{kind}/search", what, writes=False, json=asked), what)

    def pages(self, kind: str, wanted: Mapping[str, Any], *, what: str) -> Iterator[list[Row]]:
        """Everything that is found. Raises Refused too."""
        for page in range(1, PAGES + 1):
            rows = self.search(kind, wanted, what=what, page=page)
            if rows:
                yield rows
            if len(rows) < PAGE:
                return

    def close(self) -> None:
        self._http.close()

    def _call(self, method: str, path: str, what: str, *, writes: bool, **sent: Any) -> Reply:
        what = f"copper: {what}"
        answer = self._http.call(method, self._address + path, what=what, writes=writes, headers=self._headers, **sent)
        body = json_in(answer)
        known = isinstance(body, dict | list) if answer.status // 100 == 2 else isinstance(body, dict)
        trouble = trouble_of(answer.status, writes=writes, known=known, but=of_method(method))
        pause = answer.retry_after or PAUSE
        raise_trouble(trouble, f"{what} answered {answer.status}", answer.retry_after, pause)
        return Reply(answer.status, body, read_fault(answer.status, body))


def _rows(reply: Reply, what: str) -> list[Row]:
    if not reply.ok:
        raise Refused(f"copper: {what} refused: {reply.fault}")
    if not isinstance(reply.body, list) or len(objects_in(reply.body)) != len(reply.body):
        raise Retryable(f"copper: {what} was not answered with a list")
    return objects_in(reply.body)
