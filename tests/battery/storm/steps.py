"""What may happen next in a storm: each function is one step, and one draw of the seed chooses among them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from syncd.core.playbook import FieldPolicy, Playbook, Rule
from syncd.store.back_in_time import pull_back
from tests.battery.storm.daemon import LOOPS, Daemon
from tests.battery.storm.hands import Operator
from tests.battery.storm.outside import SUPPRESSED
from tests.world import playbook

if TYPE_CHECKING:
    from tests.battery.storm.storm import Storm

ASLEEP = 300.0
"""Seconds that a process may be stopped altogether: far less than what a mark may take to be seen."""


def next_step(storm: "Storm") -> None:
    storm.chance.random.choices(_STEPS, _WEIGHTS)[0](storm)


def turn(storm: "Storm") -> None:
    ready = storm.ready()
    options = [
        (daemon, loop)
        for daemon in storm.daemons
        if daemon
        for loop in (*LOOPS, "heartbeat", "look-up")
        if loop not in daemon.busy and (loop in ready or _has(daemon, loop))
    ]
    if options:
        storm.run_loop(*storm.chance.one(options))
    else:
        wait(storm)


def idle_turn(storm: "Storm") -> None:
    if daemon := storm.some():
        free = [loop for loop in LOOPS if loop not in daemon.busy]
        if free:
            storm.run_loop(daemon, storm.chance.one(free))


def wait(storm: "Storm") -> None:
    """Mostly until something is due."""
    due = storm.next_due()
    if storm.deep or due is None or due > 900 or storm.chance.one_in(4):
        tick(storm)
    else:
        storm.clock.advance(max(due, 0.0) + 0.1)


def tick(storm: "Storm") -> None:
    seconds = storm.chance.seconds(120 if storm.chance.one_in(8) else 20)
    if storm.deep:  # whoever is stopped sleeps past the lease, now and then
        left = max(0.0, ASLEEP - (storm.clock.steady - storm.asleep_since))
        seconds = min(seconds + (31 if storm.chance.one_in(3) else 0), left)
    elif storm.chance.one_in(10):
        seconds *= 100
    storm.clock.advance(seconds)


def post(storm: "Storm") -> None:
    """New letters, those without an answer again, and those that were answered once more."""
    daemon = storm.some()
    if daemon is None or "intake" in daemon.busy:
        return
    again = [letter for letter in storm.letters.posted if not letter.answered or storm.chance.one_in(8)]
    fresh = [storm.letter("contact")] if storm.chance.one_in(1.3) or not again else []
    chosen = storm.chance.random.sample(again, min(len(again), 2)) + fresh
    storm.chance.random.shuffle(chosen)
    storm.tell(f"{daemon.name} is sent {' '.join(letter.submission.key for letter in chosen)}")
    storm.deliver(daemon, chosen)


def mail(storm: "Storm") -> None:
    letter = storm.letter("mail")
    storm.tell(f"mail {letter.submission.key} comes")


def kill(storm: "Storm") -> None:
    if daemon := storm.some():
        storm.tell(f"{daemon.name} is killed")
        daemon.dead = True
        storm.buried(daemon)


def start(storm: "Storm") -> None:
    missing = [at for at, daemon in enumerate(storm.daemons) if daemon is None]
    if missing:
        storm.start_at(storm.chance.one(missing))


def reload(storm: "Storm") -> None:
    storm.playbook = storm.chance.one(storm.playbooks)
    storm.tell(f"everybody reads config {storm.playbook.version}")
    storm.operator = Operator(storm.office(), storm.playbook, storm.platter, storm.chance)
    for daemon in storm.daemons:
        if daemon and not storm.chance.one_in(4):
            daemon.reload(storm.playbook)


def operate(storm: "Storm") -> None:
    storm.tell("somebody takes a hand")
    storm.operator.act()


def work_in_crm(storm: "Storm") -> None:
    storm.tell("somebody works in the CRM")
    storm.rep.act()


def jump(storm: "Storm") -> None:
    seconds = storm.chance.one((-3600, 3600, -60, 60, 86_400))
    storm.tell(f"the clock is set by {seconds} s")
    storm.clock.jump(seconds)
    if seconds < 0 and any(storm.daemons):
        pull_back(storm.platter.database, timedelta(0))  # the watchman of any daemon sees to it within two seconds


def _has(daemon: Daemon, loop: str) -> bool:
    return (loop == "look-up" and bool(daemon.hanging)) or (loop == "heartbeat" and bool(daemon.busy))


def playbooks() -> tuple[Playbook, ...]:
    usual = playbook(suppressed_domains=frozenset({SUPPRESSED}))
    gone = replace(usual.people["eva"], active=False)
    return (
        replace(usual, version="usual"),
        replace(usual, version="eva left", people={**usual.people, "eva": gone}),
        replace(usual, version="all to tom", rules=(Rule("all to tom", None, person="tom"),)),
        replace(usual, version="reassign", rules=(Rule("all to eva", None, person="eva", reassign=True),)),
        replace(usual, version="append", policies={"message": FieldPolicy.OVERWRITE, "city": FieldPolicy.NEVER}),
    )


_STEPS: tuple[Callable[["Storm"], None], ...] = (
    turn, post, tick, work_in_crm, start, mail, operate, idle_turn, reload, kill, jump,
)  # fmt: skip
_WEIGHTS = (70, 11, 8, 6, 5, 3, 4, 1, 1.5, 1.5, 0.7)
