"""The users of the database, and where a person opens a record."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Lock

from connectors.sinks.odoo.client import Client, Row
from connectors.sinks.odoo.wire import text
from syncd.connector import Clock, OwnerRef, Ref, Refusal

KEPT = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)  # the soonest that an unknown id makes us look again
FIELDS = ("login", "email", "name", "active")
MOST = 10_000


class People:
    """Users who are no portal users, read when needed and every ten minutes."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._lock = Lock()
        self._users: Mapping[str, OwnerRef] = {}
        self._read_at: float | None = None
        self._checked: dict[str, float] = {}

    def owners(self) -> Mapping[str, OwnerRef]:
        """E-mail -> user, an active one before one who has left."""
        users = self._all(KEPT).values()
        return {user.email: user for active in (False, True) for user in users if user.email and user.active is active}

    def owner(self, user_id: str) -> OwnerRef:
        """One whom Odoo does not list counts as gone."""
        found = self._all(KEPT).get(user_id) or self._all(AGAIN).get(user_id)
        return found or OwnerRef(user_id, active=False)

    def refusal(self, owner: OwnerRef | None) -> Refusal | None:
        """Odoo gives records to users who have left without a word, so whoever gets one is looked at each minute."""
        if owner is None:
            return None
        now = self._clock.monotonic()
        if now - self._checked.get(owner.id, float("-inf")) < AGAIN.total_seconds():
            return None
        number = int(owner.id) if owner.id.isdecimal() else 0
        domain = [["id", "=", number], ["active", "=", True], ["share", "=", False]]
        if not self._client.rows("res.users", domain, ["id"], what="look at the owner"):
            self.forget()
            return Refusal("odoo: the owner is no active user", ("user_id",), owner=True)
        self._checked[owner.id] = now
        return None

    def forget(self) -> None:
        with self._lock:
            self._read_at = None

    def ref(self, record: object) -> Ref:
        """A lead with the address where a person can open it: the one that Odoo's own e-mails use."""
        return Ref("lead", str(record), f"{self._client.address}/mail/view?model=crm.lead&res_id={record}")

    def prove_login(self) -> None:
        """The cheapest real call."""
        self._client.read("res.users", "context_get", what="read of the own user")

    def _all(self, kept: timedelta) -> Mapping[str, OwnerRef]:
        with self._lock:
            now = self._clock.monotonic()
            if self._read_at is None or now - self._read_at >= kept.total_seconds():
                domain = [["share", "=", False]]
                rows = self._client.rows("res.users", domain, FIELDS, what="list of users", limit=MOST)
                self._users = {owner.id: owner for owner in map(_owner, rows)}
                self._read_at = now
            return self._users


def _owner(row: Row) -> OwnerRef:
    """A login is an address as a rule; the address of the user's card counts before it."""
    email = text(row.get("email")) or text(row.get("login"))
    return OwnerRef(str(row["id"]), email.lower(), text(row.get("name")), active=row.get("active") is True)
