"""The planner: one bad submission costs itself a delay, never the batch; a busy store costs nobody anything."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from syncd.errors import Retryable, StoreBusy
from syncd.model import Context, Submission
from syncd.run.bell import Bell
from syncd.run.loop import Loop
from syncd.run.planner import CLAIM, TRIES, UNIT
from syncd.store.inbox import CRASHES
from syncd.store.proof import prove
from syncd.testing.clock import FakeClock
from tests.together import busy
from tests.world import World, submission


def people(count: int) -> list[Submission]:
    return [
        submission(str(n), name="A B", email=f"a@firm{n}.com", message="Hello there, please?") for n in range(count)
    ]


def poison(world: World, step: str, key: str, error: Exception) -> None:
    """One submission makes one step of the planner fail, whenever it takes part."""
    real = getattr(world.planner, step)

    def act(*given: Any) -> Any:
        if key in str(given):
            raise error
        return real(*given)

    setattr(world.planner, step, act)


class TestOneBadOne:
    @pytest.mark.parametrize("step", ["think", "_with_ref"])
    def test_the_others_are_planned_at_once_and_it_is_parked_after_some_tries(
        self, world: World, clock: FakeClock, step: str
    ) -> None:
        world.receive(*people(10))
        poison(world, step, "a@firm3.com", ZeroDivisionError("a bug"))

        world.plan()
        planned = len(world.leads())
        for _ in range(TRIES):
            clock.advance(minutes=1)
            world.plan()

        (parked,) = world.store.reports.parked()
        assert planned == 9
        assert parked.reason == f"planning failed {TRIES} times: ZeroDivisionError"
        assert prove(world.store.database).holds

    def test_one_that_cannot_be_read_is_parked_at_once_with_its_reason(self, world: World) -> None:
        world.receive(*people(2), submission("x", message="call me"))

        world.plan()

        assert len(world.leads()) == 2
        assert "nobody could be reached" in world.store.reports.parked()[0].reason

    def test_one_that_ends_the_process_is_found_and_the_others_get_through(
        self, world: World, clock: FakeClock
    ) -> None:
        """As `os.abort` would: nothing is caught, nothing released; the next daemon starts over."""
        world.receive(*people(5))
        real, died = world.planner.think, []

        def think(thought: Any, *rest: Any) -> Any:
            if thought.kept.submission.key == "3":
                died.append(True)
                raise KeyboardInterrupt
            return real(thought, *rest)

        world.planner.think = think  # type: ignore[method-assign]
        for _ in range(20):
            try:
                world.plan()
            except KeyboardInterrupt:
                clock.advance(seconds=31)

        assert len(world.leads()) == 4
        assert len(died) == CRASHES
        assert f"the daemon ended {CRASHES} times" in world.store.reports.parked()[0].reason


class TestABusyStore:
    @pytest.mark.parametrize("part", ["INTO leads", "FROM lead_keys"])
    def test_it_uses_up_no_attempts_however_long_it_lasts(self, world: World, clock: FakeClock, part: str) -> None:
        world.receive(*people(3))
        with busy(world.store.database, part):
            for _ in range(TRIES + 3):
                with pytest.raises(StoreBusy):
                    world.planner.turn()
                clock.advance(seconds=2)

        world.plan()

        assert len(world.leads()) == 3
        assert world.store.reports.parked() == []

    def test_a_batch_is_not_tried_one_by_one_when_the_store_is_away(self, world: World) -> None:
        world.receive(*people(20))

        with busy(world.store.database, "INTO leads") as failed, pytest.raises(StoreBusy):
            world.planner.turn()

        assert len(failed) == 1


class TestTheCrm:
    def test_a_batch_costs_one_look_up(self, world: World) -> None:
        world.receive(*people(60))

        world.plan()

        assert world.crm.calls == [("find", 60)]

    def test_a_crm_that_is_away_delays_nobody(self, world: World) -> None:
        world.crm.troubles["find"] = [Retryable("502")]
        world.receive(*people(3))

        world.plan()

        assert len(world.leads()) == 3
        assert world.story(world.leads()[0].lead.id).events[0].detail["crm"] == {"asked": False}

    def test_who_is_known_to_the_store_is_looked_up_by_the_record(self, world: World) -> None:
        world.receive(submission("1"))
        world.settle()
        asked: list[Any] = []
        real = world.crm.find
        world.crm.find = lambda keys: asked.extend(keys) or real(keys)  # type: ignore[method-assign]

        world.receive(submission("2"))
        world.plan()

        assert [keys.ref and keys.ref.id for keys in asked] == ["100"]


class TestTurns:
    def test_more_is_said_only_when_a_whole_claim_was_there(self, world: World) -> None:
        world.receive(*people(CLAIM + 1))

        assert [world.planner.turn() for _ in range(3)] == [True, False, False]

    def test_the_dispatchers_are_woken_after_each_unit(self, world: World) -> None:
        woken: list[int] = []
        world.planner.wake = lambda: woken.append(len(world.leads()))
        world.receive(*people(UNIT + 5))

        world.planner.turn()

        assert woken == [UNIT, UNIT + 5]

    def test_in_a_backlog_they_are_woken_once_for_a_whole_batch(self, world: World) -> None:
        woken: list[int] = []
        world.planner.wake = lambda: woken.append(len(world.leads()))
        world.receive(*people(CLAIM))

        world.planner.turn()

        assert woken == [CLAIM]

    def test_stopping_between_two_units_gives_the_rest_back_untried(self, world: World) -> None:
        loop = Loop("planner", world.planner.turn, Bell())
        world.planner.wake = loop.stop
        world.receive(*people(UNIT + 5))

        loop.start()
        ended = loop.join(30)
        _, given_back = world.store.inbox.claim(10)

        assert (ended, len(world.leads())) == (True, UNIT)
        assert [kept.attempts for kept in given_back] == [1] * 5

    def test_verdicts_are_counted(self, world: World) -> None:
        junk = replace(submission("9", name="Bo T", email="bo@bots.com"), context=Context(honeypot=True))
        world.receive(*people(2), junk, submission("x", message="call me"))

        world.plan()

        counted = {
            sample.labels["verdict"]: sample.value
            for sample in _samples(world.planner.metrics.planned)
            if sample.name.endswith("_total")
        }
        assert counted == {"new": 2, "quarantined": 1, "parked": 1}


def _samples(counter: Any) -> Sequence[Any]:
    return [sample for family in counter.collect() for sample in family.samples]
