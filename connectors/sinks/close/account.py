"""The organization's users. https://developer.close.com/api/resources/users"""

from collections.abc import Iterator

from connectors.sinks.close.client import API, Client, Row
from syncd.connector import Clock, Directory, OwnerRef, Ref, Refused, Retryable


class Account:
    """Close lists those users alone who are still there."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.users = Directory(self._listed, clock)
        self._client = client

    def me(self) -> Row:
        """The cheapest real call: proves the key."""
        reply = self._client.ask(f"{API}/me/", what="read of the own user")
        if not reply.ok:
            raise Refused(f"close: read of the own user refused: {reply.fault}")
        if not reply.id:
            raise Retryable("close: read of the own user names nobody")
        return reply.row

    def _listed(self) -> Iterator[OwnerRef]:
        for page in self._client.pages(f"{API}/user/", what="list of users"):
            yield from (_owner(row) for row in page if row.get("id"))


def lead_ref(lead: str, row: Row) -> Ref:
    """`row`: a lead as Close tells it, with the address of its page."""
    url = row.get("html_url")
    return Ref("lead", lead, url if isinstance(url, str) and url.startswith("https://") else "")


def _owner(row: Row) -> OwnerRef:
    name = " ".join(str(row.get(part) or "") for part in ("first_name", "last_name")).strip()
    return OwnerRef(str(row["id"]), str(row.get("email") or "").lower(), name)
