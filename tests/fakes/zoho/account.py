"""One Zoho account: everything the fake remembers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from tests.fakes.zoho.fields import CATALOGUE, FieldDef, initial
from tests.fakes.zoho.options import Options
from tests.fakes.zoho.tokens import Tokens

FIRST_ID = 4_876_876_000_000_001_001


@dataclass
class User:
    id: str
    email: str
    name: str
    status: str = "active"

    def small(self) -> dict[str, str]:
        return {"name": self.name, "id": self.id, "email": self.email}


@dataclass
class Event:
    """One line of a record's timeline."""

    at: datetime
    by: User
    changes: list[tuple[str, str, str]]  # (field, old, new)


@dataclass
class Record:
    id: str
    values: dict[str, Any]
    created_at: datetime
    modified_at: datetime
    created_by: User
    modified_by: User
    deleted: bool = False
    deleted_at: datetime | None = None
    contact: str = ""  # that a converted lead has become
    events: list[Event] = field(default_factory=list)

    @property
    def live(self) -> bool:
        return not self.deleted and not self.contact


@dataclass
class Module:
    name: str
    fields: dict[str, FieldDef]
    rows: dict[str, Record] = field(default_factory=dict)

    def live(self) -> Iterator[Record]:
        return (record for record in self.rows.values() if record.live)

    def holding(self, name: str, value: object) -> Record | None:
        """The oldest live record with this value; letters in either case are the same."""
        wanted = str(value).casefold()
        return next((each for each in self.live() if str(each.values.get(name, "")).casefold() == wanted), None)


class Account:
    """All calls run one at a time under the fake's lock; nothing here waits."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.empty()

    def empty(self) -> None:
        self._shift = timedelta(0)
        self._began = monotonic()
        self._last = FIRST_ID
        self.modules = {name: Module(name, initial(name)) for name in CATALOGUE}
        self.tokens = Tokens(self.options)
        self.users: dict[str, User] = {}
        self.robot = self.add_user("robot@crm.example", "Robot")
        for email in self.options.owners:
            self.add_user(email)
        self.spent = 0
        self.running = 0

    def now(self) -> datetime:
        """A given start stands still but for `advance`. Zoho keeps whole seconds."""
        start = self.options.start or datetime.now(UTC)
        return (start + self._shift).replace(microsecond=0)

    def advance(self, seconds: float) -> None:
        self._shift += timedelta(seconds=seconds)

    def new_id(self) -> str:
        self._last += 1
        return str(self._last)

    def add_user(self, email: str, name: str = "") -> User:
        user = User(self.new_id(), email, name or email.partition("@")[0].title())
        self.users[user.id] = user
        return user

    def record(self, module: str, record_id: str) -> Record | None:
        found = self.modules[module].rows.get(record_id) if module in self.modules else None
        return found if found and not found.deleted else None

    def make(self, module: str, values: dict[str, Any], by: User) -> Record:
        now = self.now()
        owner = values.get("Owner", {}).get("id", by.id)
        values = {**values, "Owner": {"id": owner}}
        record = Record(self.new_id(), values, now, now, by, by)
        self.modules[module].rows[record.id] = record
        return record

    def bin(self, record: Record, by: User) -> None:
        record.deleted, record.deleted_at, record.modified_by = True, self.now(), by

    def change(self, record: Record, values: dict[str, Any], by: User) -> None:
        """With a line of the timeline for what is different."""
        now = self.now()
        changes = [
            (name, _shown(record.values.get(name)), _shown(value))
            for name, value in values.items()
            if record.values.get(name) != value
        ]
        if "Status" in values and values["Status"] == "Completed" != record.values.get("Status"):
            values = {**values, "Closed_Time": now}
        record.values |= values
        record.modified_at, record.modified_by = now, by
        if changes:
            record.events.append(Event(now, by, changes))


def _shown(value: Any) -> str:
    return str(value.get("id", "")) if isinstance(value, dict) else "" if value is None else str(value)
