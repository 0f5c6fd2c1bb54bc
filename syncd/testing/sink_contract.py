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

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.connector import Described
from syncd.model import Done, LeadKeys, OrderKind, Refusal, Unknown
from syncd.testing.clock import NOON
from syncd.testing.sink_people import SinkAmongPeople
from syncd.testing.sink_removal import SinkThatRemoves
from syncd.testing.sink_trouble import SinkInTrouble
from syncd.testing.sink_under_test import done
from syncd.testing.source_contract import check_options


class SinkContract(SinkAmongPeople, SinkThatRemoves, SinkInTrouble):
    """Subclass, override `sink` and `count`, and whichever hooks apply."""

    # records

    def test_strangers_are_not_found(self, sink: Any) -> None:
        self.written(sink, 1)

        found = sink.find([self.keys(2), self.keys(1), self.keys(3)])

        assert [known is not None for known in found] == [False, True, False]

    def test_one_who_is_only_planned_is_looked_for_without_an_id_of_ours(self, sink: Any) -> None:
        self.written(sink, 1)

        assert list(sink.find([replace(self.keys(2), lead=""), LeadKeys("")])) == [None, None]

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

    # the rest

    def test_closing_twice_is_closing_once(self, sink: Any) -> None:
        sink.close()
        sink.close()

    def test_every_option_has_help(self) -> None:
        check_options(self.plugin)

    def test_nothing_asked_is_nothing_answered(self, sink: Any) -> None:
        assert [list(call([])) for call in (sink.find, sink.upsert, sink.add_tasks, sink.add_notes)] == [[]] * 4

    def test_fields_that_nobody_touched_are_told_alike(self, sink: Any) -> None:
        read_anew = sink.prepare
        if not isinstance(sink, Described):
            pytest.skip("does not apply: its service does not tell fields")
        first = sink.described()

        read_anew(apply=False)

        assert sink.described() == first
        assert all(state.type for state in first.values())

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
