"""A firm with a door, a source that is fetched from, a folder, a CRM, a book and a chat, each of them open to us."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.sinks.hubspot import plugin as hubspot
from syncd.app import App
from syncd.config.load import Loaded, load_text
from syncd.connector import AlertMessage, WebRequest
from syncd.registry import Registry
from syncd.testing import Answer, Call, FakeServer, lent_tools
from tests.e2e.processes import until
from tests.fakes.hubspot import FakeHubSpot, Options
from tests.fakes.typeform import API_TOKEN, FakeTypeform

CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "{store}", receipts: "{folder}/receipts"}}
people: {{eva: {{name: Eva Muster, email: eva@example.com}}}}
sources:
  contact: {{type: form}}
  demo: {{type: typeform, form_id: F1, api_token: {token}, base_url: "{typeform}", every: 1}}
  fair: {{type: csv, folder: "{folder}/inbox"}}
sinks:
  crm: {{type: hubspot, token: pat-secret, base_url: "{hubspot}", search_lag: 0}}
  archive: {{type: local, file: "{folder}/{archive}"}}
  book: {{type: local, file: "{folder}/{book}"}}
alerts:
  team: {{type: chat, base_url: "{chat}"}}
rules:
  - {{name: everyone, assign: eva}}
"""
OVERDUE = AlertMessage("L1-overdue", "Lead overdue", "Anna Berg is waiting.", "eva@example.com")


class Channel(FakeServer):
    def answer(self, call: Call) -> Answer:
        return Answer(200, b"ok")


@dataclass(frozen=True, slots=True)
class Firm:
    folder: Path
    store: str
    crm: FakeHubSpot
    form: FakeTypeform
    chat: Channel

    def loaded(self, *, book: str = "book.db", archive: str = "archive.db") -> Loaded:
        text = CONFIG.format(
            store=self.store, folder=self.folder, book=book, archive=archive, token=API_TOKEN,
            typeform=self.form.url, hubspot=self.crm.base_url, chat=self.chat.url,
        )  # fmt: skip
        return load_text(text, {}, Registry())

    def work(self, app: App, number: int = 1) -> None:
        """Everybody is asked something by the crew of the present config, and a lead lands everywhere."""
        fetched, read = len(self.form.asked()), self._read_back()
        body = f"name=Anna+Berg&email=anna%40firm{number}.com&message=How+much+is+it%3F".encode()
        request = WebRequest("POST", {"content-type": "application/x-www-form-urlencoded"}, {}, body, datetime.now(UTC))
        app.store.inbox.accept(app.crew.slots["contact"].source.receive(request).submissions)
        app.plan_bell.ring()
        app.crew.alerts["team"].send(OVERDUE)
        until(lambda: len(self.form.asked()) > fetched or None, "the form to be asked for what was missed")
        until(lambda: len(self.crm.tasks) >= number or None, f"task {number}")
        until(lambda: self._read_back() > read or None, "the CRM to be asked for changes")
        until(lambda: not self._under_way(app) or None, "all orders to be done")

    def _read_back(self) -> int:
        return sum(times for (_, path), times in self.crm.calls.items() if path.endswith("/search"))

    def _under_way(self, app: App) -> int:
        return sum(number for _, _, state, number, _ in app.store.reports.queue() if state != "parked")


@contextmanager
def firm(folder: Path, store: str) -> Iterator[Firm]:
    """Its CRM is prepared."""
    (folder / "inbox").mkdir()
    with (
        FakeHubSpot(Options(owners=("eva@example.com",), token="pat-secret")) as crm,
        FakeTypeform({"id": "F1", "title": "Demo", "fields": []}) as form,
        Channel() as chat,
    ):
        sink = hubspot.make(hubspot.options(token="pat-secret", base_url=crm.base_url), lent_tools("crm"))
        assert all(finding.ok for finding in sink.prepare(apply=True))
        sink.close()
        yield Firm(folder, store, crm, form, chat)


def threads() -> set[threading.Thread]:
    return set(threading.enumerate())
