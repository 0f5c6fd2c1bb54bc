"""Bringing people to the wanted state.

https://learn.microsoft.com/power-apps/developer/data-platform/use-upsert-insert-update-record

Somebody whom we know is changed by id, and only if nobody has written to them since we read; a stranger is made under
our own key, and only if nothing has that key. Whoever turns out to be there after all is looked up again: then the
field policies and the owner there count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.failures import Fault
from connectors.sinks.dynamics.lookup import REMEMBERED, Lookup, Seen
from connectors.sinks.dynamics.multipart import Request
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.schema import Schema
from connectors.sinks.dynamics.values import literal
from connectors.sinks.dynamics.wire import Kind
from connectors.sinks.dynamics.writes import AT_ONCE, Made, Verdict, Write, Writes
from syncd.connector import Done, Outcome, Recent, RecordOrder, Unknown, Wait

WHAT = "write of people"
OWNER = "ownerid@odata.bind"


@dataclass(frozen=True, slots=True)
class Told:
    """Of a person: what we gave, or what was read back, last. Empty and None: nobody knows."""

    owner: str = ""
    status: object = None


class Records:
    def __init__(self, options: DynamicsOptions, client: Client, schema: Schema, lookup: Lookup) -> None:
        self._options, self._client, self._schema, self._lookup = options, client, schema, lookup
        self._key, self._new = options.key_field, wire.KINDS[options.object]
        self._written: Recent[str, str] = Recent(REMEMBERED)  # e-mail address -> id in the ref of whom we made
        self.told: Recent[str, Told] = Recent(REMEMBERED)  # by the id in the ref

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        calls, orders = Writes(self._client, len(orders)), list(orders)
        self._settle(orders, [at for at, order in enumerate(orders) if self._may_be_there(order)])
        verdicts = self._changed(calls, orders, range(len(orders)))
        strangers = [at for at in range(len(orders)) if at not in verdicts]
        verdicts |= self._made(calls, orders, strangers)
        there = [at for at in strangers if isinstance(fault := verdicts[at], Fault) and (fault.there or fault.taken)]
        self._settle(orders, there)
        verdicts |= self._changed(calls, orders, there)
        return [self._outcome(order, verdicts[at], new=at in strangers) for at, order in enumerate(orders)]

    def _settle(self, orders: list[RecordOrder], at: Sequence[int]) -> None:
        """Look first where somebody may be there by now: values meant for a new record must not land on one that
        a person has worked on since, and one address must not become two records.
        """
        found = self._lookup.find([orders[each].keys for each in at]) if at else []
        for each, known in zip(at, found, strict=True):
            if known is not None:
                order = orders[each]
                keys = replace(order.keys, ref=known.ref)
                fields = {name: value for name, value in order.fields.items() if name not in known.values}
                owner = None if known.owner and known.owner.active else order.owner
                orders[each] = replace(order, keys=keys, fields=fields, owner=owner, known=known)

    def _may_be_there(self, order: RecordOrder) -> bool:
        made = any(self._written.get(email.casefold()) for email in order.keys.emails)
        return _place(order) is None and (order.sent_at is not None or made)

    def _changed(self, calls: Writes, orders: Sequence[RecordOrder], at: Sequence[int]) -> dict[int, Verdict]:
        """Of those whose place we know, without those that are gone though nobody has looked them up."""
        places = {each: place for each in at if (place := _place(orders[each]))}
        writes = [self._update(each, orders[each], *place) for each, place in places.items()]
        idle: dict[int, Verdict] = {
            write.at: Made(write.id, created=False) for write in writes if not write.request.body
        }
        verdicts = idle | calls.send([write for write in writes if write.request.body], what=WHAT)
        faults = [(write, v) for write in writes if isinstance(v := verdicts[write.at], Fault)]
        verdicts |= calls.send(
            [self._mended(*each) for each in faults if each[1].taken or each[1].versionless], what=WHAT
        )
        lost = {
            each
            for each, (kind, _) in places.items()
            if isinstance(v := verdicts[each], Fault) and v.gone(kind.table) and orders[each].known is None
        }
        return {each: verdict for each, verdict in verdicts.items() if each not in lost}

    def _made(self, calls: Writes, orders: Sequence[RecordOrder], strangers: Sequence[int]) -> dict[int, Verdict]:
        """Two strangers with one address are one person: the second is looked up once the first is there."""
        if strangers:
            self._schema.check_key(self._new.table, self._key)
        first: dict[str, int] = {}
        verdicts: dict[int, Verdict] = {}
        for at in strangers:
            email = next(iter(orders[at].keys.emails), f"#{at}").casefold()
            if first.setdefault(email, at) != at:
                verdicts[at] = Wait("another order for the same address goes first", AT_ONCE, failed=False)
        writes = [self._create(at, orders[at]) for at in strangers if at not in verdicts]
        return verdicts | calls.send(writes, what=WHAT)

    def _update(self, at: int, order: RecordOrder, kind: Kind, row_id: str) -> Write:
        """With the key of ours only where none is."""
        place = f"{kind.set}/{row_id}"
        seen = self._lookup.seen.get(place)
        body = self._body(order, kind, {} if seen and seen.keyed else {self._key: order.keys.lead}, creating=False)
        match = seen.etag if seen and order.known is not None else ""
        return self._write(at, kind, row_id, body, {"If-Match": match or "*"}, target=place, known_id=row_id)

    def _create(self, at: int, order: RecordOrder) -> Write:
        given = {**wire.fillers_for(self._new.table, self._options), **self._options.fixed}
        body = self._body(order, self._new, given, creating=True)
        named = f"{self._key}={literal(order.keys.lead)}"
        return self._write(at, self._new, named, body, {"If-None-Match": "*"}, target=order.keys.lead.casefold())

    def _write(
        self, at: int, kind: Kind, named: str, body: Mapping[str, Any], headers: Mapping[str, str], *, target: str,
        known_id: str = "",
    ) -> Write:  # fmt: skip
        path = f"{kind.set}({named})?$select={kind.id},statuscode,_ownerid_value"
        request = Request("PATCH", path, body, {**headers, "Prefer": "return=representation"})
        return Write(at, request, kind.id, target, known_id)

    def _mended(self, write: Write, fault: Fault) -> Write:
        """Our key stands in another record: merging two people is a person's decision, and this one gets the rest.
        And a table without versions takes no ETag.
        """
        body, headers = dict(write.request.body or {}), dict(write.request.headers)
        if fault.taken:
            body.pop(self._key, None)
        else:
            headers["If-Match"] = "*"
        return replace(write, request=replace(write.request, body=body, headers=headers))

    def _body(self, order: RecordOrder, kind: Kind, given: Mapping[str, str], *, creating: bool) -> dict[str, Any]:
        values = {**given, **wire.values_from(order.fields, self._lookup.names(kind), self._options)}
        body: dict[str, Any] = {**self._schema.table(kind.table).writable(values, creating=creating)}
        return {**body, OWNER: wire.owner_bound(order.owner)} if order.owner is not None else body

    def _outcome(self, order: RecordOrder, verdict: Verdict, *, new: bool) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if isinstance(verdict, Made):
            return self._done(order, verdict, new=new)
        place = _place(order)
        if verdict.changed or verdict.there or verdict.taken:
            return Wait("dynamics: somebody has written to this person since: looked up again")
        if place and order.known is not None and verdict.gone(place[0].table):
            return Wait("dynamics: the person was merged or deleted since: looked up again")
        if verdict.status == 400:  # perhaps a column or a choice that has gone
            self._schema.forget()
        return verdict.refusal("person", owned=order.owner is not None)

    def _done(self, order: RecordOrder, made: Made, *, new: bool) -> Done:
        kind = (_place(order) or (self._new, ""))[0] if not (new and made.created) else self._new
        ref = self._lookup.ref(kind, made.id)
        if made.etag:
            self._lookup.seen.put(ref.id, Seen(made.etag, keyed=True))
        if made.created:
            self.told.put(ref.id, Told(made.owner, made.status))
        elif order.owner is not None:
            self.told.put(ref.id, replace(self.told.get(ref.id) or Told(), owner=order.owner.id))
        for email in (*order.keys.emails, order.fields.get("email", "")):
            if email:
                self._written.put(email.casefold(), ref.id)
        return Done(ref, created=made.created and new)


def _place(order: RecordOrder) -> tuple[Kind, str] | None:
    return wire.place_of(order.keys.ref) or wire.place_of(order.known.ref if order.known else None)
