"""What people do in HubSpot's own pages while syncd is not looking."""

from collections.abc import Mapping
from typing import Literal

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.associations import End, join
from tests.fakes.hubspot.kinds import COMPANIES, CONTACTS, NOTES
from tests.fakes.hubspot.merging import merge
from tests.fakes.hubspot.writing import change, make, require

Activity = Literal["call", "email", "meeting", "note"]
SOURCE = "CRM_UI"


class Humans:
    """Every method is one action of one person, at the account's time."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def add_contact(self, properties: Mapping[str, str]) -> str:
        account = self._account
        with account.lock:
            table = account.table(CONTACTS)
            values = table.definitions.clean(properties)
            require(CONTACTS, values)
            taken = table.conflict(None, values)
            if taken:
                raise table.clash(taken, "new", named=True)
            return make(table, account.next_id(), values, account.at(), SOURCE).id

    def edit(self, record_id: str, properties: Mapping[str, str]) -> None:
        """Any record, by its id: contact, company, task or note."""
        account = self._account
        with account.lock:
            table, record = account.record(record_id)
            values = table.definitions.clean(properties)
            taken = table.conflict(record, values)
            if taken:
                raise table.clash(taken, record_id, named=True)
            change(table, record, values, account.at(), SOURCE)

    def delete(self, record_id: str) -> None:
        account = self._account
        with account.lock:
            table, record = account.record(record_id)
            table.archive(record, account.at())

    def complete(self, task_id: str) -> None:
        """The task is done; its contacts and companies show an activity, but no contact made."""
        account = self._account
        self.edit(task_id, {"hs_task_status": "COMPLETED"})
        with account.lock:
            _, task = account.record(task_id)
            for kind in (CONTACTS, COMPANIES):
                for target in task.links.get(kind.name, {}):
                    if account.table(kind).get(target):
                        self._touch(account.record(target), spoke=False)

    def log_activity(self, record_id: str, activity: Activity = "call") -> None:
        """A logged call, e-mail or meeting counts as contact made; a note is only an activity."""
        account = self._account
        with account.lock:
            end = account.record(record_id)
            if activity == "note":
                self._add_note(end)
            self._touch(end, spoke=activity != "note")

    def merge(self, primary_id: str, other_id: str) -> str:
        """The id the survivor has from now on."""
        account = self._account
        with account.lock:
            table, _ = account.record(primary_id)
            return merge(account, table, primary_id, other_id).id

    def _add_note(self, end: End) -> None:
        account, notes = self._account, self._account.table(NOTES)
        values = {"hs_note_body": "noted by hand", "hs_timestamp": account.at()}
        note = make(notes, account.next_id(), values, account.at(), SOURCE)
        join((notes, note), end, (), account.at())

    def _touch(self, end: End, *, spoke: bool) -> None:
        table, record = end
        at = self._account.at()
        held = record.properties
        values = {"notes_last_updated": at}
        values["hs_sa_first_engagement_date"] = held.get("hs_sa_first_engagement_date", at)
        if spoke:
            values["notes_last_contacted"] = at
            values["num_contacted_notes"] = str(int(held.get("num_contacted_notes", "0")) + 1)
        table.put(record, values, self._account.at(), SOURCE)
