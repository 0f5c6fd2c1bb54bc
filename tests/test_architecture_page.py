"""The page on the architecture says of the program what the program is."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.core.looks import LOOKS
from syncd.run import planner
from syncd.store import orders
from syncd.store.schema import HELD, OPEN
from tests.cli.office import Office
from tests.test_floors import FLOORS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title: str) -> list[str]:
    return [row[0] for row in rows(title)]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_file_that_is_named_exists() -> None:
    named = set(
        re.findall(r"\b(?:syncd|tests|connectors|run|store|core|cli|console|wire)/[\w/]+(?:\.(?:py|md))?\b", PAGE)
    )

    missing = [
        name
        for name in named
        if not any((ROOT / folder / f"{name}{ending}").exists() for folder in ("", "syncd") for ending in ("", ".py"))
    ]
    assert len(named) > 20
    assert missing == []


def test_the_floors_are_those_that_are_guarded() -> None:
    told = {
        re.sub(r"/$|\.py$", "", room): int(floor)
        for floor, rooms, _ in rows("Floors")
        for room in re.findall(r"`([^`]+)`", rooms)
    }

    assert told == {room: floor for room, floor in FLOORS.items() if room not in {"__main__", "testing"}}


def test_every_state_of_an_order_is_explained() -> None:
    assert {cell.strip("`") for cell in first_cells("Orders")} == {*OPEN, *HELD, "done"}


def test_every_loop_has_its_line(tmp_path: Path) -> None:
    named = set(re.findall(r"`(\w+)[^`]*`", " ".join(first_cells("Threads"))))

    office = Office(tmp_path)
    office.change("secret: typeform-secret", "secret: typeform-secret, api_token: tfp_12345678")  # it can be asked
    office.change("rules:", "probe: {source: contact}\nrules:")
    ids = "  ads: {type: meta, secret: app-secret, api_token: x, page_id: '5'}"  # all that is posted
    office.change("sources:\n", f"web: {{public_url: https://leads.acme.example}}\nsources:\n{ids}\n")
    with office.app() as built:
        loops = {loop.name.split()[0] for loop in [*built.crew.loops, *built.keepers.loops]}
    assert named == loops | {"intake", "heartbeat", "lookup", "helper"}


@pytest.mark.parametrize(
    ("said", "true"),
    [
        (r"claim <= (\d+) submissions", planner.CLAIM),
        (r"(\d+) in one transaction", planner.UNIT),
        (r"leases of (\d+) s", orders.LEASE // timedelta(seconds=1)),
        (r"leased for (\d+) s", orders.LEASE // timedelta(seconds=1)),
    ],
)
def test_a_figure_is_the_programs(said: str, true: int) -> None:
    assert [int(found) for found in re.findall(said, PAGE)] == [true]


def test_the_looks_for_a_lost_answer_are_the_programs() -> None:
    assert "after 2 s, 15 s, 2 min and 10 min" in PAGE
    assert [look.total_seconds() for look in LOOKS] == [2, 15, 120, 600]
