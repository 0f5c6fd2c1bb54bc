"""Arrivals: kept once and durably, claimed by one at a time, set aside when they are damaged."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from syncd.model import Answer, AnswerKind, Context, Page, Submission
from syncd.store import counters, cursors, leases
from syncd.store.database import moment
from syncd.store.inbox import CRASHES, LEASE
from syncd.store.inbox_rows import DAMAGED, Kept, Names, checksum
from syncd.store.keeping import Accepted
from syncd.store.schema import FRAIL, history, inbox
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.together import plan_of, statements, together
from tests.world import submission

WINDOW = timedelta(hours=24)


def rows(store: Store, *columns: str) -> list[tuple[object, ...]]:
    with store.database.read() as tx:
        found = tx.execute(select(*(inbox.c[name] for name in columns)).order_by(inbox.c.id))
        return [tuple(row) for row in found]


def received(store: Store) -> int:
    with store.database.read() as tx:
        return counters.total(tx, "received")


def keys(claimed: Sequence[Kept]) -> list[str]:
    return [kept.submission.key for kept in claimed]


def at(hours: float, **changes: object) -> Submission:
    """One content, received at a time; the provider gave no id."""
    found = submission("hash", window=WINDOW)
    return replace(found, received_at=START + timedelta(hours=hours), **changes)  # type: ignore[arg-type]


def minutes_kept(store: Store, source: str) -> list[int]:
    with store.database.read() as tx:
        kept = tx.execute(select(inbox.c.received_at).where(inbox.c.source == source).order_by(inbox.c.id)).scalars()
        return [round((moment(at_us) - START).total_seconds() / 60) for at_us in kept]


class TestAccepting:
    def test_what_was_accepted_is_there_for_another_process(self, store: Store, other: Store) -> None:
        accepted = store.inbox.accept([submission("1"), submission("2")])

        assert accepted == Accepted(new=2, repeated=0)
        assert other.inbox.waiting() == (2, START)
        assert received(other) == 2

    def test_everything_comes_back_as_it_came(self, store: Store) -> None:
        answers = (
            Answer("q1", "Eva", "Your name", "name", AnswerKind.NAME),
            Answer("q2", ("a", "b"), "Topics"),
            Answer("q3", "\ud800 half \x00 nothing", ref="odd"),
        )
        context = Context(form_name="Contact", honeypot=True, seconds_to_submit=1.5, no_lead="list: a newsletter")
        sent = replace(
            submission("1"), answers=answers, context=context, raw=b"\x00\xff", submitted_at=START - timedelta(hours=1)
        )

        store.inbox.accept([sent])
        _, (kept,) = store.inbox.claim(10)

        assert kept.submission == replace(
            sent, answers=(*answers[:2], replace(answers[2], value="\ufffd half \x00 nothing"))
        )

    def test_a_second_delivery_is_counted_and_not_kept(self, store: Store) -> None:
        store.inbox.accept([submission("1"), submission("2")])

        accepted = store.inbox.accept([submission("1"), submission("1"), submission("3")])

        assert accepted == Accepted(new=1, repeated=2)
        assert rows(store, "key", "repeats") == [("1", 2), ("2", 0), ("3", 0)]
        assert received(store) == 3

    def test_repeats_within_one_commit_are_counted_too(self, store: Store) -> None:
        accepted = store.inbox.accept([submission("1")] * 5)

        assert accepted == Accepted(new=1, repeated=4)
        assert rows(store, "key", "repeats") == [("1", 4)]
        assert received(store) == 1

    def test_the_same_key_of_another_source_is_another_submission(self, store: Store) -> None:
        accepted = store.inbox.accept([submission("1", "contact"), submission("1", "webinar")])

        assert accepted.new == 2

    def test_daemons_that_accept_the_same_deliveries_in_any_order_keep_and_count_each_once(
        self, store: Store, other: Store
    ) -> None:
        batch = [submission(str(number)) for number in range(40)]

        accepted = together(
            *(
                lambda opened=opened, some=some: opened.inbox.accept(some)
                for opened in (store, other)
                for some in (batch, batch[::-1])
            )
        )

        assert sum(one.new for one in accepted) == 40
        assert received(store) == len(rows(store, "id")) == 40
        assert sum(repeats for (repeats,) in rows(store, "repeats")) == 120

    def test_an_unreadable_one_is_parked_with_its_reason_and_still_counted(self, store: Store) -> None:
        store.inbox.accept([replace(submission("1"), problem="not JSON \x00 at line 1")])

        assert store.inbox.claim(10)[1] == []
        assert rows(store, "state", "problem") == [("parked", "not JSON \ufffd at line 1")]

    def test_long_keys_stay_different_even_where_their_beginnings_are_equal(self, store: Store) -> None:
        accepted = store.inbox.accept([submission("k" * 400 + "a"), submission("k" * 400 + "b")])
        again = store.inbox.accept([submission("k" * 400 + "a")])

        assert (accepted.new, again.repeated) == (2, 1)

    def test_odd_characters_in_names_are_no_reason_to_lose_a_lead(self, store: Store) -> None:
        odd = replace(submission("k\x00\ud800"), content_type="text/\x00plain")

        assert store.inbox.accept([odd]).new == 1
        assert store.inbox.accept([odd]).repeated == 1

    def test_a_page_and_its_cursor_are_kept_together_or_not_at_all(self, store: Store) -> None:
        fence = leases.hold(store.database, "source:contact", "me")
        broken = replace(submission("2"), answers=(Answer("q", 5),))  # type: ignore[arg-type]
        unkeepable = replace(submission("3"), answers=(Answer("q", object()),))  # type: ignore[arg-type]

        store.inbox.accept_page("contact", Page([submission("1"), broken], "c1"), fence)
        with pytest.raises(TypeError):
            store.inbox.accept_page("contact", Page([submission("4"), unkeepable], "c2"), fence)

        assert cursors.read(store.database, "source:contact") == "c1"
        assert [key for (key,) in rows(store, "key")] == ["1", "2"]

    def test_a_poller_that_overslept_keeps_nothing(self, store: Store, other: Store, clock: FakeClock) -> None:
        mine = leases.hold(store.database, "source:contact", "me")
        clock.advance(seconds=31)
        theirs = leases.hold(other.database, "source:contact", "them")

        with pytest.raises(leases.LeaseLost):
            store.inbox.accept_page("contact", Page([submission("1")], "c1"), mine)
        other.inbox.accept_page("contact", Page([submission("1")], "c1"), theirs)

        assert len(rows(store, "id")) == 1

    def test_a_group_of_submissions_costs_a_fixed_number_of_statements(self, store: Store) -> None:
        first = [at(0), *(submission(str(number)) for number in range(10))]
        with statements(store.database) as few:
            store.inbox.accept(first)
        with statements(store.database) as many:
            store.inbox.accept(
                [replace(at(0), key=f"h{n}") for n in range(50)] + [submission(f"x{n}") for n in range(50)]
            )

        assert len(many) == len(few)


class TestContentHashes:
    """Keys that are hashes of the content count as repeats within a window, also across the border of two slots."""

    @pytest.mark.parametrize(
        ("hours", "kept"),
        [((0, 1), 1), ((0, 23.9), 1), ((0, 24.1), 2), ((14, 16), 1), ((14, 38.1), 2), ((0, 20, 30), 2), ((0, 72), 2)],
    )
    def test_the_same_content_is_a_repeat_within_its_window(
        self, store: Store, hours: tuple[float, ...], kept: int
    ) -> None:
        for hour in hours:
            store.inbox.accept([at(hour)])

        assert len(rows(store, "id")) == kept
        assert sum(repeats for (repeats,) in rows(store, "repeats")) == len(hours) - kept

    def test_the_window_holds_within_one_commit(self, store: Store) -> None:
        accepted = store.inbox.accept([at(14), at(16), at(16.5)])  # midnight UTC lies between

        assert accepted == Accepted(new=1, repeated=2)
        assert rows(store, "repeats") == [(2,)]

    def test_daemons_keep_one_of_two_that_meet_at_the_border(self, store: Store, other: Store) -> None:
        accepted = together(lambda: store.inbox.accept([at(14.9)]), lambda: other.inbox.accept([at(15.1)]))

        assert sum(one.new for one in accepted) in (1, 2)  # 2 where the later one came first: it is not before it
        if accepted[0].new:
            assert received(store) == len(rows(store, "id"))

    def test_no_two_kept_ones_lie_within_a_window_and_no_one_outside_is_lost(self, store: Store) -> None:
        dice = random.Random(7)

        for number in range(40):
            minutes = sorted(dice.randrange(96 * 60) for _ in range(dice.randint(1, 8)))
            for minute in minutes:
                store.inbox.accept([replace(at(minute / 60), source=f"s{number}")])

            expected = minutes[:1]
            for minute in minutes:
                if minute - expected[-1] >= 24 * 60:
                    expected.append(minute)
            assert minutes_kept(store, f"s{number}") == expected

    def test_names_hold_the_slot_and_the_one_before(self) -> None:
        names = Names.of(at(0))

        assert names.key.rpartition(":")[0] == names.before.rpartition(":")[0] == "hash"
        assert int(names.key.rpartition(":")[2]) == int(names.before.rpartition(":")[2]) + 1


class TestClaiming:
    def test_the_oldest_come_first_and_are_leased(self, store: Store) -> None:
        late = replace(submission("late"), received_at=START - timedelta(minutes=1))
        store.inbox.accept([submission("a"), late, submission("b")])

        token, claimed = store.inbox.claim(2)

        assert keys(claimed) == ["late", "a"]
        assert [kept.attempts for kept in claimed] == [1, 1]
        assert keys(store.inbox.claim(10)[1]) == ["b"]
        assert token

    def test_what_is_not_due_yet_is_left(self, store: Store, clock: FakeClock) -> None:
        store.inbox.accept([submission("1")])
        token, (kept,) = store.inbox.claim(1)
        store.inbox.release(token, [kept.id], timedelta(seconds=5))

        assert store.inbox.claim(1)[1] == []
        clock.advance(seconds=5)
        assert [again.attempts for again in store.inbox.claim(1)[1]] == [2]

    def test_claimers_at_once_never_get_the_same(self, store: Store, other: Store) -> None:
        store.inbox.accept([submission(str(number)) for number in range(60)])

        def claim_all(opened: Store) -> list[str]:
            found: list[str] = []
            while more := keys(opened.inbox.claim(7)[1]):
                found += more
            return found

        taken = together(*(lambda opened=opened: claim_all(opened) for opened in (store, other, store, other)))

        everything = [key for part in taken for key in part]
        assert sorted(everything, key=int) == [str(number) for number in range(60)]

    def test_an_expired_lease_is_taken_over_and_the_late_holder_changes_nothing(
        self, store: Store, clock: FakeClock
    ) -> None:
        store.inbox.accept([submission("1")])
        late, (kept,) = store.inbox.claim(1)
        clock.advance(seconds=LEASE.total_seconds() + 1)
        token, (again,) = store.inbox.claim(1)

        parked = store.inbox.park(late, kept.id, "too late")
        store.inbox.release(late, [kept.id], timedelta(0))
        store.inbox.renew(late, [kept.id])

        assert (parked, again.id) == (False, kept.id)
        assert rows(store, "state", "lease") == [("waiting", token)]
        assert store.inbox.claim(1)[1] == []

    def test_a_renewed_lease_holds(self, store: Store, clock: FakeClock) -> None:
        store.inbox.accept([submission("1")])
        token, (kept,) = store.inbox.claim(1)

        for _ in range(5):
            clock.advance(seconds=20)
            store.inbox.renew(token, [kept.id])

        assert store.inbox.claim(1)[1] == []

    def test_what_is_given_back_untried_keeps_its_attempts(self, store: Store) -> None:
        store.inbox.accept([submission("1")])
        for _ in range(10):
            token, (kept,) = store.inbox.claim(1)
            store.inbox.release(token, [kept.id], timedelta(0), tried=False)

        assert kept.attempts == 1

    def test_a_dead_owners_leases_end_when_the_next_one_starts(self, store: Store) -> None:
        store.inbox.accept([submission("1"), submission("2")])
        store.inbox.claim(1)

        assert store.inbox.take_over() == 1
        assert len(store.inbox.claim(10)[1]) == 2

    @pytest.mark.parametrize("restarted", [False, True])
    def test_what_was_in_the_hands_of_one_that_died_goes_before_a_backlog(
        self, store: Store, clock: FakeClock, restarted: bool
    ) -> None:
        store.inbox.accept([submission(str(n)) for n in range(9)])
        _, lost = store.inbox.claim(3)
        clock.advance(seconds=1 if restarted else LEASE.total_seconds() + 1)
        if restarted:
            store.inbox.take_over()

        _, first = store.inbox.claim(5)

        assert len(first) == 5
        assert set(keys(lost)) < set(keys(first))

    def test_what_was_in_the_hands_of_one_that_died_leaves_room_for_no_more_than_fits(
        self, store: Store, clock: FakeClock
    ) -> None:
        store.inbox.accept([submission(str(n)) for n in range(4)])
        _, lost = store.inbox.claim(2)
        clock.advance(seconds=LEASE.total_seconds() + 1)

        _, claimed = store.inbox.claim(4, room=sum(len(kept.submission.raw) for kept in lost))

        assert keys(claimed) == keys(lost)

    def test_the_claim_finds_what_is_due_through_the_index_of_open_rows(self, store: Store) -> None:
        with statements(store.database) as seen:
            store.inbox.claim(10)

        (claim,) = [one for one in seen if "UPDATE inbox" in one[0]]
        assert "ix_inbox_due" in plan_of(store.database, *claim)


class TestDamage:
    @pytest.mark.parametrize(
        ("column", "value"),
        [("raw", b"flipped"), ("content", '{"answers":[["email","mallory@acme.com"]],"context":{}}'), ("sha256", b"?")],
    )
    def test_a_bit_flip_parks_the_row_and_not_its_neighbours(self, store: Store, column: str, value: object) -> None:
        store.inbox.accept([submission("1"), submission("2")])
        with store.database.write() as tx:
            tx.execute(update(inbox).where(inbox.c.key == "1").values({column: value}))

        _, claimed = store.inbox.claim(10)

        assert keys(claimed) == ["2"]
        assert rows(store, "state", "problem")[0] == ("parked", DAMAGED)
        with store.database.read() as tx:
            assert tx.execute(select(history.c.event, history.c.submission_id)).all() == [("parked", 1)]

    @pytest.mark.parametrize("column", ["source", "key", "received_at", "submitted_at"])
    def test_whatever_else_a_decision_rests_on_is_covered_by_the_checksum(self, store: Store, column: str) -> None:
        store.inbox.accept([submission("1")])
        with store.database.write() as tx:
            tx.execute(update(inbox).values({column: 7 if column.endswith("_at") else "changed"}))

        assert store.inbox.claim(10)[1] == []
        assert "checksum" in str(rows(store, "problem")[0])

    def test_a_row_that_cannot_be_read_back_is_parked_and_does_not_stop_the_claims(self, store: Store) -> None:
        store.inbox.accept([submission("1"), submission("2")])
        with store.database.write() as tx:
            row = tx.execute(select(inbox.c.raw, inbox.c.content).where(inbox.c.key == "1")).one()
            earlier = checksum(row.raw, row.content)  # as an earlier version made it, which did not cover times
            tx.execute(update(inbox).where(inbox.c.key == "1").values(received_at=2**62, sha256=earlier))
            tx.execute(update(inbox).values(due_at=0))

        _, claimed = store.inbox.claim(10)

        assert keys(claimed) == ["2"]
        assert "cannot be read back: OverflowError" in str(rows(store, "problem")[0])


class TestPoison:
    """What is in hand whenever the daemon dies is taken alone, and at last set aside."""

    def crash(self, store: Store, clock: FakeClock, *, most: int = 100) -> list[str]:
        taken = keys(store.inbox.claim(most)[1])
        clock.advance(seconds=31)
        return taken

    def test_after_some_crashes_each_is_taken_alone_those_first_that_were_tried_least(
        self, store: Store, clock: FakeClock
    ) -> None:
        store.inbox.accept([submission("1"), submission("2"), submission("3")])
        for _ in range(FRAIL):
            assert self.crash(store, clock) == ["1", "2", "3"]

        alone = [keys(store.inbox.claim_frail()[1]) for _ in range(4)]

        assert self.crash(store, clock) == []
        assert alone == [["1"], ["2"], ["3"], []]

    def test_what_kills_the_daemon_again_and_again_is_parked_and_the_others_are_not(
        self, store: Store, clock: FakeClock
    ) -> None:
        store.inbox.accept([submission("poison"), submission("fine")])
        for _ in range(FRAIL):
            self.crash(store, clock)

        for _ in range(CRASHES + 3):
            token, claimed = store.inbox.claim_frail()
            if keys(claimed) == ["fine"]:
                store.inbox.park(token, claimed[0].id, "handled")
            clock.advance(seconds=31)

        assert rows(store, "key", "problem") == [
            ("poison", f"the daemon ended {CRASHES} times while this was being planned"),
            ("fine", "handled"),
        ]


class TestPeople:
    def test_parked_and_quarantined_ones_are_planned_again_when_somebody_says_so(self, store: Store) -> None:
        store.inbox.accept([submission("1"), submission("2")])
        token, (first, second) = store.inbox.claim(2)
        store.inbox.park(token, first.id, "why")
        with store.database.write() as tx:
            tx.execute(update(inbox).where(inbox.c.id == second.id).values(state="quarantined"))

        woken = store.inbox.wake([first.id, 99]), store.inbox.wake([second.id], trusted=True)
        _, claimed = store.inbox.claim(10)

        assert woken == (1, 1)
        assert [(kept.attempts, kept.trusted, kept.submission.problem) for kept in claimed] == [
            (1, False, ""),
            (1, True, ""),
        ]
        with store.database.read() as tx:
            events = tx.execute(select(history.c.event).order_by(history.c.id)).scalars().all()
        assert events == ["parked", "released by hand", "released by hand"]

    def test_what_is_planned_is_never_planned_again(self, store: Store) -> None:
        store.inbox.accept([submission("1")])
        with store.database.write() as tx:
            tx.execute(update(inbox).values(state="planned"))

        assert store.inbox.wake([1]) == 0
        assert store.inbox.claim(1)[1] == []

    def test_thousands_can_be_released_at_once(self, store: Store) -> None:
        store.inbox.accept([replace(submission(str(n)), problem="x") for n in range(600)])

        assert store.inbox.wake(range(1, 40_000)) == 600

    def test_one_can_be_read_by_its_number(self, store: Store) -> None:
        store.inbox.accept([submission("1")])

        kept = store.inbox.read(1)

        assert kept is not None
        assert (kept.submission.key, store.inbox.read(2)) == ("1", None)


def test_waiting_counts_through_the_index_of_open_rows(store: Store) -> None:
    with statements(store.database) as seen:
        assert store.inbox.waiting() == (0, None)

    with store.database.write() as tx:
        tx.execute(text("SELECT 1"))
    assert "ix_inbox_due" in plan_of(store.database, *seen[-1])


class TestRoom:
    """A claim holds so many bytes at most, whatever arrives, and everybody has their turn."""

    @staticmethod
    def keep(store: Store, *sizes: int) -> None:
        store.inbox.accept([replace(submission(str(n)), raw=b"x" * size) for n, size in enumerate(sizes)])

    def test_large_ones_are_claimed_a_few_at_a_time_and_in_order(self, store: Store) -> None:
        self.keep(store, 30, 30, 30, 5, 200, 5, 60)

        claims = [keys(store.inbox.claim(100, room=100)[1]) for _ in range(5)]

        assert claims == [["0", "1", "2", "3"], ["4"], ["5", "6"], [], []]

    def test_one_that_is_larger_than_the_room_is_claimed_alone(self, store: Store) -> None:
        self.keep(store, 500, 500)

        claims = [keys(store.inbox.claim(100, room=100)[1]) for _ in range(3)]

        assert claims == [["0"], ["1"], []]

    def test_what_fits_exactly_is_claimed_and_small_ones_by_number(self, store: Store) -> None:
        self.keep(store, 50, 50, 1)

        assert keys(store.inbox.claim(100, room=100)[1]) == ["0", "1"]
        assert keys(store.inbox.claim(100)[1]) == ["2"]

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    def test_those_that_do_not_fit_are_not_read(self, store: Store) -> None:
        self.keep(store, *[1_000_000] * 40)
        store.close()
        store.open()
        before = _bytes_read()

        _, claimed = store.inbox.claim(100, room=2_000_000)

        assert len(claimed) == 2
        assert _bytes_read() - before < 15_000_000


def _bytes_read() -> int:
    """By this process, whether from the disk or from memory; zero where the system does not tell."""
    told = Path("/proc/self/io")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.partition(": ")[2]) for line in lines if line.startswith("rchar")), 0)


class TestMending:
    """What is parked is mended by a submission of the same key that says so, and says something else."""

    def test_mended_submission_takes_the_place_of_the_parked_one_and_counts_once(self, store: Store) -> None:
        store.inbox.accept([replace(submission("1"), problem="line 2: no")])

        accepted = store.inbox.accept([replace(submission("1", name="Eva"), mends=True)])

        assert accepted == Accepted(new=0, repeated=0, mended=1)
        assert received(store) == 1
        assert rows(store, "state", "problem", "repeats", "attempts") == [("waiting", "", 0, 0)]
        _, (kept,) = store.inbox.claim(10)
        assert [answer.value for answer in kept.submission.answers] == ["Eva"]
        with store.database.read() as tx:
            assert tx.execute(select(history.c.event, history.c.detail)).all() == [
                ("mended", '{"reason":"line 2: no"}')
            ]

    def test_same_bytes_mend_nothing(self, store: Store) -> None:
        store.inbox.accept([replace(submission("1"), problem="no")])

        accepted = store.inbox.accept([replace(submission("1"), mends=True)])

        assert accepted == Accepted(new=0, repeated=1)
        assert rows(store, "state", "problem") == [("parked", "no")]

    def test_still_unreadable_it_stays_parked_with_the_reason_of_now(self, store: Store) -> None:
        store.inbox.accept([replace(submission("1"), problem="no")])

        store.inbox.accept([replace(submission("1", name="Eva"), mends=True, problem="still no")])

        assert rows(store, "state", "problem") == [("parked", "still no")]

    def test_what_waits_or_has_been_planned_is_never_changed(self, store: Store) -> None:
        store.inbox.accept([submission("1")])
        before = rows(store, "raw", "state")

        accepted = store.inbox.accept([replace(submission("1", name="Eva"), mends=True)])

        assert accepted == Accepted(new=0, repeated=1)
        assert rows(store, "raw", "state") == before

    def test_without_the_word_a_repeat_is_a_repeat(self, store: Store) -> None:
        store.inbox.accept([replace(submission("1"), problem="no")])

        assert store.inbox.accept([submission("1", name="Eva")]) == Accepted(new=0, repeated=1)

    def test_both_in_one_commit_are_one_submission(self, store: Store) -> None:
        broken = replace(submission("1"), problem="no")

        accepted = store.inbox.accept([broken, replace(submission("1", name="Eva"), mends=True)])

        assert accepted.new == 1
        assert rows(store, "state", "problem") == [("waiting", "")]

    def test_many_that_mend_the_same_row_at_a_time_land_once(self, store: Store) -> None:
        store.inbox.accept([replace(submission("1"), problem="no")])
        mended = [replace(submission("1", name=f"Eva {n}"), mends=True) for n in range(8)]

        found = together(*(lambda one=one: store.inbox.accept([one]) for one in mended))

        assert sum(each.mended for each in found) == 1
        assert received(store) == 1
