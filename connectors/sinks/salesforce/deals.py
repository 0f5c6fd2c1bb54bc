"""Opportunities that were closed, and whose they are.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunitycontactrole.htm
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.salesforce.activities import ours
from connectors.sinks.salesforce.client import Client, Query
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.soql import listed, moment, parts, select
from connectors.sinks.salesforce.values import decode, stamp_of
from syncd.connector import Signal, SignalKind

Row = Mapping[str, Any]


class Deals:
    def __init__(self, options: SalesforceOptions, client: Client) -> None:
        self._options, self._client = options, client

    def closed(self, since: datetime) -> Query:
        fields = ["Id", "StageName", "IsWon", "Amount", "SystemModstamp"]
        where = ["IsClosed = true", f"SystemModstamp >= {moment(since)}"]
        return Query(select(fields, "Opportunity", where, " ORDER BY SystemModstamp"))

    def of_closed(self, rows: Sequence[Row]) -> list[Signal]:
        """Won or lost, with the stage and the amount."""
        return list(self._signals(rows))

    def _signals(self, rows: Sequence[Row]) -> Iterator[Signal]:
        people = self._people([str(row.get("Id")) for row in rows])
        known = ours(self._client, self._options.key_field, sorted({p for each in people.values() for p in each}))
        for row in rows:
            kind = SignalKind.WON if row.get("IsWon") is True else SignalKind.LOST
            at = stamp_of(row.get("SystemModstamp")) or datetime.now(UTC)
            told = ", ".join(filter(None, (decode(row.get("StageName")), decode(row.get("Amount")))))
            for person in people.get(str(row.get("Id")), ()):
                if person in known:
                    yield Signal(kind, self._client.ref("person", person), at, told)

    def _people(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Opportunity -> the contacts that have a role in it, and those that it was converted with."""
        asked = [
            query
            for part in parts(ids)
            for query in (
                select(["OpportunityId", "ContactId"], "OpportunityContactRole", [listed("OpportunityId", part)]),
                select(
                    ["ConvertedOpportunityId", "ConvertedContactId"], "Lead", [listed("ConvertedOpportunityId", part)]
                ),
            )
        ]
        people: dict[str, list[str]] = {}
        for row in (
            row for rows in self._client.rows(asked, what="look-up of contacts of opportunities") for row in rows
        ):
            deal, person = (row.get("OpportunityId"), row.get("ContactId"))
            if deal is None:
                deal, person = row.get("ConvertedOpportunityId"), row.get("ConvertedContactId")
            if person and str(person) not in people.setdefault(str(deal), []):
                people[str(deal)].append(str(person))
        return people
