"""What can be wrong with a service that the config describes, as far as it can be seen from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.connectors.http_world import config
from tests.fakes.agency import FakeAgency

OWNERS = dict(zip(PEOPLE, ("7", "8"), strict=True))


@contextmanager
def start() -> Iterator[tuple[FakeAgency, dict[str, Any]]]:
    with FakeAgency() as fake:
        yield fake, {"type": "http", **config(fake.url, owners=OWNERS)}


def fault(kind: str, **details: Any) -> Any:
    def order(fake: FakeAgency) -> None:
        fake.order_fault(kind, "GET", "/v1/me", count=None, **details)  # type: ignore[arg-type]  # one of the kinds

    return order


def broken_task() -> dict[str, Any]:
    """The text of a subject is no number."""
    tasks = config("")["tasks"]
    return {"tasks": {**tasks, "body": {**tasks["body"], "subject": {"$number": "{{ subject }}"}}}}


def broken_note() -> dict[str, Any]:
    notes = config("")["notes"]
    return {"notes": {**notes, "body": {**notes["body"], "body": {"$yes": "{{ body }}"}}}}


def lists_elsewhere(fake: FakeAgency) -> None:
    fake.order_fault("answer", "GET", "/v1/leads", status=200, body=b'{"ok": true, "leads": []}', count=None)


HTTP = Case(
    "http",
    start,
    (
        Planted(lambda _: {"owners": {PEOPLE[0]: ""}}, f"owner {PEOPLE[0]}", "has no id", "name their id there"),
        Planted(lambda _: None, "person tom", "no user there", "set `active: no`"),
        Planted(lambda _: broken_task(), "task", "must be a number", "mend the template"),
        Planted(lambda _: broken_note(), "note", "must be yes or no", "mend the template"),
        Planted(lists_elsewhere, "look-up", "has nothing under data.items", "mend `find`"),
    ),
    (
        Planted(lambda fake: fake.stop(), "connection", "not sent", "whether the address is right"),
        Planted(fault("unauthorized"), "connection", "answered 401", "put in a login that is good"),
        Planted(fault("too_many"), "connection", "slow_down", "it goes on by itself"),
        Planted(fault("answer", status=503, body=b"down"), "connection", "answered 503", "can be reached"),
        Planted(fault("answer", status=404, body=b"{}"), "connection", "answered 404", "correct the address"),
        Planted(
            fault("answer", status=200, body=b"<html>"), "connection", "is not JSON", "whether the address is right"
        ),
    ),
)
