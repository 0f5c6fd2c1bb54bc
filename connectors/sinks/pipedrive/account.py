"""The account itself: its users, and its name in links. https://developers.pipedrive.com/docs/api/v1/Users"""

import re
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock

from connectors.sinks.pipedrive.client import V1, Client, Row
from syncd.connector import AuthFailed, Clock, OwnerRef, RateLimited, Ref, Refused, Retryable

KEPT = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)  # the soonest that an unknown id makes us look again
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}")
PAGES = {"person": "person", "lead": "leads/inbox", "deal": "deal", "activity": "activities/list"}


class Account:
    """Users are read when needed and every ten minutes; links are nice to know, and never needed."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._lock = Lock()
        self._users: Mapping[str, OwnerRef] = {}
        self._read_at: float | None = None
        self._front: str | None = None

    def owners(self) -> Mapping[str, OwnerRef]:
        """E-mail -> user, an active one before one who has left."""
        users = self._all(KEPT).values()
        return {user.email: user for active in (False, True) for user in users if user.email and user.active is active}

    def owner(self, user_id: str) -> OwnerRef:
        """One whom Pipedrive no longer lists counts as gone."""
        found = self._all(KEPT).get(user_id) or self._all(AGAIN).get(user_id)
        return found or OwnerRef(user_id, active=False)

    def forget(self) -> None:
        with self._lock:
            self._read_at = None

    def me(self) -> Row:
        """The cheapest real call: proves the token."""
        return self._client.get(f"{V1}/users/me", what="read of the own user").row

    def ref(self, word: str, record_id: str) -> Ref:
        """A record with the address where a person can open it."""
        front = self._address()
        return Ref(word, record_id, f"{front}/{PAGES[word]}/{record_id}" if front else "")

    def _all(self, kept: timedelta) -> Mapping[str, OwnerRef]:
        with self._lock:
            now = self._clock.monotonic()
            if self._read_at is None or now - self._read_at >= kept.total_seconds():
                rows = self._client.get(f"{V1}/users", what="list of users").rows
                self._users = {owner.id: owner for owner in map(_owner, rows) if owner.id.isdecimal()}
                self._read_at = now
            return self._users

    def _address(self) -> str:
        with self._lock:
            if self._front is None:
                try:
                    domain = str(self.me().get("company_domain") or "")
                except (AuthFailed, RateLimited, Refused, Retryable):
                    return ""
                self._front = f"https://{domain}.pipedrive.com" if _DOMAIN.fullmatch(domain) else ""
            return self._front


def _owner(row: Row) -> OwnerRef:
    email, active = str(row.get("email") or "").lower(), row.get("active_flag") is True
    return OwnerRef(str(row.get("id")), email, str(row.get("name") or ""), active=active)
