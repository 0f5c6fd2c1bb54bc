"""Tasks that were done, and the first sign that a person has answered: a call, an e-mail, a meeting.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_event.htm
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.client import PEOPLE, Client
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, literal, moment, parts, select
from connectors.sinks.salesforce.values import stamp_of
from syncd.connector import Refused, Signal, SignalKind

Row = Mapping[str, Any]
Pages = Iterator[tuple[Sequence[Row], list[Signal]]]
DONE_AT = "CompletedDateTime"
_BASE = ("Id", "WhoId", "CreatedById", "CreatedDate", "SystemModstamp")


class Activities:
    def __init__(self, options: SalesforceOptions, client: Client, schema: Schema) -> None:
        self._options, self._client, self._schema = options, client, schema

    def tasks(self, since: datetime) -> Pages:
        """Done tasks: our own are told as done, those of others say that somebody has answered."""
        names = [*_BASE, *self._schema.visible(DONE_AT)]
        where = ["IsClosed = true", f"Subject != {literal(self._options.note_subject)}"]
        for rows in self._changed(names, wire.TASK, where, since):
            mine = [row for row in rows if row.get("CreatedById") == self._client.me()]
            done = [
                Signal(SignalKind.TASK_DONE, self._client.ref("task", str(row.get("Id"))), _at(row)) for row in mine
            ]
            yield rows, [*done, *self._answered([row for row in rows if row not in mine])]

    def events(self, since: datetime) -> Pages:
        """A meeting that somebody has made."""
        for rows in self._changed(list(_BASE), "Event", [], since):
            yield rows, self._answered([row for row in rows if row.get("CreatedById") != self._client.me()])

    def _changed(self, names: list[str], kind: str, where: list[str], since: datetime) -> Iterator[list[Row]]:
        conditions = ["WhoId != null", f"SystemModstamp >= {moment(since)}", *where]
        asked = select(names, kind, conditions, " ORDER BY SystemModstamp")
        for rows in self._client.query(asked, what=f"read of changed {kind}"):
            if rows:
                yield rows

    def _answered(self, rows: Sequence[Row]) -> list[Signal]:
        ours = self.ours([str(row.get("WhoId")) for row in rows])
        return [
            Signal(SignalKind.ANSWERED, self._client.ref("person", str(row.get("WhoId"))), _at(row))
            for row in rows
            if row.get("WhoId") in ours
        ]

    def ours(self, ids: Sequence[str]) -> set[str]:
        return ours(self._client, self._options.key_field, ids)


def ours(client: Client, key: str, ids: Sequence[str]) -> set[str]:
    """Those of these people whom we have written to: by our key, or as the contact of a lead with our key."""
    known: set[str] = set()
    asked = [
        select(["Id"], kind, [listed("Id", part), f"{key} != null"])
        for prefix, kind in PEOPLE.items()
        for part in parts(each for each in ids if each.startswith(prefix))
    ]
    asked += [
        select(["ConvertedContactId"], wire.LEAD, [listed("ConvertedContactId", part), f"{key} != null"])
        for part in parts(each for each in ids if PEOPLE.get(each[:3]) == wire.CONTACT)
    ]
    for query in asked:
        try:
            (rows,) = client.rows([query], what="look-up of people of ours")
        except Refused:  # an object that has no key of ours holds nobody of ours
            continue
        known |= {str(row.get("Id") or row.get("ConvertedContactId")) for row in rows}
    return known


def _at(row: Row) -> datetime:
    found = stamp_of(row.get(DONE_AT)) or stamp_of(row.get("CreatedDate")) or stamp_of(row.get("SystemModstamp"))
    return found or datetime.now(UTC)
