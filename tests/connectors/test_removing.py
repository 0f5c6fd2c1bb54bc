"""Sinks that can delete what syncd has made: all of it, nothing else, and twice is once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.local import Local, LocalOptions
from syncd.connector import Done, NoteOrder, Ref, Refused, Removing, Sink
from syncd.testing import NOON, lent_tools
from tests.connectors.hubspot_world import hubspot_world, keys, record, task
from tests.connectors.salesforce_world import salesforce_world


@contextmanager
def hubspot(folder: Path) -> Iterator[Sink]:
    with hubspot_world(folder) as world:
        yield world.sink


@contextmanager
def salesforce(folder: Path) -> Iterator[Sink]:
    with salesforce_world(folder) as world:
        yield world.sink


@contextmanager
def local(folder: Path) -> Iterator[Sink]:
    made = Local(LocalOptions(), lent_tools("book", data_dir=folder))
    yield made
    made.close()


SINKS: Mapping[str, Callable[[Path], AbstractContextManager[Sink]]] = {
    "hubspot": hubspot,
    "salesforce": salesforce,
    "local": local,
}


@pytest.fixture(params=SINKS)
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with SINKS[request.param](tmp_path) as opened:
        yield opened


def made(sink: Sink, number: int) -> list[Ref]:
    """A task and its record."""
    fields = {"email": f"p{number}@firm.example", "first_name": "Probe", "last_name": "of syncd"}
    (outcome,) = sink.upsert([record(number, fields=fields)])
    assert isinstance(outcome, Done)
    (added,) = sink.add_tasks([task(number, outcome.ref)])
    assert isinstance(added, Done)
    return [added.ref, outcome.ref]


def test_a_record_and_its_task_are_removed_and_those_of_others_stay(sink: Any) -> None:
    assert isinstance(sink, Removing)
    ours, others = made(sink, 1), made(sink, 2)

    sink.remove(ours)

    gone, there = sink.find([keys(1), keys(2)])
    assert gone is None
    assert there is not None
    assert there.ref.id == others[1].id


def test_what_is_not_there_any_more_is_no_trouble(sink: Any) -> None:
    ours = made(sink, 1)
    sink.remove(ours)

    sink.remove(ours)
    sink.remove([])

    assert sink.find([keys(1)]) == [None]


def test_the_same_address_is_free_again(sink: Any) -> None:
    first = made(sink, 1)
    sink.remove(first)

    second = made(sink, 1)

    assert second[1].id != first[1].id
    (found,) = sink.find([keys(1)])
    assert found.ref.id == second[1].id


def test_a_contact_of_the_book_that_somebody_has_noted_something_on_stays_whole(tmp_path: Path) -> None:
    with local(tmp_path) as book:
        assert isinstance(book, Removing)
        ours = made(book, 1)
        book.add_notes([NoteOrder("n1", ours[1], "Call back", NOON)])

        with pytest.raises(Refused, match="tasks or notes of its own"):
            book.remove(ours)

        assert book.find([keys(1)]) != [None]
