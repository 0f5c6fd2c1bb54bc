"""The N-th call of the store fails, for every N of a dozen scenarios: nothing half done, no 200 without a row (F3).

A call that is carried out and whose answer is lost, commits among them; an I/O error, a lock that is not given and a
full disk in turn; and one of the four for a dozen calls. In the end everything is as without.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from syncd import log
from syncd.clock import SystemClock
from syncd.core.playbook import Playbook, SourcePlan
from syncd.errors import Ambiguous, RateLimited
from syncd.model import Ref, Refusal, Signal, SignalKind, SignalPage
from syncd.store.database import Database
from syncd.store.schema import metadata
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.battery.faulty_driver import Driver, Fault, Stumble
from tests.battery.report import Row, write
from tests.battery.stage import Stage
from tests.world import playbook, submission

LONG = 12  # calls that fail one after the other
ADA = {"name": "Ada Beispiel", "email": "ada@firm.example", "message": "How much is it for ten people?"}
BEN = {"name": "Ben Beispiel", "email": "ben@other.example", "message": "And what does it cost for two of us?"}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--step", type=int, default=1, help="every so manieth call only")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    log.set_up("critical", "json")
    runs = wrong = 0
    with bench() as made:
        for name, scenario in SCENARIOS.items():
            without = made.play(scenario, Fault())
            for fault in faults(without.calls, said.step):
                found = made.play(scenario, fault)
                runs += 1
                broken = [*found.wrong, *differences(without.picture, found.picture)]
                if broken:
                    wrong += 1
                    where = f"{name}, {fault.kind.name} of {fault.times} from call {fault.first}"
                    print(f"VIOLATED {where}: {'; '.join(broken[:3])[:600]}", flush=True)
            print(f"{name}: {without.calls} calls of the store", flush=True)
    print(f"{runs:,} runs, {wrong} with something half done, lost or doubled")
    if said.write and not wrong:
        what = "the N-th call of the store fails: error, busy, full, answer lost; one call, or twelve"
        how = f"below SQLAlchemy, every N of {len(SCENARIOS)} scenarios"
        write([Row("stumbles/every-call", what, how, runs, runs, 0, 0, "no 200 without a row, no half plan")])
    return 1 if wrong else 0


def faults(calls: int, step: int = 1, start: int = 1) -> Iterator[Fault]:
    """At each call a lost answer, one of the other three in turn, and in turn a long one."""
    others = [kind for kind in Stumble if kind is not Stumble.LOST]
    for first in range(start, calls + 1, step):
        yield Fault(first, 1, Stumble.LOST)
        yield Fault(first, 1, others[first % len(others)])
        yield Fault(first, LONG, list(Stumble)[first % len(Stumble)])


def writes(seen: Sequence[str]) -> dict[str, int]:
    """Each statement that changes something -> the call with which it came first."""
    changing = ("INSERT", "UPDATE", "DELETE", "WITH")
    return {text: number for number, text in reversed(list(enumerate(seen, 1))) if text.startswith(changing)}


class Played:
    def __init__(self, stage: Stage, fault: Fault) -> None:
        self.wrong, self.picture = stage.wrong, stage.picture()
        self.calls, self.seen = fault.calls, tuple(fault.seen)


class Bench:
    """One store, emptied for each run, and an eye on its file that never fails."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder}/syncd.db"
        self.clock, self.driver = FakeClock(), Driver()
        self.store = Store(url, self.clock, lambda: ["crm"])
        self.driver.install(self.store.database.engine)
        self.store.open()
        self.eye = Database(url, SystemClock())

    def play(self, scenario: Callable[[Stage], None], fault: Fault) -> Played:
        self._empty()
        stage = Stage(self.store, self.clock, self.eye)
        fault.struck = stage.watch
        self.driver.fault = fault
        scenario(stage)
        self.driver.fault = Fault()
        stage.loops(4, 400, (stage.follower, stage.keeper, stage.poller))  # whatever was put off is done
        stage.watch()
        return Played(stage, fault)

    def _empty(self) -> None:
        self.clock.set(self.clock.started)
        with self.eye.write() as tx:
            for table in reversed(metadata.sorted_tables):
                tx.execute(table.delete())
            tx.exec_driver_sql("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        self.store.close()
        self.eye.close()


@contextmanager
def bench() -> Iterator[Bench]:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    with TemporaryDirectory(prefix="syncd-battery-", dir=memory if memory.is_dir() else None) as folder:
        made = Bench(Path(folder))
        try:
            yield made
        finally:
            made.close()


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    return [f"{name} is {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value]


def stranger(stage: Stage) -> None:
    stage.send(submission("1", **ADA))
    stage.loops()


def repeats(stage: Stage) -> None:
    for _ in range(3):
        stage.send(submission("1", **ADA), submission("2", **BEN))
        stage.loops(1)


def second_enquiry(stage: Stage) -> None:
    stage.send(submission("1", **ADA))
    stage.loops(2)
    stage.send(submission("2", **{**ADA, "message": "And the licence, please?"}))
    stage.loops(2)


def mixed_batch(stage: Stage) -> None:
    """Two people, one twice, and one whom nobody can reach: it is parked."""
    nobody = submission("3", message="Nobody can answer this, for there is no way to reach me")
    stage.send(
        submission("1", **ADA), submission("2", **BEN), nobody, submission("4", **{**ADA, "message": "Again me"})
    )
    stage.loops()


def released(stage: Stage) -> None:
    """What nobody can answer is parked; released by hand it is read again, and parked again."""
    stage.send(submission("1", message="There is no way to reach me, and yet I ask"))
    held = stage.parked()
    stage.insist(lambda: stage.operations().retry(held))
    stage.loops(1)


def refused(stage: Stage) -> None:
    stage.crm.troubles["upsert"] = [lambda _: Refusal("no room")] * 99
    stage.send(submission("1", **ADA))
    held = stage.parked()
    stage.crm.troubles.clear()
    stage.insist(lambda: stage.operations().retry(held))
    stage.loops()


def lost_answers(stage: Stage) -> None:
    stage.crm.lost = {call: [Ambiguous(f"{call}: no answer")] for call in ("upsert", "tasks", "notes")}
    stage.send(submission("1", **ADA))
    stage.loops(6)


def limited(stage: Stage) -> None:
    pause = RateLimited("crm: slow down", stage.line.options.patience)
    stage.crm.troubles = {"upsert": [pause], "tasks": [pause], "find": [pause]}
    stage.send(submission("1", **ADA))
    stage.loops(5)


def read_back(stage: Stage) -> None:
    stage.send(submission("1", **ADA))
    stage.loops(2)
    at = stage.clock.now()
    ref, tom = Ref("contact", "100"), stage.crm.people["tom@example.com"]
    signals = [Signal(SignalKind.OWNER_CHANGED, ref, at, owner=tom), Signal(SignalKind.ANSWERED, ref, at)]
    stage.crm.pages = [SignalPage(signals[:1], "1"), SignalPage(signals[1:], "2")]
    stage.loops(2, others=[stage.follower])


def overdue(stage: Stage) -> None:
    stage.send(submission("1", **ADA))
    stage.loops(2)
    stage.clock.advance(hours=5)
    stage.loops(2, others=[stage.keeper])


def polled(stage: Stage) -> None:
    stage.mailbox.mails = [submission("m1", "webinar", **ADA), submission("m2", "webinar", **BEN)]
    stage.loops(2, others=[stage.poller])


def settled(stage: Stage) -> None:
    stage.crm.troubles["tasks"] = [lambda _: Refusal("nothing can tell whether it is there")] * 99
    stage.send(submission("1", **ADA))
    (held,) = stage.parked()
    stage.insist(lambda: stage.operations().settle(int(held[1:]), "t-77"))
    stage.loops(1)


def replayed(stage: Stage) -> None:
    stage.send(submission("1", **{**ADA, "wo": "Kiel"}))
    stage.loops(2)
    stage.playbook = mapped(city="wo")
    stage.insist(lambda: stage.operations().replay(1))
    stage.loops(2)


def handed_over(stage: Stage) -> None:
    """A daemon that died in mid-call, and the one after it."""
    stage.send(submission("1", **ADA), submission("2", **BEN))
    stage.loops(1)
    stage.send(submission("3", **{**BEN, "message": "Is there a discount for schools?"}))
    stage.insist(stage.store.inbox.take_over)
    stage.insist(stage.store.orders.take_over)
    stage.loops()


def mapped(**fields: str) -> Playbook:
    """The playbook after a person has mended the mapping of the form."""
    usual = playbook()
    return playbook(sources={**usual.sources, "contact": SourcePlan("contact", tag="Website", map=fields)})


SCENARIOS: dict[str, Callable[[Stage], None]] = {
    scenario.__name__: scenario
    for scenario in (
        stranger, repeats, second_enquiry, mixed_batch, released, refused, lost_answers, limited, read_back, overdue,
        polled, settled, replayed, handed_over,
    )
}  # fmt: skip
