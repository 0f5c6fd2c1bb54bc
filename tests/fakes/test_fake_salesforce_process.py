"""The fake Salesforce as a process of its own: told what to do, ended, and begun again where it was."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

pytestmark = pytest.mark.process
DATA = "/services/data/v59.0"
LEAD = {"attributes": {"type": "Lead"}, "LastName": "Typed", "Company": "In", "Syncd_Key__c": "k"}


def began(state: Path) -> tuple["subprocess.Popen[str]", str]:
    words = ["-m", "tests.fakes.salesforce", "--users", "a@x.example", "--prepared", "--state", str(state)]
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    listening, url, _ = process.stdout.readline().split(" ", 2)
    assert listening == "listening"
    return process, url


def ended(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    assert process.wait(20) == 0
    assert process.stdout
    process.stdout.close()


def upserted(url: str) -> dict[str, Any]:
    basic = ("fake-consumer-key", "fake-consumer-secret")
    login = requests.post(
        f"{url}/services/oauth2/token", {"grant_type": "client_credentials"}, auth=basic, timeout=10
    ).json()
    answer = requests.patch(
        f"{url}{DATA}/composite/sobjects/Lead/Syncd_Key__c",
        json={"records": [LEAD]},
        headers={"Authorization": f"Bearer {login['access_token']}"},
        timeout=10,
    )
    (item,) = answer.json()
    return dict(item)


def test_process_goes_on_where_it_was_and_does_as_it_is_told(tmp_path: Path) -> None:
    process, url = began(tmp_path / "state.json")
    first = upserted(url)
    told = {"do": "edits", "record_id": first["id"], "values": {"Title": "CTO"}}
    assert requests.post(f"{url}/_fake/human", json=told, timeout=10).status_code == 204
    ended(process)

    process, url = began(tmp_path / "state.json")
    again = upserted(url)
    (lead,) = requests.get(f"{url}/_fake/state", timeout=10).json()["objects"]["Lead"]
    assert requests.post(f"{url}/_fake/login", json={"valid": False}, timeout=10).status_code == 204
    refused = requests.post(f"{url}/services/oauth2/token", {"grant_type": "client_credentials"}, timeout=10)
    ended(process)

    assert (again["id"], again["created"]) == (first["id"], False)
    assert lead["Title"] == "CTO"
    assert refused.status_code == 400
