"""What the environment must have, and making it.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api
https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity

Columns are made in a solution of our own: its publisher gives the prefix of their names. The index of an alternate key
is built by a job of Dataverse's, and nothing is written before that has ended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.failures import Fault
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.schema import ACTIVE, FAILED, Schema
from connectors.sinks.dynamics.values import guid_of, literal
from syncd.connector import AuthFailed, Finding, Refused, Retryable

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
RIGHT = "give the application user the role System Customizer, or make it by hand"


@dataclass(frozen=True, slots=True)
class Wanted:
    table: str
    name: str
    type: str

    @property
    def what(self) -> str:
        return f"column {self.table}.{self.name}"


class Setup:
    def __init__(self, options: DynamicsOptions, client: Client, schema: Schema) -> None:
        self._options, self._client, self._schema = options, client, schema

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the login is not good for anything."""
        self._schema.forget()
        wanted = list(self._wanted())
        missing = [each for each in wanted if each.name not in self._schema.table(each.table).columns]
        unkeyed = [table for table in wire.KINDS if not self._key_state(table)]
        refused: dict[str, str] = {}
        if apply and (missing or unkeyed):
            refused = self._make(missing, unkeyed)
            self._schema.forget()
        columns = [self._column(each, refused.get(each.what, ""), fresh=each in missing) for each in wanted]
        keys = [self._key(table, refused.get(_key_of(table), ""), fresh=table in unkeyed) for table in wire.KINDS]
        return [*columns, *keys]

    def _wanted(self) -> Iterator[Wanted]:
        for table in wire.KINDS:
            yield Wanted(table, self._options.key_field, "String")
            for field, name in wire.names_for(table, self._options).items():
                if name.startswith(wire.OWN):
                    yield Wanted(table, name, TYPES.get(field, "String"))

    def _make(self, missing: list[Wanted], unkeyed: list[str]) -> dict[str, str]:
        """What is against each; nothing is said of what was made."""
        try:
            self._make_solution()
        except (AuthFailed, Refused, Retryable) as error:
            return {**{each.what: str(error) for each in missing}, **{_key_of(table): str(error) for table in unkeyed}}
        refused = {each.what: self._posted(each.table, "Attributes", self._definition(each)) for each in missing}
        keys = {_key_of(table): self._posted(table, "Keys", self._key_definition()) for table in unkeyed}
        return refused | keys

    def _make_solution(self) -> None:
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
            fault: Fault | None = self._client.post(
                path, body, what=what, headers={"MSCRM.SolutionUniqueName": SOLUTION}
            )
        except AuthFailed as error:
            return str(error)
        return str(fault) if fault else ""

    def _definition(self, wanted: Wanted) -> dict[str, Any]:
        label = wanted.name.partition("_")[2].replace("_", " ").capitalize()
        return {
            "@odata.type": f"Microsoft.Dynamics.CRM.{wanted.type}AttributeMetadata",
            "SchemaName": wanted.name,
            "DisplayName": _label(f"{label} (syncd)"),
            "RequiredLevel": {"Value": "None"},
            **_DETAILS[wanted.type],
        }

    def _key_definition(self) -> dict[str, Any]:
        key = self._options.key_field
        return {"SchemaName": key, "DisplayName": _label("Key (syncd)"), "KeyAttributes": [key]}

    def _key_state(self, table: str) -> str:
        return self._schema.table(table).keys.get((self._options.key_field,), "")

    def _column(self, wanted: Wanted, refused: str, *, fresh: bool) -> Finding:
        column, by_hand = self._schema.table(wanted.table).columns.get(wanted.name), BY_HAND[wanted.type]
        if column is None and refused:
            return Finding(wanted.what, ok=False, detail=f"not made: {refused}", remedy=f"{RIGHT}: {by_hand}")
        if column is None:
            remedy = f"let syncd make it (prepare --apply), or make it by hand: {by_hand}"
            return Finding(wanted.what, ok=False, detail="missing", remedy=remedy)
        if column.type != wanted.type:
            remedy = f"name another column, or delete this one and let syncd make it: {by_hand}"
            return Finding(wanted.what, ok=False, detail=f"is of type {column.type}", remedy=remedy)
        if not (column.createable and column.updateable):
            return Finding(wanted.what, ok=False, detail="read only", remedy="open it to the role of syncd's user")
        return Finding(wanted.what, ok=True, detail="made" if fresh else "", changed=fresh)

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


def _key_of(table: str) -> str:
    return f"alternate key of {table}"


def _label(text: str) -> dict[str, Any]:
    kind = "Microsoft.Dynamics.CRM.LocalizedLabel"
    label = {"@odata.type": kind, "Label": text, "LanguageCode": ENGLISH}
    return {"@odata.type": "Microsoft.Dynamics.CRM.Label", "LocalizedLabels": [label]}
