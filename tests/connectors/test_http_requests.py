"""What a sink by template sends: the config's shape, whatever people wrote."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from connectors.sinks.http import HttpSinkOptions
from syncd.connector import Done, LeadKeys, NoteOrder, OwnerRef, RecordOrder, Ref, Refusal, TaskOrder
from syncd.testing import NOON
from syncd.testing.sink_under_test import done
from tests.connectors.http_world import agency_sink, config
from tests.fakes.agency import FakeAgency

BREAKOUTS = (
    'x", "owner": "evil',
    'x\'}], {"a": 1',
    "{{ 7 * 7 }}{% for a in b %}",
    "line\r\nX-Evil: 1\r\n\r\nbody",
    "=HYPERLINK(1)&a=b&owner=evil%00#?",
    "\ud83d\ude00 Zoë Żółć 李明 \u202e",
    "</script><!--",
)


@pytest.fixture
def fake() -> Iterator[FakeAgency]:
    with FakeAgency() as fake:
        yield fake


def order(**fields: str) -> RecordOrder:
    given = {"email": "ada@firm.example", **fields}
    return RecordOrder("record-1", LeadKeys("lead-1", ("ada@firm.example",)), given, OwnerRef("7", "eva@x.example"))


def sent(fake: FakeAgency, path: str = "/v1/leads") -> Any:
    """The JSON of the last call to a path."""
    return json.loads([call for call in fake.log if call.path == path][-1].body)


@pytest.mark.parametrize("text", BREAKOUTS, ids=ascii)
def test_what_people_wrote_is_a_value_and_nothing_else(fake: FakeAgency, tmp_path: Path, text: str) -> None:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")

    done(agency_sink(fake, tmp_path).upsert([order(message=text, last_name=text)]))

    (lead,) = fake.leads.values()
    assert (lead["question"], lead["last_name"], lead["owner"]) == (text, text, "7")


@pytest.mark.parametrize("text", BREAKOUTS, ids=ascii)
def test_a_form_is_one_value_a_name_whatever_people_wrote(fake: FakeAgency, tmp_path: Path, text: str) -> None:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    form = {"Question": "{{ fields.message }}", "Key": "{{ lead }}"}
    sink = agency_sink(fake, tmp_path, records={"form": form}, ping="")

    sink.upsert([order(message=text)])

    body = fake.log[-1].body.decode()
    assert parse_qs(body, strict_parsing=True) == {"Question": [text], "Key": ["lead-1"]}


@pytest.mark.parametrize("text", BREAKOUTS, ids=ascii)
def test_a_header_is_one_line_whatever_people_wrote(fake: FakeAgency, tmp_path: Path, text: str) -> None:
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    heard: list[Mapping[str, str]] = []
    usual = fake.understood
    fake.understood = lambda call: heard.append(call.headers) or usual(call)
    headers = {"X-Question": "{{ fields.message }}"}
    records = {"path": "/leads", "body": {"external_id": "{{ lead }}"}, "headers": headers}

    done(agency_sink(fake, tmp_path, records=records).upsert([order(message=text)]))

    (got,) = heard
    assert got["x-question"].encode("latin-1").decode().split() == text.split()
    assert "x-evil" not in got


@pytest.mark.parametrize("lead", ["a/../../me", "a?b=c", "a#b", "ü %2e", "a;b"])
def test_a_value_cannot_leave_its_place_in_the_address(fake: FakeAgency, tmp_path: Path, lead: str) -> None:
    update = {"method": "PATCH", "path": "/leads/{{ ref }}", "body": {"company": "{{ fields.company }}"}}
    records = {"path": "/leads", "body": {"external_id": "{{ lead }}"}, "update": update}
    moved = replace(order(company="X"), keys=LeadKeys("lead-1", ref=Ref("lead", lead)))

    agency_sink(fake, tmp_path, records=records).upsert([moved])

    path = fake.log[0].path
    assert path.startswith("/v1/leads/")
    assert path.count("/") == 3


@pytest.mark.parametrize("dots", ["", ".", ".."])
def test_a_part_of_an_address_that_would_change_it_is_refused_before_anything_is_sent(
    fake: FakeAgency, tmp_path: Path, dots: str
) -> None:
    task = TaskOrder("task-1", Ref("lead", dots), "Call", "", NOON, "UTC")

    (outcome,) = agency_sink(fake, tmp_path).add_tasks([task])

    assert isinstance(outcome, Refusal)
    assert not fake.calls


def test_numbers_and_truth_values_are_no_texts_and_what_is_empty_is_left_out(fake: FakeAgency, tmp_path: Path) -> None:
    body = {
        "size": {"$number": "{{ fields.company_size }}"},
        "score": {"$number": "1.5"},
        "optin": {"$yes": "{{ fields.consent }}"},
        "phones": [{"value": "{{ fields.phone }}", "kind": {"name": "{{ fields.state }}"}}],
        "tags": ["web", "{{ fields.how_heard }}"],
        "city": "{{ fields.city }}",
    }

    agency_sink(fake, tmp_path, records={"path": "/leads", "body": body}).upsert(
        [order(company_size="200", consent="yes", how_heard="fair")]
    )

    assert sent(fake) == {"size": 200, "score": 1.5, "optin": True, "tags": ["web", "fair"]}


@pytest.mark.parametrize(("consent", "size"), [("perhaps", "5"), ("no", "about five"), ("no", "1e999"), ("no", "nan")])
def test_a_value_that_is_no_number_or_no_truth_is_refused_and_not_told(
    fake: FakeAgency, tmp_path: Path, consent: str, size: str
) -> None:
    body = {"a": {"$number": "{{ fields.company_size }}"}, "b": {"$yes": "{{ fields.consent }}"}}
    sink = agency_sink(fake, tmp_path, records={"path": "/leads", "body": body})

    (outcome,) = sink.upsert([order(company_size=size, consent=consent)])

    assert isinstance(outcome, Refusal)
    assert "perhaps" not in outcome.reason
    assert "five" not in outcome.reason
    assert not fake.calls


def test_a_task_has_its_due_time_in_the_owners_zone(fake: FakeAgency, tmp_path: Path) -> None:
    sink = agency_sink(fake, tmp_path)
    (record,) = done(sink.upsert([order()]))
    due = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)

    done(sink.add_tasks([TaskOrder("t1", record.ref, "Call", "Why?", due, "Europe/Berlin", priority="high")]))

    (task,) = fake.tasks.values()
    assert (task["due"], task["priority"]) == ("2026-07-02 00:30", "urgent")


def test_a_record_may_say_by_when_somebody_must_answer(fake: FakeAgency, tmp_path: Path) -> None:
    agency_sink(fake, tmp_path).upsert([replace(order(), due_at=NOON)])

    assert sent(fake)["answer_by"] == "2026-03-02T12:00:00Z"


def test_a_record_and_a_task_have_the_mark_in_the_idempotency_header_and_a_change_has_none(
    fake: FakeAgency, tmp_path: Path
) -> None:
    heard: list[tuple[str, str]] = []
    usual = fake.understood
    fake.understood = lambda call: heard.append((call.method, call.headers.get("idempotency-key", ""))) or usual(call)
    sink = agency_sink(fake, tmp_path, idempotency_header="Idempotency-Key")

    for _ in range(2):
        (record,) = done(sink.upsert([order()]))
    done(sink.add_notes([NoteOrder("note-1", record.ref, "Again", NOON)]))

    assert heard == [("POST", "record-1"), ("PATCH", ""), ("POST", "note-1")]


def test_the_address_where_a_person_opens_the_record_is_told(fake: FakeAgency, tmp_path: Path) -> None:
    (outcome,) = done(agency_sink(fake, tmp_path).upsert([order()]))

    assert outcome.ref == Ref("lead", "l1", "https://agency.example/leads/l1")


def test_what_is_left_out_counts_as_done_and_makes_no_call(fake: FakeAgency, tmp_path: Path) -> None:
    sink = agency_sink(fake, tmp_path, tasks=None, notes=None, leave_out=["tasks", "notes"])

    outcomes = [
        *sink.add_tasks([TaskOrder("t1", Ref("lead", "1"), "Call", "", NOON, "UTC")]),
        *sink.add_notes([NoteOrder("n1", Ref("lead", "1"), "x", NOON)]),
    ]

    assert [isinstance(each, Done) and each.created for each in outcomes] == [False, False]
    assert not fake.calls


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"records": {"body": {"a": [{"b": "{{ fields.emial }}"}]}}}, "body.a.0.b: line 1: .emial cannot be used here"),
        ({"records": {"path": "/{{ subject }}", "body": {"a": "b"}}}, "path: 'subject' is undefined"),
        ({"records": {"body": {"a": {"$number": "1", "b": "2"}}}}, "stand alone, over one template"),
        ({"records": {"body": {"a": "x"}, "form": {"b": "y"}}}, "give either body or form"),
        ({"records": {"headers": {"X": "{{ lead"}}}, "headers.X: unexpected end of template"),
        ({"records": None}, "records: missing"),
        ({"tasks": None}, "say what becomes of tasks: give tasks, or leave_out: [tasks]"),
        ({"leave_out": ["notes"]}, "say what becomes of notes"),
        ({"secret_url": "https://x.example/1"}, "give either base_url or secret_url"),
        ({"login": {"bearer": "t", "user": "u"}}, "give one of bearer"),
        ({"login": {"header": "X-Key"}}, "give one of bearer"),
        ({"find": [{"values": {"mail": "a"}}]}, "no such field: mail"),
        ({"preset": "vanilasoft"}, "there are vanillasoft, membrain"),
    ],
)
def test_mistakes_are_found_before_anything_is_sent(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        HttpSinkOptions.model_validate({**config("https://agency.example"), **changes})

    assert said in str(raised.value)
