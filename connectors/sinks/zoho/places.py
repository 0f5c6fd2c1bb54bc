"""Zoho's data centres: an account lives in one, and its tokens are good there alone.

https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

DataCenter = Literal["us", "eu", "in", "au", "jp", "cn", "ca", "sa"]
Environment = Literal["production", "sandbox", "developer"]


@dataclass(frozen=True, slots=True)
class Place:
    accounts: str  # host that gives tokens
    api: str
    pages: str  # host of the pages that people open


PLACES: Mapping[DataCenter, Place] = {
    "us": Place("accounts.zoho.com", "www.zohoapis.com", "crm.zoho.com"),
    "eu": Place("accounts.zoho.eu", "www.zohoapis.eu", "crm.zoho.eu"),
    "in": Place("accounts.zoho.in", "www.zohoapis.in", "crm.zoho.in"),
    "au": Place("accounts.zoho.com.au", "www.zohoapis.com.au", "crm.zoho.com.au"),
    "jp": Place("accounts.zoho.jp", "www.zohoapis.jp", "crm.zoho.jp"),
    "cn": Place("accounts.zoho.com.cn", "www.zohoapis.com.cn", "crm.zoho.com.cn"),
    "ca": Place("accounts.zohocloud.ca", "www.zohoapis.ca", "crm.zohocloud.ca"),
    "sa": Place("accounts.zoho.sa", "www.zohoapis.sa", "crm.zoho.sa"),
}


def api_url(data_center: DataCenter, environment: Environment, told: str) -> str:
    """Where the API answers. `told`: the api_domain of the token, believed only where it is one of Zoho's."""
    host = urlsplit(told).hostname or ""
    known = {place.api for place in PLACES.values()}
    if not told.startswith("https://") or host not in known:
        host = PLACES[data_center].api
    if environment != "production":
        host = host.replace("www.", f"{environment}.", 1)
    return f"https://{host}"
