"""Bringing people to the wanted state.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_upsert.htm

Somebody whom we know is updated by id, lead or contact; a stranger is upserted by our own key, so it may be sent
again without harm. Whoever turns out to be known after all (a duplicate rule, a conversion, a merge) is looked up
again: then the field policies and the owner there count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.batches import Collections, Made, Verdict, Write
from connectors.sinks.salesforce.client import PEOPLE, Client
from connectors.sinks.salesforce.failures import OWNER, PASSING, Fault, passing
from connectors.sinks.salesforce.lookup import Lookup
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, select
from connectors.sinks.salesforce.values import Encoded
from syncd.connector import (
    AuthFailed,
    Done,
    LeadKeys,
    Outcome,
    RateLimited,
    Recent,
    RecordOrder,
    Ref,
    Refusal,
    Refused,
    Retryable,
    Unknown,
    Wait,
)

REMEMBERED = 10_000
AMBIGUOUS_KEY = frozenset({"DUPLICATE_EXTERNAL_ID", "MORE_THAN_ONE_RECORD"})


class Records:
    def __init__(
        self,
        options: SalesforceOptions,
        client: Client,
        schemas: Mapping[str, Schema],
        lookup: Lookup,
        owners: Owners,
        jitter: Callable[[], float],
    ) -> None:
        self._options, self._client, self._schemas = options, client, schemas
        self._lookup, self._owners, self._jitter = lookup, owners, jitter
        self._key, self._new = options.key_field, options.object
        self._written: Recent[str, str] = Recent(REMEMBERED)  # e-mail address -> id of whom we made
        self._matched: Recent[str, str] = Recent(REMEMBERED)  # lead -> whom a duplicate rule names
        self.owned: Recent[str, str] = Recent(REMEMBERED)  # id of a person -> owner whom we gave

    def with_matches(self, leads: Sequence[LeadKeys]) -> list[LeadKeys]:
        """The keys with what only we know: whom a duplicate rule has named for them."""
        return [self._with_match(lead) for lead in leads]

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        orders = self._settle_doubts(orders)
        calls = Collections(self._client, len(orders))
        known = [self._update(at, order) for at, order in enumerate(orders) if _id_of(order)]
        verdicts = calls.change(known)
        verdicts |= calls.change(self._without_key(known, verdicts))
        gone = {at for at, verdict in verdicts.items() if orders[at].known is None and _is_gone(verdict)}
        strangers = [at for at in range(len(orders)) if at not in verdicts or at in gone]
        verdicts |= self._made(calls, [self._upsert(at, orders[at]) for at in strangers])
        outcomes = [self._outcome(order, verdicts[at], new=at in strangers) for at, order in enumerate(orders)]
        for order, outcome in zip(orders, outcomes, strict=True):
            if isinstance(outcome, Done):
                self._remember(order, outcome.ref.id)
        return outcomes

    def _settle_doubts(self, orders: Sequence[RecordOrder]) -> Sequence[RecordOrder]:
        """Look first where somebody may be there by now: values meant for a new record must not land on one that
        a person has worked on since, and one address must not become two records.
        """
        doubtful = [at for at, order in enumerate(orders) if not _id_of(order) and self._may_be_there(order)]
        if not doubtful:
            return orders
        settled = list(orders)
        found = self._lookup.find(self.with_matches([orders[at].keys for at in doubtful]))
        for at, known in zip(doubtful, found, strict=True):
            if known is not None:
                keys = replace(orders[at].keys, ref=known.ref)
                fields = {name: value for name, value in orders[at].fields.items() if name not in known.values}
                owner = None if known.owner and known.owner.active else orders[at].owner
                settled[at] = replace(orders[at], keys=keys, fields=fields, owner=owner)
        return settled

    def _may_be_there(self, order: RecordOrder) -> bool:
        made = any(self._written.get(email.casefold()) for email in order.keys.emails)
        return order.sent_at is not None or made or self._matched.get(order.keys.lead) is not None

    def _check_key(self) -> None:
        """Without it every order would be refused; it is one person's errand, so all of them wait."""
        if self._schemas[self._new].keyed(self._key):
            return
        self._schemas[self._new].forget()
        raise AuthFailed(
            f"salesforce: {self._new}.{self._key} is no external id that we may see: let syncd prepare the organisation"
        )

    def _update(self, at: int, order: RecordOrder) -> Write:
        kind, record_id = PEOPLE.get(_id_of(order)[:3], self._new), _id_of(order)
        return Write(at, kind, self._values(order, kind, {}, creating=False), id=record_id)

    def _upsert(self, at: int, order: RecordOrder) -> Write:
        given = {**self._options.fixed, **wire.fillers_for(self._new, self._options)}
        if self._options.status and self._new == wire.LEAD:
            given["Status"] = self._options.status
        values = self._values(order, self._new, given, creating=True)
        return Write(at, self._new, values, same=order.keys.lead)

    def _values(self, order: RecordOrder, kind: str, given: Mapping[str, str], *, creating: bool) -> dict[str, Encoded]:
        names = self._lookup.names(kind)
        wanted = {**given, **wire.values_from(order.fields, names, self._options), self._key: order.keys.lead}
        values = self._schemas[kind].writable(wanted, creating=creating)
        if order.owner is not None and self._owners.may_own(order.owner, kind):
            values[OWNER] = order.owner.id
        return values

    def _made(self, calls: Collections, writes: Sequence[Write]) -> dict[int, Verdict]:
        """Two strangers with one address are one person: the second is looked up once the first is there."""
        if writes:
            self._check_key()
        first: dict[str, int] = {}
        verdicts: dict[int, Verdict] = {}
        for write in writes:
            email = str(write.values.get("Email") or f"#{write.at}").casefold()
            if first.setdefault(email, write.at) != write.at:
                verdicts[write.at] = Wait("another order for the same address goes first", timedelta(0), failed=False)
        single = [write for write in writes if write.at not in verdicts]
        return verdicts | calls.upsert(single, self._new, self._key)

    def _without_key(self, writes: Sequence[Write], verdicts: Mapping[int, Verdict]) -> list[Write]:
        """Our key stands in another record: merging two people is a person's decision, and this one gets the rest."""
        clashing = [write for write in writes if _is_fault(verdicts[write.at], {"DUPLICATE_VALUE"})]
        return [
            replace(write, values={name: value for name, value in write.values.items() if name != self._key})
            for write in clashing
        ]

    def _outcome(self, order: RecordOrder, verdict: Verdict, *, new: bool) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if isinstance(verdict, Made):
            return Done(self._client.ref("person", verdict.id), created=verdict.created and new)
        return self._judged(order, verdict)

    def _judged(self, order: RecordOrder, fault: Fault) -> Outcome:
        what = "salesforce: person"
        if fault.has(PASSING):
            return passing(what, fault, self._jitter())
        if fault.has({"DUPLICATES_DETECTED"}):
            return self._duplicate(order, fault)
        if fault.has(AMBIGUOUS_KEY):
            return self._ambiguous(order, fault)
        if order.known is not None and (fault.converted or fault.gone):
            return Wait(f"{what} was converted, merged or deleted since: {fault}; looked up again")
        if fault.no_such_field:
            for schema in self._schemas.values():
                schema.forget()
            return Wait(f"{what} not written: {fault}; the fields are read again")
        return fault.refusal(what)

    def _duplicate(self, order: RecordOrder, fault: Fault) -> Outcome:
        """Contacts before leads; the order comes again, and then with the values and the owner that stand there."""
        match = next((each for prefix in ("003", "00Q") for each in fault.people if each.startswith(prefix)), "")
        if not match:
            return Refusal("salesforce: person refused by a duplicate rule, which does not say whom it found")
        self._matched.put(order.keys.lead, match)
        return Wait("salesforce: a duplicate rule has found this person; looked up again", timedelta(0))

    def _ambiguous(self, order: RecordOrder, fault: Fault) -> Outcome:
        """Our key stands in several records, as after cloning one: only a person can say which is right."""
        people = list(fault.people)
        try:
            if not people:
                asked = select(["Id"], self._new, [listed(self._key, [order.keys.lead])])
                (rows,) = self._client.rows([asked], what="look-up of a key that stands twice")
                people = [str(row.get("Id")) for row in rows]
        except (AuthFailed, RateLimited, Refused, Retryable) as error:
            return Wait(f"salesforce: our key stands in several records, and asking for them failed: {error}")
        links = " and ".join(self._link(each) for each in people)
        return Refusal(f"salesforce: our key stands in several records: {links}", (self._key,))

    def _link(self, record_id: str) -> str:
        ref: Ref = self._client.ref("person", record_id)
        return ref.url or ref.id

    def _with_match(self, lead: LeadKeys) -> LeadKeys:
        match = self._matched.get(lead.lead)
        return lead if match is None or lead.ref else replace(lead, ref=Ref("person", match))

    def _remember(self, order: RecordOrder, record_id: str) -> None:
        for email in (*order.keys.emails, order.fields.get("email", "")):
            if email:
                self._written.put(email.casefold(), record_id)
        if order.owner is not None:
            self.owned.put(record_id, order.owner.id)
        self._matched.drop(order.keys.lead)


def _id_of(order: RecordOrder) -> str:
    ref = order.keys.ref or (order.known.ref if order.known else None)
    return ref.id if ref else ""


def _is_gone(verdict: Verdict) -> bool:
    return isinstance(verdict, Fault) and verdict.gone


def _is_fault(verdict: Verdict, codes: set[str]) -> bool:
    return isinstance(verdict, Fault) and verdict.has(codes)
