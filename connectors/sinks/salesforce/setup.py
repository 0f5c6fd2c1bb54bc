"""What the organisation must have, and making it.

https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_customfield.htm

A field that was made is hidden even from who made it: see `permissions`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.client import Client
from connectors.sinks.salesforce.failures import Fault
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.permissions import Permissions
from connectors.sinks.salesforce.schema import Schema
from syncd.connector import AuthFailed, Finding

UNSEEN = "missing, or hidden from the user that syncd runs as"
NO_MARK = (
    "so a task whose answer was lost is looked for by a line of its description: that takes up to three minutes, "
    "and every batch of tasks costs one call more"
)
NONE = '; where Salesforce refuses that, set mark_field: ""'
ALREADY = "DUPLICATE_DEVELOPER_NAME"  # it is there and hidden
ACTIVITY = "Activity"  # tasks and events
_TYPES: Mapping[str, Mapping[str, object]] = {
    "first_touch_at": {"type": "DateTime"},
    "inquiries": {"type": "Number", "precision": 18, "scale": 0},
}
_HOLD: Mapping[str, frozenset[str]] = {
    "Text": frozenset({"string", "textarea", "picklist", "combobox"}),
    "DateTime": frozenset({"datetime", "string", "textarea"}),
    "Number": frozenset({"double", "int", "currency", "long", "string", "textarea"}),
}
"""Type that we make -> types, as a describe names them, that can hold its values."""
_KEY: Mapping[str, object] = {"type": "Text", "length": 80, "externalId": True, "unique": True, "caseSensitive": False}


@dataclass(frozen=True)
class Wanted:
    of: str  # where it is made: Lead, Contact or Activity
    name: str
    meta: Mapping[str, object]

    @property
    def shown(self) -> str:
        """The object in whose describe it stands."""
        return wire.TASK if self.of == ACTIVITY else self.of

    @property
    def what(self) -> str:
        return f"field {self.of}.{self.name}"

    @property
    def external(self) -> bool:
        return bool(self.meta.get("externalId"))

    def body(self) -> dict[str, object]:
        label = self.name.removeprefix("Syncd_").removesuffix("__c").replace("_", " ").capitalize()
        return {"FullName": f"{self.of}.{self.name}", "Metadata": {"label": f"{label} (syncd)", **self.meta}}

    def by_hand(self) -> str:
        kind = f"{self.meta['type']}({self.meta['length']})" if "length" in self.meta else str(self.meta["type"])
        return f"{kind}, external id, unique" if self.external else kind


class Setup:
    def __init__(self, options: SalesforceOptions, client: Client, schemas: Mapping[str, Schema]) -> None:
        self._options, self._client, self._schemas = options, client, schemas
        self._permissions = Permissions(client)

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the login is not good for anything."""
        self.forget()
        wanted = list(self._wanted())
        missing = [each for each in wanted if not self._schemas[each.shown].has(each.name)]
        refused = {each.what: self._make(each) for each in missing} if apply else {}
        there = [each for each in missing if refused.get(each.what) in ("", ALREADY)]
        trouble = self._permissions.open([(each.shown, each.name) for each in there]) if there else ""
        if there:
            self.forget()
        told = {**refused, **({each.what: trouble for each in there} if trouble else {})}
        return [self._finding(each, told.get(each.what), fresh=each in missing) for each in wanted]

    def forget(self) -> None:
        for schema in self._schemas.values():
            schema.forget()

    def _wanted(self) -> Iterator[Wanted]:
        for kind in (wire.LEAD, wire.CONTACT):
            yield Wanted(kind, self._options.key_field, _KEY)
            for field, name in wire.NAMES[kind].items():
                if name.startswith("Syncd_") and self._options.map.get(field, name) == name:
                    yield Wanted(kind, name, _TYPES.get(field, {"type": "Text", "length": 255}))
        if self._options.mark_field:
            yield Wanted(ACTIVITY, self._options.mark_field, _KEY)

    def _make(self, wanted: Wanted) -> str:
        """Empty when it was made, otherwise what Salesforce has against it."""
        path, what = "tooling/sobjects/CustomField", f"making of {wanted.what}"
        try:
            answer = self._client.write("POST", path, what=what, json=wanted.body())
        except AuthFailed as error:
            return str(error)
        return ", ".join(answer.codes) if isinstance(answer, Fault) else ""

    def _finding(self, wanted: Wanted, refused: str | None, *, fresh: bool) -> Finding:
        """Without the mark of tasks syncd works as well, only slower: it is missed until Salesforce has refused it."""
        info = self._schemas[wanted.shown].fields().get(wanted.name)
        mark = wanted.of == ACTIVITY
        if info is None:
            detail = f"not made: {refused}" if refused else UNSEEN
            remedy = f"let syncd make it (prepare --apply), or make it by hand and show it to us: {wanted.by_hand()}"
            if mark:
                return Finding(wanted.what, ok=bool(refused), detail=f"{detail}; {NO_MARK}", remedy=remedy + NONE)
            return Finding(wanted.what, ok=False, detail=detail, remedy=remedy)
        if wanted.external and not (info.external and info.unique):
            return Finding(
                wanted.what,
                ok=False,
                detail="no external id with unique values",
                remedy=f"change it: {wanted.by_hand()}",
            )
        if info.type not in _HOLD[str(wanted.meta["type"])]:
            remedy = f"change its type, or name another field: {wanted.by_hand()}"
            return Finding(wanted.what, ok=False, detail=f"is of type {info.type}", remedy=remedy)
        if not info.updateable:
            remedy = "let the permission set of the user that syncd runs as edit it"
            return Finding(wanted.what, ok=False, detail="read only", remedy=remedy)
        return Finding(wanted.what, ok=True, detail="made" if fresh else "", changed=fresh)
