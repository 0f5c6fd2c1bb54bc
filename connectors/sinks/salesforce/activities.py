"""Tasks that were done, and the first sign that a person has answered: a call, an e-mail, a meeting.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_event.htm
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.client import PEOPLE, Client, Query
from connectors.sinks.salesforce.failures import Fault
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, literal, moment, parts, select
from connectors.sinks.salesforce.values import stamp_of
from syncd.connector import Signal, SignalKind

Row = Mapping[str, Any]
DONE_AT = "CompletedDateTime"
_BASE = ("Id", "WhoId", "CreatedById", "CreatedDate", "SystemModstamp")


class Activities:
    def __init__(self, options: SalesforceOptions, client: Client, schema: Schema) -> None:
        self._options, self._client, self._schema = options, client, schema

    def tasks(self, since: datetime) -> Query:
        """Tasks that are done, but for our notes."""
        done = ("IsClosed = true", f"Subject != {literal(self._options.note_subject)}")
        return self._changed((*_BASE, *self._schema.visible(DONE_AT)), wire.TASK, since, *done)

    def of_tasks(self, rows: Sequence[Row]) -> list[Signal]:
        """Our own are told as done, those of others say that somebody has answered."""
        mine = [row for row in rows if row.get("CreatedById") == self._client.me()]
        done = [Signal(SignalKind.TASK_DONE, self._client.ref("task", str(row.get("Id"))), _at(row)) for row in mine]
        return [*done, *self._answered([row for row in rows if row not in mine])]

    def events(self, since: datetime) -> Query:
        return self._changed(_BASE, "Event", since)

    def of_events(self, rows: Sequence[Row]) -> list[Signal]:
        """A meeting that somebody has made."""
        return self._answered([row for row in rows if row.get("CreatedById") != self._client.me()])

    def _changed(self, names: Sequence[str], kind: str, since: datetime, *where: str) -> Query:
        conditions = ["WhoId != null", f"SystemModstamp >= {moment(since)}", *where]
        return Query(select(names, kind, conditions, " ORDER BY SystemModstamp"))

    def _answered(self, rows: Sequence[Row]) -> list[Signal]:
        known = ours(self._client, self._options.key_field, [str(row.get("WhoId")) for row in rows])
        return [
            Signal(SignalKind.ANSWERED, self._client.ref("person", str(row.get("WhoId"))), _at(row))
            for row in rows
            if row.get("WhoId") in known
        ]


def ours(client: Client, key: str, ids: Sequence[str]) -> set[str]:
    """Those of these people whom we have written to: by our key, or as the contact of a lead with our key.

    An object that has no key of ours holds nobody of ours.
    """
    contacts = [each for each in ids if PEOPLE.get(each[:3]) == wire.CONTACT]
    asked = [
        (kind, name, part)
        for kind, name, people in (
            (wire.LEAD, "Id", [each for each in ids if PEOPLE.get(each[:3]) == wire.LEAD]),
            (wire.CONTACT, "Id", contacts),
            (wire.LEAD, "ConvertedContactId", contacts),
        )
        for part in parts(people)
    ]
    queries = [Query(select([name], kind, [listed(name, part), f"{key} != null"])) for kind, name, part in asked]
    known: set[str] = set()
    for (_, name, _), answer in zip(asked, client.ask(queries, what=WHOSE), strict=True):
        if not isinstance(answer, Fault):
            known |= {str(row.get(name)) for rows, _ in client.pages(answer, WHOSE) for row in rows}
    return known


WHOSE = "look-up of people of ours"


def _at(row: Row) -> datetime:
    found = stamp_of(row.get(DONE_AT)) or stamp_of(row.get("CreatedDate")) or stamp_of(row.get("SystemModstamp"))
    return found or datetime.now(UTC)
