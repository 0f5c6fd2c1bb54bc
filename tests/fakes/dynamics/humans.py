"""What people do in the pages of Dynamics 365."""

from typing import Any

from tests.fakes.dynamics.org import Org


class Humans:
    def __init__(self, org: Org) -> None:
        self._org = org

    def add(self, table: str, values: dict[str, Any]) -> str:
        """A row that somebody typed in."""
        return self._org.make(table, values, self.somebody()).id

    def edit(self, row_id: str, values: dict[str, Any]) -> None:
        table, row = self._org.find(row_id)
        self._org.change(table, row, values, self.somebody())

    def give(self, row_id: str, owner_id: str) -> None:
        table, _ = self._org.find(owner_id)
        self.edit(row_id, {"ownerid": (table, owner_id)})

    def delete(self, row_id: str) -> None:
        table, _ = self._org.find(row_id)
        self._org.delete_with_all(table, row_id)

    def leave(self, user_id: str) -> None:
        self.edit(user_id, {"isdisabled": True})

    def complete(self, task_id: str) -> None:
        self.edit(task_id, {"statecode": 1, "statuscode": 5, "actualend": self._org.now()})

    def log(self, kind: str, row_id: str, **values: Any) -> str:
        """A call, an e-mail or a meeting with whoever the row is about."""
        table, _ = self._org.find(row_id)
        done = {"statecode": 1, "directioncode": True, "actualend": self._org.now()}
        known = self._org.tables[kind].columns
        given = {name: value for name, value in {**done, **values}.items() if name in known}
        return self.add(kind, {**given, "regardingobjectid": (table, row_id)})

    def qualify(self, lead_id: str, *, contact: bool = True) -> str:
        """The contact that the lead becomes, with its address but not our key; empty where none was wanted."""
        _, lead = self._org.find(lead_id)
        kept = {name: lead.values.get(name) for name in ("firstname", "lastname", "emailaddress1", "telephone1")}
        made = self.add("contact", {**kept, "originatingleadid": ("lead", lead_id)}) if contact else ""
        state = {"statecode": 1, "statuscode": 3}
        self.edit(lead_id, {**state, **({"parentcontactid": ("contact", made)} if made else {})})
        return made

    def merge(self, into: str, lost: str) -> None:
        """The other one stays, inactive, and says where it went."""
        table, _ = self._org.find(into)
        self.edit(lost, {"merged": True, "masterid": (table, into), "statecode": 2 if table == "lead" else 1})
        for name in ("task", "annotation"):
            for row in self._org.live(name):
                for column, value in row.values.items():
                    if value == (table, lost):
                        row.values[column] = (table, into)

    def somebody(self) -> str:
        """A person, not the user as whom syncd writes."""
        people = [row.id for row in self._org.live("systemuser") if row.id != self._org.robot]
        return people[0] if people else self._org.add_user("somebody@crm.example")
