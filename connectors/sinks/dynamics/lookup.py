"""Who is there already, by one batch of questions: ref, our key, e-mail addresses.

A merged record stays, and says which one it lives on in; a qualified lead says which contact stands for it. Of several
with an address a contact goes before a lead, an open lead before one that is closed, and then whoever changed last.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.owners import Owners
from connectors.sinks.dynamics.schema import Schema
from connectors.sinks.dynamics.values import guid_of, literal
from connectors.sinks.dynamics.wire import CONTACT, EMAILS, KINDS, LEAD, Kind
from syncd.connector import Known, LeadKeys, Recent, Ref, Refused, Retryable, object_in

Row = Mapping[str, Any]
WHAT = "look-up of leads and contacts"
HOPS = 3  # from a lead to its contact, and on to what that was merged into
MOST = 150  # conditions of a query: Dataverse takes 500, and an address of 64 KiB
REMEMBERED = 10_000
QUALIFIED = 1
_ACCOUNTS = {"lead": "parentaccountid", "contact": "parentcustomerid_account"}
_OF_LEADS = ("_parentcontactid_value",)


@dataclass(frozen=True, slots=True)
class Person:
    kind: Kind
    row: Row

    @property
    def id(self) -> str:
        return guid_of(self.row.get(self.kind.id))

    @property
    def follows(self) -> tuple[Kind, str] | None:
        """Where this person lives on; None: here."""
        if self.row.get("merged") is True:
            return self.kind, guid_of(self.row.get("_masterid_value"))
        contact = guid_of(self.row.get("_parentcontactid_value"))
        qualified = self.kind is LEAD and self.row.get("statecode") == QUALIFIED
        return (CONTACT, contact) if qualified and contact else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a write wants to know of the row that was read last."""

    etag: str
    keyed: bool  # there is a key of ours in it


@dataclass(slots=True)
class Found:
    """People by all that they answer to."""

    by_id: dict[tuple[str, str], Person] = field(default_factory=dict)
    by_key: dict[str, list[Person]] = field(default_factory=dict)
    by_email: dict[str, list[Person]] = field(default_factory=dict)

    def lives(self, kind: Kind, row_id: str) -> Person | None:
        """Who can be written to; None when they are gone. A lead whose contact is gone stands for itself."""
        person = self.by_id.get((kind.table, row_id))
        for _ in range(HOPS):
            if person is None or person.follows is None:
                return person
            to, where = person.follows
            following = self.by_id.get((to.table, where))
            if following is None:
                return None if to is person.kind else person
            person = following
        return None


class Lookup:
    def __init__(self, options: DynamicsOptions, client: Client, schema: Schema, owners: Owners) -> None:
        self._options, self._client, self._schema, self._owners = options, client, schema, owners
        self._key = options.key_field
        self.seen: Recent[str, Seen] = Recent(REMEMBERED)  # by the id in a ref

    def names(self, kind: Kind) -> dict[str, str]:
        return wire.names_for(kind.table, self._options)

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """Raises AuthFailed, RateLimited or Retryable: no answer must not pass for a stranger."""
        places = [place for lead in leads if (place := wire.place_of(lead.ref))]
        emails = [email for lead in leads for email in lead.emails]
        found = self._found(places, [lead.lead for lead in leads], emails)
        self._follow(found)
        return [self._known(lead, found) for lead in leads]

    def survivors(self, places: Sequence[tuple[Kind, str]]) -> dict[str, Person]:
        """Id -> where a person lives now; those who are gone are left out."""
        found = self._found(places, (), ())
        self._follow(found)
        lives = {row_id: found.lives(kind, row_id) for kind, row_id in places}
        return {row_id: person for row_id, person in lives.items() if person is not None}

    def ref(self, kind: Kind, row_id: str) -> Ref:
        return Ref("person", f"{kind.set}/{row_id}", self._client.link(kind.table, row_id))

    def _found(self, places: Iterable[tuple[Kind, str]], keys: Iterable[str], emails: Iterable[str]) -> Found:
        found = Found()
        asked = list(self._questions(set(places), set(keys), {email.casefold() for email in emails}))
        for (kind, _), rows in zip(asked, self._rows([query for _, query in asked]), strict=True):
            for row in rows:
                self._index(found, Person(kind, row))
        return found

    def _questions(self, places: set[tuple[Kind, str]], keys: set[str], emails: set[str]) -> Iterator[tuple[Kind, str]]:
        for kind in KINDS.values():
            table = self._schema.table(kind.table)
            conditions = [f"{kind.id}%20eq%20{row_id}" for where, row_id in sorted(places, key=str) if where is kind]
            if self._key in table.columns:
                conditions += [f"{self._key}%20eq%20{literal(key)}" for key in sorted(keys)]
            for name in table.visible(*EMAILS):
                conditions += [f"{name}%20eq%20{literal(email)}" for email in sorted(emails)]
            for start in range(0, len(conditions), MOST):
                chosen = "%20or%20".join(conditions[start : start + MOST])
                yield kind, f"{kind.set}?$select={self._selected(kind)}&$expand={self._account(kind)}&$filter={chosen}"

    def _selected(self, kind: Kind) -> str:
        table = self._schema.table(kind.table)
        own = ("statecode", "merged", "modifiedon", self._key, *EMAILS)
        names = table.visible(*own, *self.names(kind).values())
        lookups = ("_ownerid_value", "_masterid_value", *(_OF_LEADS if kind is LEAD else ()))
        return ",".join((kind.id, *names, *lookups))

    def _account(self, kind: Kind) -> str:
        return f"{_ACCOUNTS[kind.table]}($select=name,_ownerid_value)"

    def _rows(self, queries: Sequence[str]) -> list[list[Row]]:
        try:
            return self._client.rows(queries, what=WHAT) if queries else []
        except Refused as error:  # the question, not an order: a column may have gone
            self._schema.forget()
            raise Retryable(str(error)) from error

    def _index(self, found: Found, person: Person) -> None:
        if not person.id:
            raise Retryable(f"dynamics: {WHAT} answered with something else")
        place = (person.kind.table, person.id)
        if place in found.by_id:
            return
        found.by_id[place] = person
        key = str(person.row.get(self._key) or "")
        told = Seen(str(person.row.get("@odata.etag") or ""), bool(key))
        self.seen.put(f"{person.kind.set}/{person.id}", told)
        if key:
            found.by_key.setdefault(key.casefold(), []).append(person)
        for email in {str(person.row.get(name)).casefold() for name in EMAILS if person.row.get(name)}:
            found.by_email.setdefault(email, []).append(person)

    def _follow(self, found: Found) -> None:
        """Reads whoever others live on in."""
        for _ in range(HOPS):
            places = {person.follows for person in found.by_id.values() if person.follows}
            missing = {(kind, row_id) for kind, row_id in places if (kind.table, row_id) not in found.by_id}
            if not missing:
                return
            more = self._found([place for place in missing if place[1]], (), ())
            if not more.by_id:
                return
            found.by_id |= more.by_id

    def _known(self, lead: LeadKeys, found: Found) -> Known | None:
        place = wire.place_of(lead.ref)
        candidates = [place] if place else []
        for people in (found.by_key.get(lead.lead.casefold(), []), *(found.by_email.get(email.casefold(), [])
                                                                     for email in lead.emails)):  # fmt: skip
            candidates += [(person.kind, person.id) for person in sorted(people, key=_rank)]
        lives = (found.lives(kind, row_id) for kind, row_id in candidates)
        person = next((each for each in lives if each is not None), None)
        return self._told(person) if person else None

    def _told(self, person: Person) -> Known:
        kind, row = person.kind, person.row
        values = wire.fields_from(row, self.names(kind), self._schema.table(kind.table), self._options)
        account = object_in(row, _ACCOUNTS[kind.table])
        if account.get("name"):
            values["company"] = str(account["name"])
        owner, other = guid_of(row.get("_ownerid_value")), guid_of(account.get("_ownerid_value"))
        return Known(
            ref=self.ref(kind, person.id),
            owner=self._owners.by_id(owner) if owner else None,
            account_owner=self._owners.by_id(other) if other else None,
            values=values,
        )


def _rank(person: Person) -> tuple[bool, bool, bool, tuple[int, ...], str]:
    """Merged ones last, contacts first, open ones before the others, then who changed last."""
    changed = tuple(-ord(character) for character in str(person.row.get("modifiedon") or ""))
    closed = person.row.get("statecode") != 0
    return person.row.get("merged") is True, person.kind is LEAD, closed, changed, person.id
