"""The users of the database, and where a person opens a record."""

from collections.abc import Iterator

from connectors.sinks.odoo.client import Client, Row
from connectors.sinks.odoo.wire import text
from syncd.connector import Clock, Directory, Lately, OwnerRef, Ref, Refusal

FIELDS = ("login", "email", "name", "active")
MOST = 10_000


class People(Directory):
    """Users who are no portal users."""

    def __init__(self, client: Client, clock: Clock) -> None:
        super().__init__(self._users, clock)
        self._client = client
        self._active: Lately[str] = Lately(clock)

    def refusal(self, owner: OwnerRef | None) -> Refusal | None:
        """Odoo gives records to users who have left without a word, so whoever gets one is looked at each minute."""
        if owner is None or self._active.has(owner.id):
            return None
        number = int(owner.id) if owner.id.isdecimal() else 0
        domain = [["id", "=", number], ["active", "=", True], ["share", "=", False]]
        if not self._client.rows("res.users", domain, ["id"], what="look at the owner"):
            self.forget()
            return Refusal("odoo: the owner is no active user", ("user_id",), owner=True)
        self._active.saw(owner.id)
        return None

    def ref(self, record: object) -> Ref:
        """A lead with the address where a person can open it: the one that Odoo's own e-mails use."""
        return Ref("lead", str(record), f"{self._client.address}/mail/view?model=crm.lead&res_id={record}")

    def prove_login(self) -> None:
        """The cheapest real call."""
        self._client.read("res.users", "context_get", what="read of the own user")

    def _users(self) -> Iterator[OwnerRef]:
        rows = self._client.rows("res.users", [["share", "=", False]], FIELDS, what="list of users", limit=MOST)
        return map(_owner, rows)


def _owner(row: Row) -> OwnerRef:
    """A login is an address as a rule; the address of the user's card counts before it."""
    email = text(row.get("email")) or text(row.get("login"))
    return OwnerRef(str(row["id"]), email.lower(), text(row.get("name")), active=row.get("active") is True)
