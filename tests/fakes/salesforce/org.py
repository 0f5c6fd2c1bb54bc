"""One Salesforce organisation: everything the fake remembers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any

from tests.fakes.salesforce.catalogue import OPT_OUT, PREFIXES, custom_fields, opt_out, standard_fields
from tests.fakes.salesforce.errors import Problem
from tests.fakes.salesforce.fields import Field, stamp
from tests.fakes.salesforce.limits import Meter
from tests.fakes.salesforce.options import Options
from tests.fakes.salesforce.tokens import Tokens
from tests.fakes.service_clock import ServiceClock

_LOCKED = "UNABLE_TO_LOCK_ROW"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(slots=True)
class Record:
    id: str
    object: str
    values: dict[str, Any]  # by field, with the system fields; what is null is left out

    @property
    def deleted(self) -> bool:
        return bool(self.values.get("IsDeleted"))


INDEXED = frozenset({"Email", "WhoId", "LeadId"})  # and all external ids


@dataclass(slots=True)
class Table:
    name: str
    fields: dict[str, Field]
    by_id: dict[str, Record] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # custom fields that our user may not see yet
    index: dict[str, dict[str, dict[str, Record]]] = field(default_factory=dict)  # field -> value -> id

    def keep(self, record: Record) -> None:
        """A record that is new here."""
        self.by_id[record.id] = record
        for name, value in record.values.items():
            self._note(record, name, value)

    def hold(self, record: Record, name: str, value: Any) -> None:
        """The record has this value from now on; None clears the field."""
        if self.is_indexed(name) and name in record.values:
            self.index.get(name, {}).get(_folded(record.values[name]), {}).pop(record.id, None)
        if value is None:
            record.values.pop(name, None)
        else:
            record.values[name] = value
            self._note(record, name, value)

    def is_indexed(self, name: str) -> bool:
        return name in INDEXED or (name in self.fields and self.fields[name].external)

    def indexed(self, name: str, values: Iterable[str]) -> list[Record]:
        """Deleted ones too."""
        there = self.index.get(name, {})
        return [record for value in dict.fromkeys(map(_folded, values)) for record in there.get(value, {}).values()]

    def _note(self, record: Record, name: str, value: Any) -> None:
        if self.is_indexed(name):
            self.index.setdefault(name, {}).setdefault(_folded(value), {})[record.id] = record

    def visible(self) -> dict[str, Field]:
        return {name: each for name, each in self.fields.items() if name not in self.hidden}

    def live(self) -> Iterator[Record]:
        return (record for record in self.by_id.values() if not record.deleted)

    def field(self, name: str) -> Field:
        found = self.fields.get(name)
        if found is None or name in self.hidden:
            raise Problem("INVALID_FIELD", f"No such column '{name}' on sobject of type {self.name}")
        return found

    def matching(self, name: str, value: str) -> list[Record]:
        """Those alive that hold this value; case does not count."""
        if self.is_indexed(name):
            return [record for record in self.indexed(name, [value]) if not record.deleted]
        wanted = value.casefold()
        return [record for record in self.live() if str(record.values.get(name, "")).casefold() == wanted]


class Org:
    """All calls run one at a time under `lock`; nothing here waits."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = ServiceClock(options.start)
        self.lock = RLock()
        self.url = ""
        self.empty()

    def empty(self) -> None:
        """Back to the first moment: the people and queues of the options, and no custom fields."""
        options = self.options
        self.clock.rewind()
        self.last = 1000
        self.me = ""
        self.cursors: dict[str, list[dict[str, Any]]] = {}
        self.item_faults: list[tuple[str, int]] = []
        self.rules: list[tuple[str, str]] = []  # values that a validation rule is against
        self.tables = {name: Table(name, standard_fields(name)) for name in PREFIXES}
        self.tokens = Tokens(options)
        self.meter = Meter(options.daily_limit)
        self._shape()
        self.me = self.add_user(options.username, "Integration User")
        for email in options.users:
            self.add_user(email, email.partition("@")[0].replace(".", " ").title())
        for queue in options.queues:
            self.add_queue(queue)
        if options.duplicate_rule != "off":
            for name in ("Lead", "Contact"):
                rule = {"DeveloperName": f"Standard_{name}_Duplicate_Rule", "MasterLabel": f"Standard {name} rule",
                        "SobjectType": name, "IsActive": True}  # fmt: skip
                self.put("DuplicateRule", rule)

    def _shape(self) -> None:
        """The fields as the options want them."""
        for name in ("Lead", "Contact"):
            self.tables[name].fields[OPT_OUT] = opt_out()
        if self.options.prepared:
            for table, field in custom_fields():
                if table != "Activity" or self.options.activity_fields:
                    self.add_field(table, field, hidden=False)
        for hidden in sorted(self.options.hidden_fields):
            table, _, name = hidden.partition(".")
            del self.tables[table].fields[name]
        for strict in sorted(self.options.restricted):
            table, _, name = strict.partition(".")
            known = self.tables[table].fields[name]
            self.tables[table].fields[name] = replace(known, flags=f"{known.flags}r")

    def now(self) -> datetime:
        return self.clock.now()

    def at(self) -> str:
        """The present moment as records carry it."""
        return stamp(self.clock.now())

    def table(self, name: str) -> Table:
        found = self.tables.get(name)
        if found is None:
            raise Problem("NOT_FOUND", "The requested resource does not exist")
        return found

    def record(self, record_id: str) -> Record:
        """Of whatever type, deleted or not. KeyError if there is none."""
        for table in self.tables.values():
            if record_id in table.by_id:
                return table.by_id[record_id]
        raise KeyError(record_id)

    def put(self, name: str, values: dict[str, Any], by: str = "") -> Record:
        """A new record, unchecked."""
        self.last += 1
        record_id, at, user = long_id(PREFIXES[name], self.last), self.at(), by or self.me
        system = {"Id": record_id, "IsDeleted": False, "CreatedDate": at, "CreatedById": user}
        record = Record(record_id, name, {**values, **system})
        self.touch(record, {}, by=user)
        self.tables[name].keep(record)
        return record

    def touch(self, record: Record, values: dict[str, Any], by: str = "") -> None:
        """Unchecked; None clears a field."""
        at, user = self.at(), by or self.me
        given = {**values, "LastModifiedDate": at, "LastModifiedById": user, "SystemModstamp": at}
        for name, value in given.items():
            self.tables[record.object].hold(record, name, value)

    def strike(self) -> None:
        """The trouble that was ordered for a single record, if some is left."""
        for at, (code, left) in enumerate(self.item_faults):
            if left > 0:
                self.item_faults[at] = (code, left - 1)
                raise Problem(code, "unable to obtain exclusive access to this record" if code == _LOCKED else code)

    def add_user(self, email: str, name: str = "", *, active: bool = True) -> str:
        first, _, last = (name or email.partition("@")[0]).partition(" ")
        values = {"Name": name or first, "FirstName": first, "LastName": last or first, "Email": email,
                  "Username": f"{email}.fake", "IsActive": active, "UserType": "Standard"}  # fmt: skip
        if email == self.options.username:
            values["Username"] = email
        return self.put("User", values).id

    def add_queue(self, name: str, email: str = "") -> str:
        """A queue for leads, and for tasks where the options say so."""
        values = {"Name": name.replace("_", " "), "DeveloperName": name, "Type": "Queue"}
        queue = self.put("Group", {**values, **({"Email": email} if email else {})}).id
        for what in ("Lead", "Task") if self.options.task_queues else ("Lead",):
            self.put("QueueSobject", {"QueueId": queue, "SobjectType": what})
        return queue

    def add_field(self, table: str, custom: Field, *, hidden: bool) -> None:
        """A field of Activity shows on tasks and events."""
        for name in ("Task", "Event") if table == "Activity" else (table,):
            self.tables[name].fields[custom.name] = custom
            if hidden:
                self.tables[name].hidden.add(custom.name)


def _folded(value: Any) -> str:
    return str(value).casefold()


def long_id(prefix: str, number: int) -> str:
    """Eighteen characters: the last three say which letters of the others are capitals."""
    short = f"{prefix}{number:012d}"
    parts = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(
        LETTERS[sum(1 << at for at, letter in enumerate(part) if letter.isupper())] for part in parts
    )
