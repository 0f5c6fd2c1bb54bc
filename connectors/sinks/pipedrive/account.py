"""The account itself: its users, and its name in links. https://developers.pipedrive.com/docs/api/v1/Users"""

import re
from collections.abc import Iterator
from threading import Lock

from connectors.sinks.pipedrive.client import V1, Client, Row
from syncd.connector import AuthFailed, Clock, Directory, OwnerRef, RateLimited, Ref, Refused, Retryable

_DOMAIN = re.compile(r"[a-z0-9-]{1,63}")
PAGES = {"person": "person", "lead": "leads/inbox", "deal": "deal", "activity": "activities/list"}


class Account:
    """Links are nice to know, and never needed."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.users = Directory(self._listed, clock)
        self._client = client
        self._lock = Lock()
        self._front: str | None = None

    def me(self) -> Row:
        """The cheapest real call: proves the token."""
        return self._client.get(f"{V1}/users/me", what="read of the own user").row

    def ref(self, word: str, record_id: str) -> Ref:
        """A record with the address where a person can open it."""
        front = self._address()
        return Ref(word, record_id, f"{front}/{PAGES[word]}/{record_id}" if front else "")

    def _listed(self) -> Iterator[OwnerRef]:
        rows = self._client.get(f"{V1}/users", what="list of users").rows
        return (owner for owner in map(_owner, rows) if owner.id.isdecimal())

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
