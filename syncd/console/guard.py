"""Who may see the console: this machine, or who knows the token. Deny by default: it stands before every route."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.console.login import Sessions, login_address

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer, browsers would send "Origin: null" with our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
ONE_YEAR = "max-age=31536000"
OPEN = ("/login", "/static/")
"""What somebody needs who has not logged in yet."""

_SAFE = ("GET", "HEAD")
_THIS_MACHINE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", re.IGNORECASE)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class StrictHeaders:
    """On every answer, those of errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tls = {"strict-transport-security": ONE_YEAR} if is_secure(scope) else {}
        strict = [(name.encode(), value.encode()) for name, value in {**HEADERS, **tls}.items()]

        async def send_strictly(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                added = [header for header in strict if header[0] not in names]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self.app(scope, receive, send_strictly)


class Guard:
    """With `sessions` people log in; without, only names of this machine are answered: no DNS rebinding."""

    def __init__(self, app: ASGIApp, sessions: Sessions | None) -> None:
        self.app, self.sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Request(scope))
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in _SAFE and not _same_site(request):
            return PlainTextResponse("asked from another site\n", 403)
        if self.sessions is None:
            return None if _from_here(request) else PlainTextResponse(_ONLY_HERE, 403)
        path: str = request.scope["path"]
        if path == OPEN[0] or path.startswith(OPEN[1]) or self.sessions.hold(request.cookies):
            return None
        if path.startswith("/api/") or path.endswith(".json"):
            return JSONResponse({"error": "not logged in"}, 401)
        return RedirectResponse(login_address(path), 303)


_ONLY_HERE = "open this console by the address of this machine, or set web.console_token for others\n"


def _from_here(request: Request) -> bool:
    """A proxy on this machine would let everybody in."""
    forwarded = any(name in request.headers for name in _FORWARDED)
    return not forwarded and bool(_THIS_MACHINE.fullmatch(request.headers.get("host", "")))


def _same_site(request: Request) -> bool:
    """https://www.w3.org/TR/fetch-metadata/; browsers without it send Origin with every POST."""
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return not origin or origin.partition("://")[2] == request.headers.get("host", "")


def is_secure(scope: Mapping[str, Any]) -> bool:
    """Whether the browser came by TLS, as far as a proxy says; who lies only makes it stricter for themselves."""
    told = next((value for name, value in scope["headers"] if name == b"x-forwarded-proto"), b"")
    return scope.get("scheme") == "https" or told == b"https"
