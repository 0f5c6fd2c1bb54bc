"""What the account must have, and making it.

https://www.zoho.com/crm/developer/docs/api/v8/create-field.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.client import API, Client, Reply
from connectors.sinks.zoho.failures import read_fault
from connectors.sinks.zoho.lookup import names_of
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.owners import Owners
from connectors.sinks.zoho.schema import FieldInfo, Schema
from connectors.sinks.zoho.scopes import scope_findings
from syncd.connector import FieldState, Finding

LENGTH = 100
TYPES: Mapping[str, str] = {"first_touch_at": "datetime", "inquiries": "integer"}  # the others are lines of text
HOLD: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "textarea", "picklist"}),
    "datetime": frozenset({"datetime", "text", "textarea"}),
    "integer": frozenset({"integer", "bigint", "double", "text", "textarea"}),
}
"""Type that we make -> types that can hold its values."""
PLAIN_MARK = (
    "not unique: a task whose answer was lost is looked for three times before it is sent again, which takes over two "
    "minutes"
)
NO_MARK = "none: the mark stands in the text of the task instead, and " + PLAIN_MARK.partition(": ")[2]


@dataclass(frozen=True, slots=True)
class Wanted:
    module: str
    name: str
    type: str = "text"
    unique: bool = False
    plain_will_do: bool = False

    @property
    def what(self) -> str:
        return f"field {self.module}.{self.name}"

    def body(self, *, unique: bool) -> dict[str, object]:
        """Zoho makes the API name of the label."""
        field: dict[str, object] = {"field_label": self.name.replace("_", " "), "data_type": self.type}
        if self.type == "text":
            field["length"] = LENGTH
        return {"fields": [{**field, "unique": {"casesensitive": "false"}} if unique else field]}


class Setup:
    def __init__(
        self,
        options: ZohoOptions,
        client: Client,
        schemas: Mapping[str, Schema],
        owners: Owners,
        emits: Mapping[str, Sequence[str]],
    ) -> None:
        """`emits`: canonical field -> values that the config can bring."""
        self._options, self._client, self._emits = options, client, emits
        self._schemas, self._owners = schemas, owners

    def check(self) -> list[Finding]:
        """Raises AuthFailed when the grant is not good for anything."""
        self._owners.forget()
        people = [owner for owner in self._owners.by_email().values() if owner.active]
        login = Finding("login and list of users", ok=True, detail=f"{len(people)} active users, API {API[5:]}")
        return [
            login,
            *scope_findings(self._client.scopes(), apply=False),
            self._credits(),
            *self._values(),
            *self._sources(),
        ]

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the grant is not good for anything."""
        self._owners.me()
        self._forget()
        findings = [self._field(wanted, apply=apply) for wanted in self._wanted()]
        if any(finding.changed for finding in findings):
            self._forget()
        return [
            *findings,
            *self._values(),
            *self._sources(),
            *self._mandatory(),
            *scope_findings(self._client.scopes(), apply=apply),
        ]

    def described(self) -> dict[str, FieldState]:
        """All fields of what a stranger becomes, and of tasks."""
        options, module = self._options, self._options.module
        written = {*names_of(options, module).values(), *options.fixed, options.key_field, "Lead_Status", "Owner"}
        return {
            **self._schemas[module].described(written),
            **self._schemas["Tasks"].described({*wire.TASK_FIELDS, options.mark_field}),
        }

    def _forget(self) -> None:
        for schema in self._schemas.values():
            schema.forget()

    def _wanted(self) -> Iterator[Wanted]:
        for module in (wire.LEADS, wire.CONTACTS):
            yield Wanted(module, self._options.key_field, unique=True)
            for field, name in wire.OURS.items():
                if field not in self._options.map:
                    yield Wanted(module, name, TYPES.get(field, "text"))
        yield Wanted("Tasks", self._options.mark_field, unique=True, plain_will_do=True)

    def _field(self, wanted: Wanted, *, apply: bool) -> Finding:
        found = self._schemas[wanted.module].fields().get(wanted.name)
        if found is None and apply:
            return self._make(wanted)
        if found is None:
            kind = f"unique {wanted.type}" if wanted.unique else wanted.type
            remedy = f"let syncd make it, or make a field of this API name by hand ({kind})"
            return Finding(wanted.what, ok=False, detail="missing", remedy=remedy)
        if found.type not in HOLD[wanted.type]:
            remedy = f"name another field, or delete it and let syncd make it ({wanted.type})"
            return Finding(wanted.what, ok=False, detail=f"is of type {found.type}", remedy=remedy)
        if found.unique or not wanted.unique:
            return Finding(wanted.what, ok=True)
        if wanted.plain_will_do:
            return Finding(wanted.what, ok=True, detail=PLAIN_MARK)
        remedy = "tick 'do not allow duplicate values' in the field's properties, or name another field"
        return Finding(wanted.what, ok=False, detail="its values are not unique", remedy=remedy)

    def _make(self, wanted: Wanted) -> Finding:
        refused = self._post(wanted, unique=wanted.unique)
        if not refused:
            return Finding(wanted.what, ok=True, detail="made", changed=True)
        if wanted.plain_will_do:
            if not self._post(wanted, unique=False):
                return Finding(wanted.what, ok=True, detail=PLAIN_MARK, changed=True)
            return Finding(wanted.what, ok=True, detail=f"{NO_MARK} (not made: {refused})")
        return Finding(wanted.what, ok=False, detail=f"not made: {refused}", remedy="make it by hand")

    def _post(self, wanted: Wanted, *, unique: bool) -> str:
        """Why it was not made; empty when it was."""
        path = f"/settings/fields?module={wanted.module}"
        reply = self._client.write("POST", path, what=f"making of {wanted.what}", json=wanted.body(unique=unique))
        return _refused(reply)

    def _values(self) -> Iterator[Finding]:
        """Every value that the options write or wait for is one that the account knows."""
        options = self._options
        given: dict[tuple[str, str], list[str]] = {(options.module, name): [v] for name, v in options.fixed.items()}
        statuses = list(options.statuses) if "statuses" in options.model_fields_set else []
        if wanted := [*statuses, *filter(None, [options.lead_status])]:
            given[wire.LEADS, "Lead_Status"] = wanted
        for (module, name), values in given.items():
            found = self._schemas[module].fields().get(name)
            yield from _strange(f"values of {module}.{name}", found, values)
        for module in (wire.LEADS, wire.CONTACTS):
            known = self._schemas[module].fields()
            for field, name in options.map.items():
                if name and name not in known and module == options.module:
                    remedy = "name a field by its API name, as Setup > Developer Hub > APIs lists them"
                    yield Finding(f"map.{field}", ok=False, detail=f"no field {module}.{name}", remedy=remedy)

    def _sources(self) -> Iterator[Finding]:
        """Whether Zoho takes a value that is not on a list, only the list's settings say, and these are not told."""
        name = names_of(self._options, self._options.module).get("lead_source", "")
        field = self._schemas[self._options.module].fields().get(name)
        strange = [each for each in self._emits.get("lead_source", ()) if field and each not in field.options]
        if field and field.options and strange:
            detail = f"not on the list: {', '.join(strange)}; left out where the list is restricted, written otherwise"
            yield Finding(f"lead sources in {field.name}", ok=True, detail=detail)

    def _mandatory(self) -> Iterator[Finding]:
        """Fields without which Zoho takes no record, and which nothing of ours fills for sure."""
        options, module = self._options, self._options.module
        filled = {"Last_Name", "Owner", *options.fixed, *(["Company"] if module == wire.LEADS else [])}
        for field in self._schemas[module].fields().values():
            if field.mandatory and field.writable and field.name not in filled:
                usual = field.name in names_of(options, module).values()
                remedy = f"give it a value in `fixed`{', for leads that bring none' if usual else ''}"
                yield Finding(f"field {module}.{field.name}", ok=False, detail="Zoho demands it", remedy=remedy)
        for field in self._schemas["Tasks"].fields().values():
            if field.mandatory and field.writable and field.name not in wire.TASK_FIELDS:
                remedy = "make it optional there: syncd has no value for it"
                yield Finding(f"field Tasks.{field.name}", ok=False, detail="Zoho demands it", remedy=remedy)

    def _credits(self) -> Finding:
        told = self._client.meter.allowance()
        if told is None:
            return Finding("credits of today", ok=True, detail="not told")
        left = told.left_today or 0
        remedy = "" if left else "wait until credits come back, or buy some"
        return Finding("credits of today", ok=left > 0, detail=f"{left} left", remedy=remedy)


def _strange(what: str, field: FieldInfo | None, values: list[str]) -> Iterator[Finding]:
    options = field.options if field else frozenset()
    strange = sorted({value for value in values if options and value not in options})
    if field is None or strange:
        detail = f"not in the account: {', '.join(strange) or 'the field itself'}"
        remedy = f"name one of: {', '.join(sorted(options))}" if options else "name another field"
        yield Finding(what, ok=False, detail=detail, remedy=remedy)


def _refused(reply: Reply) -> str:
    rows = reply.rows("fields")
    if rows and all(row.get("status") == "success" for row in rows):
        return ""
    return str(read_fault(rows[0]) if rows else reply.fault or "the answer does not say")
