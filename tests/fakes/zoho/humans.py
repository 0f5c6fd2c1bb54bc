"""What people do in Zoho's pages."""

from typing import Any

from tests.fakes.zoho.account import Account, Record, User


class Humans:
    def __init__(self, account: Account) -> None:
        self.account = account

    def add_user(self, email: str, name: str = "") -> str:
        return self.account.add_user(email, name).id

    def leave(self, user_id: str) -> None:
        self.account.users[user_id].status = "disabled"

    def add(self, module: str, values: dict[str, Any]) -> str:
        """A record that somebody typed in."""
        return self.account.make(module, dict(values), self._somebody()).id

    def edit(self, record_id: str, values: dict[str, Any]) -> None:
        self.account.change(self._record(record_id), dict(values), self._somebody())

    def delete(self, record_id: str) -> None:
        record = self._record(record_id)
        record.deleted, record.deleted_at = True, self.account.now()

    def complete(self, task_id: str) -> None:
        self.edit(task_id, {"Status": "Completed"})

    def log_call(self, record_id: str) -> str:
        about = "Who_Id" if record_id in self.account.modules["Contacts"].rows else "What_Id"
        return self.add("Calls", {"Subject": "Called", about: {"id": record_id}})

    def convert(self, lead_id: str, *, mapped: bool = True) -> str:
        """The lead's contact; `mapped`: the account carries fields of one's own over."""
        lead, there = self._record(lead_id), self.account.modules["Contacts"].fields
        values = {
            name: value for name, value in lead.values.items() if name in there and (mapped or not there[name].custom)
        }
        lead.contact = self.account.make("Contacts", values, self._somebody()).id
        lead.modified_at = self.account.now()
        for name in ("Tasks", "Notes"):
            for record in self.account.modules[name].live():
                self._move(record, lead_id, lead.contact)
        return lead.contact

    def merge(self, primary_id: str, other_id: str) -> None:
        """The other's id is gone; its address and what hung on it go over to the primary."""
        primary, other = self._record(primary_id), self._record(other_id)
        primary.values.setdefault("Secondary_Email", other.values.get("Email"))
        self.delete(other_id)
        for name in ("Tasks", "Notes"):
            for record in self.account.modules[name].live():
                self._move(record, other_id, primary_id)

    def _move(self, record: Record, old: str, new: str) -> None:
        for name in ("What_Id", "Who_Id", "Parent_Id"):
            if (record.values.get(name) or {}).get("id") == old:
                record.values[name] = {**record.values[name], "id": new}

    def _record(self, record_id: str) -> Record:
        return next(m.rows[record_id] for m in self.account.modules.values() if record_id in m.rows)

    def _somebody(self) -> User:
        """A person, not the user as whom syncd writes."""
        people = [user for user in self.account.users.values() if user is not self.account.robot]
        return people[0] if people else self.account.add_user("somebody@crm.example")
