"""What people did in Streak, as its list of boxes shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.connector import LeadKeys, Signal, SignalKind
from syncd.testing.sink_under_test import done
from tests.connectors.orders import note, task, written
from tests.connectors.streak_world import ANNA, World, streak_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    stages = {"won": ["Won"], "lost": ["Lost"], "qualified": ["Contacted"]}
    with streak_world(tmp_path, sink=stages) as world:
        yield world


def start_of(world: World) -> str:
    world.advance(minutes=10)
    (page,) = world.sink.changes(None)
    world.advance(minutes=10)
    return page.cursor


def signals(world: World, since: str) -> list[Signal]:
    world.advance(minutes=1)
    return [signal for page in world.sink.changes(since) for signal in page.signals]


def kinds(told: list[Signal]) -> list[tuple[SignalKind, str]]:
    return [(one.kind, one.value) for one in told]


def test_a_move_to_another_stage_is_told_with_what_it_means(world: World) -> None:
    refs = [written(world.sink, number=number) for number in (1, 2, 3)]
    since = start_of(world)
    for ref, stage in zip(refs, ("Contacted", "Won", "Lost"), strict=True):
        world.fake.human_moves(ref.id, stage)

    told = {(one.ref.id, one.kind, one.value) for one in signals(world, since)}

    assert told == {
        (refs[0].id, SignalKind.STATUS_CHANGED, "Contacted"), (refs[0].id, SignalKind.QUALIFIED, ""),
        (refs[1].id, SignalKind.STATUS_CHANGED, "Won"), (refs[1].id, SignalKind.WON, ""),
        (refs[2].id, SignalKind.STATUS_CHANGED, "Lost"), (refs[2].id, SignalKind.LOST, ""),
    }  # fmt: skip


def test_whom_a_box_is_assigned_to_is_told(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    world.fake.human_gives(ref.id, ANNA)

    (told,) = signals(world, since)

    assert (told.kind, told.ref.id, told.value) == (SignalKind.OWNER_CHANGED, ref.id, ANNA)
    assert told.owner == world.sink.owners()[ANNA]


@pytest.mark.parametrize("act", ["mail", "comment"])
def test_an_e_mail_or_a_comment_of_a_person_is_an_answer(world: World, act: str) -> None:
    ref = written(world.sink)
    since = start_of(world)
    if act == "mail":
        world.fake.human_sends_mail(ref.id)
    else:
        world.fake.human_comments(ref.id, "Called her")
    at = world.clock.now()

    (told,) = signals(world, since)

    assert (told.kind, told.ref.id, told.at) == (SignalKind.ANSWERED, ref.id, at)


def test_our_own_comment_and_what_was_before_are_no_answers(world: World) -> None:
    ref = written(world.sink)
    world.fake.human_sends_mail(ref.id)
    world.fake.human_comments(ref.id, "An old one")
    since = start_of(world)
    done(world.sink.add_notes([note(ref)]))

    assert signals(world, since) == []


def test_a_second_e_mail_after_years_of_them_is_an_answer(world: World) -> None:
    ref = written(world.sink)
    world.fake.human_sends_mail(ref.id)
    since = start_of(world)
    world.fake.human_sends_mail(ref.id)
    at = world.clock.now()

    assert [(one.kind, one.at) for one in signals(world, since)] == [(SignalKind.ANSWERED, at)]


def test_our_task_is_told_when_done_and_one_of_a_person_is_an_answer(world: World) -> None:
    ref = written(world.sink)
    (made,) = done(world.sink.add_tasks([task(ref)]))
    since = start_of(world)
    theirs = {"key": "task-x", "boxKey": ref.id, "text": "Send offer", "status": "NOT_DONE"}
    world.fake.tasks["task-x"] = theirs
    world.fake.human_completes(made.ref.id)
    world.advance(seconds=1)
    world.fake.human_completes("task-x")

    told = [(one.kind, one.ref.id) for one in signals(world, since)]

    assert told == [(SignalKind.TASK_DONE, made.ref.id), (SignalKind.ANSWERED, ref.id)]


def test_boxes_that_are_not_ours_are_not_told(world: World) -> None:
    since = start_of(world)
    box = world.fake.keep_box({"name": "Other", "notes": "", "stageKey": "5001"})
    world.advance(seconds=5)
    world.fake.human_moves(box["key"], "Won")

    assert signals(world, since) == []


def test_a_box_that_just_lost_its_field_is_known_by_its_notes(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    world.fake.boxes[ref.id]["fields"] = {}
    world.fake.human_moves(ref.id, "Won")

    assert (SignalKind.WON, "") in kinds(signals(world, since))


def test_signals_of_many_pages_come_oldest_first_and_the_cursor_goes_on(world: World) -> None:
    refs = [written(world.sink, number=number) for number in range(120)]
    since = start_of(world)
    for ref in refs:
        world.fake.human_moves(ref.id, "Won")
        world.advance(seconds=1)

    (page,) = world.sink.changes(since)

    won = [one for one in page.signals if one.kind is SignalKind.WON]
    assert [one.ref.id for one in won] == [ref.id for ref in refs]
    world.advance(minutes=5)
    late = [one.ref.id for more in world.sink.changes(page.cursor) for one in more.signals]
    assert len(set(late)) <= 61  # of the last minute, again


def test_a_deleted_box_is_not_told(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    world.fake.human_deletes(ref.id)

    assert signals(world, since) == []
    assert world.sink.find([LeadKeys("lead-1", ref=ref)]) == [None]
