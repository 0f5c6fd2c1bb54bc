"""Answers in shapes that were seen at the real service, one by one at the wire."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import responses

from connectors.sinks.hubspot import HubSpot
from connectors.sinks.hubspot.failures import read_fault
from syncd.connector import Done, Ref, Refusal, Retryable, Unknown, Wait
from tests.connectors.hubspot_world import API, CONTACTS, START, record, sink_of, task

CONTACT_NAMES = ("email", "firstname", "lastname", "city", "hubspot_owner_id", "syncd_lead_source")
NEXT_YEAR = {"startedAt": "2027-01-01T00:00:00Z", "completedAt": "2027-01-01T00:00:01Z"}
Inputs = Sequence[Mapping[str, Any]]
Judge = Callable[[Inputs], tuple[int, Mapping[str, Any]]]


class Service:
    """Answers each batch call as the test's function says, and remembers what was sent."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.wire = wire
        self.sent: list[list[str]] = []
        self.names = list(CONTACT_NAMES)
        wire.get(f"{API}/account-info/2026-03/details", status=403)
        wire.add_callback(responses.GET, f"{API}/crm/properties/2026-03/contacts", self._properties)
        marks = [{"name": "syncd_mark", "hasUniqueValue": True}]
        wire.get(f"{API}/crm/properties/2026-03/tasks", json={"results": marks})

    def judge(self, path: str, judge: Judge) -> None:
        def answer(request: Any) -> tuple[int, dict[str, str], str]:
            inputs = json.loads(request.body)["inputs"]
            self.sent.append([each.get("id", "") for each in inputs])
            status, body = judge(inputs)
            return status, {}, json.dumps(body)

        self.wire.add_callback(responses.POST, API + path, answer)

    def _properties(self, _: Any) -> tuple[int, dict[str, str], str]:
        rows = [{"name": name} for name in self.names] + [{"name": "syncd_key", "hasUniqueValue": True}]
        return 200, {}, json.dumps({"results": rows})


@pytest.fixture
def service() -> Iterator[Service]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Service(wire)


@pytest.fixture
def sink(tmp_path: Path) -> HubSpot:
    return sink_of(tmp_path, company=False)


def row(each: Mapping[str, Any], number: int, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "properties": dict(each["properties"]), **more}


def success(rows: Sequence[Mapping[str, Any]], errors: Sequence[Mapping[str, Any]] = ()) -> tuple[int, dict[str, Any]]:
    body: dict[str, Any] = {"status": "COMPLETE", "results": list(rows), **NEXT_YEAR}
    return (207, {**body, "errors": list(errors), "numErrors": len(errors)}) if errors else (200, body)


def refusal(
    message: str, category: str = "VALIDATION_ERROR", status: int = 400, **more: Any
) -> tuple[int, dict[str, Any]]:
    return status, {"status": "error", "message": message, "category": category, "correlationId": "c0ffee", **more}


def test_conflict_that_names_nobody_is_halved_until_the_culprit_stands_alone(service: Service, sink: HubSpot) -> None:
    def judge(inputs: Inputs) -> tuple[int, Mapping[str, Any]]:
        if any(each["id"] == "p5@firm.example" for each in inputs):
            return refusal("This contact is there already", "CONFLICT", 409)
        return success([row(each, n, objectWriteTraceId=each["objectWriteTraceId"]) for n, each in enumerate(inputs)])

    service.judge(f"{CONTACTS}/batch/upsert", judge)

    outcomes = sink.upsert([record(number) for number in range(8)])

    assert [at for at, outcome in enumerate(outcomes) if not isinstance(outcome, Done)] == [5]
    assert isinstance(outcomes[5], Refusal)
    assert "CONFLICT" in outcomes[5].reason
    assert len(service.sent) == 7


def test_conflict_that_names_the_contact_updates_it(service: Service, sink: HubSpot) -> None:
    service.judge(f"{CONTACTS}/batch/upsert", lambda _: refusal("Taken. Existing ID: 4711", "CONFLICT", 409))
    service.judge(f"{CONTACTS}/batch/update", lambda inputs: success([row(inputs[0], 4711)]))

    (outcome,) = sink.upsert([record(1)])

    assert outcome == Done(Ref("contact", "4711"), created=False)


def test_ids_that_are_one_record_are_sent_apart(service: Service, sink: HubSpot) -> None:
    def judge(inputs: Inputs) -> tuple[int, Mapping[str, Any]]:
        if {"7", "8"} <= {each["id"] for each in inputs}:
            return refusal("Twice in one call: [8]", context={"ids": ["8"]})
        return success([row(each, 8 if each["id"] == "7" else int(each["id"])) for each in inputs])

    service.judge(f"{CONTACTS}/batch/update", judge)

    outcomes = sink.upsert([record(number, ref=Ref("contact", str(number))) for number in (7, 8, 9)])

    assert [outcome.ref.id for outcome in outcomes if isinstance(outcome, Done)] == ["8", "8", "9"]


def test_property_deleted_under_our_hands_waits_and_is_left_out_next_time(service: Service, sink: HubSpot) -> None:
    def judge(inputs: Inputs) -> tuple[int, Mapping[str, Any]]:
        if any("syncd_lead_source" in each["properties"] for each in inputs):
            service.names.remove("syncd_lead_source")
            inner = [{"isValid": False, "error": "PROPERTY_DOESNT_EXIST", "name": "syncd_lead_source"}]
            return refusal(f"Not valid: {json.dumps(inner)}")
        return success([row(each, n) for n, each in enumerate(inputs)])

    service.judge(f"{CONTACTS}/batch/upsert", judge)
    order = record(1, fields={"lead_source": "Fair", "city": "Bonn"})

    first, innocent = sink.upsert([order, record(2)])
    (second,) = sink.upsert([order])

    assert isinstance(first, Wait)
    assert first.failed
    assert isinstance(innocent, Done)
    assert isinstance(second, Done)
    assert [len(ids) for ids in service.sent] == [2, 1, 1]


def test_input_that_the_answer_forgets_is_in_doubt(service: Service, sink: HubSpot) -> None:
    def judge(inputs: Inputs) -> tuple[int, Mapping[str, Any]]:
        return success([row(each, n) for n, each in enumerate(inputs) if each["id"] != "p2@firm.example"])

    service.judge(f"{CONTACTS}/batch/upsert", judge)

    outcomes = sink.upsert([record(number) for number in (1, 2, 3)])

    assert [type(outcome) for outcome in outcomes] == [Done, Unknown, Done]


def test_results_are_matched_by_value_where_no_trace_comes_back(service: Service, sink: HubSpot) -> None:
    def judge(inputs: Inputs) -> tuple[int, Mapping[str, Any]]:
        shown = [{"email": each["id"].upper()} for each in inputs]
        return success([{"id": str(n), "properties": each} for n, each in enumerate(shown)][::-1])

    service.judge(f"{CONTACTS}/batch/upsert", judge)

    outcomes = sink.upsert([record(number) for number in (1, 2, 3)])

    assert [outcome.ref.id for outcome in outcomes if isinstance(outcome, Done)] == ["0", "1", "2"]


def test_taken_mark_of_a_task_is_the_task_of_an_earlier_try(service: Service, sink: HubSpot) -> None:
    def judge(inputs: Inputs) -> tuple[int, Mapping[str, Any]]:
        taken = {
            "status": "error",
            "category": "CONFLICT",
            "message": "Taken",
            "context": {"objectWriteTraceId": [inputs[0]["objectWriteTraceId"]], "existingId": ["202"]},
        }
        return success([row(inputs[1], 101)], [taken])

    service.judge("/crm/objects/2026-03/tasks/batch/create", judge)
    contact = Ref("contact", "1")

    outcomes = sink.add_tasks([task(1, contact), task(2, contact)])

    assert outcomes == [Done(Ref("task", "202"), created=False), Done(Ref("task", "101"))]


def test_taken_mark_that_names_nobody_is_read(service: Service, sink: HubSpot) -> None:
    service.judge("/crm/objects/2026-03/tasks/batch/create", lambda _: refusal("Taken", "CONFLICT", 409))
    found = {"id": "202", "properties": {"syncd_mark": "task-1"}}
    service.judge("/crm/objects/2026-03/tasks/batch/read", lambda _: success([found]))

    assert sink.add_tasks([task(1, Ref("contact", "1"))]) == [Done(Ref("task", "202"), created=False)]


def test_taken_mark_that_cannot_be_read_now_is_looked_for_later(service: Service, sink: HubSpot) -> None:
    service.judge("/crm/objects/2026-03/tasks/batch/create", lambda _: refusal("Taken", "CONFLICT", 409))
    service.judge("/crm/objects/2026-03/tasks/batch/read", lambda _: (503, {}))

    assert isinstance(sink.add_tasks([task(1, Ref("contact", "1"))])[0], Unknown)


def test_refused_question_is_not_taken_for_a_stranger(service: Service, sink: HubSpot) -> None:
    service.judge(f"{CONTACTS}/batch/read", lambda _: refusal("This cannot be asked"))

    with pytest.raises(Retryable):
        sink.find([record(number).keys for number in range(8)])

    assert len(service.sent) == 4


def test_value_that_cannot_be_an_address_is_a_stranger(service: Service, sink: HubSpot) -> None:
    detail = [{"code": "INVALID_EMAIL", "message": "", "context": {"propertyName": ["email"]}}]

    def judge(inputs: Inputs) -> tuple[int, Mapping[str, Any]]:
        if any(each["id"] == "p2@firm.example" for each in inputs):
            return refusal("Not valid", errors=detail)
        return success([{"id": "1", "properties": {"email": each["id"]}} for each in inputs])

    service.judge(f"{CONTACTS}/batch/read", judge)

    found = sink.find([record(number).keys for number in (1, 2, 3)])

    assert [known is None for known in found] == [False, True, False]


def test_mark_that_cannot_be_asked_for_parks_no_task(service: Service, sink: HubSpot) -> None:
    service.judge("/crm/objects/2026-03/tasks/batch/read", lambda _: refusal("No such property"))

    with pytest.raises(Retryable):
        sink.add_tasks([task(1, Ref("contact", "1"), sent_at=START)])


def test_faults_hold_names_and_codes_but_no_values() -> None:
    secret = "someone@private.example"
    inner = [{"error": "INVALID_EMAIL", "name": "email", "message": f"{secret} is no address"}]
    details = [{"code": "INVALID_EMAIL", "message": secret, "context": {"propertyName": ["email", secret]}}]

    fault = read_fault(400, refusal(f"{secret}: {json.dumps(inner)}", errors=details)[1])

    assert str(fault) == "VALIDATION_ERROR, INVALID_EMAIL on email"
    assert secret not in repr(fault)
    assert secret not in repr(fault.refusal("hubspot: contact"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": None, "context": None, "errors": None},
        {"message": "[{" * 5_000 + "}]", "errors": ["x", 1], "context": {"ids": "7"}},
        {"message": "[{not json}]", "errors": [{"context": {"propertyName": 5}}], "category": 7},
        {"message": "x", "context": {"ids": [None, {}], "objectWriteTraceId": [1]}},
    ],
)
def test_every_part_of_an_error_may_be_missing_or_odd(body: Mapping[str, Any]) -> None:
    fault = read_fault(400, body)

    assert fault.status == 400
    assert str(fault) == "status 400"
