"""The part of the sink contract about what people do in the CRM, and what they have typed into a form."""
# ruff: noqa: S101 - a contract is made of asserts

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.errors import AuthFailed, RateLimited
from syncd.model import Done, LeadKeys, OrderKind, Outcome, OwnerRef, RecordOrder, Refusal, SignalKind, Wait
from syncd.testing.sink_under_test import SinkUnderTest, done

STRANGE = {  # none longer than 40 characters: a first name has no more in some CRMs
    "a formula": '=HYPERLINK("http://evil.example","Go")',
    "another formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "a query's end": "' OR Email != '",
    "a query's escape": "\\' OR LastName LIKE '%",
    "a query's brackets": "x') OR (id is not null",
    "markup": '<b>Bold</b> & "quoted"',
    "a script": "<script>alert(1)</script>",
    "a template": "{{ 7 * 7 }} ${7*7} {% raw %}",
    "other scripts": "Zoë Müller-Łukasz Ωμέγα 山田 太郎",
    "an emoji and marks": "Ada 👩‍💻 e\u0301",
    "right to left": "שלום عالم",
    "braces": '{"a": [1]}',
}  # fmt: skip
LONG = "Long Name " * 20_000


class SinkAmongPeople(SinkUnderTest):
    """Each thing that a person can do which the connector's hooks know."""

    def test_what_people_type_arrives_as_plain_text(self, sink: Any) -> None:
        names = ("first_name", "last_name", "company")
        orders = [self.record(number) for number in range(len(STRANGE))]
        orders = [
            replace(order, fields={**order.fields, **dict.fromkeys(names, text)})
            for order, text in zip(orders, STRANGE.values(), strict=True)
        ]

        refs = [outcome.ref for outcome in done(self.sent(sink, orders))]

        found = sink.find([LeadKeys(f"lead-{number}", ref=ref) for number, ref in enumerate(refs)])
        read = [{known.values[name] for name in names if name in self.fields} for known in found]
        assert read == [{text} for text in STRANGE.values()]
        assert self.count(OrderKind.RECORD) == len(STRANGE)

    def test_strange_keys_find_nobody_else(self, sink: Any) -> None:
        self.written(sink, 1)
        strange = [LeadKeys(text, (f'"{text}"@firm1.example',)) for text in STRANGE.values()]

        found = sink.find([*strange, self.keys(1)])

        assert [known is not None for known in found] == [*[False] * len(strange), True]

    def test_tasks_and_notes_take_any_text(self, sink: Any) -> None:
        ref = self.written(sink)
        tasks = [replace(self.task(n, ref), subject=text, body=text) for n, text in enumerate(STRANGE.values())]
        notes = [replace(self.note(n, ref), body=text) for n, text in enumerate(STRANGE.values())]

        done(sink.add_tasks(tasks))
        done(sink.add_notes(notes))

        assert (self.count(OrderKind.TASK), self.count(OrderKind.NOTE)) == (len(tasks), len(notes))

    def test_field_that_is_too_long_costs_nobody_their_lead(self, sink: Any) -> None:
        order = self.record(1)
        long = replace(order, fields={**order.fields, "company": LONG, "message": LONG})

        first, second = sink.upsert([long, self.record(2)])

        assert isinstance(first, Done | Refusal)
        assert isinstance(second, Done)

    def test_texts_that_are_too_long_are_cut_and_not_refused(self, sink: Any) -> None:
        ref = self.written(sink)

        done(sink.add_tasks([replace(self.task(1, ref), subject=LONG[:1000], body=LONG)]))
        done(sink.add_notes([replace(self.note(1, ref), body=LONG)]))

        assert (self.count(OrderKind.TASK), self.count(OrderKind.NOTE)) == (1, 1)

    @pytest.mark.parametrize("at", range(3))
    def test_bad_order_at_any_place_of_a_batch_stands_alone(self, sink: Any, at: int) -> None:
        orders = [self.record(1), self.record(3)]
        orders.insert(at, self.bad_record())

        outcomes = sink.upsert(orders)

        assert [isinstance(outcome, Refusal) for outcome in outcomes] == [place == at for place in range(3)]
        assert self.count(OrderKind.RECORD) == 2

    def test_owner_whom_a_person_chose_stays(self, sink: Any) -> None:
        first, second = self.two_owners(sink)
        ref = done(sink.upsert([replace(self.record(1), owner=first)]))[0].ref
        self.human_gives(ref, second)
        order = self.record(1)

        done(sink.upsert([replace(order, keys=replace(order.keys, ref=ref), fields={"company": "New Ltd"})]))

        (known,) = sink.find([LeadKeys("lead-1", ref=ref)])
        assert known.owner.id == second.id

    def test_owner_who_has_left_is_not_given_anything_silently(self, sink: Any) -> None:
        first, second = self.two_owners(sink)
        self.deactivate(first)

        outcomes = sink.upsert([replace(self.record(1), owner=first), replace(self.record(2), owner=second)])

        assert isinstance(outcomes[1], Done)
        assert isinstance(outcomes[0], Wait) or (isinstance(outcomes[0], Refusal) and outcomes[0].owner)
        assert first.id not in {owner.id for owner in sink.owners().values() if owner.active}

    def test_deleted_record_is_not_found(self, sink: Any) -> None:
        ref = self.written(sink)
        self.human_deletes(ref)

        assert list(sink.find([LeadKeys("lead-1", ref=ref), self.keys(1)])) == [None, None]

    def test_deleted_record_whose_lead_is_sent_whole_is_made_anew(self, sink: Any) -> None:
        old = self.written(sink)
        self.human_deletes(old)

        (outcome,) = done(sink.upsert([self.record(1)]))

        assert outcome.ref.id != old.id
        assert self.count(OrderKind.RECORD) == 1

    def test_task_for_a_deleted_record_is_refused_alone(self, sink: Any) -> None:
        gone, there = self.written(sink, 1), self.written(sink, 2)
        self.human_deletes(gone)

        first, second = sink.add_tasks([self.task(1, gone), self.task(2, there)])

        assert isinstance(first, Refusal)
        assert isinstance(second, Done)

    def test_merged_record_is_found_where_it_lives_on(self, sink: Any) -> None:
        into, lost = self.written(sink, 1), self.written(sink, 2)
        lives_on = self.human_merges(into, lost)

        (known,) = sink.find([LeadKeys("lead-2", ("person2@firm2.example",), ref=lost)])

        assert known.ref.id == lives_on

    def test_merging_is_told(self, sink: Any) -> None:
        into, lost = self.written(sink, 1), self.written(sink, 2)
        self.let_time_pass(timedelta(minutes=1))
        (start,) = sink.changes(None)
        self.let_time_pass(timedelta(minutes=1))
        lives_on = self.human_merges(into, lost)
        self.let_time_pass(timedelta(minutes=1))

        signals = [signal for page in sink.changes(start.cursor) for signal in page.signals]

        told = [(signal.ref.id, signal.value) for signal in signals if signal.kind is SignalKind.MERGED]
        assert (lost.id, lives_on) in told

    def test_choice_that_is_not_on_the_list_blocks_no_lead(self, sink: Any) -> None:
        field, value = self.unlisted_choice()
        order = self.record(1)

        ref = done(sink.upsert([replace(order, fields={**order.fields, field: value})]))[0].ref

        (known,) = sink.find([LeadKeys("lead-1", ref=ref)])
        assert known.values.get(field, "") != value
        assert known.values["company"] == order.fields["company"]

    def test_token_that_ends_is_renewed_without_a_word(self, sink: Any) -> None:
        ref = self.written(sink)
        self.expire_login()

        for call in self.calls(sink, ref):
            assert isinstance(self.came_of(call), list)
            self.expire_login()
        assert self.count(OrderKind.RECORD) == 2

    def test_day_without_calls_left_is_waited_out(self, sink: Any) -> None:
        ref = self.written(sink)
        self.use_up_the_day()

        for call in self.calls(sink, ref):
            error = self.came_of(call)
            assert isinstance(error, RateLimited), error
            assert timedelta(minutes=1) < error.after <= timedelta(hours=25)

    def test_refused_grant_is_not_asked_again_at_once(self, sink: Any) -> None:
        ref = self.written(sink)
        self.refuse_login()

        assert [type(self.came_of(call)) for call in self.calls(sink, ref)] == [AuthFailed] * 4

    def sent(self, sink: Any, orders: Sequence[RecordOrder]) -> list[Outcome]:
        """In batches as large as the sink takes."""
        parts = [orders[start : start + sink.batch] for start in range(0, len(orders), sink.batch)]
        return [outcome for part in parts for outcome in sink.upsert(part)]

    def two_owners(self, sink: Any) -> tuple[OwnerRef, OwnerRef]:
        owners = sorted((o for o in sink.owners().values() if o.active and not o.queue), key=lambda owner: owner.id)
        if len(owners) < 2:
            pytest.skip("does not apply: fewer than two owners")
        return owners[0], owners[1]
