"""The intake: one writer, answers after the commit, nobody refused for a neighbour's fault."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from syncd.errors import StoreBusy, StoreError
from syncd.model import Answer, Submission
from syncd.run.bell import Bell
from syncd.run.intake import Intake, Limits
from syncd.store.inbox import Inbox
from syncd.store.keeping import Accepted
from syncd.store.store import Store
from tests.world import submission


class Inboxes:
    """An inbox that does what the test says before it keeps anything."""

    def __init__(self, before: Callable[[Sequence[Submission]], None] = lambda _: None) -> None:
        self.kept: list[list[str]] = []
        self.before, self.probes = before, 0

    def accept(self, submissions: Sequence[Submission]) -> Accepted:
        self.before(submissions)
        self.kept.append([one.key for one in submissions])
        return Accepted(len(submissions), 0)

    def probe(self) -> None:
        self.probes += 1
        self.before([])

    @property
    def keys(self) -> list[str]:
        return [key for group in self.kept for key in group]


@contextmanager
def working(inbox: Inboxes | Inbox, **limits: float) -> Iterator[Intake]:
    intake = Intake(inbox, Bell(), Limits(**{"try_again": 30, **limits}))  # type: ignore[arg-type]
    intake.start()
    try:
        yield intake
    finally:
        intake.close()
        assert not intake.alive


def give(intake: Intake, *groups: Sequence[Submission]) -> list[BaseException | None]:
    """Deliver all at once; what each was answered."""

    async def deliver() -> list[BaseException | None]:
        return list(await asyncio.gather(*(intake.accept(group) for group in groups), return_exceptions=True))

    return asyncio.run(deliver())


def test_it_answers_only_after_the_commit() -> None:
    committing, commit = threading.Event(), threading.Event()

    def wait(_: Sequence[Submission]) -> None:
        committing.set()
        commit.wait(10)

    async def deliver(intake: Intake) -> tuple[bool, bool]:
        answer = asyncio.ensure_future(intake.accept([submission("1")]))
        await asyncio.to_thread(committing.wait, 10)
        early = answer.done()
        commit.set()
        await answer
        return early, answer.done()

    with working(Inboxes(wait)) as intake:
        assert asyncio.run(deliver(intake)) == (False, True)


def test_what_it_answered_is_in_the_store(store: Store, other: Store) -> None:
    with working(store.inbox) as intake:
        answers = give(intake, [submission("1")], [submission("2"), submission("3")], [submission("1")])

    assert answers == [None, None, None]
    assert other.inbox.waiting()[0] == 3


def test_what_waits_meanwhile_is_committed_together() -> None:
    first = threading.Event()
    inbox = Inboxes(lambda _: first.wait(10) and None)

    async def deliver(intake: Intake) -> None:
        deliveries = [asyncio.ensure_future(intake.accept([submission(str(n))])) for n in range(50)]
        await asyncio.sleep(0)
        first.set()
        await asyncio.gather(*deliveries)

    with working(inbox) as intake:
        asyncio.run(deliver(intake))

    assert len(inbox.keys) == 50
    assert len(inbox.kept) <= 3


def test_a_commit_has_a_size_that_ends() -> None:
    inbox = Inboxes()

    with working(inbox, at_once=10) as intake:
        give(intake, *([submission(str(n))] for n in range(35)))

    assert len(inbox.keys) == 35
    assert max(map(len, inbox.kept)) <= 10


def test_the_planner_is_woken(store: Store) -> None:
    bell = Bell()
    intake = Intake(store.inbox, bell)
    intake.start()

    give(intake, [submission("1")])
    intake.close()

    assert bell.wait(0)


class TestOneThatCannotBeKept:
    def refuse(self, key: str) -> Inboxes:
        def before(submissions: Sequence[Submission]) -> None:
            if any(one.key == key and one.answers for one in submissions):
                raise TypeError("not JSON")

        return Inboxes(before)

    def test_it_does_not_make_the_others_fail(self) -> None:
        inbox = self.refuse("3")

        with working(inbox) as intake:
            answers = give(intake, *([submission(str(n))] for n in range(6)))

        assert answers == [None] * 6
        assert sorted(inbox.keys) == ["0", "1", "2", "3", "4", "5"]

    def test_of_one_delivery_the_others_are_kept_as_they_are(self) -> None:
        inbox = self.refuse("3")

        with working(inbox) as intake:
            answers = give(intake, [submission(str(n)) for n in range(6)])

        assert answers == [None]
        assert sorted(inbox.keys) == ["0", "1", "2", "3", "4", "5"]

    def test_it_is_kept_as_it_came_for_a_person_to_look_at(self, store: Store) -> None:
        odd = replace(submission("1"), answers=(Answer("q", object()),))  # type: ignore[arg-type]

        with working(store.inbox) as intake:
            answers = give(intake, [odd], [submission("2")])

        (parked,) = store.reports.parked()
        kept = store.inbox.read(int(parked.id[1:]))
        assert answers == [None, None]
        assert parked.reason == "the connector's reading of it cannot be kept: TypeError"
        assert kept is not None
        assert kept.submission.raw == odd.raw

    def test_a_bug_of_the_store_itself_is_answered_with_come_again(self) -> None:
        def fail(_: Sequence[Submission]) -> None:
            raise ZeroDivisionError

        with working(Inboxes(fail)) as intake:
            (answer,) = give(intake, [submission("1")])

            assert isinstance(answer, StoreBusy)
            assert intake.alive


class TestASickStore:
    @pytest.mark.parametrize("error", [StoreBusy("disk is full"), StoreError("damaged")])
    def test_everybody_is_told_to_come_again_and_health_knows(self, error: Exception) -> None:
        sick = [True]

        def fail(_: Sequence[Submission]) -> None:
            if sick:
                raise error

        inbox = Inboxes(fail)
        with working(inbox) as intake:
            answers = give(intake, [submission("1")], [submission("2")])
            trouble = intake.trouble
            sick.clear()
            again = give(intake, [submission("1")])

            assert [type(answer) for answer in answers] == [StoreBusy, StoreBusy]
            assert (trouble, again, intake.trouble) == (str(error), [None], "")

    def test_it_finds_out_by_itself_when_the_store_works_again(self) -> None:
        """While readiness is red nobody sends anything: waiting for the next delivery would be waiting for ever."""
        sick, well = [True], threading.Event()

        def fail(submissions: Sequence[Submission]) -> None:
            if sick:
                raise StoreBusy("disk is full")
            if not submissions:
                well.set()

        inbox = Inboxes(fail)
        with working(inbox, try_again=0.01) as intake:
            give(intake, [submission("1")])
            sick.clear()
            assert well.wait(10)
            while intake.trouble:
                well.wait(0.001)

        assert inbox.probes >= 1

    def test_a_probe_that_fails_in_an_odd_way_does_not_end_the_writer(self) -> None:
        probed, error = threading.Event(), [StoreBusy("full")]

        def fail(submissions: Sequence[Submission]) -> None:
            if not submissions:
                probed.set()
                raise KeyError
            raise error[0]

        with working(Inboxes(fail), try_again=0.01) as intake:
            give(intake, [submission("1")])
            assert probed.wait(10)
            assert intake.alive


class TestLimits:
    def test_a_full_queue_is_refused_at_once(self) -> None:
        go = threading.Event()

        async def deliver(intake: Intake) -> list[BaseException | None]:
            some = [asyncio.ensure_future(intake.accept([submission(str(n))])) for n in range(8)]
            await asyncio.sleep(0.05)
            go.set()
            return list(await asyncio.gather(*some, return_exceptions=True))

        with working(Inboxes(lambda _: go.wait(10) and None), waiting=3) as intake:
            answers = asyncio.run(deliver(intake))

        refused = [str(answer) for answer in answers if answer]
        assert set(refused) == {"the intake is full"}
        assert len(refused) in (4, 5)  # one or none was in the writer's hands already

    def test_large_bodies_fill_the_queue_sooner(self) -> None:
        go = threading.Event()
        large = [replace(submission(str(n)), raw=b"x" * 900) for n in range(8)]

        async def deliver(intake: Intake) -> list[BaseException | None]:
            some = [asyncio.ensure_future(intake.accept([one])) for one in large]
            await asyncio.sleep(0.05)
            go.set()
            return list(await asyncio.gather(*some, return_exceptions=True))

        inbox = Inboxes(lambda _: go.wait(10) and None)
        with working(inbox, bytes=1000) as intake:
            answers = asyncio.run(deliver(intake))
            afterwards = give(intake, [large[0]])

        assert 4 <= sum(isinstance(answer, StoreBusy) for answer in answers) <= 6
        assert afterwards == [None]


class TestStopping:
    def test_what_was_taken_in_is_committed_and_nothing_more_is_taken(self) -> None:
        go, waiting = threading.Event(), threading.Event()

        def before(_: Sequence[Submission]) -> None:
            waiting.set()
            go.wait(10)

        inbox = Inboxes(before)
        intake = Intake(inbox, Bell())  # type: ignore[arg-type]
        intake.start()

        async def deliver() -> list[BaseException | None]:
            taken = [asyncio.ensure_future(intake.accept([submission(str(n))])) for n in range(20)]
            await asyncio.to_thread(waiting.wait, 10)
            closing = asyncio.ensure_future(asyncio.to_thread(intake.close))
            while not intake._closed:  # noqa: ASYNC110 - the intake rings no bell for a test
                await asyncio.sleep(0.001)
            late = await asyncio.gather(intake.accept([submission("late")]), return_exceptions=True)
            go.set()
            await closing
            return [*await asyncio.gather(*taken, return_exceptions=True), *late]

        *taken, late = asyncio.run(deliver())

        assert taken == [None] * 20
        assert str(late) == "the daemon is stopping"
        assert sorted(inbox.keys, key=int) == [str(n) for n in range(20)]

    def test_a_client_that_has_gone_and_a_loop_that_has_ended_do_not_matter(self) -> None:
        go, waiting = threading.Event(), threading.Event()

        def before(_: Sequence[Submission]) -> None:
            waiting.set()
            go.wait(10)

        async def leave(intake: Intake) -> None:
            await asyncio.wait([asyncio.ensure_future(intake.accept([submission("1")]))], timeout=0.01)
            await asyncio.to_thread(waiting.wait, 10)

        inbox = Inboxes(before)
        with working(inbox) as intake:
            asyncio.run(leave(intake))
            go.set()
            assert give(intake, [submission("2")]) == [None]
            assert intake.alive

        assert inbox.keys == ["1", "2"]

    def test_one_that_was_never_started_can_be_closed(self, store: Store) -> None:
        Intake(store.inbox, Bell()).close()
