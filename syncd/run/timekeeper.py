"""Acts on what is due: a lead whose task has passed its time unanswered is told to its owner."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from syncd import log
from syncd.connector import Alert, AlertMessage
from syncd.core.playbook import Playbook
from syncd.errors import SyncdError
from syncd.model import Lead
from syncd.store import timers
from syncd.store.database import Database

AGAIN = timedelta(minutes=5)
GIVE_UP = timedelta(days=1)
"""An alert that cannot be sent is tried for so long, however late the first try was."""


class Timekeeper:
    """A reminder is given at least once: the timer ends only after every alert has taken it."""

    def __init__(
        self,
        database: Database,
        alerts: Callable[[], Mapping[str, Alert]],
        playbook: Callable[[], Playbook],
        lead_url: str = "",
    ) -> None:
        self.database, self.alerts, self.playbook, self.lead_url = database, alerts, playbook, lead_url
        self._told: dict[str, set[str]] = {}  # lead -> alerts that have taken a reminder which others have not
        self._first: dict[str, float] = {}  # lead -> when that reminder was tried first, monotonic
        self._log = log.get("timekeeper")

    def turn(self) -> bool:
        """Remind of what is due; True when there may be more."""
        taken = timers.take(self.database)
        for due in taken:
            self._remind(due)
        return bool(taken)

    def _remind(self, due: timers.Due) -> None:
        lead = due.lead
        now = self.database.clock.monotonic()  # whoever sets the clock must not end the tries
        told, first = self._told.setdefault(lead.id, set()), self._first.setdefault(lead.id, now)
        if not told:
            self._log.warning("lead overdue", lead=lead.id, owner=lead.owner)
        message = self._message(lead)
        failed = [
            name
            for name, alert in self.alerts().items()
            if name not in told and not self._tell(name, alert, message, told)
        ]
        if failed and now - first < GIVE_UP.total_seconds():
            timers.put_off(self.database, due, AGAIN)
            return
        timers.end(self.database, due, told=sorted(told), failed=failed)
        del self._told[lead.id], self._first[lead.id]

    def _tell(self, name: str, alert: Alert, message: AlertMessage, told: set[str]) -> bool:
        try:
            alert.send(message)
        except SyncdError as error:
            self._log.warning("alert not sent", alert=name, reason=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - a connector's bug must not silence the other reminders
            self._log.error("alert not sent", alert=name, exc_info=error)
            return False
        told.add(name)
        return True

    def _message(self, lead: Lead) -> AlertMessage:
        person, fields = self.playbook().people.get(lead.owner), lead.fields
        who = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip() or "A lead"
        return AlertMessage(
            mark=f"{lead.id}-overdue-{(lead.due_at or lead.created_at):%Y%m%dT%H%M%S}",  # the next due time is news
            title="Lead overdue",
            text=f"{who} ({fields.get('company', 'no company')}) is waiting for an answer from "
            f"{person.name if person else lead.owner or 'nobody'}.",
            to=person.email if person else "",
            url=self.lead_url.replace("{lead}", lead.id),
        )
