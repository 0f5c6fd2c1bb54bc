"""kill -9 while a daemon makes the schema of an empty store; the next one finishes it and keeps what it is given."""

import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.battery import oracle, views
from tests.battery.crash_world import Postgres, free_port, look_away, open_rows, until
from tests.battery.daemons import Daemon, Nursery
from tests.battery.evidence import Evidence
from tests.battery.provider import Provider

CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "{store}"}}
web: {{port: {port}, address_rate: 1000, source_rate: 1000}}
log: {{format: json}}
people:
  eva: {{name: Eva Muster, email: eva@example.com}}
sources:
  hook: {{type: webhook, unsigned: yes, id: id}}
sinks:
  book: {{type: local, file: "{folder}/book.db"}}
rules:
  - {{name: everyone else, assign: eva}}
"""


@dataclass(slots=True)
class Migrated:
    kills: int = 0
    accepted: int = 0
    found: list[oracle.Violation] = field(default_factory=list)
    seconds: float = 0.0


def batter(server: Postgres | None, stores: Sequence[str], kills: int, dice: random.Random) -> dict[str, Migrated]:
    """So many kills on each kind of database, each on an empty one."""
    kinds = (["sqlite"] if "sqlite" in stores else []) + (["postgres"] if server else [])
    results = {kind: Migrated() for kind in kinds}
    for kind, result in results.items():
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="syncd-migrate-") as name, Nursery(Path(name)) as nursery:
            for number in range(kills):
                folder = Path(name) / str(number)
                folder.mkdir()
                url = server.fresh() if server and kind == "postgres" else f"sqlite:///{folder}/syncd.db"
                kill_and_finish(folder, url, nursery, dice, result)
        result.seconds = time.monotonic() - began
    return results


def kill_and_finish(folder: Path, url: str, nursery: Nursery, dice: random.Random, result: Migrated) -> None:
    config = folder / "config.yaml"
    port = free_port()
    config.write_text(CONFIG.format(store=url, port=port, folder=folder))
    config.chmod(0o600)
    daemon = Daemon(nursery, config, "daemon")
    try:
        for _ in range(dice.randrange(1, 3)):
            (_killed_in_sqlite if url.startswith("sqlite") else _killed_in_postgres)(daemon, url, dice)
            result.kills += 1
        daemon.start()
        provider = Provider(lambda: [port], dice.randrange(10**6), 50.0, 1)
        provider.start()
        provider.wait_for(3, 20)
        provider.drain()
        until(lambda: not open_rows(url), 60)
        crm = views.book(folder / "book.db")
        result.found += oracle.check(Evidence(provider.ledger, views.stored(url), {"book": crm}))
        result.accepted += provider.ledger.accepted
    finally:
        daemon.close()
        look_away(url)


def _killed_in_sqlite(daemon: Daemon, url: str, dice: random.Random) -> None:
    """A few moments after the file has appeared."""
    path = Path(url.partition(":///")[2])
    daemon.begin()
    until(path.exists, 20)
    time.sleep(dice.uniform(0, 0.12))
    daemon.kill()


def _killed_in_postgres(daemon: Daemon, url: str, dice: random.Random) -> None:
    """Half-way: another session has begun to make one of the tables, and the migration waits for what becomes of it."""
    table = dice.choice(("orders", "history", "timers", "counters"))
    with psycopg.connect(url) as ours, psycopg.connect(url, autocommit=True) as watch:
        ours.execute(f"CREATE TABLE {table} (n int)")
        daemon.begin()
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        until(lambda: (watch.execute(waits).fetchone() or (0,))[0], 20)
        daemon.kill()
        ours.rollback()
