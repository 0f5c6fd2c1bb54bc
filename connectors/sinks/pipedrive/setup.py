"""What the account must have, and making it. https://developers.pipedrive.com/docs/api/v1/PersonFields"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.client import V1, V2, Client
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.schema import Kind, Schema
from connectors.sinks.pipedrive.wire import CUSTOM
from syncd.connector import Finding

TYPES = {"message": "text", "inquiries": "double"}  # the others are lines of text
TEXTS = frozenset({"varchar", "varchar_auto", "text"})


@dataclass(frozen=True, slots=True)
class Wanted:
    schema: Schema
    name: str
    type: str = "varchar"
    key: bool = False  # must be a line of text

    @property
    def what(self) -> str:
        return f"{self.schema.kind}: {self.name}"


class Setup:
    def __init__(
        self, options: PipedriveOptions, client: Client, persons: Schema, deals: Schema, account: Account
    ) -> None:
        self._options, self._client = options, client
        self._persons, self._deals, self._account = persons, deals, account

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the token is not good for anything."""
        self._account.me()
        schemas = (self._persons, self._deals)
        for schema in schemas:
            schema.forget()
        findings = [self._field(wanted, apply=apply) for wanted in self._wanted()]
        for schema in schemas:
            schema.forget()
        return [*findings, *self._types(), *self._stages()]

    def _wanted(self) -> Iterator[Wanted]:
        yield Wanted(self._persons, self._options.key_field, key=True)
        if self._options.make != "nothing":
            yield Wanted(self._persons, self._options.opening_field, key=True)
        if self._options.make == "deal":
            yield Wanted(self._deals, self._options.key_field, key=True)
        for canonical, name in {**CUSTOM, **self._options.map}.items():
            if name:
                yield Wanted(self._persons, name, TYPES.get(canonical, "varchar"))

    def _field(self, wanted: Wanted, *, apply: bool) -> Finding:
        found = wanted.schema.field(wanted.name)
        if found is None and apply:
            return self._make(wanted)
        if found is None:
            remedy = f"let syncd make it, or make a field of this name by hand ({wanted.type})"
            return Finding(wanted.what, ok=False, detail="missing", remedy=remedy)
        if wanted.key and found.type not in TEXTS:
            remedy = "name another field, or let syncd make one after renaming this one"
            return Finding(wanted.what, ok=False, detail=f"is of type {found.type}, not a line of text", remedy=remedy)
        return Finding(wanted.what, ok=True)

    def _make(self, wanted: Wanted) -> Finding:
        kind: Kind = wanted.schema.kind
        body = {"field_name": wanted.name, "field_type": wanted.type}
        reply = self._client.write("POST", f"{V2}/{kind}", what=f"making of {wanted.what}", json=body)
        if reply.ok:
            return Finding(wanted.what, ok=True, detail="made", changed=True)
        return Finding(wanted.what, ok=False, detail=f"not made: {reply.fault}", remedy="make it by hand")

    def _types(self) -> Iterator[Finding]:
        """Every kind of task has an activity type that is in use."""
        rows = self._client.get(f"{V1}/activityTypes", what="list of activity types").rows
        there = sorted(str(row.get("key_string")) for row in rows if row.get("active_flag") is not False)
        for kind, key in self._options.types.items():
            if key not in there:
                remedy = f"name one of: {', '.join(there)}"
                yield Finding(f"activity type for {kind}", ok=False, detail=f"{key} is not there", remedy=remedy)

    def _stages(self) -> Iterator[Finding]:
        if self._options.make != "deal" or self._options.stage is None:
            return
        rows = self._client.get(f"{V2}/stages", what="list of stages", params={"limit": "500"}).rows
        named = next((row for row in rows if row.get("id") == self._options.stage), None)
        pipeline = self._options.pipeline
        if named is None or (pipeline is not None and named.get("pipeline_id") != pipeline):
            remedy = "name the id of a stage of the pipeline"
            yield Finding(f"stage {self._options.stage}", ok=False, detail="not in the account", remedy=remedy)
