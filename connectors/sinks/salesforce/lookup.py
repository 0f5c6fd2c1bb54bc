"""Finding people: leads and contacts by id, by our key and by address, in SOQL, which sees all that is committed.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm

A converted lead is frozen, so its contact stands for it. What was merged away or deleted is asked for only where
somebody believes in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.client import PEOPLE, Client, Query
from connectors.sinks.salesforce.failures import ID
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, parts, select
from syncd.connector import Known, LeadKeys, Refused, Retryable, object_in

Row = Mapping[str, Any]
WHAT = "look-up of leads and contacts"
HOPS = 3  # from a lead to its contact, and on to what that was merged into
OF_ACCOUNT = ("Account.Name", "Account.OwnerId")
_LEAD_ONLY = ("IsConverted", "ConvertedContactId")


@dataclass(slots=True)
class Found:
    """Rows by all that they answer to."""

    by_id: dict[str, Row] = field(default_factory=dict)
    by_key: dict[str, list[Row]] = field(default_factory=dict)
    by_email: dict[str, list[Row]] = field(default_factory=dict)


class Lookup:
    def __init__(
        self, options: SalesforceOptions, client: Client, schemas: Mapping[str, Schema], owners: Owners
    ) -> None:
        self._options, self._client, self._schemas, self._owners = options, client, schemas, owners
        self._key = options.key_field

    def names(self, kind: str) -> dict[str, str]:
        return wire.names_for(kind, self._options, self._schemas[kind].fields())

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """By ref, then by our key, then by the first address, then by the others; one call for 200 leads."""
        ids = [lead.ref.id for lead in leads if lead.ref and ID.fullmatch(lead.ref.id)]
        found = self._rows(ids, [lead.lead for lead in leads], [email for lead in leads for email in lead.emails])
        masters = self._masters([each for each in ids if each not in found.by_id])
        chosen = [_candidates(lead, found, masters, self._best) for lead in leads]
        contacts = {str(row.get("ConvertedContactId")) for rows in chosen for row in rows if _converted(row)}
        later = self._follow([*masters.values(), *contacts], found)
        return [self._known(rows, lead, masters, later) for lead, rows in zip(leads, chosen, strict=True)]

    def survivors(self, ids: Sequence[str]) -> dict[str, str]:
        """Where a person lives now who was converted or merged away; those who are gone are left out."""
        people = [each for each in dict.fromkeys(ids) if each[:3] in PEOPLE and ID.fullmatch(each)]
        found = self._rows(people, (), ())
        masters = self._masters([each for each in people if each not in found.by_id])
        contacts = [str(row.get("ConvertedContactId")) for row in found.by_id.values() if _converted(row)]
        later = self._follow([*masters.values(), *contacts], found)
        return {each: lives for each in people if (lives := _lives(each, masters, later))}

    def _rows(self, ids: Iterable[str], keys: Iterable[str], emails: Iterable[str]) -> Found:
        """Each list in parts, of which a query takes one of each kind."""
        wanted = [list(parts(values)) for values in (ids, keys, (email.lower() for email in emails))]
        queries = []
        for at in range(max(map(len, wanted))):
            some_ids, some_keys, some_emails = (given[at] if at < len(given) else [] for given in wanted)
            queries += list(self._questions(some_ids, some_keys, some_emails))
        return self._indexed(row for rows in self._asked(queries) for row in rows)

    def _questions(self, ids: Sequence[str], keys: Sequence[str], emails: Sequence[str]) -> Iterator[str]:
        for prefix, kind in PEOPLE.items():
            schema = self._schemas[kind]
            any_of: list[tuple[str, Sequence[str]]] = [("Id", [each for each in ids if each.startswith(prefix)])]
            any_of.append((self._key, keys if schema.has(self._key) else []))
            any_of.append(("Email", emails if schema.has("Email") else []))
            conditions = [listed(name, values) for name, values in any_of if values]
            if conditions:
                yield select(self._selected(kind), kind, [" OR ".join(conditions)])

    def _selected(self, kind: str) -> list[str]:
        schema = self._schemas[kind]
        own = ("Id", "OwnerId", "LastActivityDate", "LastModifiedDate", "Email", self._key)
        names = schema.visible(*own, *self.names(kind).values(), *(_LEAD_ONLY if kind == wire.LEAD else ()))
        return [*names, *(OF_ACCOUNT if kind == wire.CONTACT and schema.has("AccountId") else ())]

    def _asked(self, queries: Sequence[str | Query]) -> list[list[Row]]:
        """Raises Retryable when Salesforce refuses the question itself: no answer must not pass for a stranger."""
        try:
            return self._client.rows(queries, what=WHAT) if queries else []
        except Refused as error:
            for schema in self._schemas.values():
                schema.forget()
            raise Retryable(str(error)) from error

    def _indexed(self, rows: Iterable[Row]) -> Found:
        found = Found()
        for row in rows:
            record_id = str(row.get("Id") or "")
            if record_id[:3] not in PEOPLE:
                raise Retryable(f"salesforce: {WHAT} answered with something else")
            found.by_id[record_id] = row
            for index, name in ((found.by_key, self._key), (found.by_email, "Email")):
                if value := str(row.get(name) or "").casefold():
                    index.setdefault(value, []).append(row)
        return found

    def _masters(self, ids: Sequence[str]) -> dict[str, str]:
        """What each of these was merged into, in the end."""
        masters: dict[str, str] = {}
        missing = [each for each in dict.fromkeys(ids) if each[:3] in PEOPLE]
        for _ in range(HOPS):
            queries = [
                Query(select(["Id", "MasterRecordId"], kind, [listed("Id", some)]), deleted=True)
                for prefix, kind in PEOPLE.items()
                for some in parts(each for each in missing if each.startswith(prefix))
            ]
            merged = {str(row.get("Id")): row.get("MasterRecordId") for rows in self._asked(queries) for row in rows}
            fresh = {old: str(new) for old, new in merged.items() if new}
            if not fresh:
                break
            masters |= fresh
            missing = list(fresh.values())
        return {old: _end(old, masters) for old in masters if old in set(ids)}

    def _follow(self, ids: Iterable[str], found: Found) -> Found:
        """The rows of these beside those that were found; of leads that turn out to be converted the contacts too."""
        later = replace(found, by_id=dict(found.by_id))
        wanted = list(ids)
        for _ in range(HOPS):
            missing = [each for each in dict.fromkeys(wanted) if each not in later.by_id]
            if not missing:
                break
            fresh = self._rows(missing, (), ())
            later.by_id |= fresh.by_id
            wanted = [str(row.get("ConvertedContactId")) for row in fresh.by_id.values() if _converted(row)]
        return later

    def _best(self, rows: Sequence[Row]) -> list[Row]:
        """Live ones before converted ones, then whoever was active last, then the oldest."""
        by_age = sorted(rows, key=lambda row: str(row.get("Id")))
        active = sorted(by_age, key=lambda row: str(row.get("LastModifiedDate") or ""), reverse=True)
        active.sort(key=lambda row: str(row.get("LastActivityDate") or ""), reverse=True)
        return sorted(active, key=_converted)

    def _known(self, rows: Sequence[Row], lead: LeadKeys, masters: Mapping[str, str], later: Found) -> Known | None:
        believed = [lead.ref.id] if lead.ref else []
        for record_id in [*believed, *(str(row.get("Id")) for row in rows)]:
            lives = _lives(record_id, masters, later)
            if lives:
                return self._told(later.by_id[lives])
        return None

    def _told(self, row: Row) -> Known:
        record_id = str(row.get("Id"))
        kind = PEOPLE[record_id[:3]]
        values = wire.fields_from(row, self.names(kind), self._options)
        account = object_in(row, "Account")
        if account.get("Name"):
            values["company"] = str(account["Name"])
        owner, other = row.get("OwnerId"), account.get("OwnerId")
        return Known(
            ref=self._client.ref("person", record_id),
            owner=self._owners.by_id(str(owner)) if owner else None,
            account_owner=self._owners.by_id(str(other)) if other else None,
            values=values,
        )


def _candidates(lead: LeadKeys, found: Found, masters: Mapping[str, str], best: Any) -> list[Row]:
    """All that may be this person, the surest first."""
    chosen: list[Row] = []
    if lead.ref:
        record_id = masters.get(lead.ref.id, lead.ref.id)
        chosen += [found.by_id[record_id]] if record_id in found.by_id else []
    chosen += best(found.by_key.get(lead.lead.casefold(), []))
    for email in lead.emails:
        chosen += best(found.by_email.get(email.casefold(), []))
    return chosen


def _lives(record_id: str, masters: Mapping[str, str], later: Found) -> str:
    """The id under which a person can be written to; empty when they are gone."""
    at = masters.get(record_id, record_id)
    for _ in range(HOPS):
        row = later.by_id.get(at)
        if row is None:
            return ""
        if not _converted(row):
            return at
        at = str(row.get("ConvertedContactId"))
    return ""


def _end(start: str, masters: Mapping[str, str]) -> str:
    at, seen = start, {start}
    while at in masters and masters[at] not in seen:
        at = masters[at]
        seen.add(at)
    return at


def _converted(row: Row) -> bool:
    return row.get("IsConverted") is True
