"""Leads and contacts as people change them.

https://www.zoho.com/crm/developer/docs/api/v8/timeline-of-a-record.html
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.client import PAGE, Client, Row
from connectors.sinks.zoho.lookup import Lookup
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.owners import Owners
from connectors.sinks.zoho.schema import Schema
from syncd.connector import Recent, Signal, SignalKind, moment_of, object_in, objects_in, text_in

REMEMBERED = 20_000
OWNER, STATUS, OPT_OUT = "Owner", "Lead_Status", "Email_Opt_Out"
WATCHED = (OWNER, STATUS, OPT_OUT)
MODIFIED, CREATED = "Modified_Time", "Created_Time"
MOST_PAGES = 50

Seen = tuple[str, ...]


class People:
    def __init__(
        self, options: ZohoOptions, client: Client, schemas: Mapping[str, Schema], owners: Owners, lookup: Lookup
    ) -> None:
        self._options, self._client = options, client
        self._schemas, self._owners, self._lookup = schemas, owners, lookup
        self._seen: Recent[tuple[str, str], Seen] = Recent(REMEMBERED)

    def me(self) -> str:
        return self._owners.me()

    def ours(self, module: str) -> list[str]:
        """The condition for records that have to do with us; without our key they cannot be told."""
        key = self._options.key_field
        return [f"{key} is not null"] if self._schemas[module].has(key) else []

    def columns(self, module: str) -> list[str]:
        known = self._schemas[module].fields()
        return ["id", MODIFIED, CREATED, "Modified_By", "Created_By", *(name for name in WATCHED if name in known)]

    def signals(self, module: str, rows: Sequence[Row], since: datetime) -> list[Signal]:
        signals: list[Signal] = []
        for row in rows:
            before = self._seen.get((module, str(row["id"])))
            if before != _watched(row) and not (before is None and self._is_ours_alone(row)):
                signals += self._since(module, row, since)
        return signals

    def remember(self, module: str, rows: Sequence[Row]) -> None:
        for row in rows:
            self._seen.put((module, str(row["id"])), _watched(row))

    def converted(self, since: datetime) -> Iterator[Row]:
        """Leads that have become contacts: queries leave them out."""
        for page in range(1, MOST_PAGES):
            known = self._schemas[wire.LEADS].fields()
            names = ["id", MODIFIED, *(name for name in ("Converted_Contact",) if name in known)]
            asked = {"converted": "true", "fields": ",".join(names), "sort_by": MODIFIED, "sort_order": "desc",
                     "page": str(page), "per_page": str(PAGE)}  # fmt: skip
            reply = self._client.get(f"/{wire.LEADS}", what="read of converted leads", params=asked)
            for row in reply.rows():
                if (moment_of(row.get(MODIFIED)) or since) < since:
                    return
                yield row
            if not reply.more:
                return

    def conversion(self, row: Row) -> Iterator[Signal]:
        contact, at = wire.contact_of(row), moment_of(row.get(MODIFIED))
        if contact and at:
            ref = self._lookup.ref(wire.LEADS, str(row["id"]))
            yield Signal(SignalKind.QUALIFIED, ref, at, "converted")
            yield Signal(SignalKind.MERGED, ref, at, self._lookup.ref(wire.CONTACTS, contact).id)

    def _is_ours_alone(self, row: Row) -> bool:
        """Made by us, and not touched since."""
        untouched = row.get(CREATED) == row.get(MODIFIED)
        return untouched and wire.id_in(row, "Created_By") == self.me()

    def _since(self, module: str, row: Row, since: datetime) -> Iterator[Signal]:
        """What people, not we, changed of it, the newest last."""
        ref = self._lookup.ref(module, str(row["id"]))
        for event in reversed(list(self._events(module, str(row["id"]), since))):
            at = moment_of(event.get("audited_time"))
            if at is None or wire.id_in(event, "done_by") == self.me():
                continue
            for change in objects_in(event.get("field_history")):
                name, value = text_in(change, "api_name"), text_in(object_in(change, "_value"), "new")
                if name == OWNER and (owner := wire.id_in(row, OWNER)):
                    yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner, self._owners.by_id(owner))
                elif name == STATUS and value:
                    yield Signal(SignalKind.STATUS_CHANGED, ref, at, value)
                    if (meant := self._options.statuses.get(value)) is not None:
                        yield Signal(meant, ref, at, value)
                elif name == OPT_OUT and row.get(OPT_OUT) is True:
                    yield Signal(SignalKind.OPTED_OUT, ref, at)

    def _events(self, module: str, record_id: str, since: datetime) -> Iterator[Row]:
        """The newest first."""
        asked = {"sort_by": "audited_time", "sort_order": "desc", "per_page": str(PAGE)}
        path = f"/{module}/{record_id}/__timeline"
        reply = self._client.get(path, what="read of a timeline", params=asked, name="__timeline")
        for event in reply.rows("__timeline"):
            if (moment_of(event.get("audited_time")) or since) < since:
                return
            yield event


def _watched(row: Row) -> Seen:
    return (wire.id_in(row, OWNER), text_in(row, STATUS), text_in(row, OPT_OUT))
