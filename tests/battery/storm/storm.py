"""One seed: a storm of steps, then calm until nothing is left to do, then the verdict."""

import asyncio
from dataclasses import dataclass, replace

from syncd.errors import StoreBusy
from syncd.store.database import micros
from tests.battery.storm import calm, steps
from tests.battery.storm.chance import Chance, Killed, Violation, VirtualClock
from tests.battery.storm.daemon import Cast, Daemon, Shelf
from tests.battery.storm.disk import Disk, Platter
from tests.battery.storm.hands import Operator, Rep
from tests.battery.storm.outside import Human, Letter, Letterbox, write_letter
from tests.battery.storm.service import Service
from tests.battery.storm.witness import Witness

DEEP = 2  # turns may be stopped within turns


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
        self.playbooks = steps.playbooks()
        self.playbook = draw.choice(self.playbooks)
        self.witness = Witness(platter, self.service, self.letters, self.told)
        self.operator = Operator(self.office(), self.playbook, platter, self.chance)
        self.rep = Rep(self.service, self.chance)
        self.daemons: list[Daemon | None] = []
        self.steps, self.lives, self.deaths, self.deep, self.asleep_since = 0, 0, 0, 0, 0.0

    def run(self) -> Ending:
        broken = ""
        try:
            self._prepare()
            for _ in range(self.chance.random.randint(40, 90)):
                self.step()
            calm.calm_down(self)
            self.witness.judge()
            calm.stay_calm(self)
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

    def _prepare(self) -> None:
        self.chance.calm = True
        many = self.chance.one((1, 1, 2, 2, 3))
        self.daemons = [None] * many
        self.start_all()
        self.run_loop(self.any_one(), "follower")  # from now on changes in the CRM are read
        for human in self.humans:
            if human.email and self.chance.one_in(5):
                there = self.service.write(None, "", {"email": human.email}, None)
                there.owner = self.chance.one(("1", "2", "3"))
        self.chance.calm = False

    def step(self) -> None:
        self.steps += 1
        steps.next_step(self)
        self.service.arrive()
        self.witness.look()

    def run_loop(self, daemon: Daemon, loop: str) -> None:
        self.tell(f"{daemon.name} {loop}")
        daemon.run(loop)

    def ready(self) -> set[str]:
        now = micros(self.clock.at)
        (row,) = self.platter.rows(_READY, now, now, now, now)
        ready = {loop for loop in ("planner", "dispatcher", "timekeeper") if row[loop]}
        if row["paused"]:
            ready.discard("dispatcher")
        if self.unheard() and not row["paused"]:
            ready.add("follower")
        if self.unread():
            ready.add("poller")
        return ready

    def unread(self) -> int:
        """Mails beyond the cursor."""
        return len(self.letters.mailed) - self.cursor("source:mail")

    def unheard(self) -> int:
        """Signals beyond the cursor."""
        return len(self.service.heard()) - self.cursor("changes:crm")

    def cursor(self, name: str) -> int:
        rows = self.platter.rows("SELECT value FROM cursors WHERE name = ?", name)
        return int(rows[0]["value"]) if rows else 0

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

    def letter(self, source: str) -> Letter:
        letter = write_letter(self.chance, self.chance.one(self.humans), len(self.letters.all), source)
        if source == "mail":
            letter.submission = replace(letter.submission, received_at=self.clock.at)
            self.letters.mailed.append(letter)
        else:
            self.letters.posted.append(letter)
        return letter

    def start_at(self, at: int) -> None:
        self.lives += 1
        daemon = Daemon(self, f"d{self.lives}", self.playbook, self.cast, alone=len(self.daemons) == 1)
        self.tell(f"{daemon.name} starts")
        try:
            daemon.start()
        except (StoreBusy, Killed):
            return
        self.daemons[at] = daemon

    def next_due(self) -> float | None:
        """Seconds until something is to be done; None when nothing is."""
        found = [row["at"] for row in self.platter.rows(_DUE) if row["at"] is not None]
        waits = [(at - micros(self.clock.at)) / 1e6 for at in found]
        waits += [at - self.clock.steady for at, _ in self.service.late]
        unheard = [at + self.service.lag - self.clock.steady for at, _ in self.service.said[-1:]]
        waits += [after for after in unheard if after > 0]
        if self.unread() or any(not letter.answered for letter in self.letters.posted):
            waits.append(1.0)
        if self.unheard():  # a paused sink is not asked
            (row,) = self.platter.rows("SELECT coalesce(max(paused_until), 0) AS at FROM sink_states")
            waits.append(max(1.0, (row["at"] - micros(self.clock.at)) / 1e6))
        return min(waits) if waits else None

    def start_all(self) -> None:
        for at, daemon in enumerate(self.daemons):
            if daemon is None:
                self.start_at(at)

    def some(self) -> Daemon | None:
        there = [daemon for daemon in self.daemons if daemon]
        return self.chance.one(there) if there else None

    def any_one(self) -> Daemon:
        daemon = self.some()
        if daemon is None:
            raise Violation("no daemon runs in the calm")
        return daemon

    def office(self) -> Shelf:
        return Shelf(Disk(self.platter.database, self.clock, _Person(self.chance), self.open_ones), Cast())

    def tell(self, line: str) -> None:
        at = self.clock.at
        self.chance.tell(f"{at.day:02} {at.hour:02}:{at.minute:02}:{at.second:02} {'  ' * self.deep}{line}")


class _Person:
    """The process of a command: it may fail, and is not taken further apart."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance

    def at(self, place: str) -> None:
        pass

    def die(self, place: str) -> None:
        raise StoreBusy(f"the command was ended: {place}")


_KINDS = ("mail", "mail", "mail", "mail", "mail", "phone", "phone", "poison", "suppressed")
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
