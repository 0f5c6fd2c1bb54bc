"""Recorded describes of a real Salesforce organisation, fit to judge by: what may be set of an object, and to what.

Nobody recorded one of Task: its fields that an Event has too are judged by that one's, the others are not judged.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

FILES = ("Lead", "Contact", "Account", "Event")
BY: Mapping[str, str] = {"Task": "Event"}  # object -> the one by whose describe it is judged
OWN = re.compile(r"Syncd_\w+__c")  # fields that `prepare` makes: no organisation has them before
UNSEEN = frozenset({"HasOptedOutOfEmail"})  # a standard field that the recording user could not see
Manner = Literal["create", "update", "upsert"]
Field = Mapping[str, Any]
_ID = re.compile(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")
_QUERY = re.compile(r"SELECT (?P<columns>.+?) FROM (?P<kind>\w+)(?: WHERE (?P<where>.+?))?(?: ORDER BY .*| LIMIT .*)?$")
_ASKED = re.compile(r"(\w+)\s*(?:!=|>=|<=|=|<|>|\bIN\b|\bLIKE\b)")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)")
_NEEDS: Mapping[Manner, tuple[str, ...]] = {
    "create": ("createable",),
    "update": ("updateable",),
    "upsert": ("createable", "updateable"),
}


class Describes:
    def __init__(self, folder: Path) -> None:
        told = {name: json.loads((folder / f"describe_{name}_trimmed.json").read_text()) for name in FILES}
        self._fields = {name: {each["name"]: each for each in one["fields"]} for name, one in told.items()}
        self._prefixes = {name: str(one["keyPrefix"]) for name, one in told.items()}
        self.unjudged: set[str] = set()  # fields that no describe knows, because nobody recorded one of their object

    def of(self, kind: str) -> Mapping[str, Field] | None:
        return self._fields.get(BY.get(kind, kind))

    def sent(self, kind: str, values: Mapping[str, Any], manner: Manner) -> Iterator[str]:
        """What is wrong with a record on its way there."""
        fields = self.of(kind)
        if fields is None:
            yield f"{manner} of {kind}: nobody recorded that object"
            return
        for name, value in values.items():
            field = self._known(kind, name)
            if isinstance(field, str):
                yield f"{manner} of {kind}: {field}"
            elif field is not None:
                for may in _NEEDS[manner]:
                    if not field[may] and name != "Id":
                        yield f"{manner} of {kind}: {name} is not {may}"
                yield from (f"{manner} of {kind}: {name} {each}" for each in _unfit(field, value, listed=True))
        if manner != "update" and kind not in BY:
            yield from (f"{manner} of {kind}: {name} is missing" for name in _required(fields) if not values.get(name))

    def named(self, kind: str, record_id: object) -> Iterator[str]:
        """Whether an id can be one of that object."""
        prefix = self._prefixes.get(kind, "")
        if not isinstance(record_id, str) or not _ID.fullmatch(record_id) or not record_id.startswith(prefix):
            yield f"update of {kind}: the id is none of that object"

    def asked(self, soql: str) -> Iterator[str]:
        """What is wrong with a question, as far as its object was recorded."""
        bare = _QUOTED.sub("''", soql)
        parts = _QUERY.fullmatch(bare)
        if parts is None:
            yield f"query of another shape: {bare[:80]}"
            return
        kind = parts["kind"]
        if self.of(kind) is None:
            return
        names = [(each.strip(), False) for each in parts["columns"].split(",") if "." not in each]
        names += [(each, True) for each in _ASKED.findall(parts["where"] or "")]
        for name, filters in names:
            field = self._known(kind, name)
            if isinstance(field, str):
                yield f"query of {kind}: {field}"
            elif field is not None and filters and not field["filterable"]:
                yield f"query of {kind}: {name} cannot stand in WHERE"

    def answered(self, kind: str, row: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with a row that came back."""
        if self.of(kind) is None:
            return
        for name, value in row.items():
            field = self._known(kind, name) if name != "attributes" and not isinstance(value, Mapping) else None
            if isinstance(field, str):
                yield f"row of {kind}: {field}"
            elif field is not None and value is not None:
                yield from (f"row of {kind}: {name} {each}" for each in _unfit(field, value, listed=False))
            elif field is not None and not field["nillable"]:
                yield f"row of {kind}: {name} is null"

    def _known(self, kind: str, name: str) -> Field | str | None:
        """None for what cannot be judged; a text for what is wrong."""
        fields = self.of(kind) or {}
        if name in fields:
            return fields[name]
        if OWN.fullmatch(name) or name in UNSEEN or f"{name}Id" in fields:  # the last is a way to another object
            return None
        if kind in BY:
            self.unjudged.add(f"{kind}.{name}")
            return None
        return f"there is no field {name}"


def _required(fields: Mapping[str, Field]) -> list[str]:
    return [
        name
        for name, each in fields.items()
        if each["createable"] and not each["nillable"] and not each["defaultedOnCreate"] and each["type"] != "boolean"
    ]


def _unfit(field: Field, value: Any, *, listed: bool) -> Iterator[str]:
    """`listed`: a choice must be one of the list."""
    kind = field["type"]
    if kind == "boolean":
        fits = isinstance(value, bool)
    elif kind in ("int", "double", "currency", "percent"):
        fits = isinstance(value, int if kind == "int" else int | float) and not isinstance(value, bool)
    elif kind == "date":
        fits = isinstance(value, str) and _is(date.fromisoformat, value) and len(value) == len("2026-03-02")
    elif kind == "datetime":
        fits = isinstance(value, str) and bool(_STAMP.fullmatch(value)) and _is(datetime.fromisoformat, value)
    else:
        fits = isinstance(value, str)
    if not fits:
        yield f"is no {kind}"
    elif kind in ("reference", "id") and not _ID.fullmatch(value):
        yield "is no id"
    elif isinstance(value, str) and field["length"] and len(value.encode("utf-16-le")) // 2 > field["length"]:
        yield f"is longer than {field['length']}"
    elif listed and kind == "picklist" and field.get("picklistValues") and value not in _choices(field):
        yield "is none of the listed values"


def _choices(field: Field) -> Sequence[str]:
    return list(field["picklistValues"])


def _is(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
