"""Tasks and notes. Each carries a mark by which a repeat finds what the first try made.

https://developers.hubspot.com/docs/api-reference/crm-tasks-v3/guide
https://developers.hubspot.com/docs/api-reference/crm-notes-v3/guide

How sure a repeat can be depends on the account. With a unique mark HubSpot itself refuses the second one and
names the first. With a plain one only the search can tell, and its index runs behind. With none nothing can.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.sinks.hubspot import wire
from connectors.sinks.hubspot.account import Account
from connectors.sinks.hubspot.batches import Batches, Verdict, Write
from connectors.sinks.hubspot.client import BATCH, Client
from connectors.sinks.hubspot.companies import by_size
from connectors.sinks.hubspot.failures import Fault
from connectors.sinks.hubspot.options import HubSpotOptions
from connectors.sinks.hubspot.schema import Schema
from syncd.connector import (
    AuthFailed,
    Done,
    NoteOrder,
    Outcome,
    RateLimited,
    Recent,
    Ref,
    Refusal,
    Refused,
    Retryable,
    TaskOrder,
    Unknown,
    Wait,
)

ENOUGH_LOOKS = 3
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Wish:
    """One task or note, whichever it is."""

    mark: str
    contact: str
    properties: Mapping[str, str]
    sent_at: datetime | None
    looks: int


class Marked:
    """One of the two kinds: "task" with its association type 204, "note" with 202."""

    def __init__(
        self, options: HubSpotOptions, client: Client, schema: Schema, account: Account, word: str, link: int
    ) -> None:
        self._client, self._schema, self._account = client, schema, account
        self._mark, self._word, self._link = options.mark_property, word, link
        self._objects = f"{client.paths.objects}/{schema.kind}"
        self._seen: Recent[str, Ref] = Recent(REMEMBERED)  # made here; the search may not show them yet
        self._lag = timedelta(seconds=options.search_lag)

    def delivery(self, orders: int) -> Batches:
        """A 429 should mean that nothing was written; where only the search could tell, it is given its time."""
        searched = self._schema.has(self._mark) and not self._schema.unique(self._mark)
        return Batches(self._client, orders, self._lag if searched else timedelta(0))

    def add(self, delivery: Batches, wishes: Sequence[Wish]) -> list[Outcome]:
        """The same mark twice in one call counts once."""
        first: dict[str, int] = {}
        for at, wish in enumerate(wishes):
            first.setdefault(wish.mark, at)
        outcomes: dict[int, Outcome] = {}
        found = self._found([wishes[at] for at in first.values()])
        for at in first.values():
            settled = self._settled(wishes[at], found)
            if settled is not None:
                outcomes[at] = settled
        outcomes |= self._make(delivery, {at: wishes[at] for at in first.values() if at not in outcomes})
        return [outcomes[first[wish.mark]] for wish in wishes]

    def change(self, delivery: Batches, writes: Sequence[Write]) -> dict[int, Outcome | None]:
        """None for what is no longer there."""
        path, what = f"{self._objects}/batch/update", f"batch update of {self._schema.kind}"
        verdicts = delivery.send(path, what, writes)
        return {
            at: None if isinstance(verdict, Fault) and verdict.gone else self._outcome(verdict, created=False)
            for at, verdict in verdicts.items()
        }

    def _found(self, wishes: Sequence[Wish]) -> Mapping[str, Ref]:
        """Which of the marks are there already, as far as that has to be asked."""
        try:
            return self._looked_for(wishes)
        except Refused as error:  # the question, not an order: the property may have gone
            self._schema.forget()
            raise Retryable(str(error)) from error

    def _looked_for(self, wishes: Sequence[Wish]) -> Mapping[str, Ref]:
        if self._schema.unique(self._mark):
            return self._read([wish.mark for wish in wishes if wish.sent_at])
        if not self._schema.has(self._mark):
            return {}
        seen = {wish.mark: ref for wish in wishes if (ref := self._seen.get(wish.mark))}
        return {**seen, **self._searched([wish.mark for wish in wishes if wish.mark not in seen])}

    def _settled(self, wish: Wish, found: Mapping[str, Ref]) -> Outcome | None:
        """What became of it, or None when it is to be made."""
        if wish.mark in found:
            return Done(found[wish.mark], created=False)
        if wish.sent_at is None or self._schema.unique(self._mark):
            return None
        if not self._schema.has(self._mark):
            return Refusal(
                f"hubspot: {self._word} was sent once without an answer, and without the property "
                f"{self._mark} nothing can tell whether it is there: a person has to look",
                (self._mark,),
            )
        if wish.looks < ENOUGH_LOOKS:
            return Unknown(f"hubspot: {self._word} not in the search yet", looked=True)
        return None

    def _make(self, delivery: Batches, wishes: Mapping[int, Wish]) -> dict[int, Outcome]:
        marked = self._schema.has(self._mark)
        writes = [
            Write(
                at,
                {**wish.properties, **({self._mark: wish.mark} if marked else {})},
                known_by=self._mark,
                contact=wish.contact,
                link=self._link,
            )
            for at, wish in wishes.items()
        ]
        verdicts = delivery.send(
            f"{self._objects}/batch/create",
            f"batch create of {self._schema.kind}",
            writes,
            most=BATCH if marked else 1,  # alone, an answer cannot be taken for another's
        )
        made = {at: self._made(wishes[at], verdict) for at, verdict in verdicts.items()}
        for at, outcome in made.items():
            if isinstance(outcome, Done):
                self._seen.put(wishes[at].mark, outcome.ref)
        return made

    def _made(self, wish: Wish, verdict: Verdict) -> Outcome:
        """A mark that is taken is a success of an earlier try."""
        if isinstance(verdict, Fault) and verdict.conflict:
            if verdict.existing:
                return Done(self._account.ref(self._word, verdict.existing), created=False)
            try:
                found = self._read([wish.mark]) if self._schema.unique(self._mark) else {}
            except (AuthFailed, RateLimited, Refused, Retryable) as error:
                return Unknown(f"hubspot: the mark of this {self._word} is taken: {error}", looked=True)
            if wish.mark in found:
                return Done(found[wish.mark], created=False)
        return self._outcome(verdict, created=True)

    def _outcome(self, verdict: Verdict, *, created: bool) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if not isinstance(verdict, Fault):
            return Done(self._account.ref(self._word, str(verdict["id"])), created=created)
        if verdict.no_such_property:
            self._schema.forget()
            return Wait(f"hubspot: {self._word} not written: {verdict}; the properties are read again")
        return verdict.refusal(f"hubspot: {self._word}")

    def _read(self, marks: Sequence[str]) -> dict[str, Ref]:
        """By the unique mark: what was written a moment ago is there."""
        rows: list[Mapping[str, Any]] = []
        for start in range(0, len(marks), BATCH):
            json = {
                "idProperty": self._mark,
                "inputs": [{"id": mark} for mark in marks[start : start + BATCH]],
                "properties": [self._mark],
                "propertiesWithHistory": [],
            }
            what = f"read of {self._schema.kind} by mark"
            rows += self._client.read(f"{self._objects}/batch/read", what=what, json=json).rows
        return self._refs(rows, marks)

    def _searched(self, marks: Sequence[str]) -> dict[str, Ref]:
        """By the plain mark. The search wants text in lower case."""
        rows: list[Mapping[str, Any]] = []
        for part in by_size(mark.lower() for mark in marks):
            json = {
                "filterGroups": [{"filters": [{"propertyName": self._mark, "operator": "IN", "values": part}]}],
                "properties": [self._mark],
                "sorts": [],
                "limit": 200,
                "after": "0",
            }
            what = f"search for {self._schema.kind} by mark"
            reply = self._client.read(f"{self._objects}/search", what=what, json=json)
            if not reply.after and int(reply.body.get("total") or 0) > len(reply.rows):
                raise Retryable(f"hubspot: {what}: the answer leaves out what it counts")
            rows += reply.rows
        return self._refs(rows, marks)

    def _refs(self, rows: Iterable[Mapping[str, Any]], marks: Iterable[str]) -> dict[str, Ref]:
        ids = {str(row["properties"].get(self._mark)).casefold(): str(row["id"]) for row in rows}
        return {mark: self._account.ref(self._word, ids[mark.casefold()]) for mark in marks if mark.casefold() in ids}


class Tasks:
    def __init__(self, options: HubSpotOptions, marked: Marked) -> None:
        self._marked = marked
        self._queue = options.owner_default_queue
        minutes = options.reminder_minutes
        self._reminder = None if minutes is None else timedelta(minutes=minutes)

    def add(self, orders: Sequence[TaskOrder]) -> list[Outcome]:
        """A task that is there already is changed; one that a person deleted is made again."""
        delivery = self._marked.delivery(len(orders))
        wanted = [wire.task_from(order, self._queue, self._reminder) for order in orders]
        known = [Write(at, wanted[at], id=order.ref.id) for at, order in enumerate(orders) if order.ref]
        changed = self._marked.change(delivery, known)
        new = [at for at in range(len(orders)) if changed.get(at) is None]
        wishes = [_wish(orders[at], {**wanted[at], "hs_task_status": "NOT_STARTED"}) for at in new]
        made = dict(zip(new, self._marked.add(delivery, wishes), strict=True))
        return [changed.get(at) or made[at] for at in range(len(orders))]


class Notes:
    def __init__(self, marked: Marked) -> None:
        self._marked = marked

    def add(self, orders: Sequence[NoteOrder]) -> list[Outcome]:
        delivery = self._marked.delivery(len(orders))
        return self._marked.add(delivery, [_wish(order, wire.note_from(order)) for order in orders])


def _wish(order: TaskOrder | NoteOrder, properties: Mapping[str, str]) -> Wish:
    return Wish(order.mark, order.record.id, properties, order.sent_at, order.looks)
