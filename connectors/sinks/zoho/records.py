"""Bringing leads and contacts to the wanted state.

https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html

A record that we know is updated by its id; a stranger is upserted by our own key and by e-mail address. Both may
be sent again without harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.batches import Batches, Verdict, Write
from connectors.sinks.zoho.client import Client
from connectors.sinks.zoho.failures import OWNER, Fault
from connectors.sinks.zoho.lookup import Lookup, names_of
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.schema import Schema
from connectors.sinks.zoho.values import value_for
from syncd.connector import (
    AuthFailed,
    Done,
    Outcome,
    RateLimited,
    RecordOrder,
    Refusal,
    Refused,
    Retryable,
    Unknown,
    Wait,
)

ROUNDS = 3  # values of one record that Zoho will not take, one a round
NEEDED = frozenset({"id", "Last_Name", "Email", "Layout", OWNER})
"""What a record is not sent without: who it is and whose. Anything else that is refused stands in the note."""
_DELETED = Refusal("zoho: a person has deleted this record", gone=True)
_LOOK_AGAIN = Wait("zoho: the record was deleted, merged or converted since it was looked up")


class Records:
    def __init__(self, options: ZohoOptions, client: Client, schemas: Mapping[str, Schema], lookup: Lookup) -> None:
        self._options, self._client, self._schemas, self._lookup = options, client, schemas, lookup
        self._names = {module: names_of(options, module) for module in wire.MODULES}

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        orders = self._settle_doubts(orders)
        batches = Batches(self._client, len(orders), self._options.trigger)
        places = {at: place for at, order in enumerate(orders) if (place := self._place(order))}
        outcomes = self._changed(batches, orders, places)
        lost = {at for at in places if at not in outcomes}  # deleted, merged or converted: looked for by its other keys
        found = self._elsewhere(orders, lost)
        outcomes |= dict.fromkeys(found, _LOOK_AGAIN) | self._changed(batches, orders, found)
        outcomes |= dict.fromkeys(lost - found.keys(), _DELETED)
        outcomes |= self._made(batches, orders, [at for at in range(len(orders)) if at not in outcomes])
        return [outcomes[at] for at in range(len(orders))]

    def _settle_doubts(self, orders: Sequence[RecordOrder]) -> Sequence[RecordOrder]:
        """Look first where an earlier try may have made the record: fillers meant for a new one must not land on
        one that a person has worked on since.
        """
        doubtful = [at for at, order in enumerate(orders) if order.sent_at and not self._place(order)]
        if not doubtful:
            return orders
        settled = list(orders)
        found = self._lookup.find([orders[at].keys for at in doubtful])
        for at, known in zip(doubtful, found, strict=True):
            if known is not None:
                settled[at] = replace(orders[at], keys=replace(orders[at].keys, ref=known.ref))
        return settled

    def _place(self, order: RecordOrder) -> tuple[str, str] | None:
        ref = order.keys.ref or (order.known.ref if order.known else None)
        return wire.place_of(ref, self._options.module) if ref else None

    def _changed(
        self, batches: Batches, orders: Sequence[RecordOrder], places: Mapping[int, tuple[str, str]]
    ) -> dict[int, Outcome]:
        """Without those that Zoho no longer knows by that id."""
        outcomes: dict[int, Outcome] = {}
        for module in wire.MODULES:
            writes = [
                Write(at, self._values(orders[at], module), id=record_id)
                for at, (where, record_id) in places.items()
                if where == module
            ]
            verdicts = self._sent(batches, module, writes)
            gone = {at for at, verdict in verdicts.items() if isinstance(verdict, Fault) and _is_lost(verdict)}
            outdated = {at for at in gone if orders[at].known is not None}
            outcomes |= dict.fromkeys(outdated, _LOOK_AGAIN)
            outcomes |= {at: self._outcome(module, each) for at, each in verdicts.items() if at not in gone}
        return outcomes

    def _elsewhere(self, orders: Sequence[RecordOrder], lost: set[int]) -> dict[int, tuple[str, str]]:
        """A converted lead is a contact, and one that was merged is found by what the survivor has of it."""
        wanted = sorted(lost)
        found = self._lookup.find([orders[at].keys for at in wanted]) if wanted else []
        return {
            at: wire.place_of(known.ref, self._options.module)
            for at, known in zip(wanted, found, strict=True)
            if known is not None and known.ref != orders[at].keys.ref
        }

    def _made(self, batches: Batches, orders: Sequence[RecordOrder], new: Sequence[int]) -> dict[int, Outcome]:
        module, schema = self._options.module, self._schemas[self._options.module]
        key = self._options.key_field
        keyed = bool(new) and schema.unique(key)
        outcomes: dict[int, Outcome] = {}
        writes = []
        for at in new:
            values = {**self._fillers(orders[at], module), **self._values(orders[at], module)}
            if keyed or values.get("Email"):
                names = (str(values.get(key, "")), str(values.get("Email", "")))
                writes.append(Write(at, values, names=names))
            else:
                outcomes[at] = self._no_key()
        unique = [key, "Email"] if keyed else ["Email"]
        verdicts = self._sent(batches, module, writes, unique)
        elsewhere = dict(_duplicates(verdicts, module))
        outcomes |= {at: self._outcome(module, each) for at, each in verdicts.items() if at not in elsewhere}
        return outcomes | self._joined(batches, orders, elsewhere)

    def _joined(
        self, batches: Batches, orders: Sequence[RecordOrder], elsewhere: Mapping[int, tuple[str, str]]
    ) -> dict[int, Outcome]:
        """A stranger turns out to be somebody whom another module knows: only what is empty there is filled."""
        outcomes: dict[int, Outcome] = {}
        for module in wire.MODULES:
            places = {at: each for at, (where, each) in elsewhere.items() if where == module}
            rows = self._lookup.by_ids(module, places.values()) if places else {}
            writes = [
                Write(at, self._missing(orders[at], module, rows[each]), id=each)
                for at, each in places.items()
                if each in rows
            ]
            verdicts = self._sent(batches, module, writes)
            outcomes |= {at: self._outcome(module, verdicts[at]) if at in verdicts else _LOOK_AGAIN for at in places}
        return outcomes

    def _sent(
        self, batches: Batches, module: str, writes: Sequence[Write], unique: Sequence[str] = ()
    ) -> dict[int, Verdict]:
        """A value that Zoho will not take is left out, and the rest is sent again."""
        method, path = ("POST", f"/{module}/upsert") if unique else ("PUT", f"/{module}")
        what = f"{'upsert' if unique else 'update'} of {module}"
        verdicts: dict[int, Verdict] = {}
        waiting = {write.at: write for write in writes}
        for _ in range(1 + ROUNDS):
            verdicts |= {at: {"id": write.id} for at, write in waiting.items() if not write.values}  # nothing to change
            waiting = {at: write for at, write in waiting.items() if write.values}
            verdicts |= batches.send(method, path, what, list(waiting.values()), unique)
            waiting = dict(self._without_refused(waiting, verdicts))
        return verdicts

    def _without_refused(
        self, writes: Mapping[int, Write], verdicts: Mapping[int, Verdict]
    ) -> Iterator[tuple[int, Write]]:
        for at, write in writes.items():
            fault = verdicts[at]
            if not isinstance(fault, Fault) or fault.field not in write.values:
                continue
            taken = fault.duplicate and bool(write.id)  # the value stands in another record: merging is for a person
            if (fault.code == "INVALID_DATA" and fault.field not in self._needed()) or taken:
                yield at, replace(write, values={n: v for n, v in write.values.items() if n != fault.field})

    def _needed(self) -> frozenset[str]:
        return NEEDED | {self._options.key_field}

    def _values(self, order: RecordOrder, module: str) -> dict[str, Any]:
        known = self._schemas[module].fields()
        values = wire.values_from(order.fields, self._names[module], known)
        if self._options.key_field in known:
            values[self._options.key_field] = order.keys.lead
        if order.owner is not None:
            values[OWNER] = {"id": order.owner.id}
        return values

    def _missing(self, order: RecordOrder, module: str, row: Mapping[str, Any]) -> dict[str, Any]:
        there = self._lookup.values_of(module, row)
        fields = {name: text for name, text in order.fields.items() if name not in there}
        return self._values(replace(order, fields=fields, owner=None), module)

    def _fillers(self, order: RecordOrder, module: str) -> dict[str, Any]:
        """Set on records that we make; one that went away under our hands is not made as if new."""
        options, known = self._options, self._schemas[module].fields()
        fixed = {name: value_for(known[name], text) for name, text in options.fixed.items() if name in known}
        values: dict[str, Any] = {"Last_Name": options.unnamed, **fixed}
        if order.keys.emails:
            values["Email"] = order.keys.emails[0]
        if module == wire.LEADS:
            values |= {"Company": options.no_company}
            values |= {"Lead_Status": options.lead_status} if options.lead_status else {}
        return values | ({"Layout": {"id": options.layout}} if options.layout else {})

    def _outcome(self, module: str, verdict: Verdict) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if not isinstance(verdict, Fault):
            return Done(self._lookup.ref(module, str(verdict["id"])), created=verdict.get("action") == "insert")
        if verdict.busy:
            return Wait(f"zoho: record not written: {verdict}")
        if verdict.field and verdict.field not in NEEDED and not self._still_there(module, verdict.field):
            return Wait(f"zoho: record not written: {verdict}; the fields are read again")
        return verdict.refusal("zoho: record")

    def _still_there(self, module: str, name: str) -> bool:
        """Zoho may have lost the field since its fields were read."""
        schema = self._schemas[module]
        schema.forget()
        try:
            return schema.has(name)
        except (AuthFailed, RateLimited, Refused, Retryable):
            return True

    def _no_key(self) -> Refusal:
        key = self._options.key_field
        return Refusal(
            f"zoho: a record without e-mail address needs the unique field {key}: let syncd prepare the account", (key,)
        )


def _is_lost(fault: Fault) -> bool:
    return fault.gone or fault.converted


def _duplicates(verdicts: Mapping[int, Verdict], module: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Orders that were refused for the sake of another record, and where that one is."""
    for at, verdict in verdicts.items():
        if isinstance(verdict, Fault) and verdict.duplicate and verdict.existing:
            where = verdict.module or module
            if where in wire.MODULES:
                yield at, (where, verdict.existing)
