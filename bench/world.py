"""Processes on loopback: a daemon, a fake HubSpot; what they used of the machine."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

TOKEN = "pat-bench-00000000"  # noqa: S105 - the fake's own
ROOT = Path(__file__).parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

CONFIG = """
version: 1
company: {{name: Bench, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "{store}"}}
web: {{port: 0}}
log: {{format: json, level: warning}}
people:
  eva: {{name: Eva, email: eva@example.com}}
  tom: {{name: Tom, email: tom@example.com}}
pools:
  sales: {{members: [eva, tom]}}
sources:
  hook: {{type: webhook, unsigned: yes, id: id, tag: Bench}}
{sources}sinks:
  crm: {sink}
rules:
  - {{name: big, when: {{company_size: {{from: 200}}}}, assign: eva}}
  - {{name: germany, when: {{country: DE, message: {{contains: [price, cost]}}}}, assign: {{pool: sales}}}}
  - {{name: everyone else, assign: {{pool: sales}}}}
"""


@dataclass(slots=True)
class Process:
    command: list[str]
    folder: Path
    ready: str
    found: re.Match[str] = field(init=False)
    process: "subprocess.Popen[str]" = field(init=False)

    def __enter__(self) -> Self:
        with (self.folder / "process.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", *self.command],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE if "fakes" in self.command[0] or "bench" in self.command[0] else log,
                stderr=subprocess.PIPE if self.command[0] == "syncd" else log,
                text=True,
            )
        stream = self.process.stderr if self.command[0] == "syncd" else self.process.stdout
        assert stream
        for line in stream:
            if found := re.search(self.ready, line):
                self.found = found
                return self
        raise RuntimeError(f"{self.command} did not start; see {self.folder}/process.log")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def cpu_seconds(self) -> float:
        """User and system time of this process and its children that have ended (proc(5))."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(part) for part in parts[11:15]) / _TICKS

    def memory_mib(self) -> float:
        """Resident set now."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * _PAGE / 2**20


def daemon(
    folder: Path, sink: str, store: str = "sqlite:///data/syncd.db", *, alone: bool = False, sources: str = ""
) -> Process:
    """Syncd on a store of its own; `alone` starts only the intake."""
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(store=store, sink=sink, sources=sources))
    config.chmod(0o600)
    if alone:
        return Process(["bench.intake_alone", str(config)], folder, r"ready http://\S+:(\d+)")
    return Process(["syncd", "run", "-c", str(config)], folder, r"syncd is ready: open http://\S+:(\d+)")


def hubspot(folder: Path, *options: str) -> Process:
    owners = "eva@example.com,tom@example.com"
    command = ["tests.fakes.hubspot", "--port", "0", "--owners", owners, "--token", TOKEN, *options]
    return Process(command, folder, r"listening (\S+)")


def hubspot_sink(url: str, extra: str = "") -> str:
    return f'{{type: hubspot, token: {TOKEN}, base_url: "{url}", search_lag: 0{extra}}}'


def prepare(folder: Path) -> None:
    """Make the properties, as the README says."""
    command = [sys.executable, "-m", "syncd", "prepare", "crm", "--apply", "-c", str(folder / "config.yaml")]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environ)


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310 - loopback
        return json.load(reply)


def tell(url: str, what: object) -> None:
    order = urllib.request.Request(url, json.dumps(what).encode(), method="POST")  # noqa: S310 - loopback
    urllib.request.urlopen(order, timeout=30).close()  # noqa: S310 - loopback


def wait_for(url: str, counts: dict[str, int], seconds: float = 600, pause: float = 0.05) -> float:
    """Until the fake holds so many objects, asked after each `pause`; when that was (time.perf_counter)."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        found = ask(f"{url}/_fake/calls")["counts"]
        if all(found.get(kind, 0) >= wanted for kind, wanted in counts.items()):
            return time.perf_counter()
        time.sleep(pause)
    raise RuntimeError(f"waited {seconds} s in vain for {counts}")
