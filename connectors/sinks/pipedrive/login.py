"""The two ways to log in: a user's API token, and the grant of an app.

https://pipedrive.readme.io/docs/marketplace-oauth-authorization - the app proves itself by HTTP Basic, and the
address of the company comes with the token.
"""

import base64
import re
from collections.abc import Mapping

from connectors.sinks.pipedrive.options import PipedriveOptions
from syncd.connector import Asking, FixedToken, Grant, RefreshTokenOptions, SecretStr, TokenService, Tools

USUAL = "https://api.pipedrive.com"
_COMPANY = re.compile(r"https://[a-z0-9-]+\.pipedrive\.com/?")


class Login:
    """Thread-safe. Methods raise AuthFailed, RateLimited or Retryable."""

    def __init__(self, options: PipedriveOptions, tools: Tools) -> None:
        self._given = options.base_url
        self._grant = _grant(options.oauth, options.oauth_url, tools) if options.oauth else None
        self._login = self._grant or FixedToken(options.token or SecretStr(""))

    def token(self) -> str:
        return self._login.token()

    def renew(self, stale: str) -> bool:
        """`stale` was refused: True when there is another one to try."""
        return self._login.renew(stale)

    def headers(self, token: str) -> Mapping[str, str]:
        return {"authorization": f"Bearer {token}"} if self._grant else {"x-api-token": token}

    def scopes(self) -> frozenset[str]:
        """What the app may do; empty for a user's token, which may do what the user may, and where it was not told."""
        told = self._grant.detail("scope") if self._grant else ""
        return frozenset(told.replace(",", " ").split())

    @property
    def address(self) -> str:
        """That of the config, or the company's own; a token goes to Pipedrive alone."""
        company = self._grant.detail("api_domain") if self._grant and not self._given else ""
        return (self._given or (company if _COMPANY.fullmatch(company) else USUAL)).rstrip("/")


def _grant(options: RefreshTokenOptions, url: str, tools: Tools) -> Grant:
    pair = f"{options.client_id}:{options.client_secret.get_secret_value()}"
    configured = options.refresh_token.get_secret_value()
    asking = Asking(
        form=lambda newest: {"grant_type": "refresh_token", "refresh_token": newest},
        whose=configured,
        refresh_token=configured,
        headers={"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
    )
    service = TokenService(url, what="pipedrive: refresh of the access token", details=("api_domain", "scope"))
    return Grant(service, asking, tools)
