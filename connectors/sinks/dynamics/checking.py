"""What `check` looks at: login, version, rights on tables, choices, teams. Columns and keys are `prepare`'s."""

from collections.abc import Iterator, Sequence

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.activities import STREAMS
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.failures import Fault
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.owners import Owners
from connectors.sinks.dynamics.schema import Schema
from connectors.sinks.dynamics.values import choice_of
from syncd.connector import Finding, Refused, Tools

NEEDED = ("leads", "contacts", "accounts", "tasks", "annotations")
TRANSLATE = "; lead_sources translates those of the config, and what is not listed is left out"


class Checking:
    def __init__(self, options: DynamicsOptions, client: Client, schema: Schema, owners: Owners, tools: Tools) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._owners, self._emits = owners, tools.emits

    def check(self) -> list[Finding]:
        """Raises AuthFailed when the login is not good for anything."""
        self._owners.forget()
        self._schema.forget()
        users = sum(1 for owner in self._owners.everyone().values() if not owner.queue)
        findings = [Finding("login and list of users", ok=bool(self._owners.me()), detail=f"{users} users")]
        return [*findings, self._version(), *self._rights(), *self._choices(), *self._teams()]

    def _version(self) -> Finding:
        """https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors"""
        what = "API version 9.2"
        try:
            told = str(self._client.get("RetrieveVersion()", what="read of the version").get("Version") or "")
        except Refused as error:
            return Finding(
                what, ok=False, detail=str(error), remedy="name the address of the environment, not of an app"
            )
        return Finding(what, ok=True, detail=f"environment {told}; no end of it is announced")

    def _rights(self) -> Iterator[Finding]:
        """A row of each table, as a look: what may not be read cannot be written either."""
        sets = (*NEEDED, *(rows for rows, _, _ in STREAMS.values() if rows not in NEEDED))
        keys = {kind.set: kind.id for kind in wire.KINDS.values()} | {"annotations": "annotationid"}
        keys |= {"accounts": "accountid", "opportunities": "opportunityid"}
        queries = [f"{rows}?$select={keys.get(rows, 'activityid')}&$top=1" for rows in sets]
        for rows, answer in zip(sets, self._client.ask(queries, what="look at the tables"), strict=True):
            if isinstance(answer, Fault):
                lost = "" if rows in NEEDED else "; what people do there is not read back"
                remedy = f"give the role of the application user the right to read {rows}"
                yield Finding(f"table {rows}", ok=False, detail=f"not to be read: {answer}{lost}", remedy=remedy)

    def _choices(self) -> Iterator[Finding]:
        """Every value that the config can write or wait for is one that the environment lists."""
        options, table = self._options, self._options.object
        sources = [options.lead_sources.get(each, each) for each in self._emits.get("lead_source", ())]
        given: list[tuple[str, str, Sequence[str]]] = [
            ("lead", "statuscode", list(options.statuses)),
            (table, wire.names_for(table, options).get("lead_source", ""), [*options.lead_sources.values(), *sources]),
            *((table, name, [value]) for name, value in options.fixed.items()),
        ]
        for where, name, values in given:
            what, column = f"values of {where}.{name}", self._schema.table(where).columns.get(name)
            if column is None and name in options.fixed:
                yield Finding(what, ok=False, detail="no such column that we may see", remedy="name another column")
            if column is None or not column.choices:
                continue
            strange = sorted({each for each in values if choice_of(each, column.choices) is None})
            if strange:
                remedy = f"name one of: {', '.join(column.choices.values())}"
                remedy += TRANSLATE if name not in ("statuscode", *options.fixed) else ""
                yield Finding(what, ok=False, detail=f"not in the environment: {', '.join(strange)}", remedy=remedy)

    def _teams(self) -> Iterator[Finding]:
        known = self._owners.teams()
        for email, name in sorted(self._options.teams.items()):
            if name not in known:
                remedy = f"name one of: {', '.join(sorted(known)) or 'none is there'}"
                yield Finding(f"team {name}", ok=False, detail=f"not there (for {email})", remedy=remedy)
