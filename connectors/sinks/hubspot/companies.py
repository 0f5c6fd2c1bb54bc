"""The company of a business domain, and the link between it and the contact.

https://developers.hubspot.com/docs/api-reference/crm-companies-v3/guide
https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide

HubSpot does not keep `domain` unique, so companies that people made are found by search. The search never
decides whether to make one: ours carry the domain in a unique property, and an upsert by it meets the
company that an earlier try made, even while the index does not show it yet.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from connectors.sinks.hubspot.batches import Batches, Write
from connectors.sinks.hubspot.client import BATCH, Client
from connectors.sinks.hubspot.failures import Fault, read_fault
from connectors.sinks.hubspot.schema import Schema
from syncd.connector import (
    Ambiguous,
    AuthFailed,
    Clock,
    Done,
    Outcome,
    RateLimited,
    Recent,
    RecordOrder,
    Refused,
    Retryable,
    Unknown,
    Wait,
)

DOMAIN_KEY = "syncd_company_domain"
REMEMBERED = 10_000
REST = timedelta(minutes=1)  # after trouble
LONG_REST = timedelta(hours=1)  # after a refused scope
LONGEST_DOMAIN = 253
SEARCHABLE = 2_700  # characters of values: a search may have 3,000 in all


@dataclass(frozen=True, slots=True)
class Link:
    """A contact that belongs to the company of a domain."""

    contact: str
    domain: str
    name: str  # of the company, if we have to make it


class Companies:
    """At most one search, one upsert and one association for a batch; nothing for what is remembered."""

    def __init__(self, client: Client, schema: Schema, clock: Clock) -> None:
        self._client, self._schema, self._clock = client, schema, clock
        self._ids: Recent[str, str] = Recent(REMEMBERED)  # domain -> company
        self._linked: Recent[tuple[str, str], bool] = Recent(REMEMBERED)  # (contact, company)
        self._lock = Lock()
        self._owed: deque[Link] = deque(maxlen=REMEMBERED)
        self._resting_until = 0.0

    def link(self, orders: Sequence[RecordOrder], outcomes: Sequence[Outcome]) -> None:
        """Trouble with companies never touches the contacts: what is owed is tried with the next batch."""
        wanted = [
            Link(outcome.ref.id, order.keys.company_domain.lower(), order.fields.get("company", ""))
            for order, outcome in zip(orders, outcomes, strict=True)
            if isinstance(outcome, Done) and 0 < len(order.keys.company_domain) <= LONGEST_DOMAIN
        ]
        with self._lock:
            if wanted:
                self._owed.extend(wanted)
            if self._clock.monotonic() < self._resting_until:
                return
            links, self._owed = list(self._owed)[:BATCH], deque(list(self._owed)[BATCH:], REMEMBERED)
        try:
            self._settle(links)
        except RateLimited as error:
            self._owe(links, error.after)
        except (Ambiguous, Retryable):
            self._owe(links, REST)
        except Refused:
            self._owe([], REST)  # asking the same again would be refused again
        except AuthFailed:
            self._owe(links, LONG_REST)

    def _owe(self, links: Sequence[Link], rest: timedelta) -> None:
        with self._lock:
            self._owed.extend(links)
            self._resting_until = self._clock.monotonic() + rest.total_seconds()

    def _settle(self, links: Sequence[Link]) -> None:
        ids = self._companies({link.domain: link.name for link in reversed(links)})
        wrong = self._associate([(link.contact, ids[link.domain]) for link in links if link.domain in ids])
        for domain, company in ids.items():
            if company in wrong:  # deleted since we remembered it
                self._ids.drop(domain)
        again = [link for link in links if ids.get(link.domain) in wrong]
        if again:
            self._owe(again, timedelta(0))

    def _companies(self, names: Mapping[str, str]) -> Mapping[str, str]:
        ids = {domain: found for domain in names if (found := self._ids.get(domain))}
        new = [domain for domain in names if domain not in ids]
        ids |= self._made_by_people(new)
        ids |= self._made_by_us({domain: names[domain] for domain in new if domain not in ids})
        for domain in new:
            if domain in ids:
                self._ids.put(domain, ids[domain])
        return ids

    def _made_by_people(self, domains: Sequence[str]) -> dict[str, str]:
        """Domain -> the oldest company that has it."""
        found: dict[str, str] = {}
        for part in by_size(domains):
            json = {
                "filterGroups": [{"filters": [{"propertyName": "domain", "operator": "IN", "values": part}]}],
                "properties": ["domain"],
                "sorts": ["createdate"],
                "limit": 200,
                "after": "0",
            }
            path = f"{self._client.paths.objects}/companies/search"
            for row in self._client.read(path, what="search for companies", json=json).rows:
                found.setdefault(str((row.get("properties") or {}).get("domain") or "").lower(), str(row["id"]))
        return {domain: found[domain] for domain in domains if domain in found}

    def _made_by_us(self, names: Mapping[str, str]) -> dict[str, str]:
        if not names or not self._schema.unique(DOMAIN_KEY):
            return {}
        domains = list(names)
        writes = [
            Write(at, {"domain": domain, "name": names[domain] or domain}, id=domain, by=DOMAIN_KEY)
            for at, domain in enumerate(domains)
        ]
        path = f"{self._client.paths.objects}/companies/batch/upsert"
        verdicts = Batches(self._client, len(writes)).send(path, "batch upsert of companies", writes)
        return {
            domains[at]: str(verdict["id"])
            for at, verdict in verdicts.items()
            if not isinstance(verdict, Fault | Unknown | Wait)
        }

    def _associate(self, pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
        """The ids that HubSpot no longer knows."""
        new = [pair for pair in dict.fromkeys(pairs) if self._linked.get(pair) is None]
        if not new:
            return frozenset()
        path = f"{self._client.paths.associations}/contacts/companies/batch/associate/default"
        json = {"inputs": [{"from": {"id": contact}, "to": {"id": company}} for contact, company in new]}
        what = "association of contacts with companies"
        reply = self._client.accepted(self._client.post(path, what=what, writes=True, json=json), what)
        wrong = frozenset[str]().union(*(read_fault(0, error).ids for error in reply.errors))
        for pair in new:
            if wrong.isdisjoint(pair):
                self._linked.put(pair, True)
        return wrong


def by_size(values: Iterable[str], most: int = BATCH, room: int = SEARCHABLE) -> Iterator[list[str]]:
    """Lists that fit into one search."""
    part: list[str] = []
    used = 0
    for value in values:
        if part and (len(part) == most or used + len(value) + 3 > room):
            yield part
            part, used = [], 0
        part.append(value)
        used += len(value) + 3
    if part:
        yield part
