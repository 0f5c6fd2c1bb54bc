"""Whom a task is assigned to, in whichever word Streak takes that; its pages and its OpenAPI have one each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import Refusal
from syncd.testing.sink_under_test import done
from tests.connectors.orders import settled, task, written
from tests.connectors.streak_world import ANNA, BEN, World, streak_world

WORDS = ["assignedTo", "assignedToSharingEntries"]


@pytest.fixture(params=[(word, lenient) for word in WORDS for lenient in (False, True)])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with streak_world(tmp_path) as world:
        world.fake.task_word, world.fake.ignores_words = request.param
        yield world


def owners(world: World) -> list[list[str]]:
    return [[one["email"] for one in row[world.fake.task_word]] for row in world.fake.tasks.values()]


def test_a_task_is_its_owners_and_the_word_that_was_taken_is_used_at_once_afterwards(world: World) -> None:
    ref, owner = written(world.sink), world.sink.owners()[ANNA]
    done(world.sink.add_tasks([task(ref, owner=owner)]))

    with world.counted() as calls:
        done(world.sink.add_tasks([task(ref, owner=owner, mark="task-2")]))

    assert owners(world) == [[ANNA], [ANNA]]
    assert calls == {"POST /api/v2/boxes/{key}/tasks": 1}


def test_a_task_for_which_the_word_is_found_by_another_thread_meanwhile_is_made_all_the_same(world: World) -> None:
    ref, owner = written(world.sink), world.sink.owners()[ANNA]

    def meanwhile(_: object) -> None:
        world.tools.http.gate = lambda _: None
        done(world.sink.add_tasks([task(ref, owner=owner, mark="task-2")]))

    world.tools.http.gate = meanwhile

    done(world.sink.add_tasks([task(ref, owner=owner)]))

    assert owners(world) == [[ANNA], [ANNA]]


def test_a_task_that_is_changed_goes_to_its_new_owner(world: World) -> None:
    ref, staff = written(world.sink), world.sink.owners()
    (made,) = done(world.sink.add_tasks([task(ref, owner=staff[ANNA])]))

    done(world.another_sink().add_tasks([task(ref, owner=staff[BEN], ref=made.ref)]))

    assert owners(world) == [[BEN]]


def test_a_task_of_nobody_names_nobody(world: World) -> None:
    ref = written(world.sink)

    with world.counted() as calls:
        done(world.sink.add_tasks([task(ref)]))

    assert owners(world) == [["api@acme.example"]]
    assert calls == {"POST /api/v2/boxes/{key}/tasks": 1}


def test_an_owner_who_may_not_have_it_is_refused_and_no_task_is_made(world: World) -> None:
    ref, owner = written(world.sink), world.sink.owners()[ANNA]
    del world.fake.members[ANNA]

    (outcome,) = world.sink.add_tasks([task(ref, owner=owner)])

    assert isinstance(outcome, Refusal)
    assert outcome.owner
    assert world.fake.tasks == {}


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body", "too_many"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_whichever_answer_is_lost_there_is_one_task_and_it_is_its_owners(world: World, kind: Any, nth: int) -> None:
    ref, owner = written(world.sink), world.sink.owners()[ANNA]
    world.fake.order_fault(kind, "POST", "/api/v2/boxes/*/tasks", nth=nth)

    settled(world, lambda sink, **doubt: sink.add_tasks([task(ref, owner=owner, **doubt)]))

    assert owners(world) == [[ANNA]]
