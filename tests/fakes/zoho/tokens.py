"""Who may call: access tokens that run out, and the ration of them.

https://www.zoho.com/crm/developer/docs/api/v8/refresh.html
"""

from datetime import datetime, timedelta
from urllib.parse import parse_qs

from syncd.testing import Answer, Call
from tests.fakes.zoho.errors import refused
from tests.fakes.zoho.options import Options

RATION, WINDOW = 10, timedelta(minutes=10)
SCHEME = "Zoho-oauthtoken"


class Tokens:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.refresh_valid = True
        self.access: dict[str, datetime] = {}  # token -> when it ends
        self._given: list[datetime] = []
        self._count = 0

    def issue(self, now: datetime) -> str:
        self._count += 1
        token = f"1000.fake{self._count:06d}.access"
        self.access[token] = now + timedelta(seconds=self.options.token_seconds)
        return token

    def revoke(self) -> None:
        self.access.clear()

    def check(self, authorization: str | None, now: datetime) -> None:
        """A token of another data center is as unknown as an invented one."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme != SCHEME:
            raise refused(401, "AUTHENTICATION_FAILURE")
        end = self.access.get(token)
        if end is None or now >= end:
            raise refused(401, "INVALID_TOKEN")

    def refresh(self, call: Call, now: datetime, domain: str) -> Answer:
        """Errors come with status 200; the eleventh token in ten minutes is refused, and so are those after it."""
        form = {name: values[-1] for name, values in parse_qs(call.body.decode(errors="replace")).items()}
        form |= {name: values[-1] for name, values in call.query.items()}
        options = self.options
        if form.get("grant_type") != "refresh_token":
            return Answer(200, {"error": "unsupported_grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != (options.client_id, options.client_secret):
            return Answer(200, {"error": "invalid_client"})
        if form.get("refresh_token") != options.refresh_token or not self.refresh_valid:
            return Answer(200, {"error": "invalid_code"})
        self._given = [at for at in self._given if now - at < WINDOW] + [now]
        if len(self._given) > RATION:
            said = "You have made too many requests continuously. Please try again after some time."
            return Answer(400, {"error": "Access Denied", "error_description": said, "status": "failure"})
        body = {
            "access_token": self.issue(now),
            "scope": options.scopes,
            "api_domain": domain,
            "token_type": "Bearer",
            "expires_in": options.token_seconds,
        }
        return Answer(200, body)
