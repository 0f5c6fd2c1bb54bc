"""How to log in: with a password, or with an access token that is renewed (XOAUTH2).

https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
"""

from collections.abc import Callable, Mapping

from connectors.sources.imap.options import OAuthOptions
from syncd.connector import Asking, Grant, TokenService, Tools

_GOOGLE = "https://oauth2.googleapis.com/token"
_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
_AS_A_PERSON = "https://outlook.office365.com/IMAP.AccessAsUser.All offline_access"
_AS_ITSELF = "https://outlook.office365.com/.default"


def grant_of(options: OAuthOptions, tools: Tools) -> Grant:
    """Of the login whose access token opens the mailbox."""
    usual = _GOOGLE if options.provider == "google" else _MICROSOFT.format(tenant=options.tenant)
    service = TokenService(options.token_url or usual, what=f"imap: access token of {options.provider}")
    refresh = options.refresh_token.get_secret_value() if options.refresh_token else ""
    return Grant(service, Asking(_form(options), refresh or f"client {options.client_id}", refresh), tools)


def said(user: str, token: str) -> bytes:
    """What the server is told in XOAUTH2, before it is put into base64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()


def _form(options: OAuthOptions) -> Callable[[str], Mapping[str, str]]:
    def form(newest: str) -> Mapping[str, str]:
        asked = {"client_id": options.client_id}
        if options.client_secret:
            asked["client_secret"] = options.client_secret.get_secret_value()
        if newest:
            asked |= {"grant_type": "refresh_token", "refresh_token": newest}
        else:
            asked["grant_type"] = "client_credentials"
        if options.provider == "microsoft":
            asked["scope"] = _AS_A_PERSON if newest else _AS_ITSELF
        return asked

    return form
