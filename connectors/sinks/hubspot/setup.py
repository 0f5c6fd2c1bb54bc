"""What the account must have, and making it.

https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.sinks.hubspot import wire
from connectors.sinks.hubspot.client import Client, Reply
from connectors.sinks.hubspot.companies import DOMAIN_KEY
from connectors.sinks.hubspot.failures import read_fault
from connectors.sinks.hubspot.options import HubSpotOptions
from connectors.sinks.hubspot.owners import Owners
from connectors.sinks.hubspot.schema import Schema
from syncd.connector import AuthFailed, FieldState, Finding

GROUP = "syncd"
SCOPE = "give the app the scope that is named"
TYPES: Mapping[str, tuple[str, str]] = {  # the others are lines of text
    "first_touch_at": ("datetime", "date"),
    "inquiries": ("number", "number"),
}
PLAIN_MARK = (
    "not unique: a task or note whose answer was lost is looked for by search, which takes up to ten minutes "
    "and one call more"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    kind: str
    name: str
    why: str
    unique: bool = False
    plain_will_do: bool = False
    type: str = "string"
    field: str = "text"

    @property
    def what(self) -> str:
        return f"property {self.kind}.{self.name}"

    def body(self, *, unique: bool) -> dict[str, object]:
        body: dict[str, object] = {
            "name": self.name,
            "label": self.name.removeprefix("syncd_").replace("_", " ").capitalize() + " (syncd)",
            "description": self.why,
            "groupName": GROUP,
            "type": self.type,
            "fieldType": self.field,
        }
        return {**body, "hasUniqueValue": True} if unique else body


class Setup:
    def __init__(self, options: HubSpotOptions, client: Client, schemas: Mapping[str, Schema], owners: Owners) -> None:
        self._options, self._client = options, client
        self._schemas, self._owners = schemas, owners
        self._grouped: set[str] = set()  # kinds that have our group of properties

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the token is not good for anything."""
        self._owners.probe()
        self._forget()
        findings = [self._property(wanted, apply=apply) for wanted in self._wanted()]
        if any(finding.changed for finding in findings):
            self._forget()
        return [*findings, *self._values(), *self._mapped(), *self._queue(), *self._scopes()]

    def described(self) -> dict[str, FieldState]:
        """All properties of what we write."""
        options = self._options
        written = {*wire.PROPERTIES.values(), *options.map.values(), *options.fixed, options.key_property}
        ours = {
            "contacts": {*written, wire.OWNER, wire.LEAD_STATUS, wire.STAGE},
            "tasks": {*wire.TASK_PROPERTIES, options.mark_property},
        }
        return {name: state for kind in ours for name, state in self._schemas[kind].described(ours[kind]).items()}

    def _forget(self) -> None:
        for schema in self._schemas.values():
            schema.forget()

    def _wanted(self) -> Iterator[Wanted]:
        key, mark = self._options.key_property, self._options.mark_property
        yield Wanted("contacts", key, "Which lead of syncd this is.", unique=True)
        for field, name in wire.PROPERTIES.items():
            if name.startswith("syncd_") and field not in self._options.map:
                form, shown = TYPES.get(field, ("string", "text"))
                yield Wanted("contacts", name, f"Written by syncd: {field}.", type=form, field=shown)
        for kind in ("tasks", "notes"):
            why = "By this syncd finds again what it made."
            yield Wanted(kind, mark, why, unique=True, plain_will_do=True)
        if self._options.company:
            yield Wanted("companies", DOMAIN_KEY, "The domain for which syncd made this.", unique=True)

    def _property(self, wanted: Wanted, *, apply: bool) -> Finding:
        try:
            found = self._schemas[wanted.kind].properties().get(wanted.name)
            if found is None and apply:
                return self._make(wanted)
        except AuthFailed as error:
            return Finding(wanted.what, ok=False, detail=str(error), remedy=SCOPE)
        if found is None:
            kind = "unique text" if wanted.unique else wanted.type
            remedy = f"let syncd make it, or make a property of this name by hand ({kind})"
            return Finding(wanted.what, ok=False, detail="missing", remedy=remedy)
        if found.type not in ("string", wanted.type):
            remedy = f"delete the property and let syncd make it, or name another one ({wanted.type})"
            return Finding(wanted.what, ok=False, detail=f"is of type {found.type}", remedy=remedy)
        if found.unique or not wanted.unique:
            return Finding(wanted.what, ok=True)
        if wanted.plain_will_do:
            return Finding(wanted.what, ok=True, detail=PLAIN_MARK)
        remedy = "HubSpot cannot change that: delete the property and let syncd make it, or name another one"
        return Finding(wanted.what, ok=False, detail="its values are not unique", remedy=remedy)

    def _make(self, wanted: Wanted) -> Finding:
        path = f"{self._client.paths.properties}/{wanted.kind}"
        if wanted.kind not in self._grouped:
            group = {"name": GROUP, "label": GROUP}
            self._client.post(f"{path}/groups", what="making of a group", writes=True, json=group)
            self._grouped.add(wanted.kind)
        reply = self._post(path, wanted, unique=wanted.unique)
        if not reply.ok and wanted.plain_will_do and self._post(path, wanted, unique=False).ok:
            return Finding(wanted.what, ok=True, detail=PLAIN_MARK, changed=True)
        if reply.ok:
            return Finding(wanted.what, ok=True, detail="made", changed=True)
        refused = str(read_fault(reply.status, reply.body))
        return Finding(wanted.what, ok=False, detail=f"not made: {refused}", remedy="make it by hand")

    def _post(self, path: str, wanted: Wanted, *, unique: bool) -> Reply:
        body = wanted.body(unique=unique)
        return self._client.post(path, what=f"making of {wanted.what}", writes=True, json=body)

    def _values(self) -> Iterator[Finding]:
        """Every value that the options can write or wait for is one that the account knows."""
        try:
            known = self._schemas["contacts"].properties()
        except AuthFailed:
            return  # said already
        given: list[tuple[str, Sequence[str]]] = [
            (wire.LEAD_STATUS, [*self._options.statuses, *filter(None, [self._options.lead_status])]),
            (wire.STAGE, list(self._options.stages)),
            *((name, [value]) for name, value in self._options.fixed.items()),
        ]
        for name, values in given:
            options = known[name].options if name in known else frozenset()
            strange = sorted({value for value in values if options and value not in options})
            if name not in known or strange:
                detail = f"not in the account: {', '.join(strange) or 'the property itself'}"
                remedy = f"name one of: {', '.join(sorted(options))}" if options else "name another property"
                yield Finding(f"values of contacts.{name}", ok=False, detail=detail, remedy=remedy)

    def _mapped(self) -> Iterator[Finding]:
        known = self._schemas["contacts"].properties() if self._options.map else {}
        for field, name in self._options.map.items():
            if name and (name not in known or not known[name].writable):
                detail = f"contacts.{name} is {'read only' if name in known else 'not in the account'}"
                remedy = "name a property by its internal name, as Settings > Properties shows it"
                yield Finding(f"map.{field}", ok=False, detail=detail, remedy=remedy)

    def _queue(self) -> Iterator[Finding]:
        queue = self._options.owner_default_queue
        if queue and not self._owners.by_id(queue).active:
            remedy = "name the owner id of a queue or user that is there"
            yield Finding("owner_default_queue", ok=False, detail=f"{queue} is no active owner", remedy=remedy)

    def _scopes(self) -> Iterator[Finding]:
        """An empty batch changes nothing, but is refused without the scope."""
        kinds = ["contacts", *(["companies"] if self._options.company else [])]
        for kind in kinds:
            what = f"scope crm.objects.{kind}.write"
            path = f"{self._client.paths.objects}/{kind}/batch/upsert"
            try:
                self._client.post(path, what=f"empty {what}", writes=False, json={"inputs": []})
            except AuthFailed as error:
                yield Finding(what, ok=False, detail=str(error), remedy=SCOPE)
            else:
                yield Finding(what, ok=True)
