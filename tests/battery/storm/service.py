"""The CRM of the simulation: a strict service with a state of its own, which outlives every daemon.

It makes whatever it is told to make, twice if it is told twice; that is what the simulation looks for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd.model import FIELDS, OwnerRef, Ref, Signal, SignalKind
from tests.battery.storm.chance import VirtualClock

LONGEST = 200  # characters of a field; a longer value is refused
PEOPLE = ("eva@example.com", "tom@example.com", "ida@example.com")  # ida is in nobody's roster
_OURS = frozenset({"lead_source", "first_channel", "first_campaign", "last_channel", "last_campaign",
                   "first_touch_at", "inquiries"})  # fmt: skip
_ALLOWED = frozenset(FIELDS) | _OURS


class Invalid(Exception):
    """The service will not take this; its words."""


@dataclass(slots=True)
class Record:
    id: str
    key: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    owner: str = ""
    gone: bool = False  # deleted by a person
    lives_on: str = ""  # merged into this one
    typed: dict[str, float] = field(default_factory=dict)  # field -> when a person typed it
    touched: bool = False  # deleted, merged or merged into: a person has taken it in hand


@dataclass(slots=True)
class Item:
    """A task or a note."""

    id: str
    mark: str
    record: str
    values: Mapping[str, object]
    made: float
    done_at: datetime | None = None


class Service:
    def __init__(self, clock: VirtualClock, *, unique_marks: bool, lag: float) -> None:
        self.clock, self.unique_marks, self.lag = clock, unique_marks, lag
        self.records: dict[str, Record] = {}
        self.tasks: dict[str, Item] = {}
        self.notes: dict[str, Item] = {}
        self.users = {email: OwnerRef(str(n), email) for n, email in enumerate(PEOPLE, 1)}
        self.said: list[tuple[float, Signal]] = []
        self.broken: list[str] = []  # promises, noted here: whoever called must not be able to catch them
        self.late: list[tuple[float, Callable[[], object]]] = []  # requests that are still under way

    # what a connector may ask

    def live(self, record_id: str) -> Record | None:
        record = self.records.get(record_id)
        while record is not None and record.lives_on:
            record = self.records[record.lives_on]
        return None if record is None or record.gone else record

    def by_email(self, email: str) -> Record | None:
        return self._one(lambda record: record.fields.get("email", "").lower() == email.lower() != "")

    def by_key(self, key: str) -> Record | None:
        return self._one(lambda record: record.key == key != "")

    def _one(self, fits: Callable[[Record], bool]) -> Record | None:
        """One that was merged is found as what it lives on in, unless that is deleted as well."""
        living = (self.live(record.id) for record in self.records.values() if fits(record))
        return next((record for record in living if record), None)

    def write(self, record: Record | None, key: str, fields: Mapping[str, str], owner: OwnerRef | None) -> Record:
        self._check(fields, owner)
        if record is None:
            email = fields.get("email", "")
            if (email and self.by_email(email)) or self.by_key(key):
                raise Invalid("409: this e-mail address or key is taken")
            record = Record(str(100 + len(self.records)), key)
            self.records[record.id] = record
        self._watch(record, fields)
        record.fields |= fields
        record.key = record.key or key
        if owner and owner.id != record.owner:
            self.give(record, owner)
        return record

    def _check(self, fields: Mapping[str, str], owner: OwnerRef | None) -> None:
        if strange := set(fields) - _ALLOWED:
            raise Invalid(f"400: no such property {sorted(strange)}")
        if long := [name for name, value in fields.items() if len(value) > LONGEST]:
            raise Invalid(f"400: too long {sorted(long)}")
        if owner and not any(user.id == owner.id and user.active for user in self.users.values()):
            raise Invalid(f"400: owner {owner.id} is not active")

    def _watch(self, record: Record, fields: Mapping[str, str]) -> None:
        """Never the field that a person typed, unless they typed it while we were writing."""
        for name in fields.keys() & record.typed.keys():
            if fields[name] != record.fields.get(name) and self.clock.steady - record.typed[name] > 900:
                self.broken.append(f"what a person typed: {name} of record {record.id} was overwritten")

    def give(self, record: Record, owner: OwnerRef) -> None:
        record.owner = owner.id
        self.say(SignalKind.OWNER_CHANGED, Ref("contact", record.id), owner.id, owner)

    def search(self, items: Mapping[str, Item], mark: str) -> Item | None:
        """Through the index, which runs behind; a unique mark is read directly."""
        seen = (item for item in items.values() if self.unique_marks or self.clock.steady - item.made >= self.lag)
        return next((item for item in seen if item.mark == mark), None)

    def make(self, items: dict[str, Item], kind: str, mark: str, record: str, values: Mapping[str, object]) -> Item:
        """A second one is made as willingly as the first; nobody else would find out that there are two."""
        there = next((item for item in items.values() if item.mark == mark), None)
        if there and self.unique_marks:
            return there
        if there:
            self.broken.append(f"nothing doubled: {kind} {mark} was made twice")
        if self.live(record) is None:
            raise Invalid("404: no such record")
        item = items[f"{kind}{len(items)}"] = Item(f"{kind}{len(items)}", mark, record, values, self.clock.steady)
        return item

    def say(self, kind: SignalKind, ref: Ref, value: str = "", owner: OwnerRef | None = None) -> None:
        self.said.append((self.clock.steady, Signal(kind, ref, self.clock.at, value, owner)))

    def heard(self) -> list[Signal]:
        """What the index shows by now, in the order in which it happened."""
        return [signal for at, signal in self.said if self.clock.steady - at >= self.lag]

    def arrive(self) -> None:
        """Requests whose sender gave up waiting are carried out all the same."""
        due = [request for at, request in self.late if at <= self.clock.steady]
        self.late = [(at, request) for at, request in self.late if at > self.clock.steady]
        for request in due:
            request()
