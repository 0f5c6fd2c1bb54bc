"""Acts on what is due: a lead whose task has passed its time unanswered is told to its owner."""

from collections.abc import Callable, Mapping

import orjson

from syncd import log
from syncd.connector import Alert, AlertMessage
from syncd.core.playbook import Playbook
from syncd.errors import SyncdError
from syncd.store import history, timers
from syncd.store.database import Database, micros


class Timekeeper:
    def __init__(
        self,
        database: Database,
        alerts: Callable[[], Mapping[str, Alert]],
        playbook: Callable[[], Playbook],
        lead_url: str = "",
    ) -> None:
        self.database, self.alerts, self.playbook, self.lead_url = database, alerts, playbook, lead_url
        self._log = log.get("timekeeper")

    def turn(self) -> bool:
        """Fire what is due, each timer once; True when there may be more."""
        fired = timers.fire(self.database)
        for row in fired:
            self._overdue(row.id, row.owner, orjson.loads(row.fields))
        return bool(fired)

    def _overdue(self, lead: str, owner: str, fields: dict[str, str]) -> None:
        self._log.warning("lead overdue", lead=lead, owner=owner)
        told = [name for name, alert in self.alerts().items() if self._tell(name, alert, lead, owner, fields)]
        with self.database.write() as tx:
            now = micros(self.database.now())
            history.write(tx, [history.row(now, "overdue", lead=lead, owner=owner, told=told)])

    def _tell(self, name: str, alert: Alert, lead: str, owner: str, fields: dict[str, str]) -> bool:
        person = self.playbook().people.get(owner)
        who = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip() or "A lead"
        message = AlertMessage(
            mark=f"{lead}-overdue",
            title="Lead overdue",
            text=f"{who} ({fields.get('company', 'no company')}) is waiting for an answer from "
            f"{person.name if person else owner or 'nobody'}.",
            to=person.email if person else "",
            url=self.lead_url.replace("{lead}", lead),
        )
        try:
            alert.send(message)
        except SyncdError as error:
            self._log.warning("alert not sent", alert=name, reason=str(error))
            return False
        return True
