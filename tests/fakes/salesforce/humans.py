"""What people do in Salesforce's own pages while syncd is not looking."""

from collections.abc import Mapping
from typing import Any, Literal

from tests.fakes.salesforce.org import Org, Record
from tests.fakes.salesforce.saving import Manner, insert, update

Activity = Literal["call", "email", "meeting", "plan"]


class Humans:
    """Every method is one action of one person, at the organisation's time. The first user, unless one is named."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def add(self, kind: str, values: Mapping[str, Any], by: str = "") -> str:
        """A record somebody typed in, of any object."""
        with self._org.lock:
            return insert(self._org, self._org.tables[kind], values, self._manner(by)).id

    def edit(self, record_id: str, values: Mapping[str, Any], by: str = "") -> None:
        with self._org.lock:
            update(self._org, self._org.record(record_id), values, self._manner(by))

    def delete(self, record_id: str) -> None:
        """Into the recycle bin: queryAll still shows it."""
        with self._org.lock:
            self._org.touch(self._org.record(record_id), {"IsDeleted": True}, by=self._someone())

    def merge(self, winner_id: str, loser_id: str) -> None:
        """Two records of one object; the loser's activities follow."""
        with self._org.lock:
            self._org.record(winner_id)
            given = {"IsDeleted": True, "MasterRecordId": winner_id}
            self._org.touch(self._org.record(loser_id), given, by=self._someone())
            self._move_activities(loser_id, winner_id)

    def complete(self, task_id: str) -> None:
        self.edit(task_id, {"Status": "Completed"})

    def log_activity(self, record_id: str, activity: Activity = "call") -> str:
        """A call or e-mail is a task that is done, a meeting an event, a plan a task that is not done."""
        if activity == "meeting":
            at = self._org.now().isoformat()
            given = {"WhoId": record_id, "Subject": "Meeting", "ActivityDateTime": at, "DurationInMinutes": 30}
            return self.add("Event", given)
        done = {"Status": "Completed"} if activity != "plan" else {}
        kind = {"call": "Call", "email": "Email"}.get(activity, "Task")
        return self.add("Task", {"WhoId": record_id, "Subject": kind, "TaskSubtype": kind, **done})

    def convert(self, lead_id: str, *, opportunity: bool = True) -> str:
        """The id of the contact that is made; the key goes along where the organisation maps it."""
        org = self._org
        with org.lock:
            lead = org.record(lead_id)
            held, by = lead.values, self._someone()
            account = org.put("Account", {"Name": held["Company"], "OwnerId": by}, by=by)
            taken = {name: held[name] for name in ("FirstName", "LastName", "Email", "Phone", "Title") if name in held}
            mapped = [n for n in held if n.endswith("__c") and n in org.tables["Contact"].fields]
            if org.options.maps_keys:
                taken |= {name: held[name] for name in mapped}
            contact = org.put("Contact", {**taken, "AccountId": account.id, "OwnerId": by}, by=by)
            contact.values["Name"] = held.get("Name", "")
            given = {"IsConverted": True, "Status": "Closed - Converted", "ConvertedDate": org.now().date().isoformat(),
                     "ConvertedAccountId": account.id, "ConvertedContactId": contact.id}  # fmt: skip
            if opportunity:
                given["ConvertedOpportunityId"] = self._opportunity(account, contact, str(held["Company"]), by)
            org.touch(lead, given, by=by)
            self._move_activities(lead_id, contact.id)
        return contact.id

    def close(self, opportunity_id: str, *, won: bool, amount: float | None = None) -> None:
        stage = "Closed Won" if won else "Closed Lost"
        self.edit(opportunity_id, {"StageName": stage, **({"Amount": amount} if amount is not None else {})})

    def _opportunity(self, account: Record, contact: Record, name: str, by: str) -> str:
        org = self._org
        values = {"Name": name, "AccountId": account.id, "StageName": "Prospecting", "OwnerId": by,
                  "CloseDate": org.now().date().isoformat(), "IsClosed": False, "IsWon": False}  # fmt: skip
        made = org.put("Opportunity", values, by=by)
        role = {"OpportunityId": made.id, "ContactId": contact.id, "IsPrimary": True}
        org.put("OpportunityContactRole", role, by=by)
        return made.id

    def _move_activities(self, old: str, new: str) -> None:
        for kind in ("Task", "Event"):
            for record in self._org.tables[kind].matching("WhoId", old):
                self._org.tables[kind].hold(record, "WhoId", new)

    def _manner(self, by: str) -> Manner:
        return Manner(by=by or self._someone(), allow_duplicates=True)

    def _someone(self) -> str:
        """The first person who is not us."""
        users = self._org.tables["User"].live()
        return next((each.id for each in users if each.id != self._org.me), self._org.me)
