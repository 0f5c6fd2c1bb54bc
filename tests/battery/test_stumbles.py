"""The store that stumbles, thinned out: some calls of every scenario."""

from collections.abc import Iterator

import pytest

from tests.battery.faulty_driver import Fault, Stumble
from tests.battery.stage import Stage
from tests.battery.stumbles import LONG, SCENARIOS, Bench, Played, bench, differences, writes

WHOLE = ("stranger", "polled")
"""Of these every statement that writes fails once; of the others, those that a stranger's enquiry does not need."""


@pytest.fixture(scope="module")
def made() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_write_of_the_store_fails_the_end_is_the_same(made: Bench, name: str) -> None:
    known = () if name in WHOLE else writes(made.play(SCENARIOS["stranger"], Fault()).seen)
    without = made.play(SCENARIOS[name], Fault())
    assert writes(without.seen)

    for text, first in writes(without.seen).items():
        if text not in known:
            assert_same(made, name, without, Fault(first))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_lost_answer_or_a_long_trouble_changes_nothing_either(made: Bench, name: str) -> None:
    without = made.play(SCENARIOS[name], Fault())
    commits = [number for number, text in enumerate(without.seen, 1) if text == "COMMIT"]

    for first in commits[len(name) % 15 :: 15]:
        assert_same(made, name, without, Fault(first, 1, Stumble.LOST))
    assert_same(made, name, without, Fault(without.calls // 3, LONG, list(Stumble)[len(name) % 4]))


def assert_same(made: Bench, name: str, without: Played, fault: Fault) -> None:
    found = made.play(SCENARIOS[name], fault)

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
