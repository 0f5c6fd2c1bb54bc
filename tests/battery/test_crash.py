"""The batteries of crashes, stops and restarts in small, with real processes. `make crash` is the whole."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.battery import crash, restarts, stops
from tests.battery.crash_migration import Migrated, kill_and_finish
from tests.battery.crash_points import POINTS
from tests.battery.crash_world import Postgres, World
from tests.battery.daemons import Nursery
from tests.conftest import fresh_postgres

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short name: the address of a socket stands in it."""
    with tempfile.TemporaryDirectory(prefix="syncd-") as name:
        yield Path(name)


@pytest.fixture
def world(folder: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(folder, store_of(request.param, folder, request), "hubspot", seed=1)
    yield made
    made.close()


def store_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/syncd.db"
    return fresh_postgres(request.getfixturevalue("postgres"))


@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
def test_killed_again_and_again_it_loses_and_doubles_nothing(world: World) -> None:
    result = crash.batter(world, "small", crash.Plan(kills=8), random.Random(1))

    assert result.found == []
    assert result.kills.total() >= 8
    assert result.accepted > 20


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_every_named_point_is_reached(world: World) -> None:
    """Otherwise the kills would be random ones under another name."""
    result = crash.at_each_point(world, "small", random.Random(2), [point for point in POINTS if point.always])

    assert result.found == []
    assert +result.missed == {}


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_terminated_under_load_it_drains_and_gives_everything_back(world: World) -> None:
    row, found = stops.terminate(world, "sqlite", 3, random.Random(3))

    assert found == []
    assert row.accepted > 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_while_it_makes_its_schema_the_next_one_finishes_it(
    kind: str, folder: Path, request: pytest.FixtureRequest
) -> None:
    result = Migrated()

    with Nursery(folder) as nursery:
        kill_and_finish(folder, store_of(kind, folder, request), nursery, random.Random(4), result)

    assert result.found == []
    assert result.accepted >= 3


def test_a_database_that_goes_away_under_load_costs_nothing(folder: Path) -> None:
    server = Postgres()
    world = World(folder, server.fresh(), "hubspot", seed=5)
    try:
        struck, found = restarts.restart(world, server, 2, random.Random(5), 0.7)
    finally:
        world.close()
        server.close()

    assert found == []
    assert struck.total() == 2
