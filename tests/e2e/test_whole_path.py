"""From three providers to HubSpot, with the daemon and the CRM as real processes."""

from datetime import UTC, datetime

import pytest
import requests

from tests.e2e.processes import CONFIG, Daemon, HubSpot, post_form, post_tally, post_typeform, until

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

QUESTION = "What does it cost for ten people, including support?"


def test_three_forms_become_three_contacts_with_task_and_note_and_again_changes_nothing(
    daemon: Daemon, hubspot: HubSpot
) -> None:
    daemon.start()

    for _ in range(2):
        assert post_typeform(daemon, "t1", "ada@ada-works.com", QUESTION).status_code == 200
        assert (
            post_tally(daemon, "y1", "bob@bob-trade.com", "Please tell me more about your services.").status_code == 200
        )
        assert (
            post_form(daemon, "cleo@cleo-labs.com", "Could somebody call me about an integration?").status_code == 200
        )
        daemon.wait_until_done(3)

    contacts, tasks, notes = (hubspot.objects(kind) for kind in ("contacts", "tasks", "notes"))
    assert sorted(c["properties"]["email"] for c in contacts) == [
        "ada@ada-works.com",
        "bob@bob-trade.com",
        "cleo@cleo-labs.com",
    ]
    assert (len(tasks), len(notes)) == (3, 3)
    _ada_is_as_she_should_be(hubspot)
    assert daemon.command("prove").returncode == 0


def _ada_is_as_she_should_be(hubspot: HubSpot) -> None:
    state = hubspot.state()
    owners = {owner["email"]: owner["id"] for owner in state["owners"]}
    (ada,) = [c for c in hubspot.objects("contacts") if c["properties"]["email"] == "ada@ada-works.com"]
    (task,) = [t for t in hubspot.objects("tasks") if ada["id"] in t["associations"]["contacts"]]
    (note,) = [n for n in hubspot.objects("notes") if ada["id"] in n["associations"]["contacts"]]
    assert (ada["properties"]["firstname"], ada["properties"]["lastname"]) == ("Ada", "Beispiel")
    assert ada["properties"]["hubspot_owner_id"] == owners["tom@example.com"]
    assert ada["properties"]["syncd_lead_source"] == "E-mail"
    assert task["properties"]["hubspot_owner_id"] == owners["tom@example.com"]
    assert task["properties"]["hs_task_type"] == "EMAIL"
    assert QUESTION in task["properties"]["hs_task_body"]
    assert "Ada Beispiel" in task["properties"]["hs_task_subject"]
    assert _moment(task["properties"]["hs_timestamp"]) > datetime.now(UTC)
    assert QUESTION in note["properties"]["hs_note_body"]
    assert "newsletter" in note["properties"]["hs_note_body"]


def _moment(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return datetime.fromisoformat(text)


def test_the_same_person_by_another_form_adds_a_note_and_no_second_contact(daemon: Daemon, hubspot: HubSpot) -> None:
    daemon.start()
    post_typeform(daemon, "t1", "ada@ada-works.com", QUESTION)
    daemon.wait_until_done(1)

    post_form(daemon, "Ada@Ada-Works.com", "One more thing: is there a discount?", name="Ada Beispiel")
    until(lambda: len(hubspot.objects("notes")) == 2 or None, "a second note")
    (lead,) = daemon.wait_until_done(1)

    assert (len(hubspot.objects("contacts")), len(hubspot.objects("tasks"))) == (1, 1)
    assert lead["interactions"] == 2
    (task,) = hubspot.objects("tasks")
    assert "discount" in task["properties"]["hs_task_body"]


def test_a_forged_webhook_is_refused_and_leaves_nothing(daemon: Daemon, hubspot: HubSpot) -> None:
    daemon.start()
    good = post_typeform(daemon, "t1", "ada@ada-works.com", QUESTION)
    assert good.status_code == 200
    daemon.wait_until_done(1)

    forged = requests.post(f"{daemon.url}/in/demo", b"{}", headers={"Typeform-Signature": "sha256=AAAA"}, timeout=10)

    assert forged.status_code == 401
    assert len(daemon.leads()) == 1


def test_what_people_do_in_hubspot_comes_back_and_stops_the_clock(daemon: Daemon, hubspot: HubSpot) -> None:
    daemon.start()
    post_form(daemon, "cleo@cleo-labs.com", "Could somebody call me about an integration?")
    daemon.wait_until_done(1)
    (task,) = hubspot.objects("tasks")
    hubspot.order("human", do="completes", task_id=task["id"])
    daemon.stop()

    daemon.start()  # reads back at once, from where it was

    lead = until(lambda: next((x for x in daemon.leads() if not x["task_open"]), None), "the signal")
    assert lead["state"] == "attempted"


def test_sigterm_drains_and_ends_with_zero_and_sighup_keeps_a_config_that_is_wrong_out(
    daemon: Daemon, hubspot: HubSpot
) -> None:
    daemon.start()
    assert daemon.process
    daemon.config.write_text("version: 1\nsorces: {}\n")
    daemon.process.hang_up()
    daemon.process.wait_for("config not reloaded")

    answered = post_form(daemon, "cleo@cleo-labs.com", "Could somebody call me about an integration?")

    assert answered.status_code == 200
    daemon.wait_until_done(1)
    assert daemon.stop() == 0


def test_sighup_takes_a_new_rule_in(daemon: Daemon, hubspot: HubSpot) -> None:
    daemon.start()
    assert daemon.process
    daemon.write_config(CONFIG.replace("assign: tom", "assign: eva"))
    daemon.process.hang_up()
    daemon.process.wait_for("config reloaded")

    post_form(daemon, "cleo@cleo-labs.com", "What does it cost, please?")

    (lead,) = daemon.wait_until_done(1)
    assert lead["owner"] == "Eva Muster"


def test_a_second_daemon_on_one_sqlite_file_is_refused_in_plain_words(daemon: Daemon, hubspot: HubSpot) -> None:
    if not daemon.texts["store"].startswith("sqlite"):
        pytest.skip("does not apply: PostgreSQL takes several daemons")
    daemon.start()
    port, daemon.port = daemon.port, 0

    second = daemon.command("run")
    daemon.port = port

    assert second.returncode == 5
    assert "another syncd daemon runs" in second.stderr
