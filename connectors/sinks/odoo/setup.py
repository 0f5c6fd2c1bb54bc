"""What the database must have, and making it.

https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html - a field made by hand begins with `x_`,
and to make one the user needs the right to change settings.
"""

from collections.abc import Iterator

from connectors.sinks.odoo.client import Client
from connectors.sinks.odoo.leads import MODEL
from connectors.sinks.odoo.marked import Making, model_id
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.people import People
from connectors.sinks.odoo.schema import Schema
from syncd.connector import FieldState, Finding, Refused, Wanted, choice_findings, field_findings

TYPES = {"message": "text", "inquiries": "integer"}  # the others are lines of text
OWN_PREFIX = "x_"
FILLED = frozenset({"name", "type", "user_id", "team_id", "contact_name"})  # of every lead that syncd makes


class Setup:
    def __init__(self, options: OdooOptions, client: Client, schema: Schema, people: People, making: Making) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._people, self._making = people, making

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the key is not good for anything."""
        self._people.prove_login()
        self._schema.forget()
        findings = field_findings(self._wanted(), self._type, self._make if apply else None)
        self._schema.forget()
        return [*findings, *self._types(), *self._required()]

    def described(self) -> dict[str, FieldState]:
        """All fields of a lead."""
        ours = {*self._schema.names.values(), self._schema.key, *FILLED}
        return {f"{MODEL}: {name}": each.state(ours=name in ours) for name, each in self._schema.fields().items()}

    def _wanted(self) -> Iterator[Wanted]:
        types = {self._schema.key: "char"}
        for canonical, field in self._schema.names.items():
            types.setdefault(field, TYPES.get(canonical, "char"))
        for field, kind in types.items():
            works = frozenset({"char"} if field == self._schema.key else ())
            remedy = "" if field.startswith(OWN_PREFIX) else "name a field that Odoo has, or one with x_"
            yield Wanted(f"{MODEL}: {field}", MODEL, field, kind, works, "a line of text", remedy)

    def _type(self, wanted: Wanted) -> str:
        return self._schema.type(wanted.name)

    def _make(self, wanted: Wanted) -> str:
        """Not copied: a lead that a rep duplicates is not ours."""
        body = {
            "name": wanted.name,
            "field_description": wanted.name.removeprefix(OWN_PREFIX).replace("_", " "),
            "model_id": model_id(self._client),
            "ttype": wanted.type,
            "state": "manual",
            "copied": False,
            "index": wanted.name == self._schema.key,
        }
        made = self._client.create("ir.model.fields", body, what=f"making of {wanted.what}")
        return "" if isinstance(made, int) else str(made)

    def _required(self) -> Iterator[Finding]:
        """A field that must be filled, and that neither we fill nor a default of Odoo's, would park every lead."""
        filled = {*FILLED, self._schema.key}
        wanted = [name for name, field in self._schema.fields().items() if field.required and name not in filled]
        for name in sorted(set(wanted) - self._defaults(wanted)):
            remedy = "give it a default in Odoo, or make it optional there"
            yield Finding(f"required field {MODEL}.{name}", ok=False, detail="nothing fills it for sure", remedy=remedy)

    def _defaults(self, names: list[str]) -> set[str]:
        """Those that Odoo fills by itself; all of them where it does not say."""
        if not names:
            return set()
        try:
            told = self._client.read(MODEL, "default_get", what="read of defaults", fields=names)
        except Refused:
            return set(names)
        return {name for name, value in told.items() if value not in (None, False)} if isinstance(told, dict) else set()

    def _types(self) -> Iterator[Finding]:
        """Every kind of task has an activity type that is in use."""
        there = sorted(str(row.get("name")) for row in self._making.activity_types())
        yield from choice_findings({f"activity type for {of}": name for of, name in self._options.types.items()}, there)
