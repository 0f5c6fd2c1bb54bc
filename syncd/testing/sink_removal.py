"""The part of the sink contract for sinks that can delete what syncd has made. The others skip it."""
# ruff: noqa: S101 - a contract is made of asserts

from dataclasses import replace
from typing import Any

import pytest

from syncd.connector import Removing
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable, SyncdError
from syncd.model import OrderKind, Ref
from syncd.testing.sink_under_test import SinkUnderTest, done

PAGE = b"<html><body>Blocked by your administrator</body></html>"


class SinkThatRemoves(SinkUnderTest):
    """All that was made, nothing else, and twice is once."""

    def made(self, sink: Any, number: int = 1) -> list[Ref]:
        """A task and its record. Skips for a sink that removes nothing."""
        removes: bool = isinstance(sink, Removing)
        if not removes:
            pytest.skip("does not apply: it removes nothing")
        record = self.written(sink, number)
        return [done(sink.add_tasks([self.task(number, record)]))[0].ref, record]

    def left(self) -> tuple[int, int]:
        """Records and tasks."""
        return self.count(OrderKind.RECORD), self.count(OrderKind.TASK)

    def test_a_record_and_its_task_are_removed_and_those_of_others_stay(self, sink: Any) -> None:
        ours, others = self.made(sink, 1), self.made(sink, 2)

        sink.remove(ours)

        gone, there = sink.find([self.keys(1), self.keys(2)])
        assert (gone, there.ref) == (None, others[1])
        assert self.left() == (1, 1)

    def test_a_task_is_removed_without_its_record(self, sink: Any) -> None:
        task, _ = self.made(sink)

        sink.remove([task])

        assert self.left() == (1, 0)

    def test_what_is_not_there_any_more_is_no_trouble(self, sink: Any) -> None:
        task, record = self.made(sink)
        sink.remove([task])

        sink.remove([task, record])
        sink.remove([task, record])
        sink.remove([])

        assert self.left() == (0, 0)

    def test_whoever_was_removed_is_a_stranger_again(self, sink: Any) -> None:
        first = self.made(sink)
        sink.remove(first)
        order = self.record(1)

        again = done(sink.upsert([replace(order, keys=replace(order.keys, lead="lead-9"))]))[0]

        assert again.created
        assert again.ref != first[1]

    def test_what_is_neither_a_task_nor_a_record_is_refused_and_nothing_is_removed(self, sink: Any) -> None:
        task, record = self.made(sink)

        with pytest.raises(Refused, match="neither a task nor a record"):
            sink.remove([task, Ref("something", record.id)])

        assert self.left() == (1, 1)

    def test_without_the_right_to_delete_a_removal_is_refused_and_the_login_is_not(self, sink: Any) -> None:
        refs = self.made(sink)
        self.forbid_removal()

        with pytest.raises(Refused):
            sink.remove(refs)

        assert self.left() == (1, 1)
        assert self.written(sink) == refs[1]

    def test_a_refused_login_pauses_a_removal_too(self, sink: Any) -> None:
        refs = self.made(sink)
        self.refuse_login()

        with pytest.raises(AuthFailed):
            sink.remove(refs)

        assert self.left() == (1, 1)

    def test_a_removal_that_was_told_to_slow_down_works_afterwards(self, sink: Any) -> None:
        refs = self.made(sink)
        self.slow_down()
        with pytest.raises(RateLimited):
            sink.remove(refs)
        self.mend()
        assert self.left() == (1, 1)

        sink.remove(refs)

        assert self.left() == (0, 0)

    def test_a_removal_whose_answer_was_lost_can_be_sent_again(self, sink: Any) -> None:
        refs = self.made(sink)
        self.lose_answers()
        with pytest.raises((Ambiguous, Retryable)):
            sink.remove(refs)
        self.mend()

        sink.remove(refs)

        assert self.left() == (0, 0)

    def test_a_page_of_somebody_on_the_way_never_passes_for_a_removal(self, sink: Any) -> None:
        refs = self.made(sink)

        for status in (200, 403, 404, 500):
            self.answer_with(status, PAGE)
            with pytest.raises(SyncdError):
                sink.remove(refs)
            self.mend()

        assert self.left() == (1, 1)
