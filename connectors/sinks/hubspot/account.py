"""The account itself: its zone, its name in links, its use of calls.

https://developers.hubspot.com/docs/api-reference/account-account-info-v3/guide
"""

from datetime import timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.sinks.hubspot.client import Client
from syncd.connector import (
    AuthFailed,
    Clock,
    Finding,
    RateLimited,
    Ref,
    Refused,
    Retryable,
)

TYPES = {"contact": "0-1", "company": "0-2", "task": "0-27", "note": "0-46"}
AGAIN = timedelta(hours=1)


class Account:
    """Nice to know, never needed: where the account may not be read, links and its zone are missing."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._lock = Lock()
        self._link = ""
        self._ask_at: float | None = None

    def ref(self, word: str, record_id: str) -> Ref:
        """A record with the address where a person can open it."""
        link = self._front()
        return Ref(word, record_id, f"{link}/{TYPES[word]}/{record_id}" if link else "")

    def usage(self) -> Finding:
        what = "calls of today"
        path = f"{self._client.paths.account}/api-usage/daily/private-apps"
        try:
            reply = self._client.get(path, what=what)
        except (AuthFailed, RateLimited, Refused, Retryable) as error:
            return Finding(what, ok=True, detail=f"not told: {error}")
        told = [f"{row.get('currentUsage')} of {row.get('usageLimit')}" for row in reply.rows]
        return Finding(what, ok=True, detail=told[0] if told else "not told")

    def _front(self) -> str:
        with self._lock:
            now = self._clock.monotonic()
            if not self._link and (self._ask_at is None or now >= self._ask_at):
                self._ask_at = now + AGAIN.total_seconds()
                self._read()
            return self._link

    def _read(self) -> None:
        try:
            path = f"{self._client.paths.account}/details"
            told = self._client.get(path, what="read of the account").body
        except (AuthFailed, RateLimited, Refused, Retryable):
            return
        self._client.zone = _zone(told.get("timeZone"))
        if told.get("uiDomain") and told.get("portalId"):
            self._link = f"https://{told['uiDomain']}/contacts/{told['portalId']}/record"


def _zone(name: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
