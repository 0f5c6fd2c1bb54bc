"""The two ways to log in: the fixed token of a private app, and a grant that is refreshed.

https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide
"""

import hashlib
import json
import os
import re
from pathlib import Path
from threading import Lock
from typing import Protocol

from connectors.sinks.hubspot.failures import json_object
from connectors.sinks.hubspot.limits import WINDOW
from connectors.sinks.hubspot.options import HubSpotOptions, OAuthOptions
from syncd.connector import AuthFailed, HttpReply, RateLimited, Retryable, SecretStr, Tools

TOKEN_PATH = "/oauth/v3/token"  # noqa: S105 - a path; v1 goes away in February 2027
WHAT = "hubspot: refresh of the access token"
EARLY = 60.0  # seconds before the end at which a token is no longer used
QUIET = 30.0  # seconds in which a refused grant is not tried again
_STATUS = re.compile(r"[A-Z][A-Z_]{2,40}")


class Login(Protocol):
    def token(self) -> str:
        """A token that should work now. Raises AuthFailed, RateLimited or Retryable."""
        ...

    def renew(self, stale: str) -> bool:
        """`stale` was refused: True when there is another one to try."""
        ...


def login_of(options: HubSpotOptions, tools: Tools) -> Login:
    if options.oauth is not None:
        return Grant(options.oauth, tools, options.base_url.rstrip("/") + TOKEN_PATH)
    return FixedToken(options.token or SecretStr(""))


class FixedToken:
    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def token(self) -> str:
        return self._token.get_secret_value()

    def renew(self, stale: str) -> bool:
        """A private app's token never runs out: when it is refused, only a person can help."""
        return stale != self.token()


class Grant:
    """One refresh at a time, however many threads find the token stale."""

    def __init__(self, options: OAuthOptions, tools: Tools, url: str) -> None:
        self.options, self.tools, self.url = options, tools, url
        self._kept = KeptToken(tools.data_dir / f"{tools.name}.oauth.json", options.refresh_token)
        self._lock = Lock()
        self._access, self._ends = "", 0.0
        self._refusal, self._quiet_until = "", 0.0

    def token(self) -> str:
        with self._lock:
            if not self._access or self.tools.clock.monotonic() >= self._ends:
                self._refresh()
            return self._access

    def renew(self, stale: str) -> bool:
        with self._lock:
            if self._access == stale:
                self._refresh()
            return True

    def _refresh(self) -> None:
        if self.tools.clock.monotonic() < self._quiet_until:
            raise AuthFailed(self._refusal)
        form = {
            "grant_type": "refresh_token",
            "client_id": self.options.client_id,
            "client_secret": self.options.client_secret.get_secret_value(),
            "refresh_token": self._kept.read(),
        }
        self._take(self.tools.http.call("POST", self.url, what=WHAT, writes=False, form=form))

    def _take(self, reply: HttpReply) -> None:
        body = json_object(reply) or {}
        access, refresh, seconds = (body.get(n) for n in ("access_token", "refresh_token", "expires_in"))
        if reply.status != 200 or not isinstance(access, str) or not isinstance(seconds, int):
            raise self._refused(reply, str(body.get("status", "")))
        if isinstance(refresh, str) and refresh:
            self._kept.write(refresh)
        self._access = access
        self._ends = self.tools.clock.monotonic() + max(0.0, seconds - EARLY)

    def _refused(self, reply: HttpReply, status: str) -> Exception:
        word = f": {status}" if _STATUS.fullmatch(status) else ""
        message = f"{WHAT} answered {reply.status}{word}"
        if reply.status == 429:
            return RateLimited(message, reply.retry_after or WINDOW)
        if reply.status in (400, 401, 403):
            self._refusal, self._quiet_until = message, self.tools.clock.monotonic() + QUIET
            return AuthFailed(message)
        return Retryable(message, reply.retry_after)


class KeptToken:
    """The newest refresh token; a rotated one outlives restarts, until the configured one is changed."""

    def __init__(self, path: Path, configured: SecretStr) -> None:
        self._path = path
        self._configured = configured.get_secret_value()
        self._of = hashlib.sha256(self._configured.encode()).hexdigest()
        self._now = self._stored() or self._configured

    def read(self) -> str:
        return self._now

    def write(self, token: str) -> None:
        """Durable before it returns: HubSpot may forget the old one at once."""
        if token == self._now:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"of": self._of, "refresh_token": token}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        self._now = token

    def _stored(self) -> str:
        try:
            kept = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return ""
        mine = isinstance(kept, dict) and kept.get("of") == self._of
        return str(kept.get("refresh_token", "")) if mine else ""
