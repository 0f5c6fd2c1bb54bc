"""Orders for a person called Ada, and what is made of them whatever happens on the way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.connector import Ambiguous, Done, LeadKeys, NoteOrder, Outcome, RecordOrder, Ref, TaskOrder, Unknown, Wait
from syncd.errors import SyncdError
from syncd.testing import NOON
from syncd.testing.sink_under_test import done

DUE = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
TRIES = 8


def record(number: int = 1, **changes: Any) -> RecordOrder:
    email = f"ada{number}@firm.example"
    fields = {"email": email, "first_name": "Ada", "last_name": "Beispiel", "company": "Firm Ltd", "inquiries": "1"}
    return RecordOrder(
        **{"mark": f"record-{number}", "keys": LeadKeys(f"lead-{number}", (email,)), "fields": fields, **changes}
    )


def planned(keys: LeadKeys) -> LeadKeys:
    """Of a lead that is only planned: it has no id of ours yet."""
    return replace(keys, lead="")


def again(ref: Ref, **fields: str) -> RecordOrder:
    """A later order for the same person, whose ref is known."""
    return record(keys=replace(record().keys, ref=ref), fields=fields)


def task(of: Ref, **changes: Any) -> TaskOrder:
    return TaskOrder(
        **{"mark": "task-1", "record": of, "subject": "Call Ada", "body": "<b>Why</b>?", "due_at": DUE,
           "zone": "Europe/Berlin", **changes}
    )  # fmt: skip


def note(of: Ref, **changes: Any) -> NoteOrder:
    return NoteOrder(**{"mark": "note-1", "record": of, "body": "Asked & asked", "at": NOON, **changes})


def written(sink: Any, **changes: Any) -> Ref:
    """A record that stands in the sink."""
    return done(sink.upsert([record(**changes)]))[0].ref


def in_full(world: Any, **options: Any) -> Ref:
    """A record, its task and its note, each sent until it is done, after a restart of the daemon each time."""
    ref = settled(world, lambda sink, **doubt: sink.upsert([record(**doubt)]), **options)
    settled(world, lambda sink, **doubt: sink.add_tasks([task(ref, **doubt)]), **options)
    settled(world, lambda sink, **doubt: sink.add_notes([note(ref, **doubt)]), **options)
    return ref


def settled(world: Any, send: Callable[..., Sequence[Outcome]], minutes: float = 1, **options: Any) -> Ref:
    """Sent, looked for and sent again as the orders table does, until it is done."""
    doubt: dict[str, Any] = {}
    for _ in range(TRIES):
        try:
            (outcome,) = send(world.another_sink(**options), **doubt)
        except SyncdError as error:
            outcome = Unknown(str(error)) if isinstance(error, Ambiguous) else Wait(str(error))
        if isinstance(outcome, Done):
            return outcome.ref
        if isinstance(outcome, Unknown):
            looks = doubt.get("looks", 0) + 1 if outcome.looked else 0
            doubt = {"sent_at": doubt.get("sent_at", world.clock.now()), "looks": looks}
        world.advance(minutes=minutes)
    pytest.fail(f"never done: {outcome}")
