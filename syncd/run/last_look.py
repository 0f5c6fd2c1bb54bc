"""What the doctor saw when it looked last: what was not fine, and the fields as they were."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from dataclasses import fields as dataclass_fields
from typing import Any

from syncd.connector import FieldState, Finding
from syncd.core.drift import drifted
from syncd.store import cursors
from syncd.store.database import Database

DAY_US = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class LastLook:
    at: int = 0  # microseconds; 0: never
    bad: tuple[str, ...] = ()
    fields: Mapping[str, FieldState] = field(default_factory=dict)
    differs_since: int = 0  # microseconds; 0: the fields are still the same

    def changes(self, fields: Mapping[str, FieldState]) -> list[Finding]:
        """Between those fields and these; nothing where there is nothing to compare with."""
        return list(drifted(self.fields, fields)) if self.fields and fields else []

    def then(self, now: int, bad: Sequence[str], fields: Mapping[str, FieldState]) -> "LastLook":
        """What is to be remembered after this look. A change is told for a day, then it is how things are."""
        if not fields:
            return LastLook(now, tuple(bad), self.fields, self.differs_since)
        since = self.differs_since or now
        if self.changes(fields) and now - since < DAY_US:
            return LastLook(now, tuple(bad), self.fields, since)
        return LastLook(now, tuple(bad), fields)


def read(database: Database, sink: str) -> LastLook:
    kept = cursors.read(database, _name(sink))
    if not kept:
        return LastLook()
    told: dict[str, Any] = {"fields": {}, "differs_since": 0, **json.loads(kept)}
    fields = {name: _state(each) for name, each in told["fields"].items()}
    return LastLook(told["at"], tuple(told["bad"]), fields, told["differs_since"])


def _state(told: Mapping[str, Any]) -> FieldState:
    """Another version of syncd may have kept more, or less."""
    known = {each.name: told[each.name] for each in dataclass_fields(FieldState) if each.name in told}
    return FieldState(**{**known, "choices": tuple(known.get("choices", ()))})


def keep(database: Database, sink: str, look: LastLook) -> None:
    with database.write() as tx:
        cursors.move(tx, _name(sink), json.dumps(asdict(look)), look.at)


def _name(sink: str) -> str:
    return f"doctor:{sink}"
