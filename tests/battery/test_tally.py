"""Runs of the simulation over different seeds add up in one row."""

from dataclasses import replace

from tests.battery.storm.storm import Ending
from tests.battery.tally import Sum, added


def ran(first: int, *broken: str) -> Sum:
    """One seed for each word, with ten steps, two letters and a death in it; an empty word is a seed that held."""
    found = Sum(first)
    for number, word in enumerate(broken, first):
        found.add(Ending(number, word, (), 8766.0, 10, (2, 3, 1)))
    return found


def test_a_row_tells_which_seeds_were_run() -> None:
    row = ran(100, "", "nothing doubled: a task was made twice", "nothing lost: a note").row()

    assert (row.runs, row.accepted, row.lost, row.doubled) == (3, 6, 1, 1)
    assert row.also == "2 seeds violated anything; 30 steps, 3 deaths, 3.0 virtual years; seeds 100 to 102"


def test_seeds_that_nobody_has_run_are_added() -> None:
    both = added(ran(102, "").row(), ran(100, "nothing lost: a note", "").row())

    assert (both.runs, both.accepted, both.lost) == (3, 6, 1)
    assert both.also == "1 seeds violated anything; 30 steps, 3 deaths, 3.0 virtual years; seeds 100 to 102"


def test_a_gap_between_two_runs_is_told() -> None:
    both = added(ran(5, "", "").row(), ran(100, "").row())

    assert both.also.endswith("seeds 5 to 6, 100 to 100")


def test_a_run_over_the_same_seeds_is_told_alone() -> None:
    again = ran(101, "", "")

    assert added(again.row(), ran(100, "nothing lost: a note", "").row()) == again.row()


def test_a_row_that_does_not_tell_its_seeds_is_replaced() -> None:
    fresh = ran(0, "").row()

    assert added(fresh, replace(ran(7, "").row(), also="seeds from 7")) == fresh
