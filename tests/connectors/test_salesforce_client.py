"""One call is one request, and what comes of it is one of our own errors."""

import inspect
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from simple_salesforce import exceptions

from connectors.sinks.salesforce.failures import BY_EXCEPTION, fault_of, trouble_of
from syncd.connector import Ambiguous, AuthFailed, HttpClient, RateLimited, Refusal, Retryable
from tests.connectors.hubspot_world import keys, record, refs
from tests.connectors.salesforce_world import World, salesforce_world
from tests.outside import SHARED, needs

BODIES = SHARED / "specs/samples/salesforce_bodies.json"
UPSERT = "/services/data/v66.0/composite/sobjects/Lead/Syncd_Key__c"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with salesforce_world(tmp_path) as world:
        refs(world.sink.upsert([record(1)]))
        yield world


def test_every_exception_of_the_library_is_known() -> None:
    classes = {each for _, each in inspect.getmembers(exceptions, inspect.isclass) if issubclass(each, Exception)}

    assert classes == set(BY_EXCEPTION)


@pytest.mark.parametrize(
    ("status", "content", "writes", "meant"),
    [
        (401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], True, AuthFailed),
        (403, [{"errorCode": "API_CURRENTLY_DISABLED", "message": "API is disabled"}], True, AuthFailed),
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], True, RateLimited),
        (400, [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain"}], True, Retryable),
        (503, "<html>down</html>", True, Ambiguous),
        (503, "<html>down</html>", False, Retryable),
        (500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "ErrorId"}], True, Ambiguous),
        (302, "", True, Retryable),
        (400, "<html>a proxy</html>", True, Retryable),
        (404, {"error": "something else"}, False, Retryable),
        (429, "", True, RateLimited),
    ],
)
def test_answer_means_what_to_do_next(status: int, content: object, writes: bool, meant: type[Exception]) -> None:
    assert type(trouble_of("call", status, content, writes=writes)) is meant


def test_calls_at_the_same_time_are_let_go_soon_and_a_spent_day_is_not() -> None:
    def pause(message: str) -> float:
        told = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}]
        error = trouble_of("call", 403, told, writes=True)
        assert isinstance(error, RateLimited)
        return error.after.total_seconds()

    assert pause("ConcurrentRequests (Concurrent API Requests) Limit exceeded.") < pause(
        "TotalRequests Limit exceeded."
    )


@needs(BODIES.is_file(), "captured bodies of Salesforce are not at hand")
def test_captured_bodies_are_understood() -> None:
    bodies = orjson.loads(BODIES.read_bytes())

    codes = {name: fault_of(body, int(name[:3])).codes for name, body in bodies.items() if not name.startswith("200")}

    assert codes == {
        "400_empty_records": ("REQUIRED_FIELD_MISSING",),
        "400_readonly_field": ("INVALID_FIELD_FOR_INSERT_UPDATE",),
        "404_deleted": ("ENTITY_IS_DELETED",),
        "401_expired": ("INVALID_SESSION_ID",),
        "404_bad_external_id_field": ("NOT_FOUND",),
        "300_ambiguous_external_id": ("MORE_THAN_ONE_RECORD",),
        "400_row_lock": ("UNABLE_TO_LOCK_ROW",),
        "400_token_refused": (),
    }


@pytest.mark.parametrize("kind", ["hang", "reset", "half_body", "commit_then_drop"])
def test_answer_that_is_lost_on_the_way_is_a_doubt_and_not_sent_again(world: World, kind: str) -> None:
    world.http.timeout = (2, 0.2)
    world.fake.order_fault(kind, path=UPSERT, count=None)  # type: ignore[arg-type]  # one of those

    with world.counted() as made, pytest.raises(Ambiguous):
        world.sink.upsert([record(2)])

    assert made == {f"PATCH {UPSERT[20:]}": 1}


def test_server_that_says_nothing_is_waited_for_as_long_as_we_say(world: World) -> None:
    world.http.timeout = (2, 0.2)
    world.fake.order_fault("hang", count=None)
    began = time.monotonic()

    with pytest.raises(Retryable):
        world.sink.find([keys(1)])

    assert time.monotonic() - began < 5


def test_server_that_is_not_there_was_not_sent_to(world: World) -> None:
    world.fake.stop()

    with pytest.raises(Retryable, match="not sent"):
        world.sink.upsert([record(2)])


def test_redirect_is_not_followed(world: World) -> None:
    """Following it would send the token and the lead to wherever it leads."""
    elsewhere = {"Location": "http://127.0.0.1:9/"}
    world.fake.order_fault("answer", path=UPSERT, status=302, body=b"", headers=elsewhere, count=None)

    with pytest.raises(Retryable):
        world.sink.upsert([record(2)])


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"null", b"0", b'[{"success":true}]', b'[{"success":true,"id":7}]', b"[1,2]"]
)
def test_success_that_does_not_say_what_became_of_a_record_is_a_doubt(world: World, body: bytes) -> None:
    world.fake.order_fault("answer", path=UPSERT, status=200, body=body)

    try:
        outcomes = world.sink.upsert([record(2)])
    except Ambiguous:
        return
    assert [type(outcome).__name__ for outcome in outcomes] == ["Unknown"]


def test_gate_is_asked_before_every_call(world: World) -> None:
    world.sink.find([keys(1)])  # with all that is asked once
    asked: list[int] = []
    http: HttpClient = world.http
    http.gate = lambda _: asked.append(1)

    world.sink.find([keys(1)])
    world.sink.upsert([record(2)])

    assert len(asked) == 2


def test_message_of_salesforce_is_not_repeated_for_it_quotes_values(world: World) -> None:
    world.fake.refuse("Title", "very private")

    (refused,) = world.sink.upsert([record(2, fields={"job_title": "very private"})])

    assert isinstance(refused, Refusal)
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION on Title" in refused.reason
    assert "very private" not in refused.reason
