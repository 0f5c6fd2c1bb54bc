"""A connector that hangs in one of its callbacks (F33): the others go on, and it is named."""

import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.local import plugin as local
from syncd.app import App
from syncd.config.load import Loaded, load_text
from syncd.connector import Plugin
from syncd.model import Answer, Context, Submission
from syncd.registry import Registry
from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import told
from tests.e2e.processes import until

CALLBACKS = ("find", "upsert", "add_tasks", "add_notes", "owners", "changes", "close")
NAMED_AFTER = timedelta(seconds=0.3)
CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "sqlite:///{folder}/syncd.db"}}
people:
  eva: {{name: Eva Muster, email: eva@example.com}}
sources:
  contact: {{type: form}}
sinks:
  good: {{type: local}}
  bad: {{type: local, read_back: 1 min{record}}}
rules:
  - {{name: everyone, assign: eva}}
"""


class Hung:
    """The local book, but for one callback, which does not come back before it is let go."""

    def __init__(self, inner: Any, where: str, go: threading.Event) -> None:
        self._inner, self._where, self._go = inner, where, go

    def __getattr__(self, name: str) -> Any:
        return self._hang if name == self._where else getattr(self._inner, name)

    def _hang(self, *given: Any) -> Any:
        self._go.wait(60)
        return getattr(self._inner, self._where)(*given)


def run(folder: Path, leads: int, seed: int) -> Findings:
    found = Findings(runs=len(CALLBACKS))
    with told():
        for where in CALLBACKS:
            _one(_sub(folder, where), where, found)
    return found


def _one(folder: Path, where: str, found: Findings) -> None:
    """Five enquiries reach the sound sink, the report names who hangs, and a reload goes through all the same."""
    go = threading.Event()
    app = App(_loaded(folder, where, go))
    for loop in app.crew.loops:
        loop.too_long = NAMED_AFTER
    app.start()
    try:
        app.intake.inbox.accept([_enquiry(app, number) for number in range(5)])
        app.plan_bell.ring()
        until(lambda: _done(app, "good") >= 15 or None, f"the sound sink's orders while {where} hangs", 20)
        found.accepted += 5
        if where == "close":
            began = time.monotonic()
            app.reload()
            found.most("close: seconds of a reload", time.monotonic() - began, 15)
        else:
            names = until(lambda: [n for n in app.health.report()["loops"] if "bad" in n or n == "planner"], where, 20)
            found.exactly(f"{where}: named", bool(names), True)
        found.exactly(f"{where}: the daemon is alive and ready", app.health.report()["ready"], True)
    finally:
        go.set()
        app.stop()


def _loaded(folder: Path, where: str, go: threading.Event) -> Loaded:
    record = ", system_of_record: yes" if where == "find" else ""
    loaded = load_text(CONFIG.format(folder=folder, record=record), {}, Registry())
    chosen = loaded.sinks["bad"]
    hung = Plugin(local.options, lambda options, tools: Hung(local.make(options, tools), where, go))
    return replace(loaded, sinks={**loaded.sinks, "bad": chosen._replace(plugin=hung)})


def _done(app: App, sink: str) -> int:
    with app.store.database.read() as tx:
        return int(
            tx.exec_driver_sql("SELECT count(*) FROM orders WHERE sink = ? AND state = 'done'", (sink,)).scalar_one()
        )


def _enquiry(app: App, number: int) -> Submission:
    answers = (
        Answer("name", "Ada Beispiel", label="name"),
        Answer("email", f"ada@firm{number}.com", label="email"),
        Answer("message", "How much is it for ten people?", label="message"),
    )
    return Submission("contact", f"k{number}", app.clock.now(), answers, raw=b"raw", context=Context())


def _sub(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made
