"""kill -9 in each row of the crash table (docs/architecture.md): nothing lost, nothing doubled.

The daemon carries no hooks for this. A lock on the database or a fault of the CRM holds it at the chosen
point, it is killed there, what held it is taken away, and a new daemon has to finish the work.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import requests

from tests.e2e.processes import Daemon, HubSpot, post_form, post_tally, post_typeform, until

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

QUESTION = "What does it cost for ten people, including support?"
UPSERT = "/crm/objects/2026-03/contacts/batch/upsert"
FIND = "/crm/objects/2026-03/contacts/batch/read"
TASKS = "/crm/objects/2026-03/tasks/batch/create"
CHANGES = "/crm/objects/2026-03/contacts/search"


def test_killed_before_the_accept_commits_the_provider_sends_again(daemon: Daemon, hubspot: HubSpot) -> None:
    daemon.start()
    with held_database(daemon):
        refused = in_background(lambda: post_all(daemon))
        until(lambda: intake_hangs(daemon) or None, "a request that waits for its commit")
        daemon.kill()
    refused.join(30)

    daemon.start()
    post_all(daemon)

    all_is_there_once(daemon, hubspot)


def test_killed_after_the_accept_but_before_the_answer_a_repeat_is_counted(daemon: Daemon, hubspot: HubSpot) -> None:
    hubspot.order("fault", kind="hang", path=FIND, count=None)
    daemon.texts["patience"] = 60
    daemon.start()
    post_all(daemon)  # the answers are thrown away: to the provider they never came
    daemon.kill()
    hubspot.order("fault", kind="clear")

    daemon.start()
    post_all(daemon)

    all_is_there_once(daemon, hubspot)
    assert sum(arrival["repeats"] for arrival in arrivals(daemon)) == 3


def test_killed_during_planning_it_is_planned_again(daemon: Daemon, hubspot: HubSpot) -> None:
    hubspot.order("fault", kind="hang", path=FIND, count=None)
    daemon.texts["patience"] = 60
    daemon.start()
    post_all(daemon)
    until(lambda: called(hubspot, "POST", FIND) or None, "the look-up of the planner")
    daemon.kill()
    hubspot.order("fault", kind="clear")

    daemon.start()

    all_is_there_once(daemon, hubspot)


def test_killed_after_the_record_was_made_and_before_we_noted_it_the_upsert_finds_it(
    daemon: Daemon, hubspot: HubSpot
) -> None:
    hubspot.order("fault", kind="hang", path=UPSERT, committed=True, count=None)
    daemon.start()
    post_all(daemon)
    until(lambda: hubspot.objects("contacts") or None, "contacts in the CRM")
    daemon.kill()
    hubspot.order("fault", kind="clear")

    daemon.start()

    all_is_there_once(daemon, hubspot)


def test_killed_after_the_task_was_made_and_before_we_noted_it_the_mark_finds_it(
    daemon: Daemon, hubspot: HubSpot
) -> None:
    hubspot.order("fault", kind="hang", path=TASKS, committed=True, count=None)
    daemon.start()
    post_all(daemon)
    until(lambda: hubspot.objects("tasks") or None, "tasks in the CRM")
    daemon.kill()
    hubspot.order("fault", kind="clear")

    daemon.start()

    all_is_there_once(daemon, hubspot)


def test_killed_between_record_and_task_only_the_task_is_made(daemon: Daemon, hubspot: HubSpot) -> None:
    hubspot.order("fault", kind="hang", path=TASKS, count=None)
    daemon.start()
    post_all(daemon)
    until(lambda: called(hubspot, "POST", TASKS) or None, "the call that would make the tasks")
    upserts = called(hubspot, "POST", UPSERT)
    daemon.kill()
    hubspot.order("fault", kind="clear")

    daemon.start()

    all_is_there_once(daemon, hubspot)
    assert called(hubspot, "POST", UPSERT) == upserts


def test_killed_while_reading_changes_back_the_signal_is_heard_once_and_not_missed(
    daemon: Daemon, hubspot: HubSpot
) -> None:
    daemon.start()
    post_form(daemon, "cleo@cleo-labs.com", "Could somebody call me about an integration?")
    daemon.wait_until_done(1)
    daemon.stop()
    (task,) = hubspot.objects("tasks")
    hubspot.order("human", do="completes", task_id=task["id"])
    hubspot.order("fault", kind="hang", path=CHANGES, count=None)
    before = called(hubspot, "POST", CHANGES)
    daemon.start()
    until(lambda: called(hubspot, "POST", CHANGES) > before or None, "the read-back")
    daemon.kill()
    hubspot.order("fault", kind="clear")

    daemon.start()

    lead = until(lambda: next((x for x in daemon.leads() if x["state"] == "attempted"), None), "the signal")
    (story,) = json.loads(daemon.command("why", lead["id"], "--json").stdout)
    assert [event["event"] for event in story["events"]].count("signal: task_done") == 1


def post_all(daemon: Daemon) -> None:
    """Three providers, whose answers nobody looks at."""
    for post in (
        lambda: post_typeform(daemon, "t1", "ada@ada-works.com", QUESTION),
        lambda: post_tally(daemon, "y1", "bob@bob-trade.com", "Please tell me more about your services."),
        lambda: post_form(daemon, "cleo@cleo-labs.com", "Could somebody call me about an integration?"),
    ):
        try:
            post()
        except requests.RequestException:
            continue


def all_is_there_once(daemon: Daemon, hubspot: HubSpot) -> None:
    """One contact, one task and one note for each of the three, and the balance holds."""
    daemon.wait_until_done(3)
    counts = {kind: len(hubspot.objects(kind)) for kind in ("contacts", "tasks", "notes")}
    assert counts == {"contacts": 3, "tasks": 3, "notes": 3}
    linked = [next(iter(task["associations"]["contacts"])) for task in hubspot.objects("tasks")]
    assert len(set(linked)) == 3
    proof = daemon.command("prove")
    assert proof.returncode == 0, proof.stdout


def arrivals(daemon: Daemon) -> list[dict[str, Any]]:
    stories = [json.loads(daemon.command("why", lead["id"], "--json").stdout)[0] for lead in daemon.leads()]
    return [arrival for story in stories for arrival in story["submissions"]]


def called(hubspot: HubSpot, method: str, path: str) -> int:
    """How many such calls have been begun."""
    return sum(n for name, n in hubspot.calls()["calls"].items() if method in name and path in name)


def in_background(action: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


@contextmanager
def held_database(daemon: Daemon) -> Iterator[None]:
    """Nobody can commit to the inbox for as long as this lasts."""
    store = daemon.texts["store"]
    if store.startswith("sqlite"):
        held = sqlite3.connect(store.partition(":///")[2], isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            held.close()
        return
    with psycopg.connect(store) as connection:
        connection.execute("LOCK TABLE inbox IN EXCLUSIVE MODE")
        yield


def intake_hangs(daemon: Daemon) -> bool:
    """The daemon has taken the request in (it answers others), and has not answered it."""
    text = requests.get(f"{daemon.url}/healthz", timeout=10).text
    return text == "ok\n" and not any("submission" in line for line in (daemon.process.lines if daemon.process else ()))
