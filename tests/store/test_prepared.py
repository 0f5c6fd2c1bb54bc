"""Statements that are compiled once: the same on both databases, and never a walk through the history."""

import importlib
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from sqlalchemy import bindparam, insert, select

from syncd.store import inbox_claims
from syncd.store.prepared import Prepared, among
from syncd.store.schema import counters, leads
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.together import statements
from tests.world import submission

ROOMS = ("inbox", "planning", "orders", "outcomes", "order_rows", "refs", "timers", "history", "counters")
READ_WHOLE = {"pools"}  # one row for each pool of the config


def prepared() -> Iterator[tuple[str, Prepared]]:
    for room in ROOMS:
        module: ModuleType = importlib.import_module(f"syncd.store.{room}")
        for name, found in vars(module).items():
            held = found.values() if isinstance(found, dict) else [found]
            yield from ((f"{room}.{name}", one) for one in held if isinstance(one, Prepared))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", [pytest.param(one, id=name) for name, one in prepared()])
def test_none_walks_through_a_table_or_through_all_of_a_sink(store: Store, statement: Prepared) -> None:
    with store.database.read() as tx:
        text = statement.text(tx)
        rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",) * text.count("?"))
        plan = [row[3] for row in rows]

    walked = {found[1] for line in plan if (found := re.match(r"SCAN (\w+)(?! VIRTUAL)\b", line))}
    assert walked <= READ_WHOLE | {"anon_1", "due", "mine", "summed"}
    wide = [line for line in plan if re.search(r"\(sink=\?( AND ref>\?)?\)", line)]
    assert not [line for line in wide if "ix_orders_frail" not in line]  # holds only what failed often


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("claim", "index"), [(inbox_claims.CLAIM, "ix_inbox_due"), (inbox_claims.CLAIM_LEFT, "ix_inbox_leased")]
)
def test_a_claim_sums_the_sizes_of_what_the_index_brings_and_sorts_nothing_else(
    store: Store, claim: Prepared, index: str
) -> None:
    with store.database.read() as tx:
        text = claim.text(tx)
        plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",) * text.count("?"))]

    found = f"SEARCH inbox USING INDEX {index} (due_at<?)"
    assert [line for line in plan if "inbox" in line] == ["SEARCH inbox USING INTEGER PRIMARY KEY (rowid=?)", found]
    after = plan[plan.index(found) + 1 :]
    assert after[:2] == ["SCAN due", "USE TEMP B-TREE FOR ORDER BY"]  # of a hundred rows at most


NAMES = Prepared(lambda sqlite: select(leads.c.id).where(among(leads.c.id, "ids", sqlite=sqlite)).order_by(leads.c.id))
COUNT = Prepared(insert(counters).values({name: bindparam(name) for name in ("name", "source", "day", "n")}))


def test_a_list_is_one_value_whatever_its_length(store: Store) -> None:
    with statements(store.database) as seen, store.database.read() as tx:
        found = [NAMES.run(tx, ids=["x"] * count).all() for count in (0, 1, 1000)]

    assert found == [[], [], []]
    assert len({statement for statement, _ in seen if "leads" in statement}) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 17, 99, 100, 101, 350])
def test_rows_of_any_number_are_all_inserted(store: Store, count: int) -> None:
    rows = [{"name": "n", "source": f"s{number}", "day": "d", "n": number} for number in range(count)]
    with store.database.write() as tx:
        COUNT.many(tx, rows)

    with store.database.read() as tx:
        found = tx.execute(select(counters.c.source, counters.c.n).order_by(counters.c.n)).all()
    assert [tuple(row) for row in found] == [(row["source"], row["n"]) for row in rows]


def test_what_is_not_forced_to_the_disk_is_still_one_transaction(store: Store) -> None:
    def fail() -> None:
        with store.database.write(durable=False) as tx:
            COUNT.many(tx, [{"name": "n", "source": "s", "day": "d", "n": 1}])
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    with store.database.read() as tx:
        assert tx.execute(select(counters.c.n)).all() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_accept_and_an_intent_are_on_the_disk_whatever_was_done_on_their_connection_before(
    store: Store, clock: FakeClock
) -> None:
    modes: list[int] = []
    store.inbox.accept([submission("a")])
    store.inbox.claim(10)  # not forced
    clock.advance(minutes=1)
    for _ in range(20):
        with store.database.write(durable=False):
            pass
        with store.database.write() as tx:
            modes.append(tx.exec_driver_sql("PRAGMA synchronous").scalar_one())

    assert set(modes) == {2}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_batches_of_every_size_are_few_texts_and_one_statement_each(store: Store) -> None:
    with statements(store.database) as seen, store.database.write() as tx:
        for count in range(1, 101):
            COUNT.many(tx, [{"name": f"{count}", "source": f"s{one}", "day": "d", "n": 1} for one in range(count)])

    texts = [statement for statement, _ in seen if "counters" in statement]
    assert len(texts) == 100
    assert len(set(texts)) == 4
