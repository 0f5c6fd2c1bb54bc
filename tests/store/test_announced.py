"""Rows of which only the id has come: found by an index of their own, and announced still after a rebuild."""

from dataclasses import replace
from pathlib import Path

from syncd.model import Submission
from syncd.store.announced import LEASE
from syncd.store.inbox import Inbox
from syncd.store.receipts import Reading, Receipts, read
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.together import plan_of, statements
from tests.world import submission


def announced(key: str = "a1", source: str = "ads") -> Submission:
    return replace(submission(key, source), answers=(), announced=True)


def test_claiming_them_reads_nothing_of_what_waits_to_be_planned(store: Store) -> None:
    store.inbox.accept([submission(str(number), "ads") for number in range(1000)])
    if not store.database.sqlite:
        with store.database.write() as tx:
            tx.exec_driver_sql("ANALYZE inbox")  # how many there are decides which index serves best
    with statements(store.database) as seen:
        store.announced.claim("ads", 10)
        store.announced.any_due("ads")

    looked = [one for one in seen if "announced" in one[0]]
    assert len(looked) == 4
    indexes = ["ix_inbox_leased" if "lease IS NOT NULL" in text else "ix_inbox_announced" for text, _ in looked]
    assert indexes.count("ix_inbox_leased") == 1
    for one, index in zip(looked, indexes, strict=True):
        assert index in plan_of(store.database, *one)


def test_each_source_has_its_own(store: Store) -> None:
    store.inbox.accept([announced(), announced("b1", "feedback"), submission("1")])

    assert [(each.source, each.count, each.oldest) for each in store.announced.waiting()] == [
        ("ads", 1, START),
        ("feedback", 1, START),
    ]
    assert [kept.submission.key for kept in store.announced.claim("feedback", 10)[1]] == ["b1"]
    assert store.inbox.waiting()[0] == 1


def test_a_leased_one_is_nobody_elses_and_an_owner_who_died_gives_it_back(store: Store) -> None:
    store.inbox.accept([announced()])
    store.announced.claim("ads", 10)

    assert store.announced.claim("ads", 10)[1] == []
    assert store.inbox.take_over() == 1
    assert len(store.announced.claim("ads", 10)[1]) == 1


def test_what_was_in_the_hands_of_one_that_died_goes_before_a_backlog(store: Store, clock: FakeClock) -> None:
    store.inbox.accept([announced(f"a{number}") for number in range(9)])
    _, lost = store.announced.claim("ads", 3)
    clock.advance(seconds=LEASE.total_seconds() + 1)

    _, taken = store.announced.claim("ads", 5)

    assert len(taken) == 5
    assert {kept.id for kept in lost} < {kept.id for kept in taken}


def test_what_is_taken_over_is_not_made_whole_by_who_had_it_before(store: Store) -> None:
    store.inbox.accept([announced()])
    token, (kept,) = store.announced.claim("ads", 10)
    store.inbox.take_over()
    store.announced.claim("ads", 10)

    assert not store.announced.whole(token, kept.id, submission("a1", "ads"))


def test_a_lost_store_knows_from_its_receipts_that_answers_are_missing(store: Store, tmp_path: Path) -> None:
    receipts = Receipts(tmp_path / "receipts", FakeClock(), days=7)
    receipts.keep([announced(), submission("1")])
    receipts.close()

    Inbox(store.database).rebuild(list(read(receipts.folder, Reading())))

    assert [(each.source, each.count) for each in store.announced.waiting()] == [("ads", 1)]
    assert [kept.submission.key for kept in store.inbox.claim(10)[1]] == ["1"]
