"""What people do in the CRM's pages."""

from typing import Any

from tests.fakes.sugar.account import Account, Record


class Humans:
    def __init__(self, account: Account) -> None:
        self.account = account

    def add_user(self, email: str, name: str = "") -> str:
        return self.account.add_user(email, name)

    def leave(self, user_id: str) -> None:
        self.account.rows["Users"][user_id].values["status"] = "Inactive"

    def add(self, module: str, values: dict[str, Any], email: str = "") -> str:
        """A record that somebody typed in."""
        emails = [email] if email else []
        return self.account.make(module, self.account.new_id(), values, by=self._somebody(), emails=emails).id

    def edit(self, record_id: str, values: dict[str, Any]) -> None:
        self.account.change(self._record(record_id), values, by=self._somebody())

    def opt_out(self, record_id: str) -> None:
        self._record(record_id).opted_out = True
        self.edit(record_id, {})

    def delete(self, record_id: str) -> None:
        self.account.delete(self._record(record_id), by=self._somebody())

    def complete(self, task_id: str) -> None:
        self.edit(task_id, {"status": "Completed"})

    def hold_call(self, record_id: str) -> str:
        module = next(name for name, rows in self.account.rows.items() if record_id in rows)
        values = {"name": "Called", "status": "Held", "parent_type": module, "parent_id": record_id}
        return self.add("Calls", values)

    def convert(self, lead_id: str, *, opportunity: str = "") -> str:
        """The lead's contact; the lead stays, and points to it."""
        lead, there = self._record(lead_id), self.account.fields["Contacts"]
        values = {name: value for name, value in lead.values.items() if name in there and name != "account_name"}
        contact = self.add("Contacts", values, lead.emails[0] if lead.emails else "")
        became = {"status": "Converted", "converted": True, "contact_id": contact, "opportunity_id": opportunity}
        self.edit(lead_id, became)
        return contact

    def merge(self, primary_id: str, other_id: str) -> None:
        """The other one is deleted; its addresses go over to the primary."""
        primary, other = self._record(primary_id), self._record(other_id)
        primary.emails += [email for email in other.emails if email not in primary.emails]
        self.edit(primary_id, {})
        self.delete(other_id)

    def _record(self, record_id: str) -> Record:
        return next(rows[record_id] for rows in self.account.rows.values() if record_id in rows)

    def _somebody(self) -> str:
        """A person, not the user as whom syncd works."""
        return next((user.id for user in self.account.live("Users") if user.id != self.account.robot), "1")
