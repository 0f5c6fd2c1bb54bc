"""The sink of one daemon: it translates as a real connector does, over a wire that loses, delays and refuses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from syncd.connector import (
    Done,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    Ref,
    Refusal,
    SignalPage,
    TaskOrder,
    Unknown,
    Wait,
)
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable
from tests.battery.storm.chance import RARE, SELDOM, Bug
from tests.battery.storm.disk import Actor
from tests.battery.storm.service import Invalid, Item, Record, Service

ENOUGH_LOOKS = 3
T = TypeVar("T", bound=RecordOrder | TaskOrder | NoteOrder)
R = TypeVar("R")


class Connector:
    batch = 4

    def __init__(self, service: Service, actor: Actor) -> None:
        self.service, self.actor, self.chance = service, actor, actor.chance

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._ask("find", lambda: [self._known(self._record(keys)) for keys in leads])

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._ask("owners", lambda: dict(self.service.users))

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again, for the index is asked from a little before the cursor while much goes on."""
        said = self._ask("changes", self.service.heard)
        if cursor is None:
            yield SignalPage((), str(len(said)))
            return
        start = max(0, int(cursor) - (0 if self.chance.calm else self.chance.random.randrange(3)))
        for at in range(start, len(said), 3):
            page = said[at : at + 3]
            self._ask("changes", lambda: None)
            yield SignalPage(page, str(max(int(cursor), at + len(page))))

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._do("records", orders, self._upsert)

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._do("tasks", orders, self._add_task)

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._do("notes", orders, self._add_note)

    def prepare(self, apply: bool) -> Sequence[Finding]:
        return []

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        pass

    # one order each, as the service's own rules have it

    def _record(self, keys: LeadKeys) -> Record | None:
        there = self.service.live(keys.ref.id) if keys.ref else None
        by_email = (self.service.by_email(email) for email in keys.emails)
        return there or next((found for found in by_email if found), None) or self.service.by_key(keys.lead)

    def _known(self, record: Record | None) -> Known | None:
        if record is None:
            return None
        owner = next((user for user in self.service.users.values() if user.id == record.owner), None)
        return Known(Ref("contact", record.id), owner, values={n: v for n, v in record.fields.items() if v})

    def _upsert(self, order: RecordOrder) -> Outcome:
        known = order.keys.ref or (order.known.ref if order.known else None)
        there = self.service.live(known.id) if known else None
        if there is None and order.known:
            return Wait("crm: deleted since it was looked up")
        fields = dict(order.fields)
        if there is None and (there := self._record(order.keys)):
            fields.pop("email", None)  # a second address must not become its first
        record = self.service.write(there, order.keys.lead, fields, order.owner)
        return Done(Ref("contact", record.id), created=there is None)

    def _add_task(self, order: TaskOrder) -> Outcome:
        values = {"subject": order.subject, "due_at": order.due_at}
        if order.ref and (task := self.service.tasks.get(order.ref.id)):
            task.values = values
            return Done(order.ref, created=False)
        return self._once(self.service.tasks, "task", order, values)

    def _add_note(self, order: NoteOrder) -> Outcome:
        return self._once(self.service.notes, "note", order, {"body": order.body})

    def _once(
        self, items: dict[str, Item], kind: str, order: TaskOrder | NoteOrder, values: Mapping[str, object]
    ) -> Outcome:
        if there := self.service.search(items, order.mark):
            return Done(Ref(kind, there.id), created=False)
        if order.sent_at and not self.service.unique_marks and order.looks < ENOUGH_LOOKS:
            return Unknown("not in the index yet", looked=True)
        return Done(Ref(kind, self.service.make(items, kind, order.mark, order.record.id, values).id))

    # the wire

    def _ask(self, what: str, answer: Callable[[], R]) -> R:
        self._leave(what)
        return answer()

    def _leave(self, what: str) -> None:
        """Before anything has reached the service."""
        strikes = self.chance.strikes
        self.actor.at(f"before crm {what}")
        if strikes(f"crm {what}: connection refused"):
            raise Retryable(f"crm: {what}: connection refused")
        if strikes(f"crm {what}: 429"):
            raise RateLimited(f"crm: {what}: 429", timedelta(seconds=self.chance.seconds(60)))
        if strikes(f"crm {what}: 401"):
            raise AuthFailed(f"crm: {what}: 401")
        if strikes(f"crm {what}: connector's bug", SELDOM):
            raise Bug
        if strikes(f"crm {what}: lost on the way"):
            raise Ambiguous(f"crm: {what}: no answer")

    def _do(self, what: str, orders: Sequence[T], act: Callable[[T], Outcome]) -> Sequence[Outcome]:
        strikes, service = self.chance.strikes, self.service
        self._leave(what)
        if strikes(f"crm {what}: 400 for the whole call", SELDOM):
            raise Refused(f"crm: {what}: 400")
        if what != "records" and strikes(f"crm {what}: carried out late"):
            after = service.clock.steady + self.chance.seconds(40)
            service.late.append((after, lambda: [self._one(order, act) for order in orders]))
            raise Ambiguous(f"crm: {what}: timed out")
        if strikes(f"crm {what}: half of it, then no answer"):
            for order in orders[: len(orders) // 2]:
                self._one(order, act)
            raise Ambiguous(f"crm: {what}: reset")
        outcomes = [self._each(what, order, act) for order in orders]
        if strikes(f"crm {what}: death after the service has done it", RARE):
            self.actor.die(f"crm {what}")
        self.actor.at(f"after crm {what}")
        return self._come_back(what, outcomes)

    def _come_back(self, what: str, outcomes: list[Outcome]) -> Sequence[Outcome]:
        """The service has done its part."""
        if self.chance.strikes(f"crm {what}: answer lost"):
            raise Ambiguous(f"crm: {what}: no answer")
        if self.chance.strikes(f"crm {what}: connector's bug with the answer", SELDOM):
            raise Bug
        if self.chance.strikes(f"crm {what}: one answer too few", SELDOM):
            return outcomes[:-1]
        return outcomes

    def _each(self, what: str, order: T, act: Callable[[T], Outcome]) -> Outcome:
        strikes = self.chance.strikes
        if strikes(f"crm {what}: one has to wait"):
            return Wait("crm: locked row")
        if strikes(f"crm {what}: one is refused", SELDOM):
            return Refusal("crm: validation rule")
        if strikes(f"crm {what}: one without a word"):
            return Unknown("crm: 500 for this one")
        outcome = self._one(order, act)
        return Unknown("crm: 500 for this one") if strikes(f"crm {what}: one done without a word") else outcome

    def _one(self, order: T, act: Callable[[T], Outcome]) -> Outcome:
        try:
            return act(order)
        except Invalid as error:
            return Refusal(str(error))
