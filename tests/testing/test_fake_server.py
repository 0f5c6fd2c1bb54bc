"""The server that fakes stand on: it answers, remembers, and fails in every way that was ordered."""

import time
from collections.abc import Iterator

import pytest
import requests

from syncd.testing import Answer, Call, FakeServer, Refusal


class Shelf(FakeServer):
    """Keeps what is put on it."""

    def __init__(self) -> None:
        super().__init__()
        self.things: dict[str, str] = {}

    def answer(self, call: Call) -> Answer:
        match call.method, call.path.split("/"):
            case "PUT", ["", "things", name]:
                self.things[name] = self.wanted(call)
                return Answer(201, {"name": name})
            case "GET", ["", "things"]:
                return Answer(200, self.things, {"X-Count": str(len(self.things))})
            case "DELETE", ["", "things"]:
                self.things.clear()
                return Answer(204)
        return Answer(404, b"nothing here")

    def wanted(self, call: Call) -> str:
        said = call.json()
        if not isinstance(said, str):
            raise Refusal(Answer(422, {"message": "a text is wanted"}))
        return said


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as shelf:
        yield shelf


def put(shelf: Shelf, name: str = "cup", value: object = "red") -> requests.Response:
    return requests.put(f"{shelf.url}/things/{name}", json=value, timeout=10)


def test_state_lives_between_calls(shelf: Shelf) -> None:
    put(shelf)

    answer = requests.get(f"{shelf.url}/things", timeout=10)

    assert answer.json() == shelf.things == {"cup": "red"}
    assert (answer.headers["content-type"], answer.headers["x-count"]) == ("application/json", "1")


@pytest.mark.parametrize(("value", "status"), [({"a": 1}, 422), ("red", 201)])
def test_refusal_from_below_is_the_answer(shelf: Shelf, value: object, status: int) -> None:
    assert put(shelf, value=value).status_code == status


def test_body_that_is_no_json_is_refused(shelf: Shelf) -> None:
    assert requests.put(f"{shelf.url}/things/cup", data="{", timeout=10).status_code == 400


def test_bytes_are_sent_as_they_are_and_no_body_is_none(shelf: Shelf) -> None:
    strange = requests.get(f"{shelf.url}/elsewhere", timeout=10)
    emptied = requests.delete(f"{shelf.url}/things", timeout=10)

    assert (strange.status_code, strange.content) == (404, b"nothing here")
    assert (emptied.status_code, emptied.content) == (204, b"")
    assert "content-type" not in emptied.headers


def test_every_call_is_counted_and_kept_with_its_end(shelf: Shelf) -> None:
    shelf.order_fault("drop_before_commit", path="*/lost")
    put(shelf)
    with pytest.raises(requests.ConnectionError):
        put(shelf, "lost")
    requests.get(f"{shelf.url}/things?colour=red&colour=blue", timeout=10)

    assert shelf.calls == {("PUT", "/things/cup"): 1, ("PUT", "/things/lost"): 1, ("GET", "/things"): 1}
    assert [(entry.status, entry.body) for entry in shelf.log] == [(201, b'"red"'), (0, b'"red"'), (200, b"")]
    assert shelf.log[-1].query == {"colour": ["red", "blue"]}


@pytest.mark.parametrize(
    ("order", "status", "kept"),
    [
        ({"kind": "too_many", "retry_after": 7}, 429, False),
        ({"kind": "unauthorized"}, 401, False),
        ({"kind": "server_error"}, 502, False),
        ({"kind": "server_error", "status": 504, "committed": True}, 504, True),
        ({"kind": "answer", "status": 418, "body": b"\xff\x00", "headers": {"X-Pot": "1"}}, 418, False),
        ({"kind": "latency", "seconds": 0.01}, 201, True),
        ({"kind": "latency", "seconds": 0.01, "committed": True}, 201, True),
    ],
)
def test_faults_that_answer(shelf: Shelf, order: dict[str, object], status: int, kept: bool) -> None:
    shelf.order_fault(**order)  # type: ignore[arg-type]  # the fields of a fault

    answer = put(shelf)

    assert (answer.status_code, bool(shelf.things)) == (status, kept)
    if order["kind"] == "too_many":
        assert answer.headers["retry-after"] == "7"
    if order["kind"] == "answer":
        assert (answer.content, answer.headers["x-pot"]) == (b"\xff\x00", "1")
    assert put(shelf, "next").status_code == 201


@pytest.mark.parametrize(
    ("kind", "committed", "kept"),
    [
        ("drop_before_commit", False, False),
        ("commit_then_drop", False, True),
        ("reset", False, True),
        ("half_body", False, True),
        ("hang", False, False),
        ("hang", True, True),
    ],
)
def test_faults_that_leave_the_caller_guessing(shelf: Shelf, kind: str, committed: bool, kept: bool) -> None:
    shelf.order_fault(kind, seconds=0.01, committed=committed)  # type: ignore[arg-type]  # one of the kinds

    with pytest.raises(requests.RequestException):
        put(shelf)

    assert bool(shelf.things) is kept


def test_a_reset_is_no_orderly_end(shelf: Shelf) -> None:
    shelf.order_fault("reset")

    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        put(shelf)


def test_another_process_may_look_and_order(shelf: Shelf) -> None:
    order = {"kind": "server_error", "path": "/things*", "count": 2}
    said = requests.post(f"{shelf.url}/_fake/fault", json=order, timeout=10)
    broken = put(shelf)
    requests.post(f"{shelf.url}/_fake/fault", json={"kind": "clear"}, timeout=10)
    wrong = requests.post(f"{shelf.url}/_fake/fault", json={"kind": "slow"}, timeout=10)

    assert (said.status_code, broken.status_code, put(shelf).status_code) == (204, 502, 201)
    assert (wrong.status_code, "none of latency" in wrong.json()["message"]) == (400, True)
    told = {"calls": {"PUT /things/cup": 2}, "answers": {"502": 1, "201": 1}}
    assert requests.get(f"{shelf.url}/_fake/calls", timeout=10).json() == told
    assert requests.get(f"{shelf.url}/_fake/nothing", timeout=10).status_code == 404


def test_a_call_that_hangs_does_not_hold_up_the_stop() -> None:
    began = time.monotonic()
    with Shelf() as shelf:
        shelf.order_fault("hang")
        with pytest.raises(requests.Timeout):
            requests.get(f"{shelf.url}/things", timeout=0.05)

    assert time.monotonic() - began < 5


def test_what_is_not_started_has_no_address() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        _ = Shelf().url
