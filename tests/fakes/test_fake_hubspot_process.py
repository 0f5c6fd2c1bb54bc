"""The fake as a process of its own, steered over HTTP."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.process


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The address and the headers that log in; the process ends by SIGTERM."""
    command = [sys.executable, "-m", "tests.fakes.hubspot", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            word, url, token = process.stdout.readline().split()
            assert word == "listening"
            yield url, {"Authorization": f"Bearer {token.removeprefix('token=')}"}
        finally:
            process.terminate()
            assert process.wait(10) == 0


def post(url: str, body: Any, headers: dict[str, str] | None = None) -> requests.Response:
    return requests.post(url, json=body, headers=headers, timeout=10)


def test_another_process_can_look_and_steer() -> None:
    with started("--owners", "a@x.com,b@x.com", "--limits", "--search-lag", "30") as (url, login):
        made = post(f"{url}/_fake/human", {"do": "adds_contact", "properties": {"email": "a@x.com"}})
        contact = made.json()["id"]
        edit = {"do": "edits", "record_id": contact, "properties": {"hs_lead_status": "OPEN"}}
        post(f"{url}/_fake/human", edit)
        searched = post(f"{url}/crm/v3/objects/contacts/search", {}, login).json()["total"]
        post(f"{url}/_fake/advance", {"seconds": 30})
        post(f"{url}/_fake/fault", {"kind": "server_error", "path": "*/owners"})
        owners = f"{url}/crm/v3/owners"
        statuses = [requests.get(owners, headers=login, timeout=10).status_code for _ in range(2)]

        state = requests.get(f"{url}/_fake/state", timeout=10).json()

        assert searched == 0
        assert statuses == [502, 200]
        assert state["objects"]["contacts"][0]["properties"]["hs_lead_status"] == "OPEN"
        assert [each["email"] for each in state["owners"]] == ["a@x.com", "b@x.com"]
        assert state["calls"] == {"POST /crm/v3/objects/contacts/search": 1, "GET /crm/v3/owners": 2}
        assert post(f"{url}/crm/v3/objects/contacts/search", {}, login).json()["total"] == 1
        post(f"{url}/_fake/reset", {})
        assert requests.get(f"{url}/_fake/calls", timeout=10).json()["counts"]["contacts"] == 0


def test_wrong_orders_are_answered_with_the_reason() -> None:
    with started() as (url, _):
        unknown = post(f"{url}/_fake/fault", {"kind": "slow"})
        missing = post(f"{url}/_fake/human", {"do": "deletes", "record_id": "1"})

        assert unknown.status_code == missing.status_code == 400
        assert "none of latency" in unknown.json()["message"]
        assert requests.get(f"{url}/_fake/nothing", timeout=10).status_code == 404


def test_a_restart_goes_on_where_the_state_file_ends(tmp_path: Path) -> None:
    file = str(tmp_path / "state.json")
    definition = {
        "name": "syncd_key",
        "label": "Key",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        "hasUniqueValue": True,
    }
    row = {"id": "k1", "idProperty": "syncd_key", "properties": {"email": "a@x.com"}}
    upsert = "/crm/v3/objects/contacts/batch/upsert"

    with started("--state", file, "--owners", "a@x.com") as (url, login):
        post(f"{url}/crm/v3/properties/contacts", definition, login)
        first = post(url + upsert, {"inputs": [row]}, login).json()["results"][0]
    with started("--state", file) as (url, login):
        again = post(url + upsert, {"inputs": [row]}, login).json()["results"][0]
        owners = requests.get(f"{url}/crm/v3/owners", headers=login, timeout=10).json()["results"]

    assert (first["new"], again["new"]) == (True, False)
    assert first["id"] == again["id"]
    assert len(owners) == 1
