"""What the database must have, and making it.

https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html - a field made by hand begins with `x_`,
and to make one the user needs the right to change settings.
"""

from collections.abc import Iterator

from connectors.sinks.odoo.client import Client
from connectors.sinks.odoo.leads import MODEL
from connectors.sinks.odoo.marked import Marked, model_id
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.people import People
from connectors.sinks.odoo.schema import Schema
from syncd.connector import Finding

TYPES = {"message": "text", "inquiries": "integer"}  # the others are lines of text
OWN_PREFIX = "x_"


class Setup:
    def __init__(self, options: OdooOptions, client: Client, schema: Schema, people: People, marked: Marked) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._people, self._marked = people, marked

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the key is not good for anything."""
        self._people.prove_login()
        self._schema.forget()
        wanted = {self._schema.key: "char"}
        for canonical, field in self._schema.names.items():
            wanted.setdefault(field, TYPES.get(canonical, "char"))
        findings = [self._field(field, kind, apply=apply) for field, kind in wanted.items()]
        self._schema.forget()
        return [*findings, *self._types()]

    def _field(self, field: str, kind: str, *, apply: bool) -> Finding:
        what, found = f"{MODEL}: {field}", self._schema.type(field)
        if field == self._schema.key and found not in ("", "char"):
            remedy = "name another field, or let syncd make one after renaming this one"
            return Finding(what, ok=False, detail=f"is of type {found}, not a line of text", remedy=remedy)
        if found:
            return Finding(what, ok=True)
        if not field.startswith(OWN_PREFIX):
            return Finding(what, ok=False, detail="missing", remedy="name a field that Odoo has, or one with x_")
        if apply:
            return self._make(field, kind)
        return Finding(what, ok=False, detail="missing", remedy=f"let syncd make it, or make it by hand ({kind})")

    def _make(self, field: str, kind: str) -> Finding:
        """Not copied: a lead that a rep duplicates is not ours."""
        what = f"{MODEL}: {field}"
        body = {
            "name": field,
            "field_description": field.removeprefix(OWN_PREFIX).replace("_", " "),
            "model_id": model_id(self._client),
            "ttype": kind,
            "state": "manual",
            "copied": False,
            "index": field == self._schema.key,
        }
        made = self._client.create("ir.model.fields", body, what=f"making of {what}")
        if isinstance(made, int):
            return Finding(what, ok=True, detail="made", changed=True)
        return Finding(what, ok=False, detail=f"not made: {made}", remedy="make it by hand")

    def _types(self) -> Iterator[Finding]:
        """Every kind of task has an activity type that is in use."""
        there = sorted(str(row.get("name")) for row in self._marked.activity_types())
        for kind, name in self._options.types.items():
            if name not in there:
                remedy = f"name one of: {', '.join(there)}"
                yield Finding(f"activity type for {kind}", ok=False, detail=f"{name} is not there", remedy=remedy)
