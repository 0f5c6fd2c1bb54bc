"""HTTP to the fake HubSpot without sockets: each call may lose its answer on the way, in every way an answer can.

It stands below `requests`, so that everything of the product above it is real: session, client, connector.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from syncd.testing.listener import page
from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.errors import too_many_calls
from tests.fakes.hubspot.routes import matched
from tests.fakes.hubspot.service import answered

PATIENCE = 30.0
"""Seconds for which the product's client waits for an answer."""
LATE = 40.0
"""Seconds after which a call that nobody waits for any more is carried out and answered 200."""


class Loss(StrEnum):
    """What happens to one call. Those of the first group write; those of the second never do."""

    DROPPED = "commit, then the connection ends"
    RESET = "commit, then a reset"
    HANGS = "commit, then no answer within our patience"
    HALF_BODY = "commit, then half an answer"
    BAD_GATEWAY = "commit, then 502"
    GATEWAY_TIMEOUT = "commit, then 504"
    LATE = "200 after 40 s, when nobody listens"
    TOO_MANY = "commit, then 429"
    MISSING = "commit, but the answer leaves one result out"
    DIES = "commit, then the daemon is killed"
    OVERSLEPT = "the daemon sleeps past its leases, another one works, then it commits all the same"

    NEVER_SENT = "the connection ends before anything is written"
    NEVER_ANSWERED = "nothing is written, no answer comes"
    SERVER_ERROR = "500, nothing is written"
    UNAVAILABLE = "503, nothing is written"
    EMPTY_GATEWAY = "502, nothing is written"
    REFUSED_NOW = "429, nothing is written"
    DIES_BEFORE = "the daemon is killed before anything is written"

    @property
    def commits(self) -> bool:
        return self in _COMMITTING


_COMMITTING = frozenset(list(Loss)[:11])
EIGHT = tuple(list(Loss)[:8])
"""Eight ways of losing an answer (H1); the others are there to tell them apart from."""


class Killed(BaseException):
    """As `kill -9`: nothing in the product may catch it, and what it left behind is found by the next start."""


@dataclass
class Wire(BaseAdapter):
    """`trouble` is asked before each call: the number of the call from 1, and what it is for."""

    account: Account
    pass_time: Callable[[float], None]  # seconds of waiting for an answer
    oversleep: Callable[[], None] = lambda: None  # another daemon's work meanwhile
    trouble: Callable[[int, str], Loss | None] = lambda _number, _what: None
    calls: int = 0
    struck: Counter[tuple[str, Loss]] = field(default_factory=Counter)
    _late: list[tuple[float, Callable[[], Answer]]] = field(default_factory=list)

    def close(self) -> None:
        """Nothing is open."""

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self.deliver_late()
        self.calls += 1
        call, what = _call(request), operation(request)
        loss = self.trouble(self.calls, what)

        def carry_out() -> Answer:
            with self.account.lock:
                return answered(self.account, call, None)

        if loss is None:
            return _response(request, carry_out())
        self.struck[what, loss] += 1
        if loss is Loss.OVERSLEPT:
            self.oversleep()
            return _response(request, carry_out())
        if loss is Loss.LATE:
            self._late.append((self.now() + LATE, carry_out))
        answer = carry_out() if loss.commits and loss is not Loss.LATE else None
        return self._lost(request, loss, answer)

    def now(self) -> float:
        return self.account.now().timestamp()

    def deliver_late(self) -> None:
        """What nobody waits for any more arrives all the same."""
        now = self.now() + 0.001  # clocks of microseconds and times in seconds differ in the last digit
        due = [(at, carry_out) for at, carry_out in self._late if at <= now]
        self._late = [(at, carry_out) for at, carry_out in self._late if at > now]
        for _, carry_out in due:
            carry_out()

    def next_late(self) -> float | None:
        """When the next of them arrives."""
        return min((at for at, _ in self._late), default=None)

    def on_the_way(self) -> bool:
        return bool(self._late)

    def _lost(self, request: requests.PreparedRequest, loss: Loss, answer: Answer | None) -> requests.Response:
        if loss in {Loss.DIES, Loss.DIES_BEFORE}:
            raise Killed
        if loss in {Loss.DROPPED, Loss.NEVER_SENT}:
            raise requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionAbortedError()))
        if loss is Loss.RESET:
            raise requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))
        if loss in {Loss.HANGS, Loss.LATE, Loss.NEVER_ANSWERED}:
            self.pass_time(PATIENCE)
            raise requests.ReadTimeout
        if loss in _PAGES:
            return _response(request, Answer(_PAGES[loss]), page(_PAGES[loss]), "text/html")
        if loss in {Loss.TOO_MANY, Loss.REFUSED_NOW}:
            refusal = too_many_calls("TEN_SECONDLY_ROLLING")
            return _response(request, Answer(refusal.status, refusal.body()))
        if answer is None:
            raise AssertionError(loss)
        if loss is Loss.MISSING:
            return _response(request, _without_one(answer))
        return _response(request, answer, half=True)


_PAGES = {
    Loss.BAD_GATEWAY: 502,
    Loss.EMPTY_GATEWAY: 502,
    Loss.GATEWAY_TIMEOUT: 504,
    Loss.SERVER_ERROR: 500,
    Loss.UNAVAILABLE: 503,
}


def operation(request: requests.PreparedRequest) -> str:
    """What a call is for, in our words."""
    path = urlsplit(request.url or "").path
    return next((name for sign, name in _OPERATIONS if sign in path), "other")


_OPERATIONS = (
    ("/contacts/batch/read", "look-up"),
    ("/contacts/batch/", "record"),
    ("/contacts/search", "read-back"),
    ("/tasks/batch/read", "mark read"),
    ("/tasks/search", "mark search"),
    ("/tasks/batch/", "task"),
    ("/notes/batch/read", "mark read"),
    ("/notes/search", "mark search"),
    ("/notes/batch/", "note"),
    ("/associations/", "association"),
    ("/companies/search", "company search"),
    ("/companies/", "company"),
    ("/properties/", "schema"),
    ("/owners", "owners"),
    ("/account-info/", "account"),
)
OPERATIONS = tuple(dict.fromkeys(name for _, name in _OPERATIONS))


def _call(request: requests.PreparedRequest) -> Call:
    url, method, body = urlsplit(request.url or ""), request.method or "", request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    return Call(method, url.path, parse_qs(url.query), content, headers, matched(method, url.path))


def _without_one(answer: Answer) -> Answer:
    body = answer.body
    if isinstance(body, dict) and body.get("results"):
        body = {**body, "results": body["results"][1:]}
    return Answer(answer.status, body, answer.headers)


def _response(
    request: requests.PreparedRequest,
    answer: Answer,
    body: bytes | None = None,
    form: str = "application/json;charset=utf-8",
    *,
    half: bool = False,
) -> requests.Response:
    """As an adapter of requests builds it; a body that is shorter than its head says breaks off while it is read."""
    if body is None:
        body = b"" if answer.body is None else orjson.dumps(answer.body)
    headers = {"Content-Type": form, "Content-Length": str(len(body)), **answer.headers}
    made = requests.Response()
    made.status_code, made.url, made.request = answer.status, request.url or "", request
    made.headers.update(headers)
    made.raw = HTTPResponse(
        body=BytesIO(body[: len(body) // 2] if half else body),
        headers=headers,
        status=answer.status,
        preload_content=False,
        decode_content=False,
        request_method=request.method,
        enforce_content_length=True,
    )
    return made
