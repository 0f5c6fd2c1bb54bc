"""Who may call: the static token, access tokens that run out, and how they are refreshed.

https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.clock import stamp
from tests.fakes.hubspot.errors import Refusal
from tests.fakes.hubspot.options import PORTAL, Options

_UNKNOWN = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you "
    "can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


class Tokens:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.static_valid = True
        self.refresh_valid = True
        self.access: dict[str, datetime] = {}  # token -> when it ends
        self._issued = 0

    def issue(self, now: datetime) -> str:
        self._issued += 1
        token = f"fake-access-{self._issued:06d}"
        self.access[token] = now + timedelta(seconds=self.options.token_seconds)
        return token

    def revoke(self) -> None:
        """The static token and every access token stop working; refreshing still does."""
        self.static_valid = False
        self.access.clear()

    def check(self, authorization: str | None, now: datetime) -> None:
        """401 unless the header carries a token that is good at `now`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme != "Bearer":
            raise _unauthenticated()
        if token == self.options.token and self.static_valid:
            return
        end = self.access.get(token)
        if end is None:
            raise _unauthenticated()
        if now >= end:
            late = int((now - end).total_seconds())
            raise Refusal(
                401,
                f"The OAuth token used to make this call expired {late} second(s) ago.",
                category="EXPIRED_AUTHENTICATION",
                context={"expire time": [stamp(end)]},
            )


def refresh(tokens: Tokens, call: Call, now: datetime) -> Answer:
    """POST /oauth/v1/token or /oauth/v3/token, form-encoded, grant refresh_token only."""
    form = {name: values[-1] for name, values in parse_qs(call.body.decode(errors="replace")).items()}
    refused = _refused(tokens, form)
    if refused:
        status, message = refused
        return Answer(400, {"status": status, "message": message})
    body: dict[str, Any] = {
        "access_token": tokens.issue(now),
        "refresh_token": tokens.options.refresh_token,
        "expires_in": tokens.options.token_seconds,
        "token_type": "bearer",
        "token_use": "access_token",
    }
    if "/v3/" in call.path:
        body |= {"hub_id": PORTAL, "scopes": sorted(tokens.options.scopes)}
    return Answer(200, body)


def _refused(tokens: Tokens, form: dict[str, str]) -> tuple[str, str] | None:
    options = tokens.options
    if form.get("grant_type") != "refresh_token":
        return "BAD_GRANT_TYPE", "missing or unknown grant type"
    if form.get("client_id") != options.client_id:
        return "BAD_CLIENT_ID", "missing or unknown client id"
    if form.get("client_secret") != options.client_secret:
        return "BAD_CLIENT_SECRET", "missing or invalid client secret"
    if form.get("refresh_token") != options.refresh_token or not tokens.refresh_valid:
        return "BAD_REFRESH_TOKEN", "missing or invalid refresh token"
    return None


def _unauthenticated() -> Refusal:
    return Refusal(401, _UNKNOWN, category="INVALID_AUTHENTICATION")
