"""Logging in for connectors: a fixed token, or an OAuth 2.0 grant whose access token is renewed (RFC 6749).

One renewal at a time, however many threads find the token stale, and before it runs out. A refused grant is
not tried again for a while. What the service forgets (a rotated refresh token) or rations (access tokens) is
kept in a private file before it is used. No message holds a secret: of a refusal only its code is told.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Protocol

from pydantic import Field, SecretStr

from syncd.clock import Clock
from syncd.errors import AuthFailed, RateLimited, Retryable
from syncd.http_client import HttpClient, HttpReply
from syncd.wire.answers import json_object
from syncd.wire.options import ConnectorOptions
from syncd.wire.tokens import Ration, Token, TokenFile, Tokens

EARLY = timedelta(seconds=60)  # before its end a token is no longer used
QUIET = timedelta(seconds=30)  # in which a refused grant is not tried again
USUAL_PAUSE = timedelta(seconds=10)
_CODE = re.compile(r"[A-Za-z][A-Za-z_ .\-]{2,40}")
_TOKEN = re.compile(r"[!-~]{1,8192}")


class Login(Protocol):
    def token(self) -> str:
        """A token that should work now. Raises AuthFailed, RateLimited or Retryable."""
        ...

    def renew(self, stale: str) -> bool:
        """`stale` was refused: True when there is another one to try."""
        ...


class FixedToken:
    """A token that never runs out: when it is refused, only a person can help."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def token(self) -> str:
        return self._token.get_secret_value()

    def renew(self, stale: str) -> bool:
        return stale != self.token()


class RefreshTokenOptions(ConnectorOptions):
    """A person has allowed the app once; the refresh token is what came of it."""

    client_id: str = Field(description="client id of the app")
    client_secret: SecretStr = Field(description="client secret of the app")
    refresh_token: SecretStr = Field(description="refresh token from the installation of the app")


class ClientCredentialsOptions(ConnectorOptions):
    """The app logs in as itself."""

    client_id: str = Field(description="client id of the app")
    client_secret: SecretStr = Field(description="client secret of the app")


@dataclass(frozen=True, slots=True)
class TokenService:
    """Where tokens come from, and what its answers look like."""

    url: str
    what: str  # the call in messages ("hubspot: refresh of the access token")
    code: str = "error"  # name of the answer that holds the code of a refusal
    pauses: Mapping[str, timedelta] | None = None  # codes that mean "slow down", and for how long
    pause: timedelta = USUAL_PAUSE  # a 429 without Retry-After
    lifetime: timedelta | None = None  # of tokens whose answer does not say; None: it must
    details: tuple[str, ...] = ()  # other texts of the answer that go with the token ("instance_url")
    shared: bool = False  # access tokens outlive restarts, and daemons with one data_dir use the same
    ration: Ration | None = None  # tokens that the service gives at most; asks for `shared`
    as_json: bool = False  # the question is JSON instead of a form


@dataclass(frozen=True, slots=True)
class Asking:
    """What is sent for a token."""

    form: Callable[[str], Mapping[str, str]]  # from the newest refresh token; called for every question anew
    whose: str  # tokens kept for anything else are not used: a secret that is long, or a public name
    refresh_token: str = ""
    headers: Mapping[str, str] | None = None


def by_refresh_token(options: RefreshTokenOptions) -> Asking:
    def form(newest: str) -> Mapping[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": options.client_id,
            "client_secret": options.client_secret.get_secret_value(),
            "refresh_token": newest,
        }

    configured = options.refresh_token.get_secret_value()
    return Asking(form, whose=configured, refresh_token=configured)


def by_client_credentials(options: ClientCredentialsOptions, **more: str) -> Asking:
    """`more`: what the service wants beside them, as a scope."""

    def form(_: str) -> Mapping[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": options.client_id,
            "client_secret": options.client_secret.get_secret_value(),
            **more,
        }

    return Asking(form, whose=f"client {options.client_id}")


class Lent(Protocol):
    """What a grant needs of `Tools`."""

    @property
    def name(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def http(self) -> HttpClient: ...
    @property
    def data_dir(self) -> Path: ...


class Grant:
    """Thread-safe. A password or a signed assertion (RFC 7523) is an `Asking` of the connector's own making."""

    def __init__(self, service: TokenService, asking: Asking, tools: Lent) -> None:
        self._service, self._asking, self._tools = service, asking, tools
        file = TokenFile(tools.data_dir / f"{tools.name}.oauth.json", asking.whose)
        self._tokens = Tokens(file, tools.clock, asking.refresh_token, service.ration, shared=service.shared)
        self._lock = Lock()
        self._now: Token | None = None
        self._ends = 0.0
        self._refusal, self._quiet_until = "", 0.0

    def token(self) -> str:
        return self._current().access

    def detail(self, name: str) -> str:
        """What came with the token under one of the service's `details`; empty where nothing did."""
        return self._current().details.get(name, "")

    def renew(self, stale: str) -> bool:
        with self._lock:
            if self._now is None or self._now.access == stale:
                self._refresh(stale)
            return True

    def _current(self) -> Token:
        with self._lock:
            if self._now is None or self._tools.clock.monotonic() >= self._ends:
                return self._refresh(self._now.access if self._now else "")
            return self._now

    def _refresh(self, stale: str) -> Token:
        if self._tools.clock.monotonic() < self._quiet_until:
            raise AuthFailed(self._refusal)
        with self._tokens.alone():
            token = self._tokens.kept(stale, EARLY) or self._ask()
        left = token.ends_at - self._tools.clock.now()
        self._ends = self._tools.clock.monotonic() + max(0.0, (left - EARLY).total_seconds())
        self._now = token
        return token

    def _ask(self) -> Token:
        service, form = self._service, self._asking.form(self._tokens.spend(self._service.what))
        reply = self._tools.http.call(
            "POST",
            service.url,
            what=service.what,
            writes=False,
            headers=self._asking.headers,
            json=form if service.as_json else None,
            form=None if service.as_json else form,
        )
        return self._taken(reply)

    def _taken(self, reply: HttpReply) -> Token:
        body = json_object(reply) or {}
        access, refresh, seconds = (body.get(name) for name in ("access_token", "refresh_token", "expires_in"))
        lifetime = _lifetime(seconds) or self._service.lifetime
        if reply.status != 200 or not _is_token(access) or lifetime is None:
            raise self._refused(reply, str(body.get(self._service.code, "")))
        details = {name: str(body[name]) for name in self._service.details if isinstance(body.get(name), str)}
        token = Token(str(access), self._tools.clock.now() + lifetime, details)
        self._tokens.keep(token, refresh if isinstance(refresh, str) else "")
        return token

    def _refused(self, reply: HttpReply, code: str) -> Exception:
        known = bool(_CODE.fullmatch(code))
        message = f"{self._service.what} answered {reply.status}" + (f": {code}" if known else "")
        pause = (self._service.pauses or {}).get(code)
        if reply.status == 429 or pause is not None:
            return RateLimited(message, reply.retry_after or pause or self._service.pause)
        if reply.status in (400, 401, 403) or (reply.status == 200 and known):
            self._refusal = message
            self._quiet_until = self._tools.clock.monotonic() + QUIET.total_seconds()
            return AuthFailed(message)
        return Retryable(message, reply.retry_after)


def renewing(connector: str, url: str, login: RefreshTokenOptions, tools: Lent) -> Grant:
    """The usual grant: access tokens of an hour, renewed by what a person allowed once."""
    return Grant(TokenService(url, f"{connector}: refresh of the access token"), by_refresh_token(login), tools)


def _is_token(value: object) -> bool:
    """Anything else could not stand in a header."""
    return isinstance(value, str) and bool(_TOKEN.fullmatch(value))


def _lifetime(seconds: object) -> timedelta | None:
    if isinstance(seconds, str) and seconds.isdecimal() and len(seconds) < 10:
        seconds = int(seconds)
    return timedelta(seconds=min(seconds, 10**9)) if isinstance(seconds, int | float) and seconds > 0 else None
