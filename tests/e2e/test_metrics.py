"""Metrics on an address of their own: there, and nowhere else."""

import socket
from pathlib import Path

import pytest
import requests

from tests.cli.office import Office
from tests.e2e.processes import Process

pytestmark = pytest.mark.process


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def test_metrics_with_a_door_of_their_own_are_not_shown_at_the_other(office: Office) -> None:
    port = free_port()
    office.change("company:", f'web: {{port: 0, metrics: "127.0.0.1:{port}"}}\ncompany:')
    daemon = Process("syncd", "run", "-c", str(office.config), cwd=office.folder)
    url = daemon.wait_for(r"syncd is ready: open (http://\S+?)/?$").group(1)

    own = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    other = requests.get(f"{url}/metrics", timeout=10)
    code = daemon.stop()

    assert (own.status_code, other.status_code, code) == (200, 404, 0)
    assert "syncd_" in own.text


def test_an_address_that_is_taken_is_told(office: Office) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        office.change("company:", f'web: {{port: 0, metrics: "127.0.0.1:{held.getsockname()[1]}"}}\ncompany:')
        daemon = Process("syncd", "run", "-c", str(office.config), cwd=office.folder)
        code = daemon.process.wait(60)
        daemon.stop()

    assert code == 1
    assert any("Set web.metrics" in line for line in daemon.lines)


@pytest.mark.parametrize("place", ["9464", "localhost", ":9464", "127.0.0.1:x", "127.0.0.1:99999"])
def test_what_is_no_address_is_told_with_an_example(office: Office, place: str) -> None:
    office.change("company:", f'web: {{metrics: "{place}"}}\ncompany:')

    assert "write it as 127.0.0.1:9464" in office.run("check", code=2).err
