"""What the environment must have, and making it.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api
https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity

Columns are made in a solution of our own: its publisher gives the prefix of their names. The index of an alternate key
is built by a job of Dataverse's, and nothing is written before that has ended.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.schema import ACTIVE, FAILED, Schema
from connectors.sinks.dynamics.values import guid_of, literal
from syncd.connector import AuthFailed, FieldState, Finding, Refused, Retryable, Wanted, field_findings

SOLUTION = "syncd"
PREFIX_OF_CHOICES = 71_593  # a publisher must have one
ENGLISH = 1033
TYPES: Mapping[str, str] = {"first_touch_at": "DateTime", "inquiries": "Integer"}  # the others are lines of text
_DETAILS: Mapping[str, Mapping[str, object]] = {
    "String": {"MaxLength": 255, "FormatName": {"Value": "Text"}},
    "DateTime": {"Format": "DateAndTime"},
    "Integer": {"MinValue": 0, "MaxValue": 2_147_483_647, "Format": "None"},
}
BY_HAND: Mapping[str, str] = {"String": "text of 255", "DateTime": "date and time", "Integer": "whole number"}
RIGHT = "to make it, the application user needs the role System Customizer"
HEEDED = frozenset({"statuscode", "statecode", "ownerid", "donotemail"})


class Setup:
    def __init__(self, options: DynamicsOptions, client: Client, schema: Schema) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._solution = False  # it has been seen

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the login is not good for anything."""
        self._schema.forget()
        columns = field_findings(self._wanted(), self._type, self._make if apply else None)
        unkeyed = [table for table in wire.KINDS if not self._key_state(table)]
        refused = {table: self._make_key(table) for table in unkeyed} if apply else {}
        if refused or any(finding.changed for finding in columns):
            self._schema.forget()
        return [*columns, *(self._key(table, refused.get(table, ""), fresh=table in unkeyed) for table in wire.KINDS)]

    def described(self) -> dict[str, FieldState]:
        """All columns of leads or contacts, whatever a stranger becomes."""
        table = self._options.object
        ours = {*wire.names_for(table, self._options).values(), *self._options.fixed, self._options.key_field, *HEEDED}
        known = self._schema.table(table).columns
        return {f"column {table}.{name}": column.state(ours=name in ours) for name, column in known.items()}

    def _wanted(self) -> Iterator[Wanted]:
        """Ours, and of what a stranger becomes those that the options name."""
        options, mapped = self._options, set(self._options.map)
        prefix = options.key_field.partition("_")[0]
        for table in wire.KINDS:
            named = mapped if table == options.object else set[str]()
            for field, name in {"": options.key_field, **wire.names_for(table, options)}.items():
                own, kind = name.partition("_")[0] == prefix, TYPES.get(field, "String")
                if own or field in named:
                    works = frozenset({kind} if own else ())
                    remedy = "" if own else "name a column that is there"
                    yield Wanted(f"column {table}.{name}", table, name, kind, works, BY_HAND[kind], remedy)

    def _type(self, wanted: Wanted) -> str:
        column = self._schema.table(wanted.of).columns.get(wanted.name)
        return column.type if column else ""

    def _make(self, wanted: Wanted) -> str:
        return self._posted(wanted.of, "Attributes", _definition(wanted))

    def _make_key(self, table: str) -> str:
        key = self._options.key_field
        body = {"SchemaName": key, "DisplayName": _label("Key (syncd)"), "KeyAttributes": [key]}
        return self._posted(table, "Keys", body)

    def _make_solution(self) -> None:
        """Once is enough."""
        if self._solution:
            return
        prefix, _, _ = self._options.key_field.partition("_")
        names = {"uniquename": SOLUTION, "friendlyname": SOLUTION}
        publisher = self._there("publishers", "publisherid", f"customizationprefix eq {literal(prefix)}")
        if not publisher:
            unique = {**names, "customizationprefix": prefix, "customizationoptionvalueprefix": PREFIX_OF_CHOICES}
            self._add("publishers", unique)
            publisher = self._there("publishers", "publisherid", f"customizationprefix eq {literal(prefix)}")
        if not self._there("solutions", "solutionid", f"uniquename eq {literal(SOLUTION)}"):
            bound = f"/publishers({publisher})"
            self._add("solutions", {**names, "version": "1.0.0.0", "publisherid@odata.bind": bound})
        self._solution = True

    def _there(self, rows: str, key: str, chosen: str) -> str:
        query = f"{rows}?$select={key}&$filter={chosen.replace(' ', '%20')}"
        (found,) = self._client.rows([query], what=f"read of {rows}")
        return guid_of(found[0].get(key)) if found else ""

    def _add(self, rows: str, body: Mapping[str, Any]) -> None:
        fault = self._client.post(rows, body, what=f"making of {rows}", headers={})
        if fault is not None:
            raise Refused(f"dynamics: making of {rows} refused: {fault}")

    def _posted(self, table: str, part: str, body: Mapping[str, Any]) -> str:
        """Empty when it was made, otherwise what Dataverse has against it."""
        what, path = f"making of {part.lower()} of {table}", f"EntityDefinitions(LogicalName='{table}')/{part}"
        try:
            self._make_solution()
            fault = self._client.post(path, body, what=what, headers={"MSCRM.SolutionUniqueName": SOLUTION})
        except (AuthFailed, Refused, Retryable) as error:
            return f"{error}; {RIGHT}"
        return f"{fault}; {RIGHT}" if fault else ""

    def _key_state(self, table: str) -> str:
        return self._schema.table(table).keys.get((self._options.key_field,), "")

    def _key(self, table: str, refused: str, *, fresh: bool) -> Finding:
        what, state, key = _key_of(table), self._key_state(table), self._options.key_field
        if state == ACTIVE:
            return Finding(what, ok=True, detail="made" if fresh else "", changed=fresh)
        if not state:
            detail = f"not made: {refused}" if refused else "missing"
            remedy = f"let syncd make it (prepare --apply), or make a key of {key} by hand"
            return Finding(what, ok=False, detail=detail, remedy=remedy)
        if state == FAILED:
            remedy = (
                f"find the records that share a value of {key}, empty it in all but one, and activate the key again"
            )
            return Finding(what, ok=False, detail="its index could not be built", remedy=remedy)
        remedy = "wait until Dataverse has built the index; leads wait meanwhile"
        return Finding(what, ok=False, detail=f"not active yet: {state}", remedy=remedy, changed=fresh)


def _definition(wanted: Wanted) -> dict[str, Any]:
    label = wanted.name.partition("_")[2].replace("_", " ").capitalize()
    return {
        "@odata.type": f"Microsoft.Dynamics.CRM.{wanted.type}AttributeMetadata",
        "SchemaName": wanted.name,
        "DisplayName": _label(f"{label} (syncd)"),
        "RequiredLevel": {"Value": "None"},
        **_DETAILS[wanted.type],
    }


def _key_of(table: str) -> str:
    return f"alternate key of {table}"


def _label(text: str) -> dict[str, Any]:
    kind = "Microsoft.Dynamics.CRM.LocalizedLabel"
    label = {"@odata.type": kind, "Label": text, "LanguageCode": ENGLISH}
    return {"@odata.type": "Microsoft.Dynamics.CRM.Label", "LocalizedLabels": [label]}
