"""Who may see the console: this machine, or who knows the token. Every answer carries strict headers."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

Endpoint = Callable[[Request], Awaitable[Response]]

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
COOKIE = "syncd_console"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})

_LOGIN = """<!doctype html><meta charset="utf-8"><title>syncd</title>
<form method="post"><label>Console token <input type="password" name="token" autofocus></label>
<button>Open</button></form>"""


class Guard:
    """Without a token the console answers only to names of this machine, which defeats DNS rebinding."""

    def __init__(self, token: str, host: str) -> None:
        self._proof = hashlib.sha256(b"syncd console " + token.encode()).hexdigest() if token else ""
        self._token, self._local = token, host in LOOPBACK

    def wrap(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            return self._refusal(request) or await endpoint(request)

        return guarded

    def _refusal(self, request: Request) -> Response | None:
        if self._proof and not hmac.compare_digest(request.cookies.get(COOKIE, ""), self._proof):
            return RedirectResponse("/login", 303, HEADERS)
        if self._local and (request.url.hostname or "") not in LOOPBACK:
            return PlainTextResponse("open this console by the address of this machine\n", 403, HEADERS)
        if request.method != "GET" and not _same_site(request):
            return PlainTextResponse("asked from another site\n", 403, HEADERS)
        return None

    async def login(self, request: Request) -> Response:
        """The token by a form, kept as a proof in a cookie that scripts cannot read."""
        if request.method == "GET":
            return HTMLResponse(_LOGIN, headers=HEADERS)
        async with request.form(max_fields=5) as form:
            given = form.get("token")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), self._token.encode()):
            return HTMLResponse(_LOGIN, 401, HEADERS)
        reply = RedirectResponse("/", 303, HEADERS)
        secure = request.url.scheme == "https"
        reply.set_cookie(COOKIE, self._proof, max_age=43_200, httponly=True, samesite="strict", secure=secure)
        return reply


def _same_site(request: Request) -> bool:
    """https://www.w3.org/TR/fetch-metadata/; browsers without it send Origin with every POST."""
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return not origin or origin.partition("://")[2] == request.headers.get("host", "")
