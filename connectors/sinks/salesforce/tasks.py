"""Tasks, and notes as tasks that are done. Each carries a mark by which a repeat finds what the first try made.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm

Where Activity has an external id for it, Salesforce itself keeps a mark single. Where not, the mark is the last line
of the description, and is looked for among the tasks of the same person: SOQL sees whatever is committed, but a call
whose answer was lost may still be at work, so several looks must fail before a task is made again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.sinks.salesforce import texts, wire
from connectors.sinks.salesforce.batches import Collections, Made, Verdict, Write
from connectors.sinks.salesforce.client import Client
from connectors.sinks.salesforce.failures import ID, PASSING, Fault, passing
from connectors.sinks.salesforce.lookup import Lookup
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, parts, select
from connectors.sinks.salesforce.values import Encoded
from syncd.connector import (
    AuthFailed,
    Done,
    NoteOrder,
    Outcome,
    OwnerRef,
    RateLimited,
    Recent,
    Ref,
    Refused,
    Retryable,
    TaskOrder,
    Unknown,
    Wait,
)

ENOUGH_LOOKS = 2  # in vain, before the one that is in vain as well
REMEMBERED = 10_000
_WHO = "WhoId"


@dataclass(frozen=True, slots=True)
class Wish:
    """One task or note, whichever it is."""

    mark: str
    person: str
    fields: Mapping[str, str]
    owner: str
    sent_at: datetime | None
    looks: int


class Marked:
    """One of the two words: "task" or "note"."""

    def __init__(
        self,
        options: SalesforceOptions,
        client: Client,
        schema: Schema,
        lookup: Lookup,
        jitter: Callable[[], float],
        word: str,
    ) -> None:
        self._client, self._schema, self._lookup, self._jitter = client, schema, lookup, jitter
        self._mark, self._word = options.mark_field, word
        self._seen: Recent[str, str] = Recent(REMEMBERED)  # marks that stand in descriptions, made here

    def add(self, calls: Collections, wishes: Sequence[Wish]) -> list[Outcome]:
        """The same mark twice in one call counts once."""
        first: dict[str, int] = {}
        for at, wish in enumerate(wishes):
            first.setdefault(wish.mark, at)
        found = self._found([wishes[at] for at in first.values()])
        settled = {at: self._settled(wishes[at], found) for at in first.values()}
        new = {at: wishes[at] for at, outcome in settled.items() if outcome is None}
        made = self._make(calls, new)
        outcomes = {at: outcome or made[at] for at, outcome in settled.items()}
        return [outcomes[first[wish.mark]] for wish in wishes]

    def present(self, ids: Sequence[str]) -> dict[str, texts.Present]:
        """What stands in the descriptions of these: people write there too."""
        fields = ["Id", "Description", "LastModifiedById"]
        asked = [select(fields, wire.TASK, [listed("Id", part)]) for part in parts(filter(ID.fullmatch, ids))]
        try:
            answers = self._client.rows(asked, what="read of tasks") if asked else []
        except Refused as error:
            raise Retryable(str(error)) from error
        me = self._client.me()
        return {
            str(row.get("Id")): texts.Present(str(row.get("Description") or ""), ours=row.get("LastModifiedById") == me)
            for rows in answers
            for row in rows
        }

    def values(self, fields: Mapping[str, str], owner: str, *, creating: bool) -> dict[str, Encoded]:
        values = self._schema.writable(fields, creating=creating)
        return {**values, "OwnerId": owner} if owner else values

    def outcome(self, verdict: Verdict) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if isinstance(verdict, Made):
            return Done(self._client.ref(self._word, verdict.id), created=verdict.created)
        if verdict.has(PASSING):
            return passing(f"salesforce: {self._word}", verdict, self._jitter())
        if verdict.no_such_field:
            self._schema.forget()
            return Wait(f"salesforce: {self._word} not written: {verdict}; the fields are read again")
        return verdict.refusal(f"salesforce: {self._word}")

    def _found(self, wishes: Sequence[Wish]) -> Mapping[str, str]:
        """Mark -> id of those that are there, as far as that has to be asked."""
        try:
            if self._schema.keyed(self._mark):
                return self._by_field([wish.mark for wish in wishes if wish.sent_at])
            seen = {wish.mark: record for wish in wishes if (record := self._seen.get(wish.mark))}
            return {**seen, **self._by_description([wish for wish in wishes if wish.mark not in seen])}
        except Refused as error:  # the question, not an order: the field may have gone
            self._schema.forget()
            raise Retryable(str(error)) from error

    def _settled(self, wish: Wish, found: Mapping[str, str]) -> Outcome | None:
        """What became of it, or None when it is to be made."""
        if wish.mark in found:
            return Done(self._client.ref(self._word, found[wish.mark]), created=False)
        if wish.sent_at is None or self._schema.unique(self._mark) or wish.looks >= ENOUGH_LOOKS:
            return None
        return Unknown(f"salesforce: {self._word} not there yet", looked=True)

    def _make(self, calls: Collections, wishes: Mapping[int, Wish]) -> dict[int, Outcome]:
        verdicts = self._send(calls, wishes)
        moved = [at for at, verdict in verdicts.items() if isinstance(verdict, Fault) and _about_person(verdict)]
        if moved:
            lives = self._survivors([wishes[at].person for at in moved])
            there = {at: replace(wishes[at], person=to) for at in moved if (to := lives.get(wishes[at].person))}
            verdicts |= self._send(calls, there)
        return {at: self.outcome(verdict) for at, verdict in verdicts.items()}

    def _survivors(self, people: Sequence[str]) -> Mapping[str, str]:
        """Nobody where that cannot be asked now: the refusals stand, with the words of Salesforce."""
        try:
            return self._lookup.survivors(people)
        except (AuthFailed, RateLimited, Refused, Retryable):
            return {}

    def _send(self, calls: Collections, wishes: Mapping[int, Wish]) -> dict[int, Verdict]:
        keyed = self._schema.keyed(self._mark)
        writes = [self._write(at, wish, keyed=keyed) for at, wish in wishes.items()]
        if keyed:
            return calls.upsert(writes, wire.TASK, self._mark)
        verdicts = calls.create(writes)
        for at, verdict in verdicts.items():
            if isinstance(verdict, Made):
                self._seen.put(wishes[at].mark, verdict.id)
        return verdicts

    def _write(self, at: int, wish: Wish, *, keyed: bool) -> Write:
        fields = {**wish.fields, **({self._mark: wish.mark} if keyed else {})}
        values = self.values(fields, wish.owner, creating=True)
        if not keyed:
            values["Description"] = texts.with_mark(wish.fields.get("Description", ""), wish.mark, self.room)
        return Write(at, wire.TASK, {**values, _WHO: wish.person}, same=wish.mark)

    @property
    def room(self) -> int:
        """Characters of a description."""
        info = self._schema.fields().get("Description")
        return info.length if info else 0

    def _by_field(self, marks: Sequence[str]) -> dict[str, str]:
        asked = [select(["Id", self._mark], wire.TASK, [listed(self._mark, part)]) for part in parts(marks)]
        answers = self._client.rows(asked, what="look-up of tasks by mark") if asked else []
        held = {str(row.get(self._mark)).casefold(): str(row.get("Id")) for rows in answers for row in rows}
        return {mark: held[mark.casefold()] for mark in marks if mark.casefold() in held}

    def _by_description(self, wishes: Sequence[Wish]) -> dict[str, str]:
        """A description cannot stand in a condition, so we read those of the same people."""
        people = {wish.person for wish in wishes}
        people |= set(self._lookup.survivors([wish.person for wish in wishes if wish.sent_at]).values())
        asked = [select(["Id", "Description"], wire.TASK, [listed(_WHO, part)]) for part in parts(sorted(people))]
        answers = self._client.rows(asked, what="look-up of tasks by person") if asked else []
        told = ((str(row.get("Id")), texts.marks_in(row.get("Description"))) for rows in answers for row in rows)
        held = {mark: record for record, marks in told for mark in marks}
        return {wish.mark: held[wish.mark] for wish in wishes if wish.mark in held}


class Tasks:
    def __init__(self, options: SalesforceOptions, client: Client, marked: Marked, owners: Owners) -> None:
        self._options, self._client, self._marked, self._owners = options, client, marked, owners

    def add(self, orders: Sequence[TaskOrder]) -> list[Outcome]:
        """A task that is there already is changed; one that a person deleted is made again."""
        calls = Collections(self._client, len(orders))
        present = self._marked.present([order.ref.id for order in orders if order.ref])
        known = [self._change(at, order, order.ref, present) for at, order in enumerate(orders) if order.ref]
        verdicts = calls.change(known)
        changed = {at: each for at, each in verdicts.items() if not (isinstance(each, Fault) and each.gone)}
        new = [at for at in range(len(orders)) if at not in changed]
        made = dict(zip(new, self._marked.add(calls, [self._wish(orders[at]) for at in new]), strict=True))
        return [made[at] if at in made else self._changed(changed[at]) for at in range(len(orders))]

    def _change(self, at: int, order: TaskOrder, ref: Ref, present: Mapping[str, texts.Present]) -> Write:
        fields = wire.task_from(order, self._options)
        values = self._marked.values(fields, self._owner(order.owner), creating=False)
        if ref.id in present and "Description" in values:
            values["Description"] = texts.renewed(present[ref.id], order.body, self._marked.room)
        return Write(at, wire.TASK, values, id=ref.id)

    def _changed(self, verdict: Verdict) -> Outcome:
        outcome = self._marked.outcome(verdict)
        return replace(outcome, created=False) if isinstance(outcome, Done) else outcome

    def _wish(self, order: TaskOrder) -> Wish:
        fields, owner = wire.task_from(order, self._options), self._owner(order.owner)
        return Wish(order.mark, order.record.id, fields, owner, order.sent_at, order.looks)

    def _owner(self, owner: OwnerRef | None) -> str:
        """A queue for leads alone cannot have the task; the user we are gets what nobody else can."""
        if owner is not None and self._owners.may_own(owner, wire.TASK):
            return owner.id
        return self._options.task_owner


class Notes:
    def __init__(self, options: SalesforceOptions, client: Client, marked: Marked, owners: Owners) -> None:
        self._options, self._client, self._marked, self._owners = options, client, marked, owners

    def add(self, orders: Sequence[NoteOrder]) -> list[Outcome]:
        return self._marked.add(Collections(self._client, len(orders)), [self._wish(order) for order in orders])

    def _wish(self, order: NoteOrder) -> Wish:
        owner = order.owner.id if order.owner and self._owners.may_own(order.owner, wire.TASK) else ""
        fields = wire.note_from(order, self._options)
        return Wish(order.mark, order.record.id, fields, owner, order.sent_at, order.looks)


def _about_person(fault: Fault) -> bool:
    return (
        fault.converted
        or fault.has({"ENTITY_IS_DELETED"})
        or (fault.has({"INVALID_CROSS_REFERENCE_KEY"}) and "OwnerId" not in fault.fields)
    )
