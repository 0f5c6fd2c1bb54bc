"""What the account must have, and making it. https://developers.pipedrive.com/docs/api/v1/PersonFields"""

from collections.abc import Iterator

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.client import V1, V2, Client
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.schema import Schema
from connectors.sinks.pipedrive.wire import CUSTOM
from syncd.connector import FieldState, Finding, Wanted, choice_findings, field_findings

TYPES = {"message": "text", "inquiries": "double"}  # the others are lines of text
SCOPES = ("contacts:full", "activities:full", "users:read")
SCOPES_TO_MAKE = {"lead": ("leads:full", "deals:read"), "deal": ("deals:full",), "nothing": ()}
"""Leads are read back as the deals that they become."""
TEXTS = frozenset({"varchar", "varchar_auto", "text"})


class Setup:
    def __init__(
        self, options: PipedriveOptions, client: Client, persons: Schema, deals: Schema, account: Account
    ) -> None:
        self._options, self._client = options, client
        self._account = account
        self._persons, self._deals = persons.kind, deals.kind
        self._schemas: dict[str, Schema] = {schema.kind: schema for schema in (persons, deals)}

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the token is not good for anything."""
        self._account.me()
        if lacking := list(self._scopes()):
            return lacking  # and what cannot be read for that is not told as missing
        self._forget()
        findings = field_findings(self._wanted(), self._type, self._make if apply else None)
        self._forget()
        return [*findings, *self._types(), *self._stages()]

    def described(self) -> dict[str, FieldState]:
        """All fields of persons, and of deals where we make some."""
        kinds = [self._persons, *([self._deals] if self._options.make == "deal" else [])]
        return {
            name: state
            for kind in kinds
            for name, state in self._schemas[kind].described({w.name for w in self._wanted() if w.of == kind}).items()
        }

    def _forget(self) -> None:
        for schema in self._schemas.values():
            schema.forget()

    def _wanted(self) -> Iterator[Wanted]:
        yield _key(self._persons, self._options.key_field)
        if self._options.make != "nothing":
            yield _key(self._persons, self._options.opening_field)
        if self._options.make == "deal":
            yield _key(self._deals, self._options.key_field)
        for canonical, name in {**CUSTOM, **self._options.map}.items():
            if name:
                kind = self._persons
                yield Wanted(f"{kind}: {name}", kind, name, TYPES.get(canonical, "varchar"))

    def _type(self, wanted: Wanted) -> str:
        found = self._schemas[wanted.of].field(wanted.name)
        return found.type if found else ""

    def _make(self, wanted: Wanted) -> str:
        body = {"field_name": wanted.name, "field_type": wanted.type}
        reply = self._client.write("POST", f"{V2}/{wanted.of}", what=f"making of {wanted.what}", json=body)
        return "" if reply.ok else str(reply.fault)

    def _scopes(self) -> Iterator[Finding]:
        """https://pipedrive.readme.io/docs/marketplace-scopes-and-permissions-explanations"""
        granted = self._client.scopes()
        needed = (*SCOPES, *SCOPES_TO_MAKE[self._options.make])
        covered = granted | {f"{scope.removesuffix(':full')}:read" for scope in granted if scope.endswith(":full")}
        missing = [scope for scope in needed if scope not in covered]
        if granted and missing:
            remedy = "tick them in the app's settings in the Developer Hub, and install the app anew"
            yield Finding("scopes", ok=False, detail=f"missing: {', '.join(missing)}", remedy=remedy)

    def _types(self) -> Iterator[Finding]:
        """Every kind of task has an activity type that is in use."""
        rows = self._client.get(f"{V1}/activityTypes", what="list of activity types").rows
        there = sorted(str(row.get("key_string")) for row in rows if row.get("active_flag") is not False)
        yield from choice_findings({f"activity type for {of}": key for of, key in self._options.types.items()}, there)

    def _stages(self) -> Iterator[Finding]:
        if self._options.make != "deal" or self._options.stage is None:
            return
        rows = self._client.get(f"{V2}/stages", what="list of stages", params={"limit": "500"}).rows
        named = next((row for row in rows if row.get("id") == self._options.stage), None)
        pipeline = self._options.pipeline
        if named is None or (pipeline is not None and named.get("pipeline_id") != pipeline):
            remedy = "name the id of a stage of the pipeline"
            yield Finding(f"stage {self._options.stage}", ok=False, detail="not in the account", remedy=remedy)


def _key(kind: str, name: str) -> Wanted:
    return Wanted(f"{kind}: {name}", kind, name, "varchar", TEXTS, "a line of text")
