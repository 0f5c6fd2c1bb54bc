"""What a contract sees of a connector that leaves something open."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from syncd.testing import Answer, Call, FakeServer
from syncd.testing.left_open import insist_on_nothing_left, opened_here


class Greeter(FakeServer):
    def answer(self, call: Call) -> Answer:
        return Answer(200, {"greeting": call.path})


@pytest.fixture
def greeter() -> Iterator[Greeter]:
    with Greeter() as greeter:
        yield greeter


def test_connection_that_is_left_open_is_named(greeter: Greeter) -> None:
    before = opened_here()
    with requests.Session() as session:
        session.get(greeter.url, timeout=10)

        with pytest.raises(AssertionError, match=f"still open: a connection to {greeter.url.removeprefix('http://')}"):
            insist_on_nothing_left(before)


def test_connection_whose_other_end_has_gone_is_open_still(greeter: Greeter) -> None:
    before = opened_here()
    with requests.Session() as session:
        session.get(greeter.url, timeout=10)
        greeter.stop()

        assert len(opened_here() - before) == 1


def test_file_that_is_left_open_is_named(tmp_path: Path) -> None:
    before = opened_here()
    with (tmp_path / "book.db").open("w"), pytest.raises(AssertionError, match=r"still open: the file .*book\.db"):
        insist_on_nothing_left(before)


def test_what_is_closed_again_is_not_left_open(tmp_path: Path, greeter: Greeter) -> None:
    before = opened_here()
    (tmp_path / "book.db").write_text("contacts")
    with requests.Session() as session:
        session.get(greeter.url, timeout=10)

    insist_on_nothing_left(before)


def test_another_file_in_the_place_of_one_is_another_one(tmp_path: Path) -> None:
    with (tmp_path / "one").open("w"):
        before = opened_here()
    with (tmp_path / "another").open("w"):
        assert len(opened_here() - before) == 1


def test_doors_and_those_who_came_in_are_not_meant(greeter: Greeter) -> None:
    before = opened_here()
    with socket.create_server(("127.0.0.1", 0)) as door, socket.create_connection(door.getsockname()[:2]):
        taken, _ = door.accept()
        with taken:
            assert len(opened_here() - before) == 1  # the visitor's own end
