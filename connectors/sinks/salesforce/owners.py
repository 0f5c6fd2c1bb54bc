"""Who a record can belong to: users, and queues of those objects they serve.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_user.htm
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_queuesobject.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.client import Client
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.soql import select
from syncd.connector import Clock, OwnerRef

KEPT = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)  # the soonest that an unknown id makes us look again
WHAT = "list of users and queues"
QUESTIONS = (
    select(["Id", "Name", "Email", "Username", "IsActive"], "User", ["UserType = 'Standard'"]),
    select(["Id", "DeveloperName", "Email"], "Group", ["Type = 'Queue'"]),
    select(["QueueId", "SobjectType"], "QueueSobject", []),
)


@dataclass(frozen=True, slots=True)
class _Known:
    by_id: Mapping[str, OwnerRef] = field(default_factory=dict)
    serves: Mapping[str, frozenset[str]] = field(default_factory=dict)  # queue -> objects


class Owners:
    """All users and queues, those that have left too; read when needed and every ten minutes."""

    def __init__(self, options: SalesforceOptions, client: Client, clock: Clock) -> None:
        self._client, self._clock, self._kind = client, clock, options.object
        self._emails = {queue: email for email, queue in options.queues.items()}
        self._lock = Lock()
        self._known = _Known()
        self._read_at: float | None = None

    def by_email(self) -> Mapping[str, OwnerRef]:
        """E-mail -> owner, an active one before one who has left; a queue without address goes by its name.

        Queues that do not serve what a stranger becomes are left out: they cannot own it.
        """
        known = self._all(KEPT)
        found: dict[str, OwnerRef] = {}
        for owner in known.by_id.values():
            if owner.queue and self._kind not in known.serves.get(owner.id, ()):
                continue
            key = owner.email or owner.name.lower() or owner.id
            if key not in found or (owner.active and not found[key].active):
                found[key] = owner
        return found

    def by_id(self, owner_id: str) -> OwnerRef:
        """An owner that Salesforce does not list, as a partner or a user of another kind, counts as gone."""
        found = self._all(KEPT).by_id.get(owner_id) or self._all(AGAIN).by_id.get(owner_id)
        return found or OwnerRef(owner_id, active=False)

    def may_own(self, owner: OwnerRef, kind: str) -> bool:
        """Users may own anything, a queue only what it serves."""
        return not owner.queue or kind in self._all(KEPT).serves.get(owner.id, ())

    def queues(self) -> set[str]:
        """Their developer names."""
        return {owner.name for owner in self._all(KEPT).by_id.values() if owner.queue}

    def forget(self) -> None:
        """Somebody has left since: the list is read again when it is needed next."""
        with self._lock:
            self._read_at = None

    def probe(self) -> int:
        """How many users there are; proves the login and the right to use the API."""
        self.forget()
        return sum(1 for owner in self._all(KEPT).by_id.values() if not owner.queue)

    def _all(self, kept: timedelta) -> _Known:
        with self._lock:
            now = self._clock.monotonic()
            if self._read_at is None or now - self._read_at >= kept.total_seconds():
                self._known = self._read()
                self._read_at = now
            return self._known

    def _read(self) -> _Known:
        users, queues, served = self._client.rows(QUESTIONS, what=WHAT)
        serves: dict[str, frozenset[str]] = {}
        for row in served:
            queue = str(row.get("QueueId"))
            serves[queue] = serves.get(queue, frozenset()) | {str(row.get("SobjectType"))}
        listed = [wire.user_from(row) for row in users]
        listed += [wire.queue_from(row, self._address(row.get("DeveloperName"), row.get("Email"))) for row in queues]
        return _Known({owner.id: owner for owner in listed}, serves)

    def _address(self, name: object, email: object) -> str:
        return self._emails.get(str(name), "") or str(email or "")
