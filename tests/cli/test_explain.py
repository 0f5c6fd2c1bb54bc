"""`syncd explain`: a dry run, with no way to call out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.cli.office import ANNA, Office

PAYLOAD = Path(__file__).parents[1] / "fixtures/typeform/delivery.json"
NO_SOCKETS = """
import sys

def guard(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        sys.stderr.write(f"reached for the network: {event} {args[1:]}\\n")
        sys.stderr.flush()
        import os
        os._exit(99)

sys.addaudithook(guard)
"""


def payload(office: Office, **fields: str) -> Path:
    return office.file("post.txt", urlencode({**ANNA, **fields}))


def test_the_whole_decision_is_told(office: Office) -> None:
    said = office.run("explain", payload(office), "--source", "contact")

    for told in (
        "It would become a new lead.",
        "anna@berg-bau.com",
        "Rule “pricing”: fits",
        "Owner: Tom Test (rule)",
        "30 min in working time",
        "Lead source: Website",
        "Task for Tom Test: Write to Anna Berg (Berg Bau GmbH)",
        "What is the price for ten people?",
        "No CRM was asked",
    ):
        assert told in said


def test_machines_get_the_same_decision(office: Office) -> None:
    (found,) = office.run("explain", payload(office), "-s", "contact", "--json").json()

    assert found["verdict"] == "new"
    assert found["fields"]["company"] == "Berg Bau GmbH"
    assert found["story"]["rules"] == [["pricing", True, ""]]
    assert found["task"]["owner"] == "tom"


def test_nothing_is_kept_and_nothing_is_sent(office: Office) -> None:
    office.run("explain", payload(office), "--source", "contact")

    assert office.run("prove", "--json").json()["received"] == 0
    assert "anna" not in office.run("why", "anna@berg-bau.com", code=3)


def test_a_known_person_is_recognised(office: Office) -> None:
    office.land(**ANNA)

    said = office.run("explain", payload(office, message="One more question, please?"), "--source", "contact")

    assert "another enquiry of a lead that is known" in said
    assert "same e-mail address" in said


def test_a_signed_source_is_explained_without_its_signature(office: Office) -> None:
    (found,) = office.run("explain", PAYLOAD, "--source", "demo", "--json").json()

    assert found["verdict"] == "new"
    assert found["key"]


def test_rows_of_a_csv_file_are_explained_for_any_source_with_the_key_they_will_have(office: Office) -> None:
    rows = office.file("rows.csv", "Badge;Name;E-mail\n11112222;Bo Li;bo@li-werke.com\n33334444;Ann Bee;ann@bee.io\n")

    found = office.run("explain", rows, "--source", "fair", "--json").json()

    assert [each["key"] for each in found] == ["11112222", "33334444"]
    assert found[0]["fields"]["email"] == "bo@li-werke.com"
    assert len(office.run("explain", rows, "-s", "contact", "--rows", "1", "--json").json()) == 1


def test_a_row_that_cannot_be_read_would_be_parked(office: Office) -> None:
    rows = office.file("rows.csv", "Badge;Name;E-mail\n11112222;Bo Li\n")

    assert "It would be parked: line 2: 2 cells under 3 columns" in office.run("explain", rows, "-s", "fair")


def test_what_the_source_would_refuse_is_told_with_the_reason(office: Office) -> None:
    empty = office.file("empty.txt", "name=&email=")

    said = office.run("explain", empty, "--source", "contact", code=1)

    assert "empty.txt: would be refused: form: nothing was filled in" in said.err


def test_a_source_that_takes_no_single_payloads_says_what_it_takes(office: Office) -> None:
    assert ".csv" in office.run("explain", payload(office), "--source", "fair", code=2).err


@pytest.mark.parametrize("name", ["missing.json", "missing.csv"])
def test_a_file_that_is_not_there_is_told_plainly(office: Office, name: str) -> None:
    said = office.run("explain", office.folder / name, "--source", "contact", code=1)

    assert f"{name}: No such file or directory" in said.err


def test_an_unknown_source_is_told_with_those_there_are(office: Office) -> None:
    said = office.run("explain", payload(office), "--source", "kontakt", code=3)

    assert "no source is called 'kontakt'; there are: contact, demo, fair" in said.err


@pytest.mark.process
@pytest.mark.parametrize(("source", "file"), [("contact", "post.txt"), ("demo", str(PAYLOAD)), ("fair", "rows.csv")])
def test_no_socket_is_touched_even_with_a_crm_in_the_cloud(office: Office, source: str, file: str) -> None:
    office.change("type: local", 'type: hubspot, token: pat-canary-0000, base_url: "https://api.hubapi.com"')
    office.change("secret: typeform-secret", "secret: typeform-secret, api_token: tfp_canary_0000")
    payload(office)
    office.file("rows.csv", "Badge;Name;E-mail\n11112222;Bo Li;bo@li-werke.com\n")

    said = guarded(office, "explain", file, "--source", source, "-c", str(office.config))

    assert said.returncode == 0, said.stderr
    assert "It would become a new lead." in said.stdout


def test_what_would_be_announced_is_told_so(office: Office) -> None:
    office.change(
        "contact: {type: form",
        "ads: {type: meta, secret: app-secret, api_token: x, page_id: '5'}\n  contact: {type: form",
    )
    change = {"field": "leadgen", "value": {"leadgen_id": 7}}
    file = office.file("post.json", json.dumps({"object": "page", "entry": [{"changes": [change]}]}))

    assert "7 would be kept, and its answers fetched" in office.run("explain", file, "--source", "ads")
    (told,) = office.run("explain", file, "--source", "ads", "--json").json()
    assert (told["key"], told["verdict"]) == ("7", "announced")


@pytest.mark.process
def test_the_guard_of_the_test_above_does_notice_a_call(office: Office) -> None:
    office.change("type: local", 'type: hubspot, token: pat-canary-0000, base_url: "http://127.0.0.1:9"')

    said = guarded(office, "check", "--connect", "-c", str(office.config))

    assert said.returncode == 99
    assert "reached for the network" in said.stderr


def guarded(office: Office, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process that ends at once when anything in it reaches for the network."""
    (office.folder / "sitecustomize.py").write_text(NO_SOCKETS)
    path = os.pathsep.join([str(office.folder), str(Path(__file__).parents[2])])
    return subprocess.run(
        [sys.executable, "-m", "syncd", *words],
        cwd=office.folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
