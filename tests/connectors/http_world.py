"""The config of a sink by template in front of the fake agency, as YAML would give it."""

from pathlib import Path
from typing import Any

from connectors.sinks.http import HttpSink, HttpSinkOptions
from syncd.connector import Tools
from syncd.testing import FakeClock, lent_tools
from tests.fakes.agency import KEY, FakeAgency

FIELDS = {
    "email": "{{ fields.email }}",
    "first_name": "{{ fields.first_name }}",
    "last_name": "{{ fields.last_name }}",
    "company": "{{ fields.company }}",
    "phone": "{{ fields.phone }}",
    "question": "{{ fields.message }}",
    "owner": "{{ owner }}",
    "answer_by": "{{ due_at }}",
}
TASK = {
    "external_id": "{{ mark }}",
    "subject": "{{ subject }}",
    "body": "{{ body }}",
    "due": "{{ due_date }} {{ due_time }}",
    "owner": "{{ owner }}",
    "priority": "{{ 'urgent' if priority == 'high' else priority }}",
}
NOTE = {"external_id": "{{ mark }}", "body": "{{ body }}"}
BY_MARK = {"params": {"external_id": "{{ mark }}"}, "items": "data.items", "where": {"external_id": "{{ mark }}"}}
ANSWERED = {
    "owner": "owner",
    "values": {name: name for name in ("email", "first_name", "last_name", "company", "phone")},
}
FIND = [
    {"path": "/leads/{{ ref }}", "items": "data", **ANSWERED},
    {"path": "/leads", "params": {"email": "{{ email }}"}, "items": "data.items", "where": {"email": "{{ email }}"},
     **ANSWERED},
    {"path": "/leads", "params": {"external_id": "{{ lead }}"}, "items": "data.items",
     "where": {"external_id": "{{ lead }}"}, **ANSWERED},
]  # fmt: skip


def config(url: str, *, look_up: bool = True, **changes: Any) -> dict[str, Any]:
    """Everything the agency has, without an idempotency header."""
    by_mark = {"find": {"path": "/tasks", **BY_MARK}} if look_up else {}
    note_by_mark = {"find": {"path": "/notes", **BY_MARK}} if look_up else {}
    return {
        "base_url": f"{url}/v1",
        "login": {"header": "X-Api-Key", "key": KEY},
        "object": "lead",
        "ping": "/me",
        "answers": {"success_when": {"ok": "yes"}, "error": "error.code"},
        "records": {
            "path": "/leads",
            "body": {"external_id": "{{ lead }}", **FIELDS},
            "id": "data.id",
            "link": "https://agency.example/leads/{{ id }}",
            "update": {"method": "PATCH", "path": "/leads/{{ ref }}", "body": FIELDS},
        },
        "tasks": {
            "path": "/leads/{{ record }}/tasks",
            "body": TASK,
            "id": "data.id",
            "update": {"method": "PATCH", "path": "/tasks/{{ ref }}", "body": TASK},
            **by_mark,
        },
        "notes": {"path": "/leads/{{ record }}/notes", "body": NOTE, "id": "data.id", **note_by_mark},
        "find": FIND if look_up else [],
        **changes,
    }


def http_sink(settings: dict[str, Any], tools: Tools) -> HttpSink:
    return HttpSink(HttpSinkOptions.model_validate(settings), tools)


def agency_sink(fake: FakeAgency, folder: Path, clock: FakeClock | None = None, **changes: Any) -> HttpSink:
    return http_sink(config(fake.url, **changes), lent_tools("agency", clock, folder))
