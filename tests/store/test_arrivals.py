"""What has come from each source in each hour is counted with the submissions themselves, and no repeat counts."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, text

from syncd.core.silence import hour_of
from syncd.model import Submission
from syncd.store import arrivals, listening, migrate, schema
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.together import together
from tests.world import submission


def arrived(key: str, after: timedelta = timedelta(0), source: str = "contact") -> Submission:
    return replace(submission(key, source), received_at=START + after)


def test_arrivals_are_counted_by_source_and_hour_and_repeats_are_not(store: Store) -> None:
    hour, later = timedelta(hours=1), timedelta(hours=1, minutes=7)

    store.inbox.accept([arrived("1"), arrived("2"), arrived("3", later), arrived("4", hour), arrived("5", source="x")])
    store.inbox.accept([arrived("1", timedelta(hours=9)), arrived("6", hour)])

    found = arrivals.read(store.database, "contact", 100)
    assert found is not None
    assert found.last == START + later
    assert dict(found.by_hour) == {hour_of(START): 2, hour_of(START) + 1: 3}
    assert arrivals.read(store.database, "nobody", 100) is None


def test_only_so_many_hours_before_the_last_arrival_are_read(store: Store) -> None:
    store.inbox.accept([arrived("1"), arrived("2", timedelta(hours=5)), arrived("3", timedelta(hours=7))])

    found = arrivals.read(store.database, "contact", 2)

    assert found is not None
    assert list(found.by_hour) == [hour_of(START) + 5, hour_of(START) + 7]


def test_an_upgrade_counts_what_the_inbox_has_already(store: Store) -> None:
    store.inbox.accept([arrived("1"), arrived("2"), arrived("3", timedelta(hours=3))])
    with store.database.read() as tx:
        before = tx.execute(select(schema.arrivals).order_by(schema.arrivals.c.hour)).all()
    with store.database.write() as tx:
        tx.execute(text("DROP INDEX ix_orders_sending"))
        tx.execute(text("DROP INDEX ix_inbox_leased"))
        tx.execute(text("DROP TABLE arrivals"))
        tx.execute(text("UPDATE alembic_version SET version_num = '0002'"))

    migrate.upgrade(store.database)

    with store.database.read() as tx:
        assert tx.execute(select(schema.arrivals).order_by(schema.arrivals.c.hour)).all() == before
    assert len(before) == 2


def test_daemons_that_begin_at_once_listen_as_one(store: Store, other: Store) -> None:
    now = store.database.now()

    first, second = together(*[lambda each=each: listening.note(each.database, ["a"], None) for each in (store, other)])

    assert first == second == {"a": now}


def test_a_time_in_which_nobody_listened_begins_the_silence_anew_but_ends_none(store: Store, clock: FakeClock) -> None:
    began = store.database.now()
    listening.note(store.database, ["a", "b"], None)
    clock.advance(minutes=9)
    assert listening.note(store.database, ["a", "b"], ["b"]) == {"a": began, "b": began}

    clock.advance(hours=1)

    assert listening.note(store.database, ["a", "b", "c"], None) == {
        "a": store.database.now(), "b": began, "c": store.database.now(),
    }  # fmt: skip
