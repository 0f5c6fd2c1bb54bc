"""The part of the sink contract in which the other side fails."""
# ruff: noqa: S101 - a contract is made of asserts

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.errors import Ambiguous, AuthFailed, RateLimited, Retryable, SyncdError
from syncd.model import Done, OrderKind
from syncd.testing.clock import NOON
from syncd.testing.hostile import BROKEN
from syncd.testing.sink_under_test import SinkUnderTest, in_doubt
from syncd.testing.trouble import NEVER_LONGER


class SinkInTrouble(SinkUnderTest):
    """Each kind of trouble that the connector's hooks know."""

    def test_refused_login_pauses_the_connector(self, sink: Any) -> None:
        ref = self.written(sink)
        self.refuse_login()

        for call in self.calls(sink, ref):
            with pytest.raises(AuthFailed):
                call()

    def test_being_told_to_slow_down_says_for_how_long(self, sink: Any) -> None:
        ref = self.written(sink)
        self.slow_down()

        for call in self.calls(sink, ref):
            with pytest.raises(RateLimited) as raised:
                call()
            assert raised.value.after > timedelta(0)

    def test_other_side_that_says_nothing_is_not_waited_for(self, sink: Any) -> None:
        ref = self.written(sink)
        self.fall_silent()

        for call in self.calls(sink, ref):
            began = time.monotonic()
            assert isinstance(self.came_of(call), Retryable | Ambiguous | list)
            assert time.monotonic() - began < NEVER_LONGER

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_hostile_answers_never_crash_and_never_pass_for_success(self, sink: Any, status: int) -> None:
        ref = self.written(sink)

        for body in BROKEN:
            self.answer_with(status, body)
            for call in self.calls(sink, ref)[1:]:
                came = self.came_of(call)
                assert isinstance(came, SyncdError) or not [one for one in came if isinstance(one, Done)]
            assert isinstance(self.came_of(self.calls(sink, ref)[0]), SyncdError | list)
            self.mend()
        assert self.count(OrderKind.RECORD) == 1

    def test_lost_answer_leaves_doubt_and_no_second_record(self, sink: Any) -> None:
        order = self.record(1)
        self.lose_answers()

        assert in_doubt(lambda: sink.upsert([order]))

        self.mend()
        self.resolve(lambda looks: sink.upsert([replace(order, sent_at=NOON, looks=looks)]))
        assert self.count(OrderKind.RECORD) == 1

    def test_lost_answer_leaves_doubt_and_no_second_task(self, sink: Any) -> None:
        order = self.task(1, self.written(sink))
        self.lose_answers()

        assert in_doubt(lambda: sink.add_tasks([order]))

        self.mend()
        self.resolve(lambda looks: sink.add_tasks([replace(order, sent_at=NOON, looks=looks)]))
        assert self.count(OrderKind.TASK) == 1

    def test_lost_answer_leaves_doubt_and_no_second_note(self, sink: Any) -> None:
        order = self.note(1, self.written(sink))
        self.lose_answers()

        assert in_doubt(lambda: sink.add_notes([order]))

        self.mend()
        self.resolve(lambda looks: sink.add_notes([replace(order, sent_at=NOON, looks=looks)]))
        assert self.count(OrderKind.NOTE) == 1

    def test_no_message_tells_a_secret_or_a_person(self, sink: Any) -> None:
        said = list(self.every_message(sink))

        order = self.record(1)
        private = [*self.secrets, *order.fields.values(), "Why is <b>it</b> so?"]
        assert [word for word in private for text in said if word.lower() in text.lower()] == []
