"""Known-lead look-up in the store beside many others: microseconds per lead of a batch of 50."""

import time

from bench.figures import folder
from syncd.clock import SystemClock
from syncd.store.schema import lead_keys, leads
from syncd.store.store import Store

_BATCH = 50


def known_leads(known: int, rounds: int = 200) -> dict[str, float]:
    with folder() as where:
        store = Store(f"sqlite:///{where}/syncd.db", SystemClock())
        store.open()
        _fill(store, known)
        keys = [[f"e:p{(n * 7919 + k) % known}@firm.com" for k in range(_BATCH)] for n in range(rounds)]
        started = time.perf_counter()
        for batch in keys:
            store.planning.preview(batch)
        took = time.perf_counter() - started
        nobody = [f"e:nobody{k}@firm.com" for k in range(_BATCH)]
        started = time.perf_counter()
        for _ in range(rounds):
            store.planning.preview(nobody)
        statement = time.perf_counter() - started
        store.close()
    return {"us per lead": took / rounds / _BATCH * 1e6, "us when unknown": statement / rounds / _BATCH * 1e6}


def _fill(store: Store, known: int) -> None:
    row = {
        "state": "assigned", "created_at": 1, "updated_at": 1, "revision": 1, "fields": '{"email":"x@y.com"}',
        "source": "hook", "lead_source": "Bench", "interactions": 1, "owner": "eva", "rule": "r", "stage": "lead",
        "junk_score": 0, "open_task": "t",
    }  # fmt: skip
    for start in range(0, known, 20_000):
        numbers = range(start, min(known, start + 20_000))
        with store.database.write() as tx:
            tx.execute(leads.insert(), [{**row, "id": f"L{n}"} for n in numbers])
            tx.execute(
                lead_keys.insert(), [{"key": f"e:p{n}@firm.com", "lead_id": f"L{n}", "exact": True} for n in numbers]
            )
