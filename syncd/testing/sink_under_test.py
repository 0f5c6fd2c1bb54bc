"""What the sink contract needs to know of a sink, and what it is given to do."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from syncd.connector import Plugin
from syncd.errors import Ambiguous, SyncdError
from syncd.model import Done, LeadKeys, NoteOrder, OrderKind, Outcome, OwnerRef, RecordOrder, Ref, TaskOrder, Unknown
from syncd.testing.clock import NOON
from syncd.testing.left_open import ClosedAtTheEnd
from syncd.testing.trouble import Trouble, applies, messages

LOOKS = 5  # within so many looks a lost task must have been found or made


class SinkUnderTest(ClosedAtTheEnd, Trouble):
    """How to build a sink, look into it and hurt it, and the orders it is given."""

    secrets: tuple[str, ...] = ()  # what no message may hold
    plugin: Plugin[Any]
    fields = ("first_name", "last_name", "company", "phone")  # what `find` must give back

    @pytest.fixture
    def sink(self) -> Any:
        raise NotImplementedError

    def count(self, kind: OrderKind) -> int:
        """How many records, tasks or notes stand in the sink."""
        raise NotImplementedError

    def let_time_pass(self, time: timedelta) -> None:
        """For sinks in which a write becomes visible later."""

    def bad_record(self) -> RecordOrder:
        """An order that the other side will not take."""
        pytest.skip("does not apply: takes everything")

    def expire_login(self) -> None:
        """The token in use ends now; another one can be had."""
        pytest.skip("does not apply: no token that ends")

    def use_up_the_day(self) -> None:
        """The calls of this day are gone."""
        pytest.skip("does not apply: no limit for a day")

    def deactivate(self, owner: OwnerRef) -> None:  # noqa: ARG002 - for those who override it
        """Somebody leaves: nothing new can be given to them."""
        pytest.skip("does not apply: no owners of its own")

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:  # noqa: ARG002 - for those who override it
        """A person makes somebody the owner of a record."""
        pytest.skip("does not apply: no owners of its own")

    def human_deletes(self, record: Ref) -> None:  # noqa: ARG002 - for those who override it
        pytest.skip("does not apply: nobody deletes")

    def human_merges(self, into: Ref, lost: Ref) -> str:  # noqa: ARG002 - for those who override it
        """A person merges two records; the id under which both live on."""
        pytest.skip("does not apply: no merging")

    def forbid_removal(self) -> None:
        """From now on the login may do everything but delete."""
        pytest.skip("does not apply: no right of its own")

    def unlisted_choice(self) -> tuple[str, str]:
        """A canonical field that is a list of choices there, and a value that is none of them."""
        pytest.skip("does not apply: no lists of choices")

    def keys(self, number: int) -> LeadKeys:
        return LeadKeys(f"lead-{number}", (f"person{number}@firm{number}.example",), f"+4930555{number:04}")

    def record(self, number: int) -> RecordOrder:
        fields = {
            "email": f"person{number}@firm{number}.example",
            "first_name": f"Adelheid{number}",
            "last_name": f"Quistorp{number}",
            "company": f"Firm {number} Ltd",
            "phone": f"+4930555{number:04}",
        }
        return RecordOrder(f"record-{number}", self.keys(number), fields)

    def task(self, number: int, record: Ref) -> TaskOrder:
        subject, body = f"Call Adelheid{number}", "Why is <b>it</b> so?\nSecond line"
        return TaskOrder(f"task-{number}", record, subject, body, NOON, "Europe/Berlin")

    def note(self, number: int, record: Ref) -> NoteOrder:
        return NoteOrder(f"note-{number}", record, "They asked again.\nSecond line", NOON)

    def written(self, sink: Any, number: int = 1) -> Ref:
        """A record that stands in the sink."""
        return done(sink.upsert([self.record(number)]))[0].ref

    def calls(self, sink: Any, ref: Ref) -> list[Callable[[], object]]:
        """Every call that goes to the other side."""
        return [
            lambda: sink.find([self.keys(1)]),
            lambda: sink.upsert([self.record(2)]),
            lambda: sink.add_tasks([self.task(2, ref)]),
            lambda: sink.add_notes([self.note(2, ref)]),
        ]

    def came_of(self, call: Callable[[], object]) -> SyncdError | list[Any]:
        """The error or the answers; anything but one of our errors passes through and fails the test."""
        try:
            answers = call()
        except SyncdError as error:
            return error
        return list(answers) if isinstance(answers, Sequence) else []

    def resolve(self, send: Callable[[int], Sequence[Outcome]]) -> None:
        """Look for what was lost as often as the orders table does, and as it counts the looks."""
        for looks in range(LOOKS):
            (outcome,) = send(looks)
            if isinstance(outcome, Done):
                return
            if not isinstance(outcome, Unknown):
                pytest.fail(f"neither done nor unknown: {outcome}")
            if not outcome.looked:
                pytest.fail(f"unknown, and nothing says whether it was looked for or sent once more: {outcome}")
            self.let_time_pass(timedelta(minutes=1))
        pytest.fail(f"still unknown after {LOOKS} looks")

    def every_message(self, sink: Any) -> Iterator[str]:
        """What is said when things go wrong, in each way that this sink knows."""
        ref = self.written(sink)
        for hurt in (self.refuse_login, self.slow_down, self.lose_answers):
            if not applies(hurt):
                continue
            for call in self.calls(sink, ref):
                yield from messages(call)
            self.mend()
        if applies(self.bad_record):
            yield from messages(lambda: sink.upsert([self.record(1), self.bad_record()]))


def done(outcomes: Sequence[Outcome]) -> list[Done]:
    """All of them, or the test fails with what came instead."""
    strange = [outcome for outcome in outcomes if not isinstance(outcome, Done)]
    if strange:
        pytest.fail(f"not done: {strange}")
    return [outcome for outcome in outcomes if isinstance(outcome, Done)]


def in_doubt(call: Callable[[], Sequence[Outcome]]) -> bool:
    try:
        return all(isinstance(outcome, Unknown) for outcome in call())
    except Ambiguous:
        return True
