"""The records of one object type: storage, unique values, history, and what search sees of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.fakes.hubspot.errors import Refusal, already_exists, invalid
from tests.fakes.hubspot.kinds import Kind
from tests.fakes.hubspot.options import PORTAL
from tests.fakes.hubspot.properties import PropertyTable
from tests.fakes.hubspot.values import normal_email

Version = tuple[str, str, str]  # when, source, value


@dataclass(slots=True, eq=False)
class Record:
    id: str
    properties: dict[str, str]
    created_at: str
    updated_at: str
    source: str = "INTEGRATION"
    archived_at: str | None = None
    changed: dict[str, list[Version]] = field(default_factory=dict)  # oldest first
    links: dict[str, dict[str, set[int]]] = field(default_factory=dict)  # kind, id, type ids
    seen: dict[str, str] | None = None  # what the search index holds; None: not there yet
    coming: list[tuple[float, dict[str, str]]] = field(default_factory=list)  # oldest first

    def history(self, name: str) -> list[Version]:
        """Every value the property had, newest first."""
        if name in self.changed:
            return self.changed[name][::-1]
        value = self.properties.get(name)
        return [] if value is None else [(self.created_at, self.source, value)]

    def additional_emails(self) -> list[str]:
        listed = self.properties.get("hs_additional_emails", "")
        return listed.split(";") if listed else []


class Table:
    def __init__(self, kind: Kind, definitions: PropertyTable, search_lag: float) -> None:
        self.kind = kind
        self.definitions = definitions
        self.search_lag = search_lag
        self.by_id: dict[str, Record] = {}
        self.merged: dict[str, str] = {}  # an id that went away -> the one it became
        self.unique: dict[str, dict[str, str]] = {}  # property -> value -> id
        self.by_change: dict[str, Record] = {}  # live ones, the last changed last

    def __iter__(self) -> Iterator[Record]:
        return iter(self.by_change.values())

    def get(self, record_id: str) -> Record | None:
        """The live record of this id, or the survivor it was merged into."""
        while record_id in self.merged:
            record_id = self.merged[record_id]
        record = self.by_id.get(record_id)
        return None if record is None or record.archived_at else record

    def find(self, id_property: str | None, value: str) -> Record | None:
        """By record id, or by a unique property (an e-mail address: any the contact has)."""
        if id_property in {None, "hs_object_id"}:
            return self.get(value)
        return self.holder(id_property or "", value)

    def holder(self, name: str, value: str) -> Record | None:
        holder = self.unique.get(name, {}).get(value)
        return None if holder is None else self.by_id[holder]

    def check_id_property(self, name: str | None) -> None:
        if name is None or name == "hs_object_id" or name in self.definitions.unique:
            return
        raise invalid(f"Unable to perform update/upsert by non-unique {self.kind.type_id} property {name}")

    def normal(self, id_property: str | None, value: str) -> str:
        return normal_email(value) if id_property == "email" else value

    def readable(self, names: Sequence[str]) -> Sequence[str]:
        """What a read returns for these names: unknown ones left out, the usual for none."""
        known = self.definitions.by_name
        return [name for name in names if name in known] if names else self.kind.shown

    def insert(self, record_id: str, values: Mapping[str, str], at: str, source: str = "INTEGRATION") -> Record:
        properties = {name: value for name, value in values.items() if value}
        properties |= {
            self.kind.created: at,
            self.kind.modified: at,
            "hs_object_id": record_id,
        }
        record = Record(record_id, properties, at, at, source)
        self.by_id[record_id] = record
        self._index(record, properties)
        self._moved(record, at)
        return record

    def put(self, record: Record, changes: Mapping[str, str], at: str, source: str = "INTEGRATION") -> None:
        """Apply checked values; an empty one clears. Stamps the record even if nothing differs."""
        self._unindex(record, changes)
        for name, value in changes.items():
            old = record.properties.get(name)
            if value == (old or ""):
                continue
            if name not in record.changed:
                record.changed[name] = record.history(name)
            record.changed[name].append((at, source, value))
            if value:
                record.properties[name] = value
            else:
                del record.properties[name]
        record.properties[self.kind.modified] = record.updated_at = at
        self._index(record, changes)
        self._moved(record, at)

    def restore(self, record: Record) -> None:
        """Takes over a record of a dumped account, as it is; call in the order of last changes."""
        self.by_id[record.id] = record
        if record.archived_at is None:
            self._index(record, record.properties)
            self.by_change[record.id] = record

    def archive(self, record: Record, at: str) -> None:
        self._unindex(record, record.properties)
        record.archived_at = record.updated_at = at
        self.by_change.pop(record.id, None)

    def conflict(
        self,
        record: Record | None,
        values: Mapping[str, str],
        claimed: Mapping[tuple[str, str], str] | None = None,
    ) -> tuple[str, str, str] | None:
        """The first value that another record (or an earlier input) holds: name, value, holder."""
        for name in self.definitions.unique:
            value = values.get(name)
            if not value:
                continue
            holder = self.unique.get(name, {}).get(value)
            if holder is None and claimed is not None:
                holder = claimed.get((name, value))
            if holder is not None and (record is None or holder != record.id):
                return name, value, holder
        return None

    def clash(self, found: tuple[str, str, str], own: str, *, named: bool) -> Refusal:
        """E-mail: 409, with or without the id. Own unique properties: 400 that names both ids."""
        name, value, holder = found
        if name == "email":
            return already_exists(self.kind.word, holder if named else None)
        return invalid(
            f"Cannot set PropertyValueCoordinates{{portalId={PORTAL}, "
            f"objectTypeId=ObjectTypeId{{legacyObjectType={self.kind.word}}}, "
            f"propertyName={name}, value={value}}} on {own}. {holder} already has that value."
        )

    def visible(self, record: Record, now: float) -> Mapping[str, str] | None:
        """The record as the search index knows it at `now` (seconds)."""
        if not self.search_lag:
            return record.properties
        while record.coming and record.coming[0][0] <= now:
            record.seen = record.coming.pop(0)[1]
        return record.seen

    def _moved(self, record: Record, at: str) -> None:
        self.by_change.pop(record.id, None)
        self.by_change[record.id] = record
        if self.search_lag:
            seen_from = datetime.fromisoformat(at).timestamp() + self.search_lag
            record.coming.append((seen_from, dict(record.properties)))

    def _index(self, record: Record, names: Mapping[str, str]) -> None:
        for name in self.definitions.unique:
            if name in names and name in record.properties:
                self.unique.setdefault(name, {})[record.properties[name]] = record.id
        if "email" in names or "hs_additional_emails" in names:
            for address in record.additional_emails():
                self.unique.setdefault("email", {})[address] = record.id

    def _unindex(self, record: Record, names: Mapping[str, str]) -> None:
        for name in self.definitions.unique:
            if name in names and name in record.properties:
                self.unique.get(name, {}).pop(record.properties[name], None)
        if "email" in names or "hs_additional_emails" in names:
            for address in record.additional_emails():
                self.unique.get("email", {}).pop(address, None)


def body_of(table: Table, record: Record, names: Sequence[str], history: Sequence[str] = ()) -> dict[str, Any]:
    """A record as answered; a property without a value is null. All names are known ones."""
    kind, held = table.kind, record.properties
    body: dict[str, Any] = {
        "id": record.id,
        "properties": {name: held.get(name) for name in (*names, *kind.stamps)},
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "archived": record.archived_at is not None,
    }
    if record.archived_at:
        body["archivedAt"] = record.archived_at
    if history:
        body["propertiesWithHistory"] = {
            name: [
                {"value": value, "timestamp": at, "sourceType": source} for at, source, value in record.history(name)
            ]
            for name in history
        }
    return body
