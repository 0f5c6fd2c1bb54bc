"""One installation: everything the fake remembers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.fakes.service_clock import ServiceClock
from tests.fakes.sugar.fields import FieldDef, catalogue
from tests.fakes.sugar.options import Options
from tests.fakes.sugar.tokens import Tokens

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:?\d\d)")
PLAIN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
ADDRESS = re.compile(r"[^@\s\"]+@[^@\s\"]+\.[^@\s\"]+")
FREE = frozenset({"id", "parent_type"})
READ_ONLY = frozenset({"date_entered", "date_modified", "created_by", "modified_user_id"})


class Bad(Exception):
    """A value does not fit. Each dialect has its own way to say so."""


@dataclass
class Record:
    id: str
    values: dict[str, Any]
    entered: datetime
    modified: datetime
    created_by: str
    modified_by: str
    emails: list[str] = field(default_factory=list)  # the primary first
    opted_out: bool = False
    deleted: bool = False


class Account:
    """All calls run one at a time under the fake's lock; nothing here waits."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = ServiceClock(options.start)
        self.fields = catalogue(custom=options.custom)
        self.rows: dict[str, dict[str, Record]] = {module: {} for module in self.fields}
        self.tokens = Tokens(options, self.now)
        self.forbidden: set[str] = set()  # modules that the role of syncd's user hides
        self.keeps = False  # that role may not delete
        self._last = 0
        self.robot = self.add_user("robot@crm.example", "Robot")
        for email in options.users:
            self.add_user(email)

    def now(self) -> datetime:
        """Moments have whole seconds there."""
        return self.clock.now().replace(microsecond=0)

    def new_id(self) -> str:
        """As create_guid makes them: never of version 5."""
        self._last += 1
        return str(UUID(int=(0x4D << 120) | (4 << 76) | (8 << 60) | self._last))

    def add_user(self, email: str, name: str = "") -> str:
        name = name or email.partition("@")[0].title()
        values = {"user_name": email.partition("@")[0], "full_name": name, "status": "Active"}
        return self.make("Users", self.new_id(), values, by="1", emails=[email]).id

    def live(self, module: str) -> Iterator[Record]:
        return (record for record in self.rows[module].values() if not record.deleted)

    def find(self, module: str, record_id: str) -> Record | None:
        found = self.rows[module].get(record_id)
        return found if found and not found.deleted else None

    def make(
        self, module: str, record_id: str, values: dict[str, Any], *, by: str, emails: list[str] | None = None
    ) -> Record:
        """Raises KeyError where the id is that of another record, deleted ones too: it is the primary key."""
        if record_id in self.rows[module]:
            raise KeyError(record_id)
        now = self.now()
        record = Record(record_id, dict(values), now, now, by, by, list(emails or []))
        self.rows[module][record_id] = record
        return record

    def change(self, record: Record, values: dict[str, Any], *, by: str, email: str = "") -> None:
        record.values |= values
        if email:
            record.emails = [email, *(each for each in record.emails if each.lower() != email.lower())]
        record.modified, record.modified_by = self.now(), by

    def delete(self, record: Record, *, by: str) -> None:
        """It is marked, and stays in its table."""
        self.change(record, {}, by=by)
        record.deleted = True

    def checked(self, module: str, values: dict[str, Any], *, new: bool, moments: re.Pattern[str]) -> dict[str, Any]:
        """The values, or Bad for one that its field cannot hold."""
        known = self.fields[module]
        for name, value in values.items():
            if name not in known or name in READ_ONLY:
                raise Bad(f"{name} in {module} is invalid")
            _check(known[name], value, moments)
        missing = [each.name for each in known.values() if each.required and not values.get(each.name)]
        if new and missing:
            raise Bad(f"{missing[0]} is missing")
        return values


def _check(known: FieldDef, value: Any, moments: re.Pattern[str]) -> None:
    text = str(value)
    if "\0" in text or (known.length and len(text) > known.length):
        raise Bad(f"{known.name} is too long")
    if known.type in ("datetime", "datetimecombo") and not moments.fullmatch(text):
        raise Bad(f"{known.name} is no moment")
    if known.type == "int" and not re.fullmatch(r"-?\d{1,10}", text):
        raise Bad(f"{known.name} is no number")
    if known.type == "relate":
        raise Bad(f"{known.name} belongs to another record")
