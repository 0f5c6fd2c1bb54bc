"""Who a record can belong to: users, and teams that may own.

https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/systemuser
https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/team
"""

from collections.abc import Iterator

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.values import guid_of
from syncd.connector import Clock, Directory, Fresh, OwnerRef, Retryable

USERS = "systemusers?$select=systemuserid,fullname,internalemailaddress,isdisabled"
TEAMS = "teams?$select=teamid,name,emailaddress&$filter=teamtype%20ne%201"  # access teams own nothing


class Owners(Directory):
    """All users and teams, those that have left too. A team goes by the address that `teams` gives it."""

    def __init__(self, options: DynamicsOptions, client: Client, clock: Clock) -> None:
        super().__init__(self._listed_there, clock, named=lambda owner: owner.email or owner.name.lower())
        self._client = client
        self._emails = {name: email for email, name in options.teams.items()}
        self._me = Fresh(self._who, clock)

    def me(self) -> str:
        """The id of the user we are."""
        return self._me.value()

    def teams(self) -> set[str]:
        return {owner.name for owner in self.everyone().values() if owner.queue}

    def _who(self) -> str:
        found = guid_of(self._client.get("WhoAmI", what="read of the own user").get("UserId"))
        if not found:
            raise Retryable("dynamics: the answer does not say who we are")
        return found

    def _listed_there(self) -> Iterator[OwnerRef]:
        users, teams = self._client.rows([USERS, TEAMS], what="list of users and teams")
        listed = [wire.user_from(row) for row in users]
        listed += [
            wire.team_from(row, self._emails.get(str(row.get("name")), "") or str(row.get("emailaddress") or ""))
            for row in teams
        ]
        return (owner for owner in listed if owner.id)
