"""The store that stumbles, thinned out: some calls of every scenario."""

from collections.abc import Callable, Iterator

import pytest

from tests.battery.faulty_driver import Fault, Stumble
from tests.battery.stage import Stage
from tests.battery.stumbles import SCENARIOS, Bench, bench, differences, faults

STEP = 97


@pytest.fixture(scope="module")
def made() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_whatever_call_of_the_store_fails_the_end_is_the_same(made: Bench, scenario: Callable[[Stage], None]) -> None:
    without = made.play(scenario, Fault())
    start = 1 + len(scenario.__name__) % STEP

    for fault in faults(without.calls, STEP, start):
        found = made.play(scenario, fault)

        where = f"{fault.kind.name} of {fault.times} from call {fault.first}"
        assert fault.failed, where
        assert (found.wrong, differences(without.picture, found.picture)) == ([], []), where


def test_a_200_for_what_is_not_kept_would_be_seen(made: Bench) -> None:
    def lies(stage: Stage) -> None:
        stage.receive = lambda *_: None  # type: ignore[method-assign]
        SCENARIOS["stranger"](stage)

    assert made.play(lies, Fault()).wrong == ["200 for 1, which is not kept"]


@pytest.mark.parametrize("kind", Stumble)
def test_each_kind_is_what_the_driver_would_raise(made: Bench, kind: Stumble) -> None:
    fault = Fault(2, kind=kind)

    found = made.play(SCENARIOS["stranger"], fault)

    assert (len(fault.failed), found.wrong) == (1, [])
