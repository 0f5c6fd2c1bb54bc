"""Finding persons: by id, by e-mail address, by our own key, and, after a lost answer, among those changed since.

https://developers.pipedrive.com/docs/api/v1/Persons#searchPersons - an index, which runs behind. Lists do not, so it is
a list that decides whether what an earlier try made is there.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.client import V2, Client, Row
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.schema import Schema
from connectors.sinks.pipedrive.wire import CUSTOM, custom_of, values_from
from syncd.connector import Clock, Known, LeadKeys, Recent, objects_in

MOST = 100  # ids of one read
SKEW = timedelta(minutes=2)  # between Pipedrive's clock and ours
REMEMBERED = 10_000
TRUSTED = timedelta(seconds=45)  # the core trusts an answer for a minute
PAGES = 10  # of persons changed since a lost answer: five thousand


class Made:
    """Persons that syncd has made or changed, whom the search may not show yet. Thread-safe."""

    def __init__(self) -> None:
        self._persons: Recent[str, str] = Recent(REMEMBERED)

    def put(self, keys: LeadKeys, person: str) -> None:
        for name in _names(keys):
            self._persons.put(name, person)

    def person(self, keys: LeadKeys) -> str:
        """By our id of the lead, then by its addresses; empty for a stranger."""
        return next((person for name in _names(keys) if (person := self._persons.get(name))), "")

    def drop(self, keys: LeadKeys) -> None:
        for name in _names(keys):
            self._persons.drop(name)


class Lookup:
    def __init__(
        self, options: PipedriveOptions, client: Client, schema: Schema, account: Account, made: Made, clock: Clock
    ) -> None:
        self._options, self._client, self._schema, self._account = options, client, schema, account
        self._made, self._clock = made, clock
        self._names = {**CUSTOM, **options.map}
        self._strangers: Recent[str, float] = Recent(REMEMBERED)  # what was searched for in vain, and when

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """One search for each lead whose ref is not there, and one read for every hundred persons."""
        believed = [lead.ref.id if lead.ref else self._made.person(lead) for lead in leads]
        there = self.read(believed)
        ids = [one if one in there else self._search(lead) for lead, one in zip(leads, believed, strict=True)]
        found = {**there, **self.read(one for one in ids if one not in there)}
        return [self._known(found[record]) if record in found else None for record in ids]

    def read(self, ids: Iterable[str]) -> dict[str, Row]:
        """The persons that are there, by id."""
        asked = [record for record in dict.fromkeys(ids) if record.isdecimal()]
        rows: dict[str, Row] = {}
        for start in range(0, len(asked), MOST):
            params = {"ids": ",".join(asked[start : start + MOST]), "limit": str(MOST)}
            reply = self._client.get(f"{V2}/persons", what="read of persons", params=params)
            rows |= {str(row.get("id")): row for row in reply.rows if not row.get("is_deleted")}
        return rows

    def made_since(self, lead: str, since: datetime) -> Row | None:
        """The person that a lost call made, or changed: it carries our key."""
        code = self._schema.code(self._options.key_field)
        params = {
            "updated_since": (since - SKEW).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sort_by": "update_time",
            "sort_direction": "asc",
        }
        pages = self._client.pages(f"{V2}/persons", what="list of persons since a lost answer", params=params)
        for _, page in zip(range(PAGES), pages, strict=False):
            for row in page:
                if custom_of(row, code) == lead and not row.get("is_deleted"):
                    return row
        return None

    def _search(self, lead: LeadKeys) -> str:
        for email in lead.emails:
            if hit := self._hit(email, "email"):
                return hit
        if lead.emails or not lead.lead or not self._schema.code(self._options.key_field):
            return ""
        return self._hit(lead.lead, "custom_fields")

    def _hit(self, term: str, field: str) -> str:
        """The oldest person with exactly this. Searches are scarce: a stranger of a moment ago is one still."""
        now, name = self._clock.monotonic(), f"{field} {term.casefold()}"
        asked = self._strangers.get(name)
        if asked is not None and now - asked < TRUSTED.total_seconds():
            return ""
        params = {"term": term, "fields": field, "exact_match": "true", "limit": "100"}
        items = self._client.search(f"{V2}/persons/search", what="search for a person", params=params)
        ids = [str(item.get("id")) for item in items if field != "email" or _has(item, term)]
        hit = min((one for one in ids if one.isdecimal()), key=int, default="")
        if not hit:
            self._strangers.put(name, now)
        return hit

    def _known(self, row: Row) -> Known:
        owner = row.get("owner_id")
        codes = {name: self._schema.code(theirs) for name, theirs in self._names.items() if theirs}
        return Known(
            ref=self._account.ref("person", str(row["id"])),
            owner=self._account.users.by_id(str(owner)) if owner else None,
            values=values_from(row, {name: code for name, code in codes.items() if code}),
        )


def _names(keys: LeadKeys) -> Iterator[str]:
    yield f"lead {keys.lead}"
    yield from (f"address {email.casefold()}" for email in keys.emails)


def _has(item: Row, email: str) -> bool:
    """Emails of a found person are texts, those of a read one have parts."""
    listed = item.get("emails")
    entries = listed if isinstance(listed, list) else []
    values = [entry if isinstance(entry, str) else "" for entry in entries]
    values += [str(entry.get("value") or "") for entry in objects_in(listed)]
    return email.casefold() in {value.casefold() for value in values}
