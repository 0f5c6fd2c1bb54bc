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
Found = tuple[str, Row]  # module and record
Modules = Sequence[str]


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

    def _found(self, leads: Sequence[LeadKeys]) -> dict[int, Found]:
        found = self._by_ref(leads)
        groups = [wire.MODULES] if self._client.together else [(module,) for module in wire.MODULES]
        for modules in groups:
            self._by_address(found, modules, {at: lead.emails for at, lead in enumerate(leads) if at not in found})
        for modules in groups:
            keyed = {at: lead.lead for at, lead in enumerate(leads) if at not in found and not lead.emails}
            self._by_key(found, modules, keyed)
        return found

    def _by_ref(self, leads: Sequence[LeadKeys]) -> dict[int, Found]:
        places = {at: wire.place_of(lead.ref, self._options.module) for at, lead in enumerate(leads) if lead.ref}
        rows = {
            module: self.by_ids(module, (each for where, each in places.values() if where == module))
            for module in wire.MODULES
        }
        became = {row_id: contact for row_id, row in rows[wire.LEADS].items() if (contact := wire.contact_of(row))}
        rows[wire.CONTACTS] |= self.by_ids(wire.CONTACTS, became.values())
        found: dict[int, Found] = {}
        for at, (module, record_id) in places.items():
            where, wanted = (wire.CONTACTS, became[record_id]) if record_id in became else (module, record_id)
            if wanted in rows[where]:
                found[at] = where, rows[where][wanted]
        return found

    def _by_address(self, found: dict[int, Found], modules: Modules, wanted: Mapping[int, Sequence[str]]) -> None:
        """Of several modules the first that has them."""
        addresses = list(dict.fromkeys(each.strip().lower() for emails in wanted.values() for each in emails))
        known: dict[str, dict[str, Row]] = {module: {} for module in modules}
        for part in in_parts([each for each in addresses if is_plain(each)], BATCH):
            where = {module: any_of([one_of(column, part) for column in self._addresses(module)]) for module in modules}
            for module, rows in self._queried(where).items():
                self._index(known[module], rows)
        for address in addresses:
            if not is_plain(address):
                for module in modules:
                    self._index(known[module], self._searched(module, address))
        for at, emails in wanted.items():
            places = ((module, known[module].get(email.strip().lower())) for module in modules for email in emails)
            if place := next(((module, row) for module, row in places if row is not None), None):
                found[at] = place

    def _addresses(self, module: str) -> list[str]:
        return [name for name in ADDRESSES if self._schemas[module].has(name)]

    def _by_key(self, found: dict[int, Found], modules: Modules, wanted: Mapping[int, str]) -> None:
        key = self._options.key_field
        keys = [each for each in dict.fromkeys(wanted.values()) if is_plain(each)]
        having = [module for module in modules if self._schemas[module].has(key)]
        for part in in_parts(keys, BATCH) if having else ():
            for module, rows in self._queried({module: one_of(key, part) for module in having}).items():
                by_key = {text_in(row, key): row for row in rows}
                for at, each in wanted.items():
                    if each in by_key:
                        found.setdefault(at, (module, by_key[each]))

    def _index(self, rows: dict[str, Row], answered: Iterable[Row]) -> None:
        """The oldest record of an address keeps it, and a first address goes before a second one."""
        listed = list(answered)
        for column in ADDRESSES:
            for row in listed:
                if address := text_in(row, column).lower():
                    rows.setdefault(address, row)

    def _queried(self, where: Mapping[str, str]) -> dict[str, list[Row]]:
        """All rows of each module that meet its condition, the oldest first."""

        def page(module: str, skip: int = 0) -> str:
            columns = self._columns(module)
            return select(columns, module, where[module], order="Created_Time", limit=PAGE, skip=skip)

        what = f"query for {' and '.join(where)}"
        first = self._client.queries([page(module) for module in where], what=what)
        found = dict(zip(where, first, strict=True))
        for module, rows in found.items():
            full = len(rows) == PAGE
            while full:
                more = self._client.query(page(module, len(rows)), what=what)
                rows.extend(more)
                full = len(more) == PAGE
        return found

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
