"""Until when HubSpot stands by the version of its API that the config names.

https://developers.hubspot.com/docs/developer-tooling/platform/versioning
https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when

After that day calls may still be answered, but nothing is mended any more.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from syncd.connector import Finding

ENDS: Mapping[str, date] = {
    "v3": date(2027, 3, 30),  # of v4, of which associations are; the rest follows in September 2027
    "2026-03": date(2027, 9, 30),  # eighteen months after it came
}
NEXT: Mapping[str, str] = {
    "v3": "set api: 2026-03, tried in a test account first",
    "2026-03": "update syncd, and set the version of the API that it knows then",
}
SOON = timedelta(days=90)


def version_finding(version: str, now: datetime) -> Finding:
    what, end = f"API {version}", ENDS[version]
    left = end - now.date()
    if left > SOON:
        return Finding(what, ok=True, detail=f"supported until {end:%d %B %Y}")
    detail = f"supported until {end:%d %B %Y}, no longer" if left.days > 0 else f"unsupported since {end:%d %B %Y}"
    return Finding(what, ok=False, detail=detail, remedy=NEXT[version])
