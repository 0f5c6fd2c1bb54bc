"""The two ways to log in: the fixed token of a private app, and a grant that is refreshed.

https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide
"""

from connectors.sinks.hubspot.limits import WINDOW
from connectors.sinks.hubspot.options import HubSpotOptions
from syncd.connector import FixedToken, Grant, Login, SecretStr, TokenService, Tools, by_refresh_token

TOKEN_PATH = "/oauth/v3/token"  # noqa: S105 - a path; v1 goes away in February 2027


def login_of(options: HubSpotOptions, tools: Tools) -> Login:
    if options.oauth is None:
        return FixedToken(options.token or SecretStr(""))
    service = TokenService(
        options.base_url.rstrip("/") + TOKEN_PATH,
        what="hubspot: refresh of the access token",
        code="status",
        pause=WINDOW,
    )
    return Grant(service, by_refresh_token(options.oauth), tools)
