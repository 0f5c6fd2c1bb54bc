"""The four ways to log in. https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flows.htm

No answer says how long a token lasts: it is the session timeout of the organisation, counted from the last call.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta

import jwt

from connectors.sinks.salesforce.options import JwtOptions, PasswordOptions, SalesforceOptions
from syncd.connector import (
    Asking,
    ClientCredentialsOptions,
    Clock,
    ConfigError,
    Grant,
    TokenService,
    Tools,
    by_refresh_token,
)

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
LIFETIME = timedelta(hours=1)  # after which we ask anew; a session that ended sooner is noticed by its 401
ASSERTION = timedelta(minutes=2)  # Salesforce takes three at most
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
INSTANCE, IDENTITY = "instance_url", "id"


def login_of(options: SalesforceOptions, tools: Tools) -> Grant:
    """Its token comes with the details INSTANCE and IDENTITY."""
    service = TokenService(
        options.login_url.rstrip("/") + TOKEN_PATH,
        what="salesforce: login",
        lifetime=LIFETIME,
        details=(INSTANCE, IDENTITY),
    )
    return Grant(service, _asking(options, tools.clock), tools)


def _asking(options: SalesforceOptions, clock: Clock) -> Asking:
    if options.client_credentials is not None:
        return _by_client_credentials(options.client_credentials)
    if options.jwt is not None:
        return _by_assertion(options.jwt, clock)
    if options.oauth is not None:
        return by_refresh_token(options.oauth)
    if options.password is not None:
        return _by_password(options.password)
    raise ConfigError("salesforce: no login is given")


def _by_client_credentials(options: ClientCredentialsOptions) -> Asking:
    """The client stands in a Basic header, not in the form."""
    pair = f"{options.client_id}:{options.client_secret.get_secret_value()}"
    headers = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return Asking(lambda _: {"grant_type": "client_credentials"}, whose=f"client {options.client_id}", headers=headers)


def _by_assertion(options: JwtOptions, clock: Clock) -> Asking:
    """A refresh token never comes: the assertion is signed anew each time."""

    def form(_: str) -> Mapping[str, str]:
        claims: dict[str, str | int] = {
            "iss": options.client_id,
            "sub": options.username,
            "aud": options.audience,
            "exp": int((clock.now() + ASSERTION).timestamp()),
        }
        return {"grant_type": JWT_BEARER, "assertion": _signed(claims, options)}

    return Asking(form, whose=f"user {options.username} of client {options.client_id}")


def _signed(claims: Mapping[str, str | int], options: JwtOptions) -> str:
    try:
        return jwt.encode(dict(claims), options.private_key.get_secret_value(), algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):  # their words may quote the key
        raise ConfigError("salesforce: jwt.private_key is not a private RSA key in PEM") from None


def _by_password(options: PasswordOptions) -> Asking:
    form = {
        "grant_type": "password",
        "client_id": options.client_id,
        "client_secret": options.client_secret.get_secret_value(),
        "username": options.username,
        "password": options.password.get_secret_value(),
    }
    return Asking(lambda _: form, whose=f"user {options.username} of client {options.client_id}")
