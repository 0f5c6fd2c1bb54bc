"""Finding contacts by unique values, never by search: its index runs behind.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide#retrieve-contacts
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connectors.sinks.hubspot import wire
from connectors.sinks.hubspot.account import Account
from connectors.sinks.hubspot.client import BATCH, Client
from connectors.sinks.hubspot.failures import read_fault
from connectors.sinks.hubspot.options import HubSpotOptions
from connectors.sinks.hubspot.owners import Owners
from connectors.sinks.hubspot.schema import Schema
from syncd.connector import Known, LeadKeys, Retryable, SignalKind

Row = Mapping[str, Any]
WHAT = "read of contacts"


class Lookup:
    def __init__(
        self, options: HubSpotOptions, client: Client, schema: Schema, owners: Owners, account: Account
    ) -> None:
        self._client, self._schema, self._owners, self._account = client, schema, owners, account
        self._names = {**wire.PROPERTIES, **options.map}
        self._key = options.key_property
        self._won = {stage for stage, kind in options.stages.items() if kind is SignalKind.WON}

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """By ref, then by the first address, then by the others; without an address by our own key.

        One call for every hundred leads known by the same kind of key.
        """
        found: dict[int, Row] = {}
        self._look(found, leads, "", lambda lead: [lead.ref.id] if lead.ref else [])
        self._look(found, leads, "email", lambda lead: lead.emails[:1])
        self._look(found, leads, "email", lambda lead: lead.emails[1:])
        if any(not lead.emails for lead in leads) and self._schema.unique(self._key):
            self._look(found, leads, self._key, lambda lead: () if lead.emails else [lead.lead])
        return [self._known(found[at]) if at in found else None for at in range(len(leads))]

    def _look(
        self,
        found: dict[int, Row],
        leads: Sequence[LeadKeys],
        id_property: str,
        values_of: Callable[[LeadKeys], Iterable[str]],
    ) -> None:
        wanted = {at: list(values_of(lead)) for at, lead in enumerate(leads) if at not in found}
        values = dict.fromkeys(value for names in wanted.values() for value in names)
        if id_property == "email":
            values = dict.fromkeys(value.lower() for value in values)
        rows = self._rows(list(values), id_property)
        for at, names in wanted.items():
            for name in names:
                row = rows.get(name.casefold())
                if row is not None:
                    found.setdefault(at, row)

    def _rows(self, values: Sequence[str], id_property: str) -> dict[str, Row]:
        """The contacts by each name they answer to."""
        rows: dict[str, Row] = {}
        for start in range(0, len(values), BATCH):
            asked = values[start : start + BATCH]
            answered = self._read(asked, id_property)
            for row in answered:
                rows |= dict.fromkeys(_names_of(row, id_property), row)
            if len(asked) == len(answered) == 1:
                rows[asked[0].casefold()] = answered[0]
        return rows

    def _read(self, values: Sequence[str], id_property: str) -> list[Row]:
        """What is missing is left out, and so is a value of which HubSpot says that it cannot be one.

        Raises Retryable when HubSpot refuses the question itself: no answer must not pass for a stranger.
        """
        own = (wire.OWNER, wire.STAGE, wire.ADDITIONAL, *wire.MERGED, self._key)
        properties = {"email", *self._names.values(), *own}
        json: dict[str, object] = {
            "inputs": [{"id": value} for value in values],
            "properties": sorted(properties - {""}),
            "propertiesWithHistory": [],
        }
        if id_property:
            json["idProperty"] = id_property
        path = f"{self._client.paths.objects}/contacts/batch/read"
        reply = self._client.post(path, what=WHAT, writes=False, json=json)
        if reply.ok:
            return reply.rows
        if len(values) == 1:
            fault = read_fault(reply.status, reply.body)
            if fault.codes or fault.gone:
                return []
            self._schema.forget()
            raise Retryable(f"hubspot: {WHAT} refused: {fault}")
        half = len(values) // 2
        return self._read(values[:half], id_property) + self._read(values[half:], id_property)

    def _known(self, row: Row) -> Known:
        properties = row.get("properties") or {}
        owner = properties.get(wire.OWNER)
        return Known(
            ref=self._account.ref("contact", str(row["id"])),
            owner=self._owners.by_id(str(owner)) if owner else None,
            values=wire.fields_from(properties, self._names),
            customer=properties.get(wire.STAGE) in self._won,
        )


def _names_of(row: Row, id_property: str) -> list[str]:
    properties = row.get("properties") or {}
    if not id_property:
        return [str(row["id"]), *wire.merged_ids(properties)]
    if id_property == "email":
        return [address.casefold() for address in wire.addresses(properties)]
    return [str(properties.get(id_property) or "").casefold()]
