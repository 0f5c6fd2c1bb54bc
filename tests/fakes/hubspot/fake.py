"""The fake as a test in the same process uses it."""

from collections import Counter
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.control import Control
from tests.fakes.hubspot.faults import Fault, FaultKind
from tests.fakes.hubspot.humans import Activity, Humans
from tests.fakes.hubspot.options import Options
from tests.fakes.hubspot.server import Server
from tests.fakes.hubspot.service import LoggedCall, Service
from tests.fakes.hubspot.state import view


class FakeHubSpot:
    """`with FakeHubSpot(options) as fake:`; listens from construction until `stop`."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.account = Account(self.options)
        self.service = Service(self.account)
        self.control = Control(self.service)
        self._humans = Humans(self.account)
        self._server = Server(self.options.port, self.service, self.control)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.stop()

    @property
    def base_url(self) -> str:
        return self._server.url

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

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """How often (method, path template) was called, refused and dropped calls included."""
        with self.account.lock:
            return Counter(self.service.calls)

    @property
    def log(self) -> list[LoggedCall]:
        with self.account.lock:
            return list(self.service.log)

    def now(self) -> datetime:
        return self.account.now()

    def advance(self, seconds: float) -> None:
        self.account.clock.advance(seconds)

    def reset(self) -> None:
        """Everything as at the start: no records, faults or counts, the owners of the options."""
        self.service.forget()

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

    def order_fault(self, kind: FaultKind, method: str = "*", path: str = "*", **details: Any) -> None:
        """The details are the other fields of Fault: nth, count, seconds, status and so on."""
        self.service.faults.order(Fault(kind, method, path, **details))

    def clear_faults(self) -> None:
        self.service.faults.clear()

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
