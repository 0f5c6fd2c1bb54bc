"""One seed: a storm of steps, then calm until nothing is left to do, then the verdict."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from syncd.core.playbook import FieldPolicy, Playbook, Rule
from syncd.errors import StoreBusy
from syncd.store.database import micros
from tests.battery.storm.chance import Chance, Killed, Violation, VirtualClock
from tests.battery.storm.daemon import Cast, Daemon, Shelf
from tests.battery.storm.disk import Disk, Platter
from tests.battery.storm.hands import Operator, Rep
from tests.battery.storm.outside import SUPPRESSED, Human, Letter, Letterbox, write_letter
from tests.battery.storm.service import Service
from tests.battery.storm.witness import Witness
from tests.world import playbook

LOOPS = ("planner", "dispatcher", "follower", "poller", "timekeeper")
DEEP = 2  # turns may be stopped within turns
ASLEEP = 300.0  # seconds that one may be stopped altogether: far less than what a mark may take to be seen
REST = 400  # rounds of calm after which somebody has gone round in circles


@dataclass(frozen=True, slots=True)
class Ending:
    """What a seed came to. `broken` is empty when every promise held."""

    seed: int
    broken: str
    trace: tuple[str, ...]
    hours: float
    steps: int
    counts: tuple[int, int, int]  # letters, orders done, deaths


class Storm:
    def __init__(
        self,
        seed: int,
        platter: Platter,
        loop: asyncio.AbstractEventLoop,
        cast: Cast | None = None,
        only: tuple[str, ...] = (),
    ) -> None:
        self.chance, self.clock, self.platter, self.loop = Chance(seed, only), VirtualClock(), platter, loop
        self.cast, draw = cast or Cast(), self.chance.random
        platter.wipe(self.clock)
        self.service = Service(self.clock, unique_marks=draw.random() < 0.3, lag=draw.choice((0.0, 5.0, 30.0)))
        self.letters, self.told, self.open_ones = Letterbox(), set[str](), list[str]()
        self.humans = [Human(n, draw.choice(_KINDS)) for n in range(draw.randint(1, 6))]
        self.playbooks = _playbooks()
        self.playbook = draw.choice(self.playbooks)
        self.witness = Witness(platter, self.service, self.letters, self.told)
        self.operator = Operator(self._office(), self.playbook, platter, self.chance)
        self.rep = Rep(self.service, self.chance)
        self.daemons: list[Daemon | None] = []
        self.steps, self.lives, self.deaths, self.deep, self.asleep_since = 0, 0, 0, 0, 0.0

    def run(self) -> Ending:
        broken = ""
        try:
            self._prepare()
            for _ in range(self.chance.random.randint(40, 90)):
                self.step()
            self._calm_down()
            self.witness.judge()
            self._stay_calm()
        except Violation as error:
            broken = str(error)
        except Exception as error:  # noqa: BLE001 - a bug that no loop would have caught is a verdict, too
            broken = f"a bug: {type(error).__name__}: {error}"
        done = self.platter.rows("SELECT count(*) AS n FROM orders WHERE state = 'done'")[0]["n"]
        counts = (len(self.letters.all), done, self.deaths)
        return Ending(self.chance.seed, broken, tuple(self.chance.trace), self.clock.steady / 3600, self.steps, counts)

    # what daemons ask of the world

    def meanwhile(self, place: str) -> None:
        """A turn is stopped at this place, and the world goes on. Never within a transaction."""
        if self.deep >= DEEP or self.open_ones:
            return
        if not self.deep:
            self.asleep_since = self.clock.steady
        self.deep += 1
        for _ in range(self.chance.random.randint(1, 10)):
            self.step()
        self.deep -= 1
        self.chance.tell(f"  {'  ' * self.deep}.. goes on {place}")

    def buried(self, daemon: Daemon) -> None:
        self.deaths += 1
        if daemon in self.daemons:
            self.daemons[self.daemons.index(daemon)] = None

    # the storm

    def _prepare(self) -> None:
        self.chance.calm = True
        many = self.chance.one((1, 1, 2, 2, 3))
        self.daemons = [None] * many
        self._start_all()
        self.run_loop(self._any(), "follower")  # from now on changes in the CRM are read
        for human in self.humans:
            if human.email and self.chance.one_in(5):
                there = self.service.write(None, "", {"email": human.email}, None)
                there.owner = self.chance.one(("1", "2", "3"))
        self.chance.calm = False

    def step(self) -> None:
        self.steps += 1
        act = self.chance.random.choices(_STEPS, _WEIGHTS)[0]
        act(self)
        self.service.arrive()
        self.witness.look()

    def _turn(self) -> None:
        ready = self._ready()
        options = [
            (daemon, loop)
            for daemon in self.daemons
            if daemon
            for loop in (*LOOPS, "heartbeat", "look-up")
            if loop not in daemon.busy and (loop in ready or _has(daemon, loop))
        ]
        if options:
            self.run_loop(*self.chance.one(options))
        else:
            self._wait()

    def _idle_turn(self) -> None:
        if daemon := self._some():
            free = [loop for loop in LOOPS if loop not in daemon.busy]
            if free:
                self.run_loop(daemon, self.chance.one(free))

    def run_loop(self, daemon: Daemon, loop: str) -> None:
        self._tell(f"{daemon.name} {loop}")
        daemon.run(loop)

    def _ready(self) -> set[str]:
        now = micros(self.clock.at)
        (row,) = self.platter.rows(_READY, now, now, now, now)
        ready = {loop for loop in ("planner", "dispatcher", "timekeeper") if row[loop]}
        if row["paused"]:
            ready.discard("dispatcher")
        if self._unheard() and not row["paused"]:
            ready.add("follower")
        if self._unread():
            ready.add("poller")
        return ready

    def _unread(self) -> int:
        """Mails beyond the cursor."""
        return len(self.letters.mailed) - self._cursor("source:mail")

    def _unheard(self) -> int:
        """Signals beyond the cursor."""
        return len(self.service.heard()) - self._cursor("changes:crm")

    def _cursor(self, name: str) -> int:
        rows = self.platter.rows("SELECT value FROM cursors WHERE name = ?", name)
        return int(rows[0]["value"]) if rows else 0

    def _wait(self) -> None:
        """Mostly until something is due."""
        due = self._next_due()
        if self.deep or due is None or due > 900 or self.chance.one_in(4):
            self._tick()
        else:
            self.clock.advance(max(due, 0.0) + 0.1)

    def _tick(self) -> None:
        seconds = self.chance.seconds(120 if self.chance.one_in(8) else 20)
        if self.deep:  # whoever is stopped sleeps past the lease, now and then
            left = max(0.0, ASLEEP - (self.clock.steady - self.asleep_since))
            seconds = min(seconds + (31 if self.chance.one_in(3) else 0), left)
        elif self.chance.one_in(10):
            seconds *= 100
        self.clock.advance(seconds)

    def _post(self) -> None:
        """New letters, those without an answer again, and those that were answered once more."""
        daemon = self._some()
        if daemon is None or "intake" in daemon.busy:
            return
        again = [letter for letter in self.letters.posted if not letter.answered or self.chance.one_in(8)]
        fresh = [self._letter("contact")] if self.chance.one_in(1.3) or not again else []
        chosen = self.chance.random.sample(again, min(len(again), 2)) + fresh
        self.chance.random.shuffle(chosen)
        self._tell(f"{daemon.name} is sent {' '.join(letter.submission.key for letter in chosen)}")
        self.deliver(daemon, chosen)

    def deliver(self, daemon: Daemon, chosen: list[Letter]) -> None:
        """As providers do: 200 is an answer; anything else, or none, means to send it again."""
        for letter in chosen:
            letter.tries += 1
        made = [replace(letter.submission, received_at=self.clock.at) for letter in chosen]
        waiting = [self.loop.create_task(daemon.intake.accept([each])) for each in made]
        self._let_loop_run()
        daemon.run("intake", daemon.intake.turn)
        self._let_loop_run()
        for letter, answer in zip(chosen, waiting, strict=True):
            if not answer.done():
                answer.cancel()
            elif answer.exception() is None:
                letter.answered = True
                self.witness.accepted(letter)
            elif not isinstance(answer.exception(), StoreBusy):
                raise Violation(f"intake answered {answer.exception()!r}")
        self._let_loop_run()

    def _let_loop_run(self) -> None:
        for _ in range(3):  # the answer is set, the task wakes, the task ends
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()

    def _mail(self) -> None:
        letter = self._letter("mail")
        self._tell(f"mail {letter.submission.key} comes")

    def _letter(self, source: str) -> Letter:
        letter = write_letter(self.chance, self.chance.one(self.humans), len(self.letters.all), source)
        if source == "mail":
            letter.submission = replace(letter.submission, received_at=self.clock.at)
            self.letters.mailed.append(letter)
        else:
            self.letters.posted.append(letter)
        return letter

    def _kill(self) -> None:
        if daemon := self._some():
            self._tell(f"{daemon.name} is killed")
            daemon.dead = True
            self.buried(daemon)

    def _start(self) -> None:
        missing = [at for at, daemon in enumerate(self.daemons) if daemon is None]
        if missing:
            self._start_at(self.chance.one(missing))

    def _start_at(self, at: int) -> None:
        self.lives += 1
        daemon = Daemon(self, f"d{self.lives}", self.playbook, self.cast, alone=len(self.daemons) == 1)
        self._tell(f"{daemon.name} starts")
        try:
            daemon.start()
        except (StoreBusy, Killed):
            return
        self.daemons[at] = daemon

    def _reload(self) -> None:
        self.playbook = self.chance.one(self.playbooks)
        self._tell(f"everybody reads config {self.playbook.version}")
        self.operator = Operator(self._office(), self.playbook, self.platter, self.chance)
        for daemon in self.daemons:
            if daemon and not self.chance.one_in(4):
                daemon.reload(self.playbook)

    def _operate(self) -> None:
        self._tell("somebody takes a hand")
        self.operator.act()

    def _work_in_crm(self) -> None:
        self._tell("somebody works in the CRM")
        self.rep.act()

    def _jump(self) -> None:
        seconds = self.chance.one((-3600, 3600, -60, 60, 86_400))
        self._tell(f"the clock is set by {seconds} s")
        self.clock.jump(seconds)

    # the calm

    def _calm_down(self) -> None:
        """No fault any more: everything is sent, retried by hand, and waited for."""
        self.chance.calm = True
        self._tell("calm")
        self._start_all()
        self._come_to_rest()
        for _ in range(2):
            if self.operator.retry():
                self._come_to_rest()

    def _come_to_rest(self) -> None:
        for _ in range(REST):
            self._round()
            after = self._next_due()
            if after is None and not self._last_look():
                return
            self.clock.advance(max(after or 0.0, 1.0))  # as loops look once a second
        raise Violation("no orphan: it does not come to rest")

    def _last_look(self) -> bool:
        """A minute later the CRM is read again, as it always is; whether that made something new."""
        before = len(self.platter.rows("SELECT 1 FROM history"))
        self.clock.advance(60)
        self.run_loop(self._any(), "follower")
        return len(self.platter.rows("SELECT 1 FROM history")) > before

    def _round(self) -> None:
        """Everybody who has something to do does it, on some daemon."""
        for letter in [letter for letter in self.letters.posted if not letter.answered]:
            self.deliver(self._any(), [letter])
        self.service.arrive()
        for loop in LOOPS:
            if loop in self._ready():
                self.run_loop(self._any(), loop)
        for daemon in self.daemons:
            while daemon and daemon.hanging:
                daemon.run("look-up")
        self.witness.look()

    def _next_due(self) -> float | None:
        """Seconds until something is to be done; None when nothing is."""
        found = [row["at"] for row in self.platter.rows(_DUE) if row["at"] is not None]
        waits = [(at - micros(self.clock.at)) / 1e6 for at in found]
        waits += [at - self.clock.steady for at, _ in self.service.late]
        unheard = [at + self.service.lag - self.clock.steady for at, _ in self.service.said[-1:]]
        waits += [after for after in unheard if after > 0]
        if self._unread() or any(not letter.answered for letter in self.letters.posted):
            waits.append(1.0)
        if self._unheard():  # a paused sink is not asked
            (row,) = self.platter.rows("SELECT coalesce(max(paused_until), 0) AS at FROM sink_states")
            waits.append(max(1.0, (row["at"] - micros(self.clock.at)) / 1e6))
        return min(waits) if waits else None

    def _stay_calm(self) -> None:
        """A day later nothing has changed."""
        before = self.platter.rows(_PICTURE)
        self.clock.advance(86_400)
        daemon = self._any()
        for loop in LOOPS:
            daemon.run(loop)
        after = self.platter.rows(_PICTURE)
        if [tuple(row) for row in before] != [tuple(row) for row in after]:
            raise Violation("terminal is final: the next day somebody began anew")

    def _start_all(self) -> None:
        for at, daemon in enumerate(self.daemons):
            if daemon is None:
                self._start_at(at)

    def _some(self) -> Daemon | None:
        there = [daemon for daemon in self.daemons if daemon]
        return self.chance.one(there) if there else None

    def _any(self) -> Daemon:
        daemon = self._some()
        if daemon is None:
            raise Violation("no daemon runs in the calm")
        return daemon

    def _office(self) -> Shelf:
        return Shelf(Disk(self.platter.database, self.clock, _Person(self.chance), self.open_ones), Cast())

    def _tell(self, line: str) -> None:
        at = f"{self.clock.at:%d %H:%M:%S}"
        self.chance.tell(f"{at} {'  ' * self.deep}{line}")


class _Person:
    """The process of a command: it may fail, and is not taken further apart."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance

    def at(self, place: str) -> None:
        pass

    def die(self, place: str) -> None:
        raise StoreBusy(f"the command was ended: {place}")


def _has(daemon: Daemon, loop: str) -> bool:
    return (loop == "look-up" and bool(daemon.hanging)) or (loop == "heartbeat" and bool(daemon.busy))


_KINDS = ("mail", "mail", "mail", "mail", "mail", "phone", "phone", "poison", "suppressed")


def _playbooks() -> tuple[Playbook, ...]:
    usual = playbook(suppressed_domains=frozenset({SUPPRESSED}))
    gone = replace(usual.people["eva"], active=False)
    return (
        replace(usual, version="usual"),
        replace(usual, version="eva left", people={**usual.people, "eva": gone}),
        replace(usual, version="all to tom", rules=(Rule("all to tom", None, person="tom"),)),
        replace(usual, version="reassign", rules=(Rule("all to eva", None, person="eva", reassign=True),)),
        replace(usual, version="append", policies={"message": FieldPolicy.OVERWRITE, "city": FieldPolicy.NEVER}),
    )


_STEPS: tuple[Callable[[Storm], None], ...] = (
    Storm._turn, Storm._post, Storm._tick, Storm._work_in_crm, Storm._start, Storm._mail, Storm._operate,
    Storm._idle_turn, Storm._reload, Storm._kill, Storm._jump,
)  # fmt: skip
_WEIGHTS = (70, 11, 8, 6, 5, 3, 4, 1, 1.5, 1.5, 0.7)
_OPEN = "state IN ('waiting', 'sending', 'unknown')"
_READY = f"""
    SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 'waiting' AND due_at <= ?) AS planner,
           EXISTS (SELECT 1 FROM orders WHERE {_OPEN} AND due_at <= ?) AS dispatcher,
           EXISTS (SELECT 1 FROM sink_states WHERE paused_until > ?) AS paused,
           EXISTS (SELECT 1 FROM timers WHERE state = 'set' AND due_at <= ?) AS timekeeper
"""  # noqa: S608 - words of ours
_DUE = f"""
    SELECT min(due_at) AS at FROM inbox WHERE state = 'waiting' UNION ALL
    SELECT max(min(due_at), coalesce((SELECT max(paused_until) FROM sink_states), 0)) FROM orders WHERE {_OPEN}
    UNION ALL
    SELECT min(due_at) FROM timers WHERE state = 'set'
"""  # noqa: S608 - words of ours
_PICTURE = """
    SELECT id, state, done, ref FROM orders UNION ALL SELECT id, state, attempts, lead_id FROM inbox UNION ALL
    SELECT id, state, interactions, open_task FROM leads
"""
