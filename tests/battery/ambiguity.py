"""Eight ways of losing an answer, at every call of every operation, and random runs with several at once (H1, F4).

Three accounts, one for each rung of the ladder that tasks and notes stand on: a mark that the CRM keeps unique, a
plain one whose search runs 30 s behind, and none at all, where a person has to say what is there.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from syncd import log
from tests.battery.course import USUAL, Case, Course, Found, Losses, any_case, drawn_losses, tellable
from tests.battery.parts import LADDERS, Ladder, Parts, Workshop, workshop
from tests.battery.report import Row, write
from tests.battery.sockets import FAULTS, SocketParts, served
from tests.battery.wire import EIGHT, Loss
from tests.fakes.hubspot import FakeHubSpot

STAGES = ("grid", "sockets", "random")
WRITES = ("record", "task", "note", "company", "association")
MORE = 3
"""Calls beyond those of a run without trouble: what is lost there is a call that the trouble has made."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=10_000, help="random runs")
    parser.add_argument("--stages", default=",".join(STAGES), help=f"which of {', '.join(STAGES)}")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    log.set_up("critical", "json")
    stages = said.stages.split(",")
    rows: list[Tally] = []
    with workshop() as made:
        if "grid" in stages:
            rows.append(_grid(made))
        if "sockets" in stages:
            rows.append(_sockets(made))
        if "random" in stages:
            rows.append(_random(made, said.seed, said.runs))
    for tally in rows:
        print(tally)
    if said.write:
        write(tally.row() for tally in rows)
    if any(tally.wrong for tally in rows):
        return 1
    return 3 if not rows or any(tally.blind() for tally in rows) else 0


@dataclass
class Tally:
    key: str
    fault: str
    how: str
    every: tuple[str, ...] = ()  # operations of which each has to lose its answer in all eight ways
    cases: int = 0
    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    parked: int = 0
    wrong: int = 0
    struck: Counter[tuple[str, Loss]] = field(default_factory=Counter)

    def add(self, name: str, case: Case, found: Found) -> None:
        self.cases += 1
        self.accepted += len(case.asked)
        self.lost, self.doubled, self.parked = (
            self.lost + found.lost, self.doubled + found.doubled, self.parked + found.parked,
        )  # fmt: skip
        self.struck.update(found.struck)
        if found.wrong:
            self.wrong += 1
            print(f"VIOLATED {self.key} {name}: {'; '.join(found.wrong[:4])}", flush=True)

    def blind(self) -> list[str]:
        """What was to be struck and was not: a grid with holes proves nothing."""
        return [f"{what}: {loss.name}" for what in self.every for loss in EIGHT if not self.struck[what, loss]]

    def row(self) -> Row:
        also = f"{sum(self.struck.values()):,} calls lost; {self.parked:,} parked for a person, each with its reason"
        return Row(
            self.key, self.fault, self.how, self.cases, self.accepted, self.lost, self.doubled, also,
        )  # fmt: skip

    def __str__(self) -> str:
        unseen = f"; NOT LOOKED AT: {', '.join(self.blind())}" if self.blind() else ""
        return (
            f"{self.key}: {self.cases:,} runs, {self.accepted:,} accepted, {sum(self.struck.values()):,} calls lost, "
            f"{self.lost} lost, {self.doubled} doubled, {self.wrong} runs with a violation, "
            f"{self.parked} parked with a reason where only a person can tell{unseen}"
        )


def one_run(made: Workshop, ladder: Ladder, seed: int, case: Case, losses: Losses) -> Found:
    return Course(Parts(made, ladder, seed, losses), case, random.Random(seed)).run()


def cells(made: Workshop, ladder: Ladder) -> Iterator[tuple[Loss, int]]:
    """Each way of losing an answer with each call of the usual run."""
    calls = one_run(made, ladder, 0, USUAL, lambda _number, _what: None).calls
    return ((loss, number) for loss in Loss for number in range(1, calls + MORE + 1))


def at(ladder: Ladder, loss: Loss, number: int) -> Losses:
    return lambda n, what: tellable(ladder, what, loss if n == number else None)


def again(ladder: Ladder, loss: Loss, what: str, times: int = 3) -> Losses:
    """The first calls of one operation, one after the other."""
    left = [times]

    def lose(_number: int, said: str) -> Loss | None:
        if said != what or not left[0]:
            return None
        left[0] -= 1
        return tellable(ladder, said, loss)

    return lose


def random_run(made: Workshop, seed: int) -> tuple[Ladder, Case, Found]:
    dice = random.Random(seed)
    ladder = dice.choice(list(LADDERS.values()))
    case, losses = any_case(dice), drawn_losses(dice, ladder)
    return ladder, case, one_run(made, ladder, seed, case, losses)


def _grid(made: Workshop) -> Tally:
    tally = Tally("ambiguity/grid", "each call loses its answer in each of 18 ways, and three of one operation",
                  "below `requests`, three accounts, search 30 s behind", (*WRITES, "look-up"))  # fmt: skip
    for ladder in LADDERS.values():
        for loss, number in cells(made, ladder):
            found = one_run(made, ladder, number, USUAL, at(ladder, loss, number))
            tally.add(f"{ladder.name}, {loss.name} at call {number}", USUAL, found)
        for what in (*WRITES, "look-up", "mark read", "mark search", "owners", "schema", "read-back"):
            for loss in Loss:
                found = one_run(made, ladder, 0, USUAL, again(ladder, loss, what))
                tally.add(f"{ladder.name}, {loss.name} three times at {what}", USUAL, found)
    return tally


def _sockets(made: Workshop) -> Tally:
    tally = Tally("ambiguity/sockets", "each call of a run loses its answer in each of twelve ways",
                  "the fake CRM as an HTTP server: RST, half bodies, silence")  # fmt: skip
    for ladder in LADDERS.values():
        with served(made, ladder) as fake:
            for loss, number in cells(made, ladder):
                if loss not in FAULTS or (loss is Loss.TOO_MANY and not ladder.marked):
                    continue  # of the first there is no way by sockets, of the second nobody could tell: see `tellable`
                found = socket_run(made, ladder, fake, loss, number)
                tally.add(f"{ladder.name}, {loss.name} at call {number}", USUAL, found)
    return tally


def socket_run(made: Workshop, ladder: Ladder, fake: FakeHubSpot, loss: Loss, number: int) -> Found:
    parts = SocketParts(made, ladder, fake)
    fake.order_fault(path="*", nth=number, **FAULTS[loss])
    found = Course(parts, USUAL, random.Random(0)).run()
    struck = number <= sum(fake.calls.values())
    return replace(found, struck={("call", loss): 1} if struck else {})


def _random(made: Workshop, seed: int, runs: int) -> Tally:
    tally = Tally("ambiguity/random", "one to eight calls of a run lose their answers, the daemon dies or oversleeps",
                  "below `requests`, drawn by a seed")  # fmt: skip
    with suppress(KeyboardInterrupt):  # the figures are those of the runs so far
        for number in range(seed, seed + runs):
            ladder, case, found = random_run(made, number)
            tally.add(f"seed {number}, {ladder.name}", case, found)
            if (number - seed + 1) % 1000 == 0:
                print(f"{tally}", flush=True)
    return tally
