"""Real processes for end-to-end tests: the daemon, the fake HubSpot, and a provider that posts to it."""

import base64
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import requests

PROGRAM = Path(__file__).parents[2]
TYPEFORM_SECRET, TALLY_SECRET, TOKEN = "typeform-secret", "tally-secret", "pat-test-00000000"
PATIENCE = 120.0

T = TypeVar("T")


class Program:
    """A program whose output is collected; ended by its own pid only."""

    def __init__(self, *command: str, cwd: Path, env: Mapping[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(PROGRAM), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip())

    def wait_for(self, pattern: str) -> re.Match[str]:
        def found() -> re.Match[str] | None:
            return next((m for line in list(self.lines) if (m := re.search(pattern, line))), None)

        return until(lambda: found() or self._dead(), f"{pattern!r} in the output of {self.process.args}")

    def _dead(self) -> None:
        if self.process.poll() is not None:
            time.sleep(0.2)
            raise AssertionError("ended too early:\n" + "\n".join(self.lines[-30:]))

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait(10)
        self._reader.join(10)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(40)
        self._reader.join(10)
        return code

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)


STAFF = "eva@example.com,tom@example.com"


class Process(Program):
    """A module of ours, run by the Python that runs the tests."""

    def __init__(self, *command: str, cwd: Path, env: Mapping[str, str] | None = None) -> None:
        super().__init__(sys.executable, "-W", "ignore", "-m", *command, cwd=cwd, env=env)


def until(ask: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """Ask again and again, until there is an answer; other processes set the pace."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class FakeProcess:
    """The fake of a service as a process of its own."""

    def __init__(self, folder: Path, *command: str) -> None:
        self.process = Process(*command, "--port", "0", cwd=folder)
        self.url = self.process.wait_for(r"listening (\S+)").group(1)

    def state(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/_fake/state", timeout=PATIENCE).json()  # type: ignore[no-any-return]

    def calls(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/_fake/calls", timeout=PATIENCE).json()  # type: ignore[no-any-return]

    def order(self, action: str, **body: Any) -> None:
        requests.post(f"{self.url}/_fake/{action}", json=body, timeout=PATIENCE).raise_for_status()


class HubSpot(FakeProcess):
    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder, "tests.fakes.hubspot", "--owners", STAFF, "--token", TOKEN, *options)

    def objects(self, kind: str) -> list[dict[str, Any]]:
        return [found for found in self.state()["objects"][kind] if not found["archived"]]


class Salesforce(FakeProcess):
    """With the fields that `syncd prepare` makes."""

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder, "tests.fakes.salesforce", "--users", STAFF, "--prepared", *options)


class Fake(FakeProcess):
    """Of the service with this name, with the staff as its users."""

    def __init__(self, name: str, folder: Path, *options: str) -> None:
        super().__init__(folder, f"tests.fakes.{name}", "--users", STAFF, *options)


class Zoho(FakeProcess):
    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder, "tests.fakes.zoho", "--owners", STAFF, *options)

    def objects(self, module: str) -> list[dict[str, Any]]:
        return list(self.state()["objects"][module])


CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "{store}"}}
web: {{port: {port}}}
log: {{format: json}}
hours:
  office: {{week: {{mon-fri: "09:00-17:00"}}, holidays: DE-BY}}
people:
  eva: {{name: Eva Muster, email: eva@example.com, hours: office}}
  tom: {{name: Tom Test, email: tom@example.com, hours: office}}
pools:
  sales: {{members: [eva, tom]}}
sources:
  contact: {{type: form, tag: Website}}
  demo: {{type: typeform, form_id: F1, secret: {typeform}}}
  survey: {{type: tally, secret: {tally}, tag: Survey}}
sinks:
  crm: {{type: hubspot, token: {token}, base_url: "{hubspot}", patience: {patience} s, search_lag: 0}}
rules:
  - name: pricing
    when: {{message: {{contains: [price, cost]}}}}
    assign: tom
    target: 30 min
  - name: everyone else
    assign: {{pool: sales}}
"""


class Daemon:
    """syncd itself, on a config of its own."""

    def __init__(self, folder: Path, store: str, hubspot: HubSpot, patience: int = 5, program: Path = PROGRAM) -> None:
        self.folder, self.port = folder, 0
        self.program = {"PYTHONPATH": str(program)}  # the version of syncd that is run
        self.config = folder / "config.yaml"
        self.texts = {"store": store, "hubspot": hubspot.url, "typeform": TYPEFORM_SECRET, "tally": TALLY_SECRET,
                      "token": TOKEN, "patience": patience}  # fmt: skip
        self.process: Process | None = None
        self.url = ""

    def write_config(self, text: str = CONFIG) -> None:
        self.config.write_text(text.format(port=self.port, **self.texts))
        self.config.chmod(0o600)

    def start(self) -> "Daemon":
        self.write_config()
        self.process = Process("syncd", "run", "-c", str(self.config), cwd=self.folder, env=self.program)
        self.url = self.process.wait_for(r"syncd is ready: open (http://\S+?)/?$").group(1)
        self.port = int(self.url.rpartition(":")[2])
        return self

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        self.write_config()
        return subprocess.run(
            [sys.executable, "-m", "syncd", *words, "-c", str(self.config)],
            cwd=self.folder,
            env={**os.environ, **self.program},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def kill(self) -> None:
        assert self.process
        self.process.kill()

    def stop(self) -> int:
        return self.process.stop() if self.process else 0

    def leads(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.url}/api/leads", timeout=PATIENCE).json()["leads"]  # type: ignore[no-any-return]

    def wait_until_done(self, leads: int) -> list[dict[str, Any]]:
        """So many leads are there, and nothing of them is still to be sent."""

        def done() -> list[dict[str, Any]] | None:
            found = self.leads()
            orders = [order for lead in found for order in lead["orders"]]
            whole = len(found) == leads and all(order["state"] == "done" for order in orders)
            return found if whole and orders and not self._waiting() else None

        return until(done, f"{leads} leads, all done")

    def _waiting(self) -> int:
        return int(requests.get(f"{self.url}/api/leads", timeout=PATIENCE).json()["waiting"])


def post_typeform(daemon: Daemon, token: str, email: str, message: str) -> requests.Response:
    """A signed webhook as Typeform sends it."""
    fields = [("e1", "email", "Your e-mail"), ("n1", "short_text", "Your name"), ("q1", "long_text", "Your question")]
    values: list[dict[str, Any]] = [
        {"type": "email", "email": email, "field": {"id": "e1", "type": "email", "ref": "email"}},
        {"type": "text", "text": "Ada Beispiel", "field": {"id": "n1", "type": "short_text", "ref": "name"}},
        {"type": "text", "text": message, "field": {"id": "q1", "type": "long_text", "ref": "question"}},
    ]
    body = json.dumps(
        {
            "event_id": f"ev-{token}",
            "event_type": "form_response",
            "form_response": {
                "form_id": "F1",
                "token": token,
                "submitted_at": "2026-11-22T10:00:00Z",
                "landed_at": "2026-11-22T09:59:00Z",
                "hidden": {"utm_source": "newsletter", "utm_medium": "email"},
                "definition": {
                    "id": "F1",
                    "title": "Demo",
                    "fields": [{"id": i, "type": t, "title": title, "ref": i} for i, t, title in fields],
                },
                "answers": values,
            },
        }
    ).encode()
    signature = base64.b64encode(hmac.new(TYPEFORM_SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"Typeform-Signature": f"sha256={signature}", "Content-Type": "application/json"}
    return requests.post(f"{daemon.url}/in/demo", body, headers=headers, timeout=30)


def post_tally(daemon: Daemon, key: str, email: str, message: str) -> requests.Response:
    """A signed webhook as Tally sends it."""
    rows = [("Name", "INPUT_TEXT", "Bob Muster"), ("Email", "INPUT_EMAIL", email), ("Message", "TEXTAREA", message)]
    body = json.dumps(
        {
            "eventId": f"ev-{key}",
            "eventType": "FORM_RESPONSE",
            "createdAt": "2026-11-22T10:00:00.000Z",
            "data": {
                "responseId": key,
                "submissionId": key,
                "respondentId": "r1",
                "formId": "T1",
                "formName": "Survey",
                "createdAt": "2026-11-22T10:00:00.000Z",
                "fields": [
                    {"key": f"question_{n}", "label": label, "type": kind, "value": value}
                    for n, (label, kind, value) in enumerate(rows)
                ],
            },
        }
    ).encode()
    signature = base64.b64encode(hmac.new(TALLY_SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"Tally-Signature": signature, "Content-Type": "application/json"}
    return requests.post(f"{daemon.url}/in/survey", body, headers=headers, timeout=30)


def post_form(daemon: Daemon, email: str, message: str, name: str = "Cleo Muster") -> requests.Response:
    """What a browser sends from a plain HTML form."""
    fields = {"name": name, "email": email, "company": "Cleo GmbH", "phone": "030 1234567", "message": message}
    return requests.post(f"{daemon.url}/in/contact", fields, timeout=30)
