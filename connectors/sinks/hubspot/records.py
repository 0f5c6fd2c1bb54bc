"""Bringing contacts to the wanted state.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide#upsert-contacts

A contact that we know is updated by its id; a stranger is upserted by e-mail address, or by our own key
when there is none. All three may be sent again without harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.sinks.hubspot import wire
from connectors.sinks.hubspot.account import Account
from connectors.sinks.hubspot.batches import Batches, Verdict, Write
from connectors.sinks.hubspot.client import Client
from connectors.sinks.hubspot.companies import Companies
from connectors.sinks.hubspot.failures import Fault
from connectors.sinks.hubspot.lookup import Lookup
from connectors.sinks.hubspot.options import HubSpotOptions
from connectors.sinks.hubspot.schema import Schema
from syncd.connector import Done, Outcome, RecordOrder, Refusal, Unknown, Wait

UPDATE, UPSERT = "batch update of contacts", "batch upsert of contacts"
_LOOK_AGAIN = Wait("hubspot: the contact was deleted since it was looked up")
"""What is sent to a contact that we know is what it lacks; one that is made again needs everything, owner and all."""
UNIQUE = 3  # rounds: values of one contact that may clash with others, one a round


class Records:
    def __init__(
        self,
        options: HubSpotOptions,
        client: Client,
        schema: Schema,
        lookup: Lookup,
        account: Account,
        companies: Companies,
    ) -> None:
        self._options = options
        self._client, self._schema, self._lookup = client, schema, lookup
        self._account, self._companies = account, companies
        self._names = {**wire.PROPERTIES, **options.map}
        self._objects = f"{client.paths.objects}/contacts/batch"

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        orders = self._settle_doubts(orders)
        verdicts = self._deliver(orders)
        outcomes = [self._outcome(verdicts[at]) for at in range(len(orders))]
        if self._options.company:
            self._companies.link(orders, outcomes)
        return outcomes

    def _settle_doubts(self, orders: Sequence[RecordOrder]) -> Sequence[RecordOrder]:
        """Look first where an earlier try may have made the contact: values meant for a new one must not land
        on one that a person has worked on since.
        """
        doubtful = [at for at, order in enumerate(orders) if order.sent_at and not _id_of(order)]
        if not doubtful:
            return orders
        settled = list(orders)
        found = self._lookup.find([orders[at].keys for at in doubtful])
        for at, known in zip(doubtful, found, strict=True):
            if known is not None:
                settled[at] = replace(orders[at], keys=replace(orders[at].keys, ref=known.ref))
        return settled

    def _deliver(self, orders: Sequence[RecordOrder]) -> Mapping[int, Verdict | Refusal]:
        delivery = Batches(self._client, len(orders))
        known = [self._update(at, order, id_) for at, order in enumerate(orders) if (id_ := _id_of(order))]
        verdicts: dict[int, Verdict | Refusal] = {}
        verdicts |= delivery.send(f"{self._objects}/update", UPDATE, known)
        gone = {at for at, verdict in verdicts.items() if isinstance(verdict, Fault) and verdict.gone}
        outdated = {at for at in gone if orders[at].known is not None}
        verdicts |= dict.fromkeys(outdated, _LOOK_AGAIN)
        gone -= outdated
        unknown = [at for at in range(len(orders)) if at not in verdicts or at in gone]
        by_email = [self._upsert_by_email(at, orders[at]) for at in unknown if _email_of(orders[at])]
        verdicts |= delivery.send(f"{self._objects}/upsert", UPSERT, by_email)
        by_key = [self._upsert_by_key(at, orders[at]) for at in unknown if not _email_of(orders[at])]
        if by_key and not self._schema.unique(self._options.key_property):
            verdicts |= dict.fromkeys([write.at for write in by_key], self._no_key())
        else:
            verdicts |= delivery.send(f"{self._objects}/upsert", UPSERT, by_key)
        clashing = {write.at: write for write in (*known, *by_email, *by_key)}
        for _ in range(UNIQUE):
            clashing = dict(_without_clashes(clashing, verdicts))
            verdicts |= {at: {"id": write.id} for at, write in clashing.items() if not write.properties}
            again = [write for write in clashing.values() if write.properties]
            verdicts |= delivery.send(f"{self._objects}/update", UPDATE, again)
        return verdicts

    def _update(self, at: int, order: RecordOrder, record_id: str) -> Write:
        return self._write(at, order, {}, record_id)

    def _upsert_by_email(self, at: int, order: RecordOrder) -> Write:
        """Without the address among the values: a second address of a contact must not become its first."""
        write = self._write(at, order, self._for_new(order), _email_of(order), "email")
        return replace(write, properties={n: v for n, v in write.properties.items() if n != "email"})

    def _upsert_by_key(self, at: int, order: RecordOrder) -> Write:
        given = self._for_new(order)
        if not order.fields.get("first_name") and not order.fields.get("last_name"):
            given = {"lastname": self._options.unnamed, **given}
        return self._write(at, order, given, order.keys.lead, self._options.key_property)

    def _for_new(self, order: RecordOrder) -> dict[str, str]:
        """Set on contacts that we make; a contact that went away under our hands is not made as if new."""
        if _id_of(order):
            return {}
        status = self._options.lead_status
        return {**self._options.fixed, **({wire.LEAD_STATUS: status} if status else {})}

    def _write(self, at: int, order: RecordOrder, given: Mapping[str, str], target: str, by: str = "") -> Write:
        key = self._options.key_property
        properties = {**given, **wire.properties_from(order.fields, self._names), key: order.keys.lead}
        if order.owner is not None:
            properties[wire.OWNER] = order.owner.id
        return Write(at, self._schema.writable(properties), id=target, by=by, known_by=key)

    def _outcome(self, verdict: Verdict | Refusal) -> Outcome:
        if isinstance(verdict, Wait | Unknown | Refusal):
            return verdict
        if not isinstance(verdict, Fault):
            return Done(self._account.ref("contact", str(verdict["id"])), created=verdict.get("new") is True)
        if verdict.no_such_property:
            self._schema.forget()
            return Wait(f"hubspot: contact not written: {verdict}; the properties are read again")
        return verdict.refusal("hubspot: contact")

    def _no_key(self) -> Refusal:
        key = self._options.key_property
        return Refusal(
            f"hubspot: a contact without e-mail address needs the unique property {key}: let syncd prepare the account",
            (key,),
        )


def _id_of(order: RecordOrder) -> str:
    ref = order.keys.ref or (order.known.ref if order.known else None)
    return ref.id if ref else ""


def _email_of(order: RecordOrder) -> str:
    return (order.keys.emails[0] if order.keys.emails else order.fields.get("email", "")).strip()


def _without_clashes(
    writes: Mapping[int, Write], verdicts: Mapping[int, Verdict | Refusal]
) -> Iterator[tuple[int, Write]]:
    """For each value that must be unique and stands in another contact: the write without it.

    The contact that we know gets the rest, for merging two contacts is a person's decision. A stranger turns
    out to be that other contact.
    """
    for at, write in writes.items():
        fault = verdicts[at]
        if not isinstance(fault, Fault) or not fault.conflict:
            continue
        target = fault.existing if write.by else write.id
        taken = set(fault.properties) or {"email"}
        if target:
            rest = {name: value for name, value in write.properties.items() if name not in taken}
            yield at, Write(at, rest, id=target)
