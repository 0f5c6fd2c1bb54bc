"""Known leads: a store filled with many of them, and how long it takes to look a batch of 50 up there."""

import sqlite3
import time
from pathlib import Path

from syncd.clock import SystemClock
from syncd.store.store import Store

_BATCH = 50
_CHUNK = 500_000


def known_leads(path: Path, known: int, rounds: int = 200) -> dict[str, float]:
    """Microseconds per lead of a batch of 50 in a store that `filled` has made, and what the statements cost alone."""
    store = Store(f"sqlite:///{path}", SystemClock())
    keys = [[key_of((n * 7919 + k) * 104_729 % known) for k in range(_BATCH)] for n in range(rounds)]
    nobody = [f"e:nobody{k}@firm.com" for k in range(_BATCH)]
    store.planning.preview(keys[0])
    started = time.perf_counter()
    for batch in keys:
        store.planning.preview(batch)
    took = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(rounds):
        store.planning.preview(nobody)
    statement = time.perf_counter() - started
    store.close()
    return {"us per lead": took / rounds / _BATCH * 1e6, "us when unknown": statement / rounds / _BATCH * 1e6}


def key_of(number: int) -> str:
    return f"e:p{number:08d}@known.example"


def filled(path: Path, known: int) -> Path:
    """A store of that many leads, each with its e-mail key, made by the database itself: 10 million take minutes."""
    store = Store(f"sqlite:///{path}", SystemClock())
    store.open()
    store.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000;")
    for start in range(0, known, _CHUNK):
        connection.execute("BEGIN")
        bounds = (start, min(known, start + _CHUNK))
        connection.execute(_LEADS, bounds)
        connection.execute(_KEYS, bounds)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?) "
_LEADS = (
    "INSERT INTO leads (id, state, created_at, updated_at, revision, fields, source, lead_source, interactions, owner,"  # noqa: S608 - our own words
    " rule, stage, junk_score, open_task) "
    + _NUMBERS
    + "SELECT printf('L%08d', n), 'assigned', n, n, 1, json_object('email', printf('p%08d@known.example', n)),"
    " 'hook', 'Bench', 1, 'eva', 'everyone else', 'lead', 0, '' FROM numbers"
)
_KEYS = (
    "INSERT INTO lead_keys (key, lead_id, exact) "  # noqa: S608 - our own words
    + _NUMBERS
    + "SELECT printf('e:p%08d@known.example', n), printf('L%08d', n), 1 FROM numbers"
)
