"""Outgoing HTTP for connectors: a requests session that never hangs, never retries and never tells secrets.

Three classes of trouble, as `errors` names them: surely not sent (Retryable), surely answered (by status),
and sent without an answer (Ambiguous for calls that write, Retryable for calls that only read). Retrying
belongs to the orders table alone, so urllib3's own retries are off.
"""

import contextlib
import email.utils
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.exceptions import ClosedPoolError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.util.retry import Retry

from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 60.0
LARGEST_ANSWER = 32 * 2**20
LONGEST_WORDS = 300
USUAL_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(days=1)
_PIECE = 2**16


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer that arrived whole. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    writes: bool = False  # the call was one that writes

    def json(self) -> Any:
        """The body as JSON. When it is not JSON, it is a proxy's page, or an answer that was cut.

        Raises Ambiguous where a call that writes was answered with success, otherwise Retryable.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            message = f"answer {self.status} is not JSON"
            done = self.writes and self.status // 100 == 2
            raise (Ambiguous(message) if done else Retryable(message)) from error

    @property
    def retry_after(self) -> timedelta | None:
        """Retry-After, seconds or date (RFC 9110 10.2.3)."""
        return read_retry_after(self.headers.get("retry-after", ""), datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Limit:
    """A rolling window that some calls of a service have of their own, beside the one for all calls."""

    name: str  # of such calls, unique within the sink: "search"
    per_window: int
    window: timedelta


@dataclass(slots=True)
class HttpClient:
    """One per connector. Thread-safe as far as requests sessions are: headers are given per call."""

    timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS)
    total: float = TOTAL_SECONDS  # for the whole answer, however it trickles
    gate: Callable[[Limit | None], None] | None = None  # asked before each call; may wait, or raise RateLimited
    session: requests.Session = field(init=False)

    def __post_init__(self) -> None:
        self.session = plain_session()

    def call(
        self,
        method: str,
        url: str,
        *,
        what: str,
        writes: bool,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: Limit | None = None,
    ) -> HttpReply:
        """Send once and return whatever was answered, any status.

        `what` names the call in errors ("hubspot: batch upsert of contacts"). `writes`: losing the answer
        leaves doubt. `limit`: what the service allows of such calls alone. Raises Retryable (surely not sent,
        or a lost read) or Ambiguous (a lost write).
        """
        if self.gate:
            self.gate(limit)
        sent = dict(headers or {})
        if json is not None:
            body = orjson.dumps(json)
            sent["content-type"] = "application/json"
        end = time.monotonic() + self.total
        try:
            with self.session.request(
                method,
                url,
                params=params,
                data=form if form is not None else body,
                headers=sent,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as reply:
                content = b"".join(_pieces(reply, end))
                if not content and _unframed(reply, method):
                    raise _CutOff
        except (requests.RequestException, HTTPError) as error:
            raise _lost(error, what, writes=writes) from None
        names = {name.lower(): value for name, value in reply.headers.items()}
        return HttpReply(reply.status_code, names, content, writes)

    def close(self) -> None:
        """At once: the session alone lets go of its connections, and leaves their end to the garbage collector."""
        for adapter in self.session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                for manager in (adapter.poolmanager, *adapter.proxy_manager.values()):
                    _hang_up(manager)
        self.session.close()


def _hang_up(manager: PoolManager) -> None:
    """A connection that is in use is closed by whoever uses it."""
    for key in manager.pools.keys():  # noqa: SIM118 - cannot be iterated over
        if pool := manager.pools.get(key):
            pool.close()


class _Endless(requests.RequestException):
    """The answer takes too long, or is too large to be one."""


class _CutOff(requests.RequestException):
    """The head of a success broke off: what says how long its body is has not come."""


def _unframed(reply: requests.Response, method: str) -> bool:
    """Whether nothing says where the body of a success ends, though there should be one (RFC 9112 6.3)."""
    success = reply.status_code // 100 == 2 and reply.status_code != 204 and method != "HEAD"
    return success and not {"content-length", "transfer-encoding"} & {name.lower() for name in reply.headers}


def _pieces(reply: requests.Response, end: float) -> Iterator[bytes]:
    """As they arrive: the time limit of requests is for each piece, not for the whole."""
    size = 0
    while piece := reply.raw.read1(_PIECE, decode_content=True):
        size += len(piece)
        if size > LARGEST_ANSWER or time.monotonic() > end:
            raise _Endless
        yield piece


def plain_session() -> requests.Session:
    """Proxy and CA settings come from the environment (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE)."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=16, max_retries=Retry(0, read=False))
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.auth = _keep_headers  # otherwise requests lets a .netrc replace the Authorization header
    session.headers["user-agent"] = "syncd"
    return session


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def raise_for_status(reply: HttpReply, what: str, *, writes: bool, words: str = "") -> None:
    """The usual meaning of a status for a connector that knows no better. `words`: the vendor's message."""
    status, said = reply.status, f": {words[:LONGEST_WORDS]}" if words else ""
    message = f"{what} answered {status}{said}"
    if status // 100 == 2:
        return
    if status in (401, 403):
        raise AuthFailed(message)
    if status == requests.codes.too_many_requests:
        raise RateLimited(message, reply.retry_after or USUAL_PAUSE)
    if status // 100 == 3 or status in (408, 423, 425):  # redirects are not followed: it is not there now
        raise Retryable(message, reply.retry_after)
    if status >= requests.codes.internal_server_error:
        raise (Ambiguous(message) if writes else Retryable(message, reply.retry_after))
    raise Refused(message)


def read_retry_after(value: str, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date; None when absent or unreadable, never negative, a day at most."""
    after = None
    with contextlib.suppress(ValueError, OverflowError):
        after = timedelta(seconds=float(value))
    if after is None:
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            after = email.utils.parsedate_to_datetime(value) - now
    return None if after is None else min(max(after, timedelta(0)), LONGEST_PAUSE)


def _lost(error: Exception, what: str, *, writes: bool) -> Exception:
    """A sure miss or a doubt. The text of the error may hold a URL with secrets: only its class is told."""
    kind = type(error).__name__.strip("_")
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            kind = f"{kind}: {cause.verify_message or 'the certificate is not right'}"  # names a host, never a path
    if isinstance(error, _NOT_A_CALL):
        return Refused(f"{what}: the address or a header is not what HTTP allows ({kind})")
    if isinstance(error, _NOT_SENT) or any(isinstance(cause, _NOT_CONNECTED) for cause in _causes(error)):
        return Retryable(f"{what}: not sent ({kind})")
    if writes:
        return Ambiguous(f"{what}: sent, no answer ({kind})")
    return Retryable(f"{what}: no answer ({kind})")


_NOT_A_CALL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
)
_NOT_SENT = (requests.ConnectTimeout, requests.exceptions.ProxyError)
_NOT_CONNECTED = (NewConnectionError, NameResolutionError, ClosedPoolError, ssl.SSLCertVerificationError)
"""Other trouble of TLS may come after the request as well as before it: that is a doubt."""


def _causes(error: BaseException) -> Iterator[object]:
    """What requests and urllib3 have wrapped, from the outside in."""
    inner: object = error
    while isinstance(inner, BaseException):
        yield inner
        inner = getattr(inner, "reason", None) or (inner.args[0] if inner.args else None)
