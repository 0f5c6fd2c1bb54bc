"""What the organization must have, and making it. https://developer.close.com/api/resources/custom-fields"""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sinks.close.account import Account
from connectors.sinks.close.client import API, Client
from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.schema import Schema
from connectors.sinks.close.wire import CUSTOM, OWN
from syncd.connector import Finding

TYPES = {"message": "textarea", "inquiries": "number"}  # the others are lines of text


@dataclass(frozen=True, slots=True)
class Wanted:
    schema: Schema
    name: str
    type: str = "text"
    exact: bool = False  # works with no other type

    @property
    def what(self) -> str:
        return f"{self.schema.kind} field {self.name}"


class Setup:
    def __init__(
        self, options: CloseOptions, client: Client, contacts: Schema, leads: Schema, account: Account
    ) -> None:
        self._options, self._client = options, client
        self._contacts, self._leads, self._account = contacts, leads, account

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the key is not good for anything."""
        self._account.me()
        schemas = (self._contacts, self._leads)
        for schema in schemas:
            schema.forget()
        findings = [self._field(wanted, apply=apply) for wanted in self._wanted()]
        for schema in schemas:
            schema.forget()
        return [*findings, *self._status()]

    def _wanted(self) -> Iterator[Wanted]:
        yield Wanted(self._contacts, self._options.key_field, exact=True)
        yield Wanted(self._leads, self._options.owner_field, "user", exact=True)
        for canonical, name in {**CUSTOM, **self._options.map}.items():
            if name and canonical not in OWN:
                yield Wanted(self._contacts, name, TYPES.get(canonical, "text"))

    def _field(self, wanted: Wanted, *, apply: bool) -> Finding:
        found = wanted.schema.field(wanted.name)
        if found is None and apply:
            return self._make(wanted)
        if found is None:
            remedy = f"let syncd make it, or make a field of this name by hand ({wanted.type})"
            return Finding(wanted.what, ok=False, detail="missing", remedy=remedy)
        if wanted.exact and (found.type != wanted.type or found.several):
            detail = f"is of type {found.type}{' with several values' if found.several else ''}, not {wanted.type}"
            remedy = "name another field, or let syncd make one after renaming this one"
            return Finding(wanted.what, ok=False, detail=detail, remedy=remedy)
        return Finding(wanted.what, ok=True)

    def _make(self, wanted: Wanted) -> Finding:
        path, body = f"{API}/custom_field/{wanted.schema.kind}/", {"name": wanted.name, "type": wanted.type}
        reply = self._client.write("POST", path, what=f"making of {wanted.what}", json=body)
        if reply.ok:
            return Finding(wanted.what, ok=True, detail="made", changed=True)
        return Finding(wanted.what, ok=False, detail=f"not made: {reply.fault}", remedy="make it by hand")

    def _status(self) -> Iterator[Finding]:
        wanted = self._options.status
        if not wanted:
            return
        pages = self._client.pages(f"{API}/status/lead/", what="list of lead statuses")
        there = {str(row.get("id")): str(row.get("label")) for page in pages for row in page}
        if wanted not in there:
            remedy = f"name one of: {', '.join(f'{key} ({label})' for key, label in there.items())}"
            yield Finding(f"lead status {wanted}", ok=False, detail="is not there", remedy=remedy)
