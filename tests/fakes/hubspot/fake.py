"""The fake as a test in the same process uses it."""

from datetime import datetime
from typing import Any, ClassVar

from syncd.testing import FakeServer, Steering, calls, faults
from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.control import steering
from tests.fakes.hubspot.faults import Fault
from tests.fakes.hubspot.humans import Activity, Humans
from tests.fakes.hubspot.options import Options
from tests.fakes.hubspot.routes import matched
from tests.fakes.hubspot.service import answered
from tests.fakes.hubspot.state import view


class FakeHubSpot(FakeServer):
    """`with FakeHubSpot(options) as fake:`; listens from construction until `stop`."""

    KEEPS_BODIES: ClassVar[bool] = False
    CONTENT_TYPE: ClassVar[str] = "application/json;charset=utf-8"
    FAULT: ClassVar[type[faults.Fault]] = Fault

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        super().__init__(self.options.port)
        self.account = Account(self.options)
        self.lock = self.account.lock
        self._humans = Humans(self.account)
        self.start()

    def understood(self, call: calls.Call) -> Call:
        match = matched(call.method, call.path)
        return Call(call.method, call.path, call.query, call.body, call.headers, match)

    def carry_out(self, call: calls.Call, fault: faults.Fault | None) -> Answer:
        with self.lock:
            return answered(self.account, call, fault)  # type: ignore[arg-type]  # of the kinds made above

    def steering(self) -> Steering:
        own = super().steering()
        return {**own, **steering(self.account, own["GET", "calls"], self.reset)}

    @property
    def base_url(self) -> str:
        return self.url

    @property
    def token(self) -> str:
        """The static private-app token; it does not expire."""
        return self.options.token

    @property
    def contacts(self) -> list[dict[str, Any]]:
        return self._views("contacts")

    @property
    def companies(self) -> list[dict[str, Any]]:
        return self._views("companies")

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return self._views("tasks")

    @property
    def notes(self) -> list[dict[str, Any]]:
        return self._views("notes")

    def now(self) -> datetime:
        return self.account.now()

    def advance(self, seconds: float) -> None:
        self.account.clock.advance(seconds)

    def reset(self) -> None:
        """Everything as at the start: no records, faults or counts, the owners of the options."""
        with self.lock:
            self.forget()
            self.account.empty()

    def add_owner(self, email: str, name: str = "", *, archived: bool = False, queue: bool = False) -> str:
        return self.account.add_owner(email, name, archived=archived, queue=queue)

    def archive_owner(self, owner_id: str) -> None:
        """The person has left: nothing new can be given to them."""
        self.account.owners.by_id[owner_id].archived = True

    def add_contact(self, **properties: str) -> str:
        """A contact somebody typed in."""
        return self._humans.add_contact(properties)

    def human_edits(self, record_id: str, **properties: str) -> None:
        """Of a record of any type."""
        self._humans.edit(record_id, properties)

    def human_deletes(self, record_id: str) -> None:
        self._humans.delete(record_id)

    def human_completes(self, task_id: str) -> None:
        self._humans.complete(task_id)

    def human_logs_activity(self, record_id: str, activity: Activity = "call") -> None:
        self._humans.log_activity(record_id, activity)

    def merge(self, primary_id: str, other_id: str) -> str:
        """The id the survivor has from now on."""
        return self._humans.merge(primary_id, other_id)

    def issue_token(self) -> str:
        """An OAuth access token that runs out after the options' token_seconds."""
        return self.account.tokens.issue(self.now())

    def revoke_token(self) -> None:
        """The static token and all access tokens stop working."""
        self.account.tokens.revoke()

    def restore_token(self) -> None:
        self.account.tokens.static_valid = True

    def revoke_refresh_token(self) -> None:
        self.account.tokens.refresh_valid = False

    def _views(self, kind: str) -> list[dict[str, Any]]:
        """Live records in the order of their making."""
        with self.account.lock:
            records = self.account.tables[kind].by_id.values()
            return [view(record) for record in records if record.archived_at is None]
