"""Bringing leads and contacts to the wanted state.

A stranger becomes a lead under an id of our making, which the CRM takes only once: whatever became of an earlier try,
there is never a second one. A record that is there is changed where it is, and only in what differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.sinks.sugar import wire
from connectors.sinks.sugar.failures import Fault
from connectors.sinks.sugar.lookup import SEATS, Lookup
from connectors.sinks.sugar.options import SugarOptions
from connectors.sinks.sugar.people import People, Place, Presence
from connectors.sinks.sugar.schema import Schema
from connectors.sinks.sugar.service import LEADS, Row, Service, Verdict, Write
from syncd.connector import Delivery, Done, Outcome, RecordOrder, Refusal, Unknown, Wait

KEPT_CURRENT = frozenset({"last_channel", "last_campaign", "inquiries"})
_DELETED = "a person has deleted this record"
_AGAIN = "the record was deleted since it was looked up"
_TURN = Wait("another order for the same record goes first", timedelta(0), failed=False)


class Records:
    def __init__(
        self,
        options: SugarOptions,
        service: Service,
        schema: Schema,
        lookup: Lookup,
        people: People,
        presence: Presence,
    ) -> None:
        self._options, self._service, self._schema = options, service, schema
        self._lookup, self._people, self._presence = lookup, people, presence

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        delivery = Delivery(len(orders))
        outcomes: dict[int, Outcome] = dict(self._people.refused(orders))
        outcomes |= _waiting(at_of_record(orders, outcomes))
        left = [at for at in range(len(orders)) if at not in outcomes]
        places = {at: place for at in left if (place := _place(orders[at]))}
        outcomes |= self._changed(delivery, orders, places, {})
        outcomes |= self._lost(delivery, orders, [at for at in places if at not in outcomes])
        outcomes |= self._settled(delivery, orders, [at for at in left if at not in places])
        return [outcomes[at] for at in range(len(orders))]

    def _changed(
        self,
        delivery: Delivery,
        orders: Sequence[RecordOrder],
        places: Mapping[int, Place],
        rows: Mapping[Place, Row],
    ) -> dict[int, Outcome]:
        """Without those that are not there. `rows`: what stands there, where that is known better than by the order."""
        writes = [
            Write(at, *place, self._difference(orders[at], place[0], rows.get(place))) for at, place in places.items()
        ]
        outcomes: dict[int, Outcome] = {
            write.at: Done(self._lookup.ref((write.module, write.id)), created=False)
            for write in writes
            if not write.values
        }
        verdicts = self._service.write(delivery, [write for write in writes if write.values])
        for at, verdict in verdicts.items():
            if not (isinstance(verdict, Fault) and verdict.gone):
                outcomes[at] = self._outcome(places[at], verdict, created=False)
            elif orders[at].known is not None:
                outcomes[at] = Wait(f"{self._service.name}: {_AGAIN}")
        return outcomes

    def _lost(self, delivery: Delivery, orders: Sequence[RecordOrder], lost: Sequence[int]) -> dict[int, Outcome]:
        """One that was merged is found by what the survivor has of it."""
        found = self._lookup.find([orders[at].keys for at in lost]) if lost else []
        places = {
            at: wire.place_of(known.ref)
            for at, known in zip(lost, found, strict=True)
            if known is not None and known.ref != orders[at].keys.ref
        }
        outcomes = self._changed(delivery, orders, places, self._lookup.by_ids(places.values()) if places else {})
        gone = Refusal(f"{self._service.name}: {_DELETED}", gone=True)
        return {at: outcomes.get(at, gone) for at in lost}

    def _settled(self, delivery: Delivery, orders: Sequence[RecordOrder], new: Sequence[int]) -> dict[int, Outcome]:
        """Made, or found where an earlier try has made it."""
        outcomes: dict[int, Outcome] = {}
        waiting = {at: self._lookup.seat(orders[at].keys.lead) for at in new}
        for _ in range(SEATS):
            writes = [
                Write(at, *_seat_of(orders[at], n), self._whole(orders[at]), new=True) for at, n in waiting.items()
            ]
            verdicts = self._service.write(delivery, writes) if writes else {}
            made = {at: verdict for at, verdict in verdicts.items() if not isinstance(verdict, Fault)}
            outcomes |= {at: self._made(orders[at], waiting[at], verdict) for at, verdict in made.items()}
            refused = {at: verdict for at, verdict in verdicts.items() if isinstance(verdict, Fault)}
            outcomes |= self._doubted(delivery, orders, {at: (waiting[at], fault) for at, fault in refused.items()})
            waiting = {at: waiting[at] + 1 for at in refused if at not in outcomes}
        return outcomes | {at: Wait(f"{self._service.name}: every id for this lead is taken") for at in waiting}

    def _doubted(
        self, delivery: Delivery, orders: Sequence[RecordOrder], refused: Mapping[int, tuple[int, Fault]]
    ) -> dict[int, Outcome]:
        """What was refused may be there already. None for a lead whose id belongs to one that was deleted."""
        if not refused:
            return {}
        places = {at: _seat_of(orders[at], number) for at, (number, _) in refused.items()}
        rows = self._lookup.by_ids(places.values())
        outcomes = self._changed(delivery, orders, {at: place for at, place in places.items() if place in rows}, rows)
        for at, (number, fault) in refused.items():
            if at not in outcomes and fault.taken:
                self._lookup.taken(orders[at].keys.lead, number)
            elif at not in outcomes:
                outcomes[at] = self._outcome(places[at], fault, created=True)
        return outcomes

    def _made(self, order: RecordOrder, number: int, verdict: Verdict) -> Outcome:
        return self._outcome(_seat_of(order, number), verdict, created=True)

    def _difference(self, order: RecordOrder, module: str, row: Row | None) -> dict[str, Any]:
        """What is to be written over what stands there; an address only where there is none, for lists of them are
        written whole. In a record that the order did not know only what is empty is filled: a person may have worked
        on it.
        """
        known = order.known.values if order.known else {}
        present = known if row is None else self._lookup.values_of(module, row)
        fields = {
            name: text
            for name, text in order.fields.items()
            if present.get(name) != text and (row is None or name not in present or name in KEPT_CURRENT)
        }
        if present.get("email") or (row is None and order.known is None):
            fields.pop("email", None)
        values = self._values(fields, module)
        if order.owner is not None and (row is None or not row.get("assigned_user_id")):
            values["assigned_user_id"] = order.owner.id
        return values

    def _whole(self, order: RecordOrder) -> dict[str, Any]:
        options, known = self._options, self._schema.fields(LEADS)
        fillers = {**({"status": options.lead_status} if options.lead_status else {}), **options.fixed}
        filled = {
            name: value
            for name, text in fillers.items()
            if name in known and (value := wire.value_for(known[name], text, self._service.instant)) is not None
        }
        values = {"last_name": options.unnamed, **filled, **self._values(order.fields, LEADS)}
        if order.keys.emails and "email" not in values:
            values["email"] = order.keys.emails[0]
        if options.key_field in known:
            values[options.key_field] = order.keys.lead
        return {**values, "assigned_user_id": order.owner.id} if order.owner else values

    def _values(self, fields: Mapping[str, str], module: str) -> dict[str, Any]:
        """What the module cannot hold is left out; nothing is cleared."""
        known, names = self._schema.fields(module), self._lookup.names(module)
        values: dict[str, Any] = {}
        for field, text in fields.items():
            info = known.get(names.get(field, ""))
            if text and info is not None and info.writable:
                value = wire.value_for(info, text, self._service.instant)
                if value is not None:
                    values[info.name] = value
        return values

    def _outcome(self, place: Place, verdict: Verdict, *, created: bool) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if not isinstance(verdict, Fault):
            self._presence.saw(place)
            return Done(self._lookup.ref(place), created=created)
        if verdict.busy:
            return Wait(f"{self._service.name}: record not written: {verdict}")
        return verdict.refusal(f"{self._service.name}: record")


def at_of_record(orders: Sequence[RecordOrder], settled: Iterable[int]) -> dict[int, str]:
    """Position -> what it is about, for those that are to be written."""
    done = set(settled)
    return {
        at: ref.id if (ref := order.keys.ref or (order.known.ref if order.known else None)) else order.keys.lead
        for at, order in enumerate(orders)
        if at not in done
    }


def _waiting(about: Mapping[int, str]) -> dict[int, Outcome]:
    """Of several orders for one record the first goes first."""
    first: dict[str, int] = {}
    return {at: _TURN for at, record in about.items() if first.setdefault(record, at) != at}


def _place(order: RecordOrder) -> Place | None:
    ref = order.keys.ref or (order.known.ref if order.known else None)
    return wire.place_of(ref) if ref else None


def _seat_of(order: RecordOrder, number: int) -> Place:
    return LEADS, wire.id_of("lead", order.keys.lead, number)
