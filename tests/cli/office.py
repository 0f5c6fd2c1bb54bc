"""A small company with a form, a signed form, a folder of CSV files and a book, all in one folder."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from typer.testing import CliRunner

from syncd.app import App
from syncd.cli.main import app as command
from syncd.clock import Clock
from syncd.config.load import Loaded, load_config
from syncd.connector import WebRequest
from syncd.registry import Registry

SECRET = "typeform-secret"

CONFIG = f"""\
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "sqlite:///data/syncd.db"}}
log: {{format: json}}
people:
  eva: {{name: Eva Muster, email: eva@example.com}}
  tom: {{name: Tom Test, email: tom@example.com}}
pools:
  sales: {{members: [eva, tom]}}
sources:
  contact: {{type: form, tag: Website}}
  demo: {{type: typeform, form_id: F1, secret: {SECRET}}}
  fair: {{type: csv, folder: inbox, delimiter: ";", id_column: Badge}}
sinks:
  book: {{type: local}}
rules:
  - name: pricing
    when: {{message: {{contains: [price, cost]}}}}
    assign: tom
    target: 30 min
  - name: everyone else
    assign: {{pool: sales}}
"""
ANNA = {
    "name": "Anna Berg",
    "email": "anna@berg-bau.com",
    "company": "Berg Bau GmbH",
    "message": "What is the price for ten people?",
}


class Office:
    """Runs commands as a person would, and lets leads land without threads."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "config.yaml"
        (folder / "inbox").mkdir()
        self.write(CONFIG)

    def write(self, config: str) -> None:
        self.config.write_text(config, encoding="utf-8")
        self.config.chmod(0o600)

    def change(self, old: str, new: str) -> None:
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.write(text.replace(old, new))

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *words: str | Path, code: int = 0, given: bytes = b"") -> "Said":
        """What a command says that is given these bytes; it must end with this exit code, and without a traceback."""
        env = {"SYNCD_CONFIG": str(self.config)}
        told = CliRunner().invoke(command, [str(word) for word in words], env=env, input=given)
        assert told.exception is None or isinstance(told.exception, SystemExit), repr(told.exception)
        assert told.exit_code == code, told.output
        assert "Traceback" not in told.output
        return Said(told.stdout, told.stderr)

    def loaded(self) -> Loaded:
        return load_config(self.config, {}, Registry())

    @contextmanager
    def app(self, clock: Clock | None = None) -> Iterator[App]:
        """All parts on an open store, nothing running."""
        built = App(self.loaded(), clock=clock)
        built.store.open()
        try:
            yield built
        finally:
            built.crew.close()
            built.store.close()

    def receive(self, **fields: str) -> None:
        """A post of the form is kept, and nothing more."""
        with self.app() as built:
            keep(built, **fields)

    def land(self, **fields: str) -> None:
        """A post of the form is kept, planned and sent."""
        with self.app() as built:
            keep(built, **(fields or ANNA))
            settle(built)


class Said(str):
    """What a command wrote: it is its standard output; `err` is its standard error."""

    __slots__ = ("err",)
    err: str

    def __new__(cls, out: str, err: str) -> Self:
        made = super().__new__(cls, out)
        made.err = err
        return made

    def json(self) -> Any:
        return json.loads(self)


def keep(built: App, **fields: str) -> None:
    """What the form sends is kept."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = WebRequest("POST", headers, {}, urlencode(fields).encode(), datetime.now(UTC))
    built.store.inbox.accept(built.crew.slots["contact"].source.receive(request).submissions)


def settle(built: App) -> None:
    """Plan and send until nothing more can be done now."""
    turns = [loop.turn for loop in built.crew.loops if loop.name.startswith(("planner", "dispatcher"))]
    while True in [turn() for turn in turns]:
        pass
