"""A real daemon before a real fake CRM, and a ledger of what it has answered."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import requests

from tests.battery.oracle import Evidence, Ledger, check, doubled, lost
from tests.battery.outages.findings import Findings
from tests.battery.views import book, hubspot, stored
from tests.e2e.processes import CONFIG, Daemon, HubSpot, post_typeform, until


class Running(Daemon):
    """`extra` is one more line of `sinks`."""

    extra = ""

    def write_config(self, text: str = CONFIG) -> None:
        super().write_config(text.replace("\nrules:\n", f"{self.extra}\nrules:\n", 1))


class Site:
    def __init__(self, folder: Path, daemon: Running, hub: HubSpot) -> None:
        self.folder, self.daemon, self.hub, self.ledger = folder, daemon, hub, Ledger()

    def post(self, count: int = 1) -> list[int]:
        """Status codes; 0 where the connection failed."""
        return [self._post() for _ in range(count)]

    def _post(self) -> int:
        number = len(self.ledger) + 1
        mail = f"p{number}@firm{number}.com"
        self.ledger.sent("demo", f"t{number}", mail)
        try:
            status = post_typeform(
                self.daemon, f"t{number}", mail, f"What does it cost for {number} people?"
            ).status_code
        except requests.RequestException:
            status = 0
        self.ledger.answered("demo", f"t{number}", status)
        return status

    def ready(self) -> int:
        return requests.get(f"{self.daemon.url}/readyz", timeout=10).status_code

    def open_orders(self, sink: str = "") -> int:
        """Of one sink or of all, and what is not planned yet; as the SQLite file says."""
        query = (
            "SELECT (SELECT count(*) FROM orders WHERE state <> 'done' AND ? IN ('', sink))"
            " + (SELECT count(*) FROM inbox WHERE state = 'waiting')"
        )
        file = str(self.daemon.texts["store"]).removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, timeout=10)) as store:
            return int(store.execute(query, [sink]).fetchone()[0])

    def until_done(self, sink: str = "", seconds: float = 120) -> None:
        until(lambda: self.open_orders(sink) == 0 or None, f"all orders done {sink}", seconds)

    def judge(self, found: Findings) -> None:
        """All that was answered 200 is done; then the daemon ends in order and the oracle looks."""
        self.until_done()
        found.exactly("ended in order", self.daemon.stop(), 0)
        crms = {"crm": hubspot(self.hub.state())}
        if self.daemon.extra:
            crms["book"] = book(self.folder / "book.book.db")
        violations = check(Evidence(self.ledger, stored(str(self.daemon.texts["store"])), crms))
        found.accepted, found.lost, found.doubled = self.ledger.accepted, lost(violations), doubled(violations)
        found.none("violations", [str(each) for each in violations])


@contextmanager
def site(folder: Path, store: str = "", env: Mapping[str, str] | None = None, extra: str = "") -> Iterator[Site]:
    """The CRM is prepared and the daemon started; whatever happens, both are ended."""
    hub = HubSpot(folder)
    daemon = Running(folder, store or f"sqlite:///{folder}/syncd.db", hub)
    daemon.extra = extra
    try:
        daemon.command("prepare", "crm", "--apply")
        daemon.program |= env or {}
        daemon.start()
        yield Site(folder, daemon, hub)
    finally:
        if daemon.process:
            daemon.process.kill()
        hub.process.kill()
