"""A hundred lines that say what must be, and the core beside them: whatever order things are done in, they agree (F27).

Nothing fails here but what the CRM refuses; what is tried is the order of things. Failing parts are the
simulation's business.
"""

import argparse
from dataclasses import replace

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from syncd.core import ids
from syncd.model import Ref, Refusal, Signal, SignalKind, SignalPage
from syncd.store.proof import prove
from syncd.testing.clock import FakeClock
from tests.battery.expected import NOBODY, Model
from tests.battery.report import Row, write
from tests.battery.simulation import log_of_nobody, until_ended
from tests.battery.storm.chance import Chance
from tests.battery.storm.daemon import Cast, Shelf
from tests.battery.storm.disk import Disk, Platter
from tests.world import World, submission

SOURCES = ("contact", "webinar")
NAMES = ("Ada Lovelace", "Bruno Taut", "Clara Zetkin", "Dieter Rams")
KEYS = 5
LETTER = st.tuples(st.sampled_from(SOURCES), st.integers(0, KEYS - 1), st.integers(0, NOBODY))


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=200, help="how many")
    parser.add_argument("--steps", type=int, default=50, help="at most, in each run")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    try:
        with log_of_nobody(), until_ended():
            compare(said.runs, said.steps, said.seed)
    except AssertionError as error:
        print(f"the core and the model differ: {error}")
        return 1
    print(f"{Core.runs:,} runs, {Core.steps:,} steps: the core and the model agree")
    if said.write and Core.runs:
        write([_row(Core.runs, Core.steps, said.seed)])
    return 0


def compare(runs: int, steps: int, seed: int, cast: Cast | None = None, *, shortest: bool = True) -> int:
    """How many steps were taken. Raises AssertionError, with the `shortest` story of it, where the two differ."""
    how = settings(
        max_examples=runs, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False, verbosity=Verbosity.normal,
        phases=(Phase.generate, Phase.shrink) if shortest else (Phase.generate,),
    )  # fmt: skip
    Core.runs, Core.steps, Core.platter, Core.cast = 0, 0, Platter(FakeClock()), cast or Cast()
    try:
        run_state_machine_as_test(seeded(seed)(Core), settings=how)
    finally:
        Core.platter.close()
    return Core.steps


class Core(RuleBasedStateMachine):
    """The core in one process; after each rule the two are compared as far as they can be."""

    platter: Platter
    cast: Cast
    runs, steps = 0, 0  # the one in hand included

    def __init__(self) -> None:
        super().__init__()
        self.clock, calm = FakeClock(), Chance(0)
        calm.calm = True
        self.platter.wipe(self.clock)
        self.store = Shelf(Disk(self.platter.database, self.clock, _Nobody(calm), []), self.cast)
        self.world = World(self.store, self.clock)  # type: ignore[arg-type]
        self.model, self.said = Model(), list[Signal]()
        self.world.follower.turn()

    def teardown(self) -> None:
        type(self).runs += 1
        if type(self).runs % 100 == 0:
            print(f"... {self.runs:,} runs, {self.steps:,} steps", flush=True)

    @rule(letters=st.lists(LETTER, min_size=1, max_size=5))
    def receive(self, letters: list[tuple[str, int, int]]) -> None:
        """A key is somebody's for ever, as a provider's is; the last of each is a provider's test."""
        for source, key, person in letters:
            name, test = f"{key}-{person}", key == KEYS - 1
            fields = {"message": f"question {key}"}
            if person != NOBODY:
                fields |= {"name": NAMES[person], "email": _address(person)}
            made = submission(name, source, **fields)
            self.world.receive(replace(made, context=replace(made.context, test=test)))
            self.model.receive((source, name), person, self.clock.now(), test=test)

    @rule(letters=st.lists(LETTER, min_size=1, max_size=5))
    def receive_and_land(self, letters: list[tuple[str, int, int]]) -> None:
        self.receive(letters)
        self.plan()
        self.dispatch()

    @rule()
    def plan(self) -> None:
        self.world.plan()
        self.model.plan()

    @rule()
    def dispatch(self) -> None:
        self.world.dispatch()

    @rule(seconds=st.sampled_from((1, 40, 400, 4000)))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule(call=st.sampled_from(("upsert", "tasks", "notes")))
    def refuse_once(self, call: str) -> None:
        self.world.crm.troubles.setdefault(call, []).append(lambda _: Refusal("a rule of the CRM"))

    @rule()
    def release_by_hand(self) -> None:
        """Everything that is set aside: orders, submissions, quarantine."""
        operations = self.world.operations()
        operations.retry([line.id for line in self.store.reports.parked()])
        operations.restore([self.model.kept[key].number for key in self.model.aside])
        self.model.release()

    @precondition(lambda self: self.model.kept)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, len(self.model.kept)))
        self.world.operations().replay(number)
        self.model.replay(number)

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data())
    def complete_a_task(self, data: st.DataObject) -> None:
        """A rep finishes a task that stands in the CRM, and the read-back hears of it."""
        self.clock.advance(seconds=1)
        person, mark = data.draw(st.sampled_from(self.open_tasks()))
        self.said.append(Signal(SignalKind.TASK_DONE, Ref("task", f"t-{mark}"), self.clock.now()))
        self.world.crm.pages = [SignalPage(list(self.said), str(len(self.said)))]
        self.world.follower.turn()
        self.model.complete(person, self.clock.now())
        self.clock.advance(seconds=1)

    def open_tasks(self) -> list[tuple[int, str]]:
        """Those that a rep can find in the CRM."""
        people = sorted(self.model.people.items())
        return [(number, who.task) for number, who in people if who.task in self.world.crm.tasks]

    @rule()
    def come_to_rest(self) -> None:
        """Whatever was done: when all is planned and sent, the CRM holds just what the model says."""
        self.plan()
        self.world.crm.troubles.clear()
        self.world.operations().retry([line.id for line in self.store.reports.parked() if line.id.startswith("o")])
        self.clock.advance(seconds=4000)
        self.world.dispatch()
        crm, people = self.world.crm, self.model.people
        assert set(crm.notes) == {ids.note_mark(*key) for who in people.values() for key in who.landed}
        assert set(crm.tasks) == {mark for who in people.values() for mark in who.tasks}
        counted = {record["email"]: record["inquiries"] for record in crm.records.values()}
        assert counted == {_address(number): str(len(who.landed)) for number, who in people.items()}
        parked = {line.id for line in self.store.reports.parked()}
        assert parked == {f"s{self.model.kept[key].number}" for key in self.model.parked}

    @invariant()
    def the_store_is_as_the_model_says(self) -> None:
        type(self).steps += 1
        leads = {line.lead.fields["email"]: line.lead for line in self.world.leads()}
        assert leads.keys() == {_address(number) for number in self.model.people}
        for number, who in self.model.people.items():
            lead = leads[_address(number)]
            assert (lead.interactions, lead.open_task) == (len(who.landed), who.task)
            assert lead.answered_at == who.answered_at

    @invariant()
    def nothing_is_doubled(self) -> None:
        people = self.model.people.values()
        assert len(self.world.crm.records) <= len(people)
        assert set(self.world.crm.notes) <= {ids.note_mark(*key) for who in people for key in who.landed}
        assert set(self.world.crm.tasks) <= {mark for who in people for mark in who.tasks}

    @invariant()
    def the_balance_holds(self) -> None:
        proof = prove(self.store.database)
        assert [check for check in proof.checks if check.broken] == []
        assert proof.received == sum(proof.classes.values()) == len(self.model.kept)
        assert proof.classes["quarantined"] == len(self.model.aside)


class _Nobody:
    """Whose disk never fails."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance

    def at(self, place: str) -> None:
        pass

    def die(self, place: str) -> None:
        raise NotImplementedError


def _address(person: int) -> str:
    return f"p{person}@firm{person}.de"


def _row(runs: int, steps: int, seed: int) -> Row:
    return Row(
        "model/core",
        "any order of arrivals, repeats, turns, refusals, tasks done, retries, replays and restores",
        "hypothesis drives the core and a small model of it side by side",
        runs=runs,
        accepted=steps,
        lost=0,
        doubled=0,
        also=f"accepted counts steps after which the two agreed; seed {seed}",
    )
