"""The judge of a crash run sees what is in a CRM: one who saw nothing would find nothing lost and nothing doubled."""

import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncd.clock import SystemClock
from syncd.connector import HttpClient, Tools
from syncd.registry import SINKS, Registry
from syncd.testing.sink_under_test import done
from tests.battery.crms import ACCOUNTS
from tests.connectors.orders import note, record, task

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]


def sink_of(name: str, url: str, folder: Path) -> Any:
    """As the config of the run builds it."""
    settings = yaml.safe_load(ACCOUNTS[name].config.replace("<url>", url))
    plugin = Registry().load(SINKS, settings.pop("type"))
    settings.pop("patience")
    return plugin.make(plugin.options.model_validate(settings), Tools(name, SystemClock(), HttpClient(), folder))


@pytest.mark.parametrize("name", ["close", "copper", "http", "odoo", "pipedrive", "streak"])
def test_a_lead_with_its_task_and_note_is_seen_and_each_call_is_counted(name: str, tmp_path: Path) -> None:
    account = ACCOUNTS[name]
    crm = account.begin(tmp_path)
    try:
        before = account.view(crm.state())
        sink = sink_of(name, crm.url, tmp_path)
        (made,) = done(sink.upsert([record()]))
        (called,) = done(sink.add_tasks([task(made.ref)]))
        (noted,) = done(sink.add_notes([note(made.ref, body="Asked for token17")]))
        seen, calls = account.view(crm.state()), crm.calls()["calls"]
    finally:
        crm.process.stop()

    assert (before.records, before.tasks, before.notes) == ((), (), ())
    ((lead,), (one_task,), (one_note,)) = seen.records, seen.tasks, seen.notes
    assert (lead.id, lead.mark, lead.people) == (made.ref.id, "lead-1", ("ada1@firm.example",))
    assert lead.inquiries in (1, None)
    assert (one_task.id, one_task.mark, one_task.records) == (called.ref.id, "task-1", (made.ref.id,))
    assert (one_note.id, one_note.mark, one_note.records) == (noted.ref.id, "note-1", (made.ref.id,))
    assert "token17" in one_note.words
    for kind in ("upsert", "tasks", "notes"):
        assert fnmatch.filter(calls, " ".join(account.at(kind).values())), f"no call counts as {kind}"
