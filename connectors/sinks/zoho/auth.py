"""Logging in. https://www.zoho.com/crm/developer/docs/api/v8/refresh.html

A refresh token gives ten access tokens in ten minutes at most, and none for the rest of that time. So they are
kept on disk and shared, and we count them ourselves.
"""

from datetime import timedelta

from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.places import PLACES
from syncd.connector import Grant, Ration, TokenService, Tools, by_refresh_token

WINDOW = timedelta(minutes=10)
RATION = Ration(8, WINDOW)  # of ten: other programs may use the same grant


def grant_of(options: ZohoOptions, tools: Tools) -> Grant:
    accounts = options.accounts_url.rstrip("/") or f"https://{PLACES[options.data_center].accounts}"
    service = TokenService(
        f"{accounts}/oauth/v2/token",
        what="zoho: refresh of the access token",
        pauses={"Access Denied": WINDOW, "access_denied": WINDOW},  # too many of them, with status 200 or 400
        pause=WINDOW,
        details=("api_domain", "scope"),
        shared=True,
        ration=RATION,
    )
    return Grant(service, by_refresh_token(options.oauth), tools)
