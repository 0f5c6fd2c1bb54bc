"""One call to Streak: where it goes, as whom, and what its answer means.

https://streak.readme.io/docs/requests-responses - HTTP Basic with the API key as user and no password, JSON but for
what is made by PUT, which is a form; lists come bare, as `results`, or as an object by key.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.sinks.streak.failures import Fault, exceptions_for
from connectors.sinks.streak.options import StreakOptions
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

V1, V2 = "/api/v1", "/api/v2"
PAUSE = timedelta(seconds=5)  # after a 429 that does not say for how long
Row = Mapping[str, Any]


class Reply(JsonReply[Fault]):
    @property
    def key(self) -> str:
        """Of the object that was answered; empty where it names none."""
        return self.named("key")


class Client:
    """Thread-safe. Never retries."""

    def __init__(self, options: StreakOptions, tools: Tools) -> None:
        self._http, self._address, self._per_second = tools.http, options.base_url.rstrip("/"), options.per_second
        pair = f"{options.api_key.get_secret_value()}:".encode()
        self._headers = {"authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def allowance(self) -> Allowance:
        """Streak has no hard limit and no headers; it asks for ten calls a second at most."""
        return Allowance(self._per_second, timedelta(seconds=1))

    def post(self, path: str, body: object, *, what: str, params: Mapping[str, str] | None = None) -> Reply:
        """Raises Ambiguous, AuthFailed, RateLimited or Retryable; a judgement on the content is returned."""
        return self._call("POST", path, what, writes=True, json=body, params=params)

    def put(self, path: str, form: Mapping[str, str], *, what: str) -> Reply:
        return self._call("PUT", path, what, writes=True, form=form)

    def delete(self, path: str) -> Fault | None:
        """None when it is gone, now or before. Raises as `post` does."""
        reply = self._call("DELETE", path, "removal", writes=True)
        return None if reply.ok or reply.fault.gone else reply.fault

    def ask(self, path: str, *, what: str, params: Mapping[str, str] | None = None) -> Reply:
        return self._call("GET", path, what, writes=False, params=params)

    def read(self, path: str, *, what: str) -> Row:
        """One object that must be there. Raises Refused too."""
        reply = self.ask(path, what=what)
        if not reply.ok:
            raise Refused(f"streak: {what} refused: {reply.fault}")
        if not reply.row:
            raise Retryable(f"streak: {what} was not answered with an object")
        return reply.row

    def rows(self, path: str, *, what: str, params: Mapping[str, str] | None = None) -> list[Row]:
        """A list, bare or as `results`. Raises Refused too."""
        reply = self.ask(path, what=what, params=params)
        if not reply.ok:
            raise Refused(f"streak: {what} refused: {reply.fault}")
        listed = reply.body.get("results") if isinstance(reply.body, dict) else reply.body
        if not isinstance(listed, list) or len(objects_in(listed)) != len(listed):
            raise Retryable(f"streak: {what} was not answered with a list")
        return objects_in(listed)

    def close(self) -> None:
        self._http.close()

    def _call(self, method: str, path: str, what: str, *, writes: bool, **sent: Any) -> Reply:
        what = f"streak: {what}"
        answer = self._http.call(method, self._address + path, what=what, writes=writes, headers=self._headers, **sent)
        body = json_in(answer)
        known = (
            isinstance(body, dict | list) if answer.status // 100 == 2 else isinstance(body, dict) or not answer.body
        )
        but = {**exceptions_for(answer.status, body), **of_method(method)}
        trouble = trouble_of(answer.status, writes=writes, known=known, but=but)
        pause = answer.retry_after or PAUSE
        raise_trouble(trouble, f"{what} answered {answer.status}", answer.retry_after, pause)
        return Reply(answer.status, body, Fault(answer.status))
