"""The token by a form, kept as a signed cookie. Nothing of it is stored; another token ends every session."""

import hashlib
import hmac
import math
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request

from syncd.clock import Clock

SESSION = timedelta(hours=12)
FAILURES = 5
"""So many wrong tokens in a row from one address, and it has to wait."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
MOST_ADDRESSES = 1000

_PLAIN, _SECURE = "syncd_console", "__Host-syncd_console"


class Sessions:
    """A cookie says until when it holds, and proves that we said so."""

    def __init__(self, token: str, clock: Clock) -> None:
        self._token, self._clock = token.encode(), clock
        self._key = hashlib.sha256(b"syncd console session " + self._token).digest()

    def knows(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token)

    def cookie(self) -> str:
        until = math.floor((self._clock.now() + SESSION).timestamp())
        return f"{until}.{self._proof(str(until))}"

    def hold(self, cookies: Mapping[str, str]) -> bool:
        until, _, proof = (cookies.get(_SECURE) or cookies.get(_PLAIN) or "").partition(".")
        if not hmac.compare_digest(proof.encode(), self._proof(until).encode()):
            return False
        return int(until) > self._clock.now().timestamp()

    def _proof(self, until: str) -> str:
        return hmac.digest(self._key, until.encode(), "sha256").hex()


class Attempts:
    """Slows down who guesses, by address."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}  # address -> (failures, monotonic time of the last)

    def wait(self, address: str) -> timedelta:
        """How long this address has to wait before its next try."""
        failures, last = self._failed.get(address, (0, 0.0))
        if failures < FAILURES:
            return timedelta(0)
        pause = min(FIRST_WAIT * (1 << min(failures - FAILURES, 10)), LONGEST_WAIT)
        return max(timedelta(0), pause - timedelta(seconds=self._clock.monotonic() - last))

    def failed(self, address: str) -> None:
        failures, _ = self._failed.pop(address, (0, 0.0))
        if len(self._failed) >= MOST_ADDRESSES:
            del self._failed[next(iter(self._failed))]
        self._failed[address] = failures + 1, self._clock.monotonic()

    def succeeded(self, address: str) -> None:
        self._failed.pop(address, None)


def cookie_name(*, secure: bool) -> str:
    """https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes"""
    return _SECURE if secure else _PLAIN


def login_address(path: str) -> str:
    """Where to log in, and where to go on afterwards."""
    return "/login" if path == "/" else f"/login?next={quote(path)}"


def wanted_page(request: Request) -> str:
    """The page to go on to; only one of ours."""
    path = request.query_params.get("next", "/")
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() else "/"
