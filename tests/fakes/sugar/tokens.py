"""Who may call: tokens of SugarCRM's platforms, of SuiteCRM's clients, and sessions of v4_1."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from syncd.testing import Answer, Call, Refusal
from tests.fakes.sugar.options import Options


class Tokens:
    def __init__(self, options: Options, now: Callable[[], datetime]) -> None:
        self.options, self._now = options, now
        self.password = options.password
        self.client_valid = True
        self.access: dict[str, tuple[str, datetime]] = {}  # token -> platform, and when it ends
        self.sessions: set[str] = set()
        self._count = 0

    def revoke(self) -> None:
        """Tokens and sessions end; logging in still works."""
        self.access.clear()
        self.sessions.clear()

    def log_in_by_hand(self) -> None:
        """A person opens the pages as this user: what was given to the platform of the pages is ended."""
        self._end("base")

    def of_sugarcrm(self, call: Call) -> Answer:
        """A new token ends the older ones of its platform."""
        asked, options = _object(call), self.options
        if asked.get("client_id") != "sugar" or asked.get("client_secret") != "":
            raise _sugar(401, "invalid_grant", "Your client credentials are not valid")
        if asked.get("platform") not in options.platforms:
            raise _sugar(422, "invalid_parameter", "unknown platform")
        good = (asked.get("username"), asked.get("password")) == (options.username, self.password)
        if asked.get("grant_type") != "password" or not good:
            raise _sugar(401, "need_login", "You must specify a valid username and password.")
        self._end(asked["platform"])
        token = self._issue(asked["platform"])
        return Answer(
            200,
            {
                "access_token": token,
                "expires_in": options.token_seconds,
                "token_type": "bearer",
                "scope": None,
                "refresh_token": f"{token}-refresh",
                "refresh_expires_in": 1209600,
                "download_token": f"{token}-download",
            },
        )

    def of_suitecrm(self, call: Call) -> Answer:
        asked, options = _object(call), self.options
        good = (asked.get("client_id"), asked.get("client_secret")) == (options.client_id, options.client_secret)
        if asked.get("grant_type") != "client_credentials":
            raise Refusal(Answer(400, {"error": "unsupported_grant_type", "message": "not supported"}))
        if not good or not self.client_valid:
            raise Refusal(Answer(401, {"error": "invalid_client", "message": "Client authentication failed"}))
        token = self._issue("suitecrm")
        return Answer(200, {"token_type": "Bearer", "expires_in": options.token_seconds, "access_token": token})

    def log_in(self, user_auth: Any) -> str | None:
        """A session of v4_1; the password comes as its MD5."""
        digest = hashlib.md5(self.password.encode(), usedforsecurity=False).hexdigest()
        given = user_auth if isinstance(user_auth, dict) else {}
        if (given.get("user_name"), given.get("password")) != (self.options.username, digest):
            return None
        self._count += 1
        session = f"fakesession{self._count:06d}"
        self.sessions.add(session)
        return session

    def check_sugarcrm(self, call: Call) -> None:
        token = call.headers.get("oauth-token") or call.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._is_good(token):
            raise _sugar(401, "invalid_grant", "The access token provided is invalid.")

    def check_suitecrm(self, call: Call) -> None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not self._is_good(token):
            said = "The resource owner or authorization server denied the request."
            raise Refusal(Answer(401, {"error": "access_denied", "message": said}))

    def _is_good(self, token: str) -> bool:
        _, end = self.access.get(token, ("", None))
        return end is not None and self._now() < end

    def _issue(self, platform: str) -> str:
        self._count += 1
        token = f"fake-access-{self._count:06d}"
        self.access[token] = platform, self._now() + timedelta(seconds=self.options.token_seconds)
        return token

    def _end(self, platform: str) -> None:
        self.access = {token: each for token, each in self.access.items() if each[0] != platform}


def _object(call: Call) -> dict[str, Any]:
    asked = call.json()
    return asked if isinstance(asked, dict) else {}


def _sugar(status: int, error: str, message: str) -> Refusal:
    return Refusal(Answer(status, {"error": error, "error_message": message}))
