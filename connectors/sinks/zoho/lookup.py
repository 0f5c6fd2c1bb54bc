"""Finding people among contacts and leads, by queries that read the records themselves.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html

The search runs on an index that lags; it is asked only about addresses that a query might misread.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.client import BATCH, PAGE, Client, Row
from connectors.sinks.zoho.coql import MOST_COLUMNS, any_of, in_parts, is_plain, one_of, select
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.owners import Owners
from connectors.sinks.zoho.places import PLACES
from connectors.sinks.zoho.schema import Schema
from syncd.connector import AuthFailed, Known, LeadKeys, Ref, Refused, Retryable, text_in

ADDRESSES = ("Email", "Secondary_Email")
CONVERSION = ("Converted_Contact",)


class Lookup:
    def __init__(self, options: ZohoOptions, client: Client, schemas: Mapping[str, Schema], owners: Owners) -> None:
        self._options, self._client = options, client
        self._schemas, self._owners = schemas, owners
        self._names = {module: names_of(options, module) for module in wire.MODULES}

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """By ref, then by address, contacts before leads; without an address by our own key.

        Raises Retryable where Zoho refuses the question: no answer must not pass for a stranger.
        """
        try:
            found = self._found(leads)
        except Refused as error:  # a column may have gone since the fields were read
            for schema in self._schemas.values():
                schema.forget()
            raise Retryable(str(error)) from error
        return [self._known(*found[at]) if at in found else None for at in range(len(leads))]

    def ref(self, module: str, record_id: str) -> Ref:
        return wire.record_ref(module, record_id, PLACES[self._options.data_center].pages)

    def by_ids(self, module: str, ids: Iterable[str]) -> dict[str, Row]:
        """Records by the ids they were asked for; converted leads are among them, deleted ones are not."""
        rows: dict[str, Row] = {}
        for part in in_parts(list(dict.fromkeys(each for each in ids if each.isdecimal())), BATCH):
            asked = {"ids": ",".join(part), "fields": ",".join(self._columns(module)), "converted": "both"}
            reply = self._client.get(f"/{module}", what=f"read of {module}", params=asked)
            rows |= {str(row.get("id")): row for row in reply.rows()}
        return rows

    def _found(self, leads: Sequence[LeadKeys]) -> dict[int, tuple[str, Row]]:
        found = self._by_ref(leads)
        for module in wire.MODULES:
            self._by_address(found, module, {at: lead.emails for at, lead in enumerate(leads) if at not in found})
        for module in wire.MODULES:
            keyed = {at: lead.lead for at, lead in enumerate(leads) if at not in found and not lead.emails}
            self._by_key(found, module, keyed)
        return found

    def _by_ref(self, leads: Sequence[LeadKeys]) -> dict[int, tuple[str, Row]]:
        places = {at: wire.place_of(lead.ref, self._options.module) for at, lead in enumerate(leads) if lead.ref}
        rows = {
            module: self.by_ids(module, (each for where, each in places.values() if where == module))
            for module in wire.MODULES
        }
        became = {row_id: contact for row_id, row in rows[wire.LEADS].items() if (contact := wire.contact_of(row))}
        rows[wire.CONTACTS] |= self.by_ids(wire.CONTACTS, became.values())
        found: dict[int, tuple[str, Row]] = {}
        for at, (module, record_id) in places.items():
            where, wanted = (wire.CONTACTS, became[record_id]) if record_id in became else (module, record_id)
            if wanted in rows[where]:
                found[at] = where, rows[where][wanted]
        return found

    def _by_address(self, found: dict[int, tuple[str, Row]], module: str, wanted: Mapping[int, Sequence[str]]) -> None:
        addresses = list(dict.fromkeys(each.strip().lower() for emails in wanted.values() for each in emails))
        rows: dict[str, Row] = {}
        for part in in_parts([each for each in addresses if is_plain(each)], BATCH):
            columns = [name for name in ADDRESSES if self._schemas[module].has(name)]
            where = any_of([one_of(column, part) for column in columns])
            self._index(rows, self._queried(module, where))
        for address in addresses:
            if not is_plain(address):
                self._index(rows, self._searched(module, address))
        for at, emails in wanted.items():
            row = next((rows[each] for email in emails if (each := email.strip().lower()) in rows), None)
            if row is not None:
                found[at] = module, row

    def _by_key(self, found: dict[int, tuple[str, Row]], module: str, wanted: Mapping[int, str]) -> None:
        key = self._options.key_field
        keys = [each for each in dict.fromkeys(wanted.values()) if is_plain(each)]
        if not keys or not self._schemas[module].has(key):
            return
        rows = {text_in(row, key): row for part in in_parts(keys, BATCH)
                for row in self._queried(module, one_of(key, part))}  # fmt: skip
        found |= {at: (module, rows[each]) for at, each in wanted.items() if each in rows}

    def _index(self, rows: dict[str, Row], answered: Iterable[Row]) -> None:
        """The oldest record of an address keeps it, and a first address goes before a second one."""
        listed = list(answered)
        for column in ADDRESSES:
            for row in listed:
                if address := text_in(row, column).lower():
                    rows.setdefault(address, row)

    def _queried(self, module: str, where: str) -> list[Row]:
        what = f"query for {module}"
        rows: list[Row] = []
        while True:
            query = select(self._columns(module), module, where, order="Created_Time", limit=PAGE, skip=len(rows))
            answered = self._client.query(query, what=what)
            rows += answered
            if len(answered) < PAGE:
                return rows

    def _searched(self, module: str, address: str) -> list[Row]:
        """Without the scope of the search the upsert by address has to do: one strange address must not stop all."""
        asked = {"email": address, "fields": ",".join(self._columns(module))}
        try:
            return self._client.get(f"/{module}/search", what=f"search for {module}", params=asked).rows()
        except AuthFailed:
            return []

    def _columns(self, module: str) -> list[str]:
        """What a look-up reads, as far as the account has it."""
        own = ("Created_Time", "Owner", *ADDRESSES, self._options.key_field, *CONVERSION)
        wanted = dict.fromkeys(["id", *own, *self._names[module].values()])
        known = self._schemas[module].fields()
        return [name for name in wanted if name == "id" or name in known][:MOST_COLUMNS]

    def _known(self, module: str, row: Row) -> Known:
        owner = wire.id_in(row, "Owner")
        return Known(
            ref=self.ref(module, str(row["id"])),
            owner=self._owners.by_id(owner) if owner else None,
            values=self.values_of(module, row),
        )

    def values_of(self, module: str, row: Row) -> dict[str, str]:
        """Canonical fields; what we have filled in for want of anything gives way to what is real."""
        values = wire.fields_from(row, self._names[module])
        fillers: dict[str, Any] = {"last_name": self._options.unnamed, "company": self._options.no_company}
        return {field: text for field, text in values.items() if text != fillers.get(field)}


def names_of(options: ZohoOptions, module: str) -> dict[str, str]:
    """Canonical field -> API name in a module."""
    return {**wire.FIELDS[module], **options.map}
