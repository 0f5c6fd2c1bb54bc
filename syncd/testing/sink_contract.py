"""What every sink must do, as tests. A connector's own test file says how to build it and how to hurt it:

    class TestMySink(SinkContract):
        @pytest.fixture
        def sink(self) -> Iterator[Sink]:
            with FakeCrm() as self.crm:
                yield MySink(Options(url=self.crm.url), tools)

        def count(self, kind: OrderKind) -> int: ...
        def lose_answers(self) -> None: ...

A hook that makes no sense for a sink (no login, no wire) is left alone: its tests are skipped. `sink` is
given ready for use: prepared, and empty but for its people.
"""
# ruff: noqa: S101 - a contract is made of asserts

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.errors import Ambiguous, AuthFailed, RateLimited, Retryable, SyncdError
from syncd.model import Done, LeadKeys, OrderKind, Refusal, Unknown
from syncd.testing.clock import NOON
from syncd.testing.hostile import BROKEN
from syncd.testing.sink_under_test import SinkUnderTest, done, in_doubt
from syncd.testing.source_contract import check_options
from syncd.testing.trouble import NEVER_LONGER


class SinkContract(SinkUnderTest):
    """Subclass, override `sink` and `count`, and whichever hooks apply."""

    # records

    def test_strangers_are_not_found(self, sink: Any) -> None:
        self.written(sink, 1)

        found = sink.find([self.keys(2), self.keys(1), self.keys(3)])

        assert [known is not None for known in found] == [False, True, False]

    def test_written_values_come_back(self, sink: Any) -> None:
        order = self.record(1)

        ref = done(sink.upsert([order]))[0].ref

        (known,) = sink.find([self.keys(1)])
        assert known.ref == ref
        assert {name: known.values[name] for name in self.fields} == {name: order.fields[name] for name in self.fields}

    def test_record_is_found_by_its_ref_alone(self, sink: Any) -> None:
        ref = self.written(sink)

        (known,) = sink.find([LeadKeys("lead-1", ref=ref)])

        assert known.ref == ref

    def test_record_sent_twice_is_one_record(self, sink: Any) -> None:
        first = done(sink.upsert([self.record(1)]))[0]

        second = done(sink.upsert([self.record(1)]))[0]

        assert second.ref == first.ref
        assert self.count(OrderKind.RECORD) == 1

    def test_only_the_first_write_of_a_record_creates_it(self, sink: Any) -> None:
        first, second = (done(sink.upsert([self.record(1)]))[0] for _ in range(2))

        assert (first.created, second.created) == (True, False)

    def test_record_with_a_ref_is_changed_where_it_is(self, sink: Any) -> None:
        ref = self.written(sink)
        order = self.record(1)
        moved = replace(order, keys=replace(order.keys, emails=("moved@elsewhere.example",), ref=ref))

        outcome = done(sink.upsert([replace(moved, fields={"company": "Moved Ltd"})]))[0]

        assert outcome.ref == ref
        assert sink.find([LeadKeys("lead-1", ref=ref)])[0].values["company"] == "Moved Ltd"
        assert self.count(OrderKind.RECORD) == 1

    def test_outcomes_come_in_the_order_of_the_orders(self, sink: Any) -> None:
        numbers = (5, 3, 4, 1, 2)

        outcomes = done(sink.upsert([self.record(number) for number in numbers]))

        found = sink.find([self.keys(number) for number in numbers])
        assert [outcome.ref for outcome in outcomes] == [known.ref for known in found]

    def test_one_bad_order_does_not_hide_its_neighbours(self, sink: Any) -> None:
        bad = self.bad_record()

        first, second, third = sink.upsert([self.record(1), bad, self.record(3)])

        assert isinstance(first, Done)
        assert isinstance(second, Refusal)
        assert isinstance(third, Done)
        assert self.count(OrderKind.RECORD) == 2

    def test_two_orders_for_one_record_do_not_make_two(self, sink: Any) -> None:
        order = self.record(1)

        outcomes = sink.upsert([order, replace(order, mark="record-1-again")])

        assert isinstance(outcomes[0], Done)
        assert not isinstance(outcomes[1], Refusal | Unknown)
        assert self.count(OrderKind.RECORD) == 1

    # tasks and notes

    def test_same_task_mark_twice_is_one_task(self, sink: Any) -> None:
        order = self.task(1, self.written(sink))

        first, second = (done(sink.add_tasks([order]))[0] for _ in range(2))

        assert first.ref == second.ref
        assert self.count(OrderKind.TASK) == 1

    def test_same_task_mark_twice_in_one_call_is_one_task(self, sink: Any) -> None:
        order = self.task(1, self.written(sink))

        first, second = done(sink.add_tasks([order, order]))

        assert first.ref == second.ref
        assert self.count(OrderKind.TASK) == 1

    def test_same_note_mark_twice_is_one_note(self, sink: Any) -> None:
        order = self.note(1, self.written(sink))

        first, second = (done(sink.add_notes([order]))[0] for _ in range(2))

        assert first.ref == second.ref
        assert self.count(OrderKind.NOTE) == 1

    def test_task_that_exists_is_changed(self, sink: Any) -> None:
        order = self.task(1, self.written(sink))
        ref = done(sink.add_tasks([order]))[0].ref

        raised = replace(order, mark="task-1-raised", ref=ref, priority="high", due_at=NOON - timedelta(hours=1))
        outcome = done(sink.add_tasks([raised]))[0]

        assert outcome.ref == ref
        assert self.count(OrderKind.TASK) == 1

    def test_tasks_of_several_records_keep_their_order(self, sink: Any) -> None:
        refs = [self.written(sink, number) for number in (1, 2, 3)]

        outcomes = done(sink.add_tasks([self.task(n, ref) for n, ref in enumerate(refs)]))

        again = done(sink.add_tasks([self.task(n, ref) for n, ref in reversed(list(enumerate(refs)))]))
        assert [outcome.ref for outcome in outcomes] == [outcome.ref for outcome in reversed(again)]

    # trouble

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
        done(sink.upsert([replace(order, sent_at=NOON)]))
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

    # the rest

    def test_closing_twice_is_closing_once(self, sink: Any) -> None:
        sink.close()
        sink.close()

    def test_every_option_has_help(self) -> None:
        check_options(self.plugin)

    def test_nothing_asked_is_nothing_answered(self, sink: Any) -> None:
        assert [list(call([])) for call in (sink.find, sink.upsert, sink.add_tasks, sink.add_notes)] == [[]] * 4

    def test_owners_go_by_lower_case_address(self, sink: Any) -> None:
        owners = sink.owners()

        assert all(key == key.lower() for key in owners)
        assert all(owner.id for owner in owners.values())

    def test_changes_begin_now(self, sink: Any) -> None:
        self.written(sink)

        (page,) = sink.changes(None)

        assert list(page.signals) == []
        assert page.cursor

    def test_changes_go_on_from_any_cursor_they_gave(self, sink: Any) -> None:
        (start,) = sink.changes(None)
        self.written(sink)
        self.let_time_pass(timedelta(minutes=1))

        pages = list(sink.changes(start.cursor))

        assert all(page.cursor for page in pages)
        list(sink.changes(pages[-1].cursor if pages else start.cursor))

    def test_prepared_sink_needs_nothing_more(self, sink: Any) -> None:
        findings = sink.prepare(apply=True)

        assert [finding for finding in findings if finding.changed or not finding.ok] == []

    def test_check_finds_nothing_wrong(self, sink: Any) -> None:
        assert [finding for finding in sink.check() if not finding.ok] == []
