"""One run: a handful of people ask, calls go wrong, a person looks after what was parked; then all is compared.

The common oracle judges it. Beside that the numbers are known exactly here, and an account without marks is judged
by them alone.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from connectors.sinks.hubspot import wire as words
from syncd.connector import html_text
from syncd.model import Submission
from syncd.store.content import load
from syncd.store.schema import orders
from tests.battery.oracle import Evidence, Ledger, Violation, check
from tests.battery.parts import SINK, Ladder, Parts
from tests.battery.views import hubspot, stored_in
from tests.battery.wire import LATE, Killed, Loss
from tests.fakes.hubspot.humans import Humans
from tests.fakes.hubspot.state import dump
from tests.world import submission

MOST_ROUNDS = 300
Losses = Callable[[int, str], Loss | None]
READ_BACK = 60.0


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks. Without an address they left a phone number."""

    number: int
    email: str = ""
    typed_in: bool = False  # the CRM has them before they ask

    def fields(self) -> dict[str, str]:
        reach = {"email": self.email} if self.email else {"phone": f"+49 30 90182{self.number:03}"}
        return {"name": f"Ada{self.number} Beispiel{self.number}", "company": f"Firm {self.number}", **reach}


@dataclass(frozen=True, slots=True)
class Case:
    """Who asks, how often, and how many seconds apart; each time something else."""

    people: tuple[Who, ...]
    asked: tuple[tuple[float, int], ...]  # seconds since the one before, and the position of who asks

    def enquiries(self) -> Iterator[tuple[float, Submission]]:
        for turn, (gap, at) in enumerate(self.asked):
            message = f"{token(turn)}: how much is your product for {turn + 10} people?"
            yield gap, submission(f"k{turn}", message=message, **self.people[at].fields())

    def times(self) -> Counter[int]:
        return Counter(at for _, at in self.asked)


USUAL = Case(
    (Who(0, "ada@firm-one.example"), Who(1), Who(2, "ada2@firm-two.example", typed_in=True)),
    ((0.0, 0), (0.0, 1), (0.0, 2), (90.0, 0), (0.0, 2)),
)
"""It touches every operation: strangers with and without an address, a known contact, and a second enquiry."""


def any_case(dice: random.Random) -> Case:
    people = []
    for number in range(dice.randint(1, 4)):
        domain = dice.choice(["firm-a.example", "firm-b.example", "gmail.com", ""])
        email = f"ada{number}@{domain}" if domain else ""
        people.append(Who(number, email, typed_in=bool(email) and dice.random() < 0.3))
    asked = [(0.0, at) for at in range(len(people))]
    asked += [
        (dice.choice([0.0, 1.0, 20.0, 90.0, 900.0]), dice.randrange(len(people))) for _ in range(dice.randint(0, 3))
    ]
    return Case(tuple(people), tuple(asked))


def token(turn: int) -> str:
    return f"question{turn}x"


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one run. `wrong` is empty when all is well."""

    wrong: tuple[str, ...]
    lost: int
    doubled: int
    parked: int
    struck: Mapping[tuple[str, Loss], int]
    calls: int


class Course:
    def __init__(self, parts: Parts, case: Case, dice: random.Random) -> None:
        self.parts, self.case, self.dice = parts, case, dice
        self.humans = Humans(parts.account)
        self.ledger, self.wrong = Ledger(), list[str]()
        self.parked = 0
        for who in case.people:
            if who.typed_in:
                self.humans.add_contact({"email": who.email, "firstname": "Typed"})
        self._read_at = 0.0

    def run(self) -> Found:
        wrong = tuple(self._drive())
        wanted = {"contacts": len(self.case.people), "tasks": len(self.case.people), "notes": len(self.case.asked)}
        more = {kind: len(self.parts.account.tables[kind].by_id) - number for kind, number in wanted.items()}
        lost, doubled = sum(max(-n, 0) for n in more.values()), sum(max(n, 0) for n in more.values())
        return Found(wrong, lost, doubled, self.parked, dict(self.parts.wire.struck), self.parts.wire.calls)

    def _drive(self) -> list[str]:
        coming = list(self.case.enquiries())
        gone = 0.0
        for _ in range(MOST_ROUNDS):
            while coming and coming[0][0] <= gone:
                gone = 0.0
                self._receive(coming.pop(0)[1])
            self._work()
            gone += self._pass_to_the_next(coming[0][0] - gone if coming else None)
            if not coming and self._rests():
                return [*self.wrong, *self._judged()]
        return [*self.wrong, "it never comes to rest"]

    def _receive(self, one: Submission) -> None:
        at = int(one.key[1:])
        self.ledger.sent(one.source, one.key, self.case.people[self.case.asked[at][1]].email, token(at))
        self.parts.receive(one)
        self.ledger.answered(one.source, one.key, 200)

    def _judged(self) -> list[str]:
        parts = self.parts
        own = [*_people(parts, self.case), *_things(parts, self.case)]
        crm = hubspot(dump(parts.account))
        found = check(Evidence(self.ledger, stored_in(parts.store.database), {SINK: crm}))
        return own + [str(each) for each in found if not self._excused(each)]

    def _excused(self, found: Violation) -> bool:
        """What an account without marks cannot show, and what a call that arrives late may overwrite."""
        unmarked = not self.parts.ladder.marked and "without a mark" in found.what
        late = found.invariant == "I5" and self.parts.wire.struck["record", Loss.LATE] > 0
        return unmarked or late

    def _work(self) -> None:
        """What the loops do, until there is nothing more to do now."""
        parts = self.parts
        try:
            while parts.planner.turn():
                pass
            for _ in range(50):
                if not parts.dispatcher.turn():
                    break
            if parts.clock.monotonic() >= self._read_at:
                self._read_at = parts.clock.monotonic() + READ_BACK
                parts.follower.turn()
        except Killed:
            parts.restart(at_once=self.dice.random() < 0.5)

    def _pass_to_the_next(self, until_asked: float | None) -> float:
        """Let time go by to the next thing that is due; how many seconds that were."""
        due = self.parts.next_due()
        steps = [max(step, 0.01) for step in (until_asked, due) if step is not None]
        if not steps:
            return 0.0
        self.parts.advance(min(steps))
        return min(steps)

    def _rests(self) -> bool:
        if self.parts.next_due() is not None:
            return False
        if self.parts.wire.on_the_way():
            self.parts.advance(LATE)
            self.parts.wire.deliver_late()
        if self._look_after_parked():
            return False
        return self.parts.next_due() is None

    def _look_after_parked(self) -> bool:
        """As a person does with what `syncd parked` lists: look in the CRM, and say what there is to see."""
        store, work = self.parts.store, self.parts.operations()
        lines = store.reports.parked()
        for line in lines:
            self.parked += 1
            self.wrong += [f"parked without need: {line.what}: {line.reason}"] * (not self._may_park(line.in_doubt))
            self.wrong += [f"{line.what} parked without a reason"] * (not line.reason)
            order = _order(self.parts, int(line.id[1:])) if line.id.startswith("o") else None
            if order is None or order["kind"] == "record":
                work.retry([line.id])
            else:
                work.settle(int(line.id[1:]), self._seen_in_the_crm(order))
        return bool(lines)

    def _may_park(self, in_doubt: bool) -> bool:
        """Only where there is no mark can nothing else tell (the last rung of H1)."""
        return in_doubt and not self.parts.ladder.marked

    def _seen_in_the_crm(self, order: Mapping[str, Any]) -> str:
        said = load(order["payload"])
        kind, name, text = (
            ("tasks", "hs_task_subject", said["subject"])
            if order["kind"] == "task"
            else ("notes", "hs_note_body", html_text(said["body"], words.LONGEST))
        )
        known = {row["ref"] for row in _orders(self.parts) if row["kind"] == order["kind"]}
        found = [
            each.id
            for each in self.parts.account.tables[kind].by_id.values()
            if each.properties.get(name) == text
            and order["record"] in each.links.get("contacts", {})
            and each.id not in known
        ]
        return found[0] if found else ""


def _people(parts: Parts, case: Case) -> Iterator[str]:
    contacts = list(parts.account.tables["contacts"].by_id.values())
    if len(contacts) != len(case.people):
        yield f"{len(contacts)} contacts for {len(case.people)} people"
    for who in case.people:
        held = [each for each in contacts if who.email and each.properties.get("email") == who.email]
        if who.email and len(held) != 1:
            yield f"{len(held)} contacts for person {who.number}"
    for each in contacts:
        if not each.properties.get(words.OWNER):
            yield f"contact {each.id} has no owner"
        if len(each.links.get("companies", {})) > 1:
            yield f"contact {each.id} belongs to several companies"
    domains = Counter(each.properties.get("domain") for each in parts.account.tables["companies"].by_id.values())
    yield from (f"{count} companies for one domain" for count in domains.values() if count > 1)


def _things(parts: Parts, case: Case) -> Iterator[str]:
    """Each order that is done has made one thing, on the contact of its lead, and the CRM has nothing beside."""
    rows = _orders(parts)
    yield from (
        f"{row['kind']} o{row['id']} is {row['state']}: {row['reason']}" for row in rows if row["state"] != "done"
    )
    wanted = {"task": len(case.people), "note": len(case.asked)}
    for kind, number in wanted.items():
        mine = [row for row in rows if row["kind"] == kind]
        there = {each.id: each for each in parts.account.tables[f"{kind}s"].by_id.values()}
        if len(mine) != number:
            yield f"{len(mine)} {kind}s ordered, not {number}"
        if len(there) != number:
            yield f"{len(there)} {kind}s in the CRM, not {number}"
        if sorted(row["ref"] or "" for row in mine) != sorted(there):
            yield f"the store's {kind}s are not those of the CRM"
        for row in mine:
            found = there.get(row["ref"] or "")
            if found is not None and row["record"] not in found.links.get("contacts", {}):
                yield f"{kind} {found.id} is not on the contact of its lead"
            if found is not None and kind == "task" and not found.properties.get(words.OWNER):
                yield f"task {found.id} has no owner"


def _orders(parts: Parts) -> list[dict[str, Any]]:
    records = orders.alias("records")
    joined = orders.join(
        records,
        (records.c.lead_id == orders.c.lead_id) & (records.c.sink == orders.c.sink) & (records.c.kind == "record"),
    )
    wanted = select(
        orders.c.id, orders.c.kind, orders.c.state, orders.c.ref, orders.c.reason, orders.c.payload,
        records.c.ref.label("record"),
    )  # fmt: skip
    with parts.store.database.read() as tx:
        return [dict(row) for row in tx.execute(wanted.select_from(joined).where(orders.c.sink == SINK)).mappings()]


def _order(parts: Parts, number: int) -> dict[str, Any] | None:
    return next((row for row in _orders(parts) if row["id"] == number), None)


def drawn_losses(dice: random.Random, ladder: Ladder) -> Losses:
    """Which calls of a run go wrong, and how: few or many, together or apart."""
    most, kinds = dice.choice([10, 30, 60]), list(Loss)
    if dice.random() < 0.3:  # the same again and again
        kinds = dice.sample(kinds, 2)
    drawn = {dice.randint(1, most): dice.choice(kinds) for _ in range(dice.randint(1, 8))}
    return lambda number, what: tellable(ladder, what, drawn.get(number))


def tellable(ladder: Ladder, what: str, loss: Loss | None) -> Loss | None:
    """A 429 says that nothing was done. Where it lies, and there is no mark to look for, nobody could tell."""
    lies = loss is Loss.TOO_MANY and what in {"task", "note"} and not ladder.marked
    return Loss.REFUSED_NOW if lies else loss
