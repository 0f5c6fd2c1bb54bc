"""Strangers' connectors: written by the command, installed by pip, tested by their contract, used by a daemon."""

import hmac
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.e2e.processes import Process, until

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/example-connector"
NAMES = {"source": "acmeforms", "sink": "acme-crm", "alert": "acme-pager"}
SECRET = "of-the-enquiries"
CONFIG = f"""\
version: 1
company: {{name: Acme, domains: [acme.example], country: DE, zone: Europe/Berlin}}
people:
  eva: {{name: Eva Muster, email: eva@acme.example}}
web: {{port: 0}}
sources:
  enquiries: {{type: acmeforms, secret: {SECRET}}}
sinks:
  book: {{type: local, file: book.db}}
alerts:
  pager: {{type: acme-pager, key: of-the-pager, to: eva@acme.example}}
rules:
  - {{name: everyone else, assign: eva}}
"""
DELIVERY = b"""{"id": "r-77", "sent_at": "2026-03-02T11:58:00Z", "form": {"id": "f-9", "name": "Ask us"}, "answers": [
  {"question": "Your name", "type": "text", "answer": "Ada Beispiel"},
  {"question": "E-mail", "type": "email", "answer": "ada@beispiel-bau.example"},
  {"question": "Message", "type": "text", "answer": "What does it cost for ten people?"}]}"""

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]


@dataclass
class Kit:
    """Where the packages lie, and where pip has put them."""

    packages: Path
    installed: Path

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.installed), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *words: str | Path, cwd: Path) -> str:
        """Standard output of a module run by our Python; it must end well."""
        command = [sys.executable, "-m", *map(str, words)]
        done = subprocess.run(command, cwd=cwd, env=self.env, capture_output=True, text=True, check=False, timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """A package of each kind: the source is the example of the docs, the others are written by the command."""
    made = Kit(tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("installed"))
    shutil.copytree(EXAMPLE, made.packages / "syncd-acmeforms", ignore=shutil.ignore_patterns("*.egg-info", "build"))
    for kind in ("sink", "alert"):
        made.run("syncd", "connectors", "new", NAMES[kind], "--kind", kind, "--into", made.packages, cwd=made.packages)
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check")
    folders = [made.packages / f"syncd-{name}" for name in NAMES.values()]
    made.run("pip", "install", *offline, "--target", made.installed, *folders, cwd=made.packages)
    return made


@pytest.mark.parametrize(("kind", "name"), NAMES.items())
def test_package_keeps_its_contract_as_it_stands(kit: Kit, kind: str, name: str) -> None:
    said = kit.run("pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:randomly", "tests",
                   cwd=kit.packages / f"syncd-{name}")  # fmt: skip

    (passed,) = [line for line in said.splitlines() if " passed" in line]
    assert int(passed.split()[0]) >= {"source": 10, "sink": 30, "alert": 30}[kind]
    skipped = [line for line in said.splitlines() if line.startswith("SKIPPED")]
    assert [line for line in skipped if "does not apply: " not in line] == []


def test_command_knows_what_pip_has_installed(kit: Kit) -> None:
    listed = kit.run("syncd", "connectors", cwd=kit.packages)
    shown = kit.run("syncd", "connectors", "acme-crm", cwd=kit.packages)

    for kind, name in NAMES.items():
        assert [kind, name] in [line.split() for line in listed.splitlines()]
    assert "key: text, required, secret" in shown


@pytest.fixture
def daemon(kit: Kit, tmp_path: Path) -> Iterator[Process]:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    config.chmod(0o600)
    kit.run("syncd", "check", "-c", config, cwd=tmp_path)
    running = Process("syncd", "run", "-c", str(config), cwd=tmp_path, env=kit.env)
    yield running
    running.stop()


def test_daemon_lands_a_lead_that_came_through_a_strangers_source(kit: Kit, daemon: Process, tmp_path: Path) -> None:
    url = daemon.wait_for(r"syncd is ready: open (http://\S+?)/?$").group(1)
    proof = {"x-acmeforms-signature": hmac.digest(SECRET.encode(), DELIVERY, "sha256").hex()}

    answers = [requests.post(f"{url}/in/enquiries", data=DELIVERY, headers=proof, timeout=30) for _ in range(2)]
    forged = requests.post(f"{url}/in/enquiries", data=DELIVERY, timeout=30)

    assert ([answer.status_code for answer in answers], forged.status_code) == ([200, 200], 401)
    until(lambda: rows(tmp_path, "tasks") == 1, "the task in the book")
    assert rows(tmp_path, "contacts") == 1


def rows(folder: Path, table: str) -> int:
    book = next(folder.rglob("book.db"), None)
    if book is None:
        return 0
    with closing(sqlite3.connect(book)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - names above
