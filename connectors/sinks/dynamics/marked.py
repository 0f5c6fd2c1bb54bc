"""Tasks and notes. The id of each derives from its mark, so Dataverse itself refuses to make it twice.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-entity-web-api

An id is single in every environment, at once, and for notes too, which may have no columns of one's own; a column for
the mark would have to be made, with a key whose index takes its time, and would keep nothing single until then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.failures import Fault
from connectors.sinks.dynamics.lookup import Lookup
from connectors.sinks.dynamics.multipart import Request
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.owners import Owners
from connectors.sinks.dynamics.records import OWNER
from connectors.sinks.dynamics.schema import Schema
from connectors.sinks.dynamics.values import guid_of
from connectors.sinks.dynamics.wire import Kind
from connectors.sinks.dynamics.writes import Made, Verdict, Write, Writes
from syncd.connector import (
    AuthFailed,
    Done,
    NoteOrder,
    Outcome,
    RateLimited,
    Refusal,
    Refused,
    Retryable,
    TaskOrder,
    Unknown,
    Wait,
    cut_utf16,
    mark_in,
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """Of one of the two words."""

    word: str
    set: str
    id: str
    about: str  # navigation property that leads to a person, with {table}


TASK = Form("task", "tasks", "activityid", "regardingobjectid_{table}_task@odata.bind")
NOTE = Form("note", "annotations", "annotationid", "objectid_{table}@odata.bind")
NO_PERSON = Refusal("dynamics: the record is no lead or contact of ours")


@dataclass(frozen=True, slots=True)
class Wish:
    mark: str
    place: tuple[Kind, str] | None  # the person
    fields: Row
    owned: bool = False


class Marked:
    """Makes them."""

    def __init__(self, form: Form, client: Client, lookup: Lookup) -> None:
        self._form, self._client, self._lookup = form, client, lookup

    def add(self, calls: Writes, wishes: Sequence[Wish]) -> list[Outcome]:
        """The same mark twice in one call counts once."""
        first: dict[str, int] = {}
        for at, wish in enumerate(wishes):
            first.setdefault(wish.mark, at)
        wanted = {at: wishes[at] for at in first.values() if wishes[at].place}
        verdicts = self._send(calls, wanted)
        moved = {at: wish for at, wish in wanted.items() if _without_person(verdicts[at], wish)}
        verdicts |= self._send(calls, self._where_they_live(moved))
        outcomes = {at: self._outcome(wish, verdicts[at]) for at, wish in wanted.items()}
        return [outcomes.get(first[wish.mark], NO_PERSON) for wish in wishes]

    def _send(self, calls: Writes, wishes: Mapping[int, Wish]) -> dict[int, Verdict]:
        return calls.send([self._write(at, wish) for at, wish in wishes.items()], what=f"making of {self._form.set}")

    def _write(self, at: int, wish: Wish) -> Write:
        form, row_id = self._form, wire.id_of(self._form.word, wish.mark)
        kind, person = wish.place or (wire.LEAD, "")
        about = {form.about.format(table=kind.table): wire.bound(kind, person)}
        request = Request("POST", form.set, {form.id: row_id, **wish.fields, **about})
        return Write(at, request, form.id, row_id, row_id)

    def _where_they_live(self, wishes: Mapping[int, Wish]) -> dict[int, Wish]:
        """Nobody where that cannot be asked now: then the refusals stand."""
        try:
            lives = self._lookup.survivors([wish.place for wish in wishes.values() if wish.place]) if wishes else {}
        except (AuthFailed, RateLimited, Refused, Retryable):
            return {}
        found = {at: lives.get(wish.place[1]) for at, wish in wishes.items() if wish.place}
        return {at: replace(wishes[at], place=(person.kind, person.id)) for at, person in found.items() if person}

    def _outcome(self, wish: Wish, verdict: Verdict) -> Outcome:
        ref = self._client.ref("annotation" if self._form is NOTE else "task", wire.id_of(self._form.word, wish.mark))
        if isinstance(verdict, Made):
            return Done(ref)
        if isinstance(verdict, Fault):
            return Done(ref, created=False) if verdict.there else verdict.refusal(self._form.word, owned=wish.owned)
        return verdict


class Tasks:
    def __init__(self, client: Client, schema: Schema, lookup: Lookup, owners: Owners) -> None:
        self._client, self._schema, self._owners = client, schema, owners
        self._marked = Marked(TASK, client, lookup)

    def add(self, orders: Sequence[TaskOrder]) -> list[Outcome]:
        """A task that is there is changed where it differs; one that a person deleted is made again."""
        calls = Writes(self._client, len(orders))
        present = self._present([order.ref.id for order in orders if order.ref])
        known = {at: present[order.ref.id] for at, order in enumerate(orders) if order.ref and order.ref.id in present}
        outcomes = self._changed(calls, orders, known)
        new = [at for at in range(len(orders)) if at not in outcomes]
        made = dict(zip(new, self._marked.add(calls, [self._wish(orders[at]) for at in new]), strict=True))
        return [made[at] if at in made else outcomes[at] for at in range(len(orders))]

    def _present(self, ids: Sequence[str]) -> dict[str, Row]:
        """Those that are there still, as they are: people write there too."""
        wanted = [each for each in dict.fromkeys(ids) if guid_of(each)]
        selected = "activityid,subject,description,scheduledend,prioritycode,_ownerid_value,_modifiedby_value"
        chosen = "%20or%20".join(f"activityid%20eq%20{each}" for each in wanted)
        try:
            asked = [f"tasks?$select={selected}&$filter={chosen}"] if wanted else []
            answers = self._client.rows(asked, what="read of tasks")
        except Refused as error:
            raise Retryable(str(error)) from error
        return {guid_of(row.get("activityid")): row for rows in answers for row in rows}

    def _changed(self, calls: Writes, orders: Sequence[TaskOrder], known: Mapping[int, Row]) -> dict[int, Outcome]:
        """Without those that have gone meanwhile."""
        bodies = {at: self._difference(orders[at], row) for at, row in known.items()}
        writes = [
            Write(at, _patch(row, bodies[at]), TASK.id, str(row.get(TASK.id)), str(row.get(TASK.id)))
            for at, row in known.items()
            if bodies[at]
        ]
        verdicts = calls.send(writes, what="change of tasks")
        outcomes: dict[int, Outcome] = {}
        for at, row in known.items():
            verdict = verdicts.get(at) or Made(str(row.get(TASK.id)), created=False)
            if isinstance(verdict, Made):
                outcomes[at] = Done(self._client.ref("task", verdict.id), created=False)
            elif isinstance(verdict, Wait | Unknown):
                outcomes[at] = verdict
            elif verdict.changed:
                outcomes[at] = Wait("dynamics: somebody has written to this task since: read again")
            elif not verdict.gone("task"):
                outcomes[at] = verdict.refusal("task", owned=orders[at].owner is not None)
        return outcomes

    def _difference(self, order: TaskOrder, row: Row) -> dict[str, Any]:
        """Text and owner of a task that a person wrote to last stay as they are; the mark in it stays in any case."""
        mark = mark_in(row.get("description")) or order.mark
        wanted = self._fields(replace(order, mark=mark))
        if guid_of(row.get("_modifiedby_value")) != self._owners.me():
            wanted = {name: value for name, value in wanted.items() if name not in ("description", "subject")}
        elif order.owner is not None and order.owner.id != guid_of(row.get("_ownerid_value")):
            wanted[OWNER] = wire.owner_bound(order.owner)
        return {name: value for name, value in wanted.items() if value != row.get(name)}

    def _wish(self, order: TaskOrder) -> Wish:
        owner = {OWNER: wire.owner_bound(order.owner)} if order.owner else {}
        return Wish(order.mark, wire.place_of(order.record), {**self._fields(order), **owner}, owned=bool(owner))

    def _fields(self, order: TaskOrder) -> dict[str, Any]:
        columns = self._schema.table("task").columns
        return wire.task_from(order, columns["description"].length, columns["subject"].length)


class Notes:
    def __init__(self, options: DynamicsOptions, client: Client, schema: Schema, lookup: Lookup) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._marked = Marked(NOTE, client, lookup)

    def add(self, orders: Sequence[NoteOrder]) -> list[Outcome]:
        return self._marked.add(Writes(self._client, len(orders)), [self._wish(order) for order in orders])

    def _wish(self, order: NoteOrder) -> Wish:
        columns = self._schema.table("annotation").columns
        title = cut_utf16(self._options.note_title, columns["subject"].length)
        text = wire.marked(order.body, order.mark, columns["notetext"].length)
        owner = {OWNER: wire.owner_bound(order.owner)} if order.owner else {}
        fields = {"subject": title, "notetext": text, **owner}
        return Wish(order.mark, wire.place_of(order.record), fields, owned=bool(owner))


def _patch(row: Row, body: Row) -> Request:
    match = str(row.get("@odata.etag") or "*")
    return Request("PATCH", f"tasks({row.get(TASK.id)})", body, {"If-Match": match})


def _without_person(verdict: Verdict, wish: Wish) -> bool:
    return isinstance(verdict, Fault) and wish.place is not None and verdict.gone(wish.place[0].table)
