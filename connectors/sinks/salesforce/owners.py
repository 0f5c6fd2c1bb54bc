"""Who a record can belong to: users, and queues of those objects they serve.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_user.htm
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_queuesobject.htm
"""

from collections.abc import Iterator, Mapping

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.client import Client
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.soql import select
from syncd.connector import Clock, Directory, OwnerRef

WHAT = "list of users and queues"
QUESTIONS = (
    select(["Id", "Name", "Email", "Username", "IsActive"], "User", ["UserType = 'Standard'"]),
    select(["Id", "DeveloperName", "Email"], "Group", ["Type = 'Queue'"]),
    select(["QueueId", "SobjectType"], "QueueSobject", []),
)


class Owners(Directory):
    """All users and queues, those that have left too; a queue without address goes by its name.

    Queues that do not serve what a stranger becomes are told by id alone: they cannot own it. And whom Salesforce does
    not list, as a partner or a user of another kind, counts as gone.
    """

    def __init__(self, options: SalesforceOptions, client: Client, clock: Clock) -> None:
        super().__init__(self._read, clock, self._name)
        self._client, self._kind = client, options.object
        self._emails = {queue: email for email, queue in options.queues.items()}
        self._serves: Mapping[str, frozenset[str]] = {}  # queue -> objects

    def may_own(self, owner: OwnerRef, kind: str) -> bool:
        """Users may own anything, a queue only what it serves."""
        self.everyone()
        return self._serving(owner, kind)

    def queues(self) -> set[str]:
        """Their developer names."""
        return {owner.name for owner in self.everyone().values() if owner.queue}

    def probe(self) -> int:
        """How many users there are; proves the login and the right to use the API."""
        self.forget()
        return sum(1 for owner in self.everyone().values() if not owner.queue)

    def _name(self, owner: OwnerRef) -> str:
        return (owner.email or owner.name.lower() or owner.id) if self._serving(owner, self._kind) else ""

    def _serving(self, owner: OwnerRef, kind: str) -> bool:
        return not owner.queue or kind in self._serves.get(owner.id, ())

    def _read(self) -> Iterator[OwnerRef]:
        users, queues, served = self._client.rows(QUESTIONS, what=WHAT)
        serves: dict[str, frozenset[str]] = {}
        for row in served:
            queue = str(row.get("QueueId"))
            serves[queue] = serves.get(queue, frozenset()) | {str(row.get("SobjectType"))}
        self._serves = serves
        yield from map(wire.user_from, users)
        for row in queues:
            yield wire.queue_from(row, self._address(row.get("DeveloperName"), row.get("Email")))

    def _address(self, name: object, email: object) -> str:
        return self._emails.get(str(name), "") or str(email or "")
