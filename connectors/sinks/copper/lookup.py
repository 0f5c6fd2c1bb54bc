"""Finding leads and people: by id, by address, and, after a lost answer, among what was made since.

https://developer.copper.com/leads/list-leads-search.html - an index, which may run behind; of custom fields those of
texts cannot be searched. Reads by id show at once what was made.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connectors.sinks.copper.account import Account
from connectors.sinks.copper.client import Client, Row
from connectors.sinks.copper.columns import Columns
from connectors.sinks.copper.wire import LEAD, PATHS, PERSON, addresses_in, id_in, place_of, record_ref
from syncd.connector import Clock, Known, LeadKeys, Recent, Refused, Retryable, Strangers

SKEW = timedelta(minutes=2)  # between Copper's clock and ours
Found = tuple[str, Row]


class Lookup:
    def __init__(
        self, client: Client, account: Account, columns: Columns, made: Recent[str, str], clock: Clock
    ) -> None:
        """`made`: our id of a lead -> id of Copper's, which searches may not show yet."""
        self._client, self._account, self._columns, self._made = client, account, columns, made
        self.strangers = Strangers(clock)

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """Raises Retryable where the question is refused: no answer must not pass for a stranger."""
        return [self._known(*found) if (found := self.look(keys)) else None for keys in leads]

    def look(self, keys: LeadKeys) -> Found | None:
        try:
            found = self._find(keys)
        except Refused as error:
            raise Retryable(str(error)) from error
        if found is None:
            self.strangers.met(keys)
        return found

    def read(self, kind: str, number: str) -> Found | None:
        """A converted lead is the person whom it has become; None for what was deleted."""
        if not (number.isascii() and number.isdecimal()):
            return None
        what = f"read of a {kind}"
        reply = self._client.ask(f"/{PATHS[kind]}/{number}", what=what)
        if reply.ok and reply.id != number:
            raise Retryable(f"copper: {what} names another")
        if not reply.ok and not reply.fault.gone:
            raise Refused(f"copper: {what} refused: {reply.fault}")
        if kind == LEAD and (person := id_in(reply.row, "converted_contact_id") or self._converted(number, reply.ok)):
            return self.read(PERSON, person)
        return (kind, reply.row) if reply.ok else None

    def made_since(self, lead: str, since: datetime) -> str:
        """The lead that a lost call made: it carries our id."""
        wanted = {"minimum_created_date": int((since - SKEW).timestamp()), "include_converted_leads": True}
        for rows in self._client.pages("leads", wanted, what="search for new leads"):
            for row in rows:
                if self._columns.lead_of(LEAD, row) == lead:
                    return id_in(row, "id")
        return ""

    def _converted(self, number: str, there: bool) -> str:
        """Whom a lead that is no longer there has become; empty where it was deleted."""
        if there:
            return ""
        wanted = {"ids": [int(number)], "include_converted_leads": True}
        rows = self._client.search("leads", wanted, what="search for a converted lead")
        return next((id_in(row, "converted_contact_id") for row in rows if id_in(row, "id") == number), "")

    def _find(self, keys: LeadKeys) -> Found | None:
        if keys.ref and (found := self.read(*place_of(keys.ref))):
            return found
        made = self._made.get(keys.lead)
        return (self.read(LEAD, made) if made else None) or self._by_address(keys)

    def _by_address(self, keys: LeadKeys) -> Found | None:
        """A lead that carries our id, else a person, else the oldest lead."""
        wanted = {one.casefold() for one in keys.emails}
        leads = [row for row in self._leads(keys.emails) if wanted & addresses_in(LEAD, row)]
        ours = next((row for row in leads if keys.lead and self._columns.lead_of(LEAD, row) == keys.lead), None)
        if ours:
            return LEAD, ours
        asked = {"emails": list(keys.emails)}
        people = self._client.search("people", asked, what="search for people") if wanted else []
        person = next((row for row in people if wanted & addresses_in(PERSON, row)), None)
        if person:
            return PERSON, person
        oldest = min(leads, key=lambda row: (row.get("date_created") or 0, row.get("id") or 0), default=None)
        return (LEAD, oldest) if oldest else None

    def _leads(self, emails: Sequence[str]) -> Iterator[Row]:
        """One search for each address: leads are searched by one alone."""
        for email in emails:
            yield from self._client.search("leads", {"emails": email}, what="search for leads")

    def _known(self, kind: str, row: Row) -> Known:
        owner = id_in(row, "assignee_id")
        return Known(
            ref=record_ref(kind, row.get("id")),
            owner=self._account.people.by_id(owner) if owner else None,
            values=self._columns.values(kind, row),
        )
