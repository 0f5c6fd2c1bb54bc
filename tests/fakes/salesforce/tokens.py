"""Who may call: access tokens, and the grants that give them.

https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flows.htm
"""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt

from syncd.testing import Answer, Call, Refusal
from tests.fakes.salesforce.errors import expired
from tests.fakes.salesforce.options import Options

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
ORG = "00D000000000001EAA"


class Tokens:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.valid = True  # the app and its grants
        self.access: dict[str, datetime] = {}  # token -> when it ends
        self.refresh = options.refresh_token
        self.issued = 0

    def check(self, authorization: str | None, now: datetime) -> None:
        scheme, _, token = (authorization or "").partition(" ")
        ends = self.access.get(token)
        if scheme != "Bearer" or ends is None or ends <= now:
            raise expired()
        self.access[token] = now + timedelta(seconds=self.options.token_seconds)  # idle time, not age

    def revoke(self) -> None:
        """Every access token stops working; the grants still do."""
        self.access.clear()

    def grant(self, call: Call, now: datetime, url: str, user: str) -> Answer:
        """POST /services/oauth2/token, a form."""
        form = {name: values[-1] for name, values in parse_qs(call.body.decode(), keep_blank_values=True).items()}
        if not self.valid:
            raise _refused("invalid_grant", "authentication failure")
        told = self._granted(form, call.headers, now)
        self.issued += 1
        token = f"{ORG}!fake.access.{self.issued:06d}"
        self.access[token] = now + timedelta(seconds=self.options.token_seconds)
        body = {
            "access_token": token,
            "instance_url": url,
            "id": f"{url}/id/{ORG}/{user}",
            "token_type": "Bearer",
            "issued_at": str(int(now.timestamp() * 1000)),
            "signature": "c2lnbmF0dXJl",
            "scope": "api refresh_token",
        }
        return Answer(200, {**body, **told})

    def _granted(self, form: dict[str, str], headers: Any, now: datetime) -> dict[str, str]:
        match form.get("grant_type"):
            case "client_credentials":
                self._check_client(*_basic(headers.get("authorization", "")))
            case "refresh_token":
                return self._refreshed(form)
            case grant if grant == JWT_BEARER:
                self._check_assertion(form.get("assertion", ""), now)
            case "password":
                self._check_client(form.get("client_id", ""), form.get("client_secret", ""))
                given = form.get("username"), form.get("password")
                if given != (self.options.username, self.options.password):
                    raise _refused("invalid_grant", "authentication failure")
            case None | "":
                raise _refused("invalid_request", "grant type is missing")
            case _:
                raise _refused("unsupported_grant_type", "grant type not supported")
        return {}

    def _refreshed(self, form: dict[str, str]) -> dict[str, str]:
        if form.get("client_id") != self.options.client_id:
            raise _refused("invalid_client_id", "client identifier invalid")
        if form.get("client_secret", self.options.client_secret) != self.options.client_secret:
            raise _refused("invalid_client", "invalid client credentials")
        if form.get("refresh_token") != self.refresh:
            raise _refused("invalid_grant", "expired access/refresh token")
        if not self.options.rotates:
            return {}
        self.refresh = f"{self.options.refresh_token}-{self.issued + 1}"
        return {"refresh_token": self.refresh}

    def _check_client(self, client_id: str, secret: str) -> None:
        if client_id != self.options.client_id:
            raise _refused("invalid_client_id", "client identifier invalid")
        if secret != self.options.client_secret:
            raise _refused("invalid_client", "invalid client credentials")

    def _check_assertion(self, assertion: str, now: datetime) -> None:
        """Signed by the key of the app, for a login host, for this user, and for three minutes at most."""
        try:
            said = jwt.decode(
                assertion,
                self.options.public_key,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_aud": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            raise _refused("invalid_grant", "invalid assertion") from None
        ahead = float(said.get("exp", 0)) - now.timestamp()
        if said.get("aud") not in LOGIN_HOSTS:
            raise _refused("invalid_grant", "audience is invalid")
        if said.get("iss") != self.options.client_id or said.get("sub") != self.options.username:
            raise _refused("invalid_grant", "user hasn't approved this consumer")
        if not 0 < ahead <= 180:
            raise _refused("invalid_grant", "assertion has expired")


def _basic(header: str) -> tuple[str, str]:
    scheme, _, coded = header.partition(" ")
    try:
        given = base64.b64decode(coded, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        given = ""
    name, _, secret = given.partition(":")
    return name, secret


def _refused(error: str, description: str) -> Refusal:
    return Refusal(Answer(400, {"error": error, "error_description": description}))
