"""What the organization must have, and making it. https://developer.close.com/api/resources/custom-fields"""

from collections.abc import Iterator

from connectors.sinks.close.account import Account
from connectors.sinks.close.client import API, Client
from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.schema import Schema
from connectors.sinks.close.wire import CUSTOM, OWN
from syncd.connector import FieldState, Finding, Wanted, choice_findings, field_findings

TYPES = {"message": "textarea", "inquiries": "number"}  # the others are lines of text


class Setup:
    def __init__(
        self, options: CloseOptions, client: Client, contacts: Schema, leads: Schema, account: Account
    ) -> None:
        self._options, self._client = options, client
        self._schemas: dict[str, Schema] = {schema.kind: schema for schema in (contacts, leads)}
        self._account = account

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the key is not good for anything."""
        self._account.me()
        self._forget()
        findings = field_findings(self._wanted(), self._type, self._make if apply else None)
        self._forget()
        return [*findings, *self._status()]

    def described(self) -> dict[str, FieldState]:
        """All custom fields of contacts and leads."""
        return {
            name: state
            for kind, schema in self._schemas.items()
            for name, state in schema.described({w.name for w in self._wanted() if w.of == kind}).items()
        }

    def _forget(self) -> None:
        for schema in self._schemas.values():
            schema.forget()

    def _wanted(self) -> Iterator[Wanted]:
        key, owner = self._options.key_field, self._options.owner_field
        yield Wanted(f"contact field {key}", "contact", key, "text", works=frozenset({"text"}))
        yield Wanted(f"lead field {owner}", "lead", owner, "user", works=frozenset({"user"}))
        for canonical, name in {**CUSTOM, **self._options.map}.items():
            if name and canonical not in OWN:
                yield Wanted(f"contact field {name}", "contact", name, TYPES.get(canonical, "text"))

    def _type(self, wanted: Wanted) -> str:
        found = self._schemas[wanted.of].field(wanted.name)
        return found.state(ours=True).type if found else ""

    def _make(self, wanted: Wanted) -> str:
        path, body = f"{API}/custom_field/{wanted.of}/", {"name": wanted.name, "type": wanted.type}
        reply = self._client.write("POST", path, what=f"making of {wanted.what}", json=body)
        return "" if reply.ok else str(reply.fault)

    def _status(self) -> Iterator[Finding]:
        wanted = self._options.status
        if not wanted:
            return
        pages = self._client.pages(f"{API}/status/lead/", what="list of lead statuses")
        there = {str(row.get("id")): str(row.get("label")) for page in pages for row in page}
        yield from choice_findings({f"lead status {wanted}": wanted}, there)
