"""The judge is judged first: from a run in which all is well, one thing is broken at a time, and it is seen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from syncd.testing.clock import FakeClock
from tests.battery.evidence import Crm, Evidence, Ledger, Made, Stored
from tests.battery.oracle import check, compared, doubled, lost
from tests.battery.views import hubspot, stored_in, words
from tests.fakes.hubspot import FakeHubSpot, Options
from tests.world import World, submission

NOW = 1_800_000_000_000_000
MINUTE = 60_000_000
Rows = list[dict[str, Any]]


class Run:
    """Ada wrote twice, Bob once; Bob's first answer got lost. Everything may be changed before it is judged."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        for key, person in (("1", "Ada@one.com"), ("2", "ada@one.com"), ("3", "bob@two.com")):
            self.ledger.sent("hook", key, person, f"token{key}")
            self.ledger.answered("hook", key, 0 if key == "3" else 200)
        self.ledger.sent("hook", "3")
        self.ledger.answered("hook", "3", 200)
        self.inbox: Rows = [_row(1, "LA"), _row(2, "LA", merged=True), _row(3, "LB", repeats=1)]
        self.leads: Rows = [{"id": lead, "fields": {"email": mail}} for lead, mail in _PEOPLE]
        self.orders: Rows = [
            _order(1, "record", "LA", "LA", "c1", revision=2), _order(2, "task", "T1", "LA", "t1"),
            _order(3, "note", "N1", "LA", "n1"), _order(4, "note", "N2", "LA", "n2"),
            _order(5, "record", "LB", "LB", "c2"), _order(6, "task", "T3", "LB", "t2"),
            _order(7, "note", "N3", "LB", "n3"),
        ]  # fmt: skip
        self.events: Rows = [_event(order["id"], order["id"], "made in the CRM", order) for order in self.orders]
        self.events += [_event(10 + row["id"], None, "planned: new", row) for row in self.inbox]
        self.records = [
            Made("c1", "LA", ("ada@one.com",), inquiries=2),
            Made("c2", "LB", ("bob@two.com",), (), inquiries=1),
        ]
        self.tasks = [Made("t1", "T1", records=("c1",)), Made("t2", "T3", records=("c2",))]
        self.notes = [Made(f"n{n}", f"N{n}", records=("c",), words=words(f"<b>token{n}</b>")) for n in (1, 2, 3)]
        self.received = 3
        self.broken: tuple[str, ...] = ()
        self.more: dict[str, Any] = {}

    def evidence(self) -> Evidence:
        store = Stored(
            NOW,
            self.received,
            tuple(self.inbox),
            tuple(self.leads),
            tuple(self.orders),
            tuple(self.events),
            self.broken,
        )
        crm = Crm(tuple(self.records), tuple(self.tasks), tuple(self.notes))
        return Evidence(self.ledger, store, {"crm": crm}, **self.more)

    def order(self, mark: str) -> dict[str, Any]:
        return next(order for order in self.orders if order["mark"] == mark)


_PEOPLE = (("LA", "ada@one.com"), ("LB", "bob@two.com"))


def _row(number: int, lead: str, **more: Any) -> dict[str, Any]:
    usual = {"id": number, "source": "hook", "key": str(number), "state": "planned", "due_at": NOW, "lease": None}
    return {**usual, "lead_id": lead, "merged": False, "problem": "", "repeats": 0, "attempts": 1, **more}


def _order(number: int, kind: str, mark: str, lead: str, ref: str, revision: int = 1) -> dict[str, Any]:
    state = {"state": "done", "due_at": NOW, "wanted": revision, "done": revision, "reason": "", "lease": None}
    return {"id": number, "kind": kind, "mark": mark, "lead_id": lead, "ref": ref, "sink": "crm", **state}


def _event(number: int, order: int | None, event: str, about: dict[str, Any]) -> dict[str, Any]:
    submission = None if order else about["id"]
    detail = {"ref": about["ref"]} if order else {}
    return {"id": number, "order_id": order, "submission_id": submission, "event": event, "detail": detail,
            "lead_id": about["lead_id"]}  # fmt: skip


def test_a_run_in_which_all_is_well_shows_nothing() -> None:
    run = Run()

    assert check(run.evidence()) == []
    assert compared(run.evidence()) == ("I1", "I2", "I3", "I4", "I7", "I8", "I10", "I5")


def _lost_row(run: Run) -> None:
    del run.inbox[2]
    run.received = 2


def _lost_record(run: Run) -> None:
    del run.records[1]


def _lost_note(run: Run) -> None:
    del run.notes[1]


def _lost_task(run: Run) -> None:
    del run.tasks[0]


def _stays_waiting(run: Run) -> None:
    run.inbox[2].update(state="waiting", lead_id=None)


def _stays_sending(run: Run) -> None:
    run.order("T1").update(state="sending", due_at=NOW + MINUTE // 2)


def _stays_blocked(run: Run) -> None:
    run.order("N3").update(state="blocked")


def _aside_silently(run: Run) -> None:
    run.inbox[2].update(state="quarantined", problem="")


def _parked_silently(run: Run) -> None:
    run.order("N3").update(state="parked")


def _doubled_contact(run: Run) -> None:
    run.records.append(Made("c9", "LZ", ("ADA@one.com".lower(),)))


def _doubled_key(run: Run) -> None:
    run.records.append(Made("c9", "LA"))


def _doubled_task(run: Run) -> None:
    run.tasks.append(replace(run.tasks[0], id="t9"))


def _doubled_note(run: Run) -> None:
    run.notes.append(replace(run.notes[0], id="n9"))


def _doubled_note_without_its_mark(run: Run) -> None:
    run.notes.append(replace(run.notes[0], id="n9", mark="N9"))


def _task_nobody_knows(run: Run) -> None:
    run.tasks.append(Made("t9", "T9", records=("c1",)))


def _task_without_mark(run: Run) -> None:
    run.tasks.append(Made("t9", "", records=("c1",)))


def _two_leads_of_one_person(run: Run) -> None:
    run.leads[1]["fields"] = {"email": "Ada@One.com"}


def _two_tasks_planned(run: Run) -> None:
    run.orders.append(_order(8, "task", "T2", "LA", "t9"))
    run.events.append(_event(8, 8, "made in the CRM", run.orders[-1]))
    run.tasks.append(Made("t9", "T2", records=("c1",)))


def _one_ref_twice(run: Run) -> None:
    run.order("T3")["ref"] = "t1"


def _order_stuck_in_sending(run: Run) -> None:
    run.more["settled"] = False
    run.order("T1").update(state="sending", due_at=NOW - 2 * MINUTE)


def _doubt_never_looked_at(run: Run) -> None:
    run.more["settled"] = False
    run.order("T1").update(state="unknown", due_at=NOW + 60 * MINUTE)


def _submission_leased_for_ever(run: Run) -> None:
    run.more["settled"] = False
    run.inbox[0].update(state="waiting", lease="x", due_at=NOW - 2 * MINUTE)


def _made_twice(run: Run) -> None:
    run.events.append({**run.events[1], "id": 90, "detail": {"ref": "t9"}})


def _planned_goes_back(run: Run) -> None:
    run.more["before"] = run.evidence().store
    run.inbox = [*run.inbox[:2], _row(3, "LB", state="waiting", repeats=1)]


def _done_note_goes_back(run: Run) -> None:
    run.more["before"] = run.evidence().store
    run.orders = [*run.orders[:6], {**run.orders[6], "state": "waiting"}]


def _older_revision(run: Run) -> None:
    run.order("LA")["done"] = 1


def _older_count(run: Run) -> None:
    run.records[0] = replace(run.records[0], inquiries=1)


def _sum_is_off(run: Run) -> None:
    run.received = 4


def _prove_says_no(run: Run) -> None:
    run.broken = ("nothing lost: leads without an order for a record: L1",)


def _invented(run: Run) -> None:
    run.inbox.append(_row(4, "LB"))
    run.received = 4


def _orphaned_row(run: Run) -> None:
    del run.leads[1]


def _repeat_not_counted(run: Run) -> None:
    run.ledger.sent("hook", "1")
    run.ledger.answered("hook", "1", 200)


def _repeat_invented(run: Run) -> None:
    run.inbox[0]["repeats"] = 1


def _no_story(run: Run) -> None:
    run.events = [event for event in run.events if event["submission_id"] != 3]


def _no_story_of_an_order(run: Run) -> None:
    del run.events[0]


def _secret_in_the_log(run: Run) -> None:
    run.more |= {"texts": ("fine", "token=pat-1"), "canaries": ("pat-1",)}


def _yes_while_red(run: Run) -> None:
    run.ledger.sent("hook", "3")
    run.ledger.answered("hook", "3", 200, ready=False)


BROKEN: list[tuple[str, Callable[[Run], None]]] = [
    ("I1", _lost_row), ("I1", _lost_record), ("I1", _lost_note), ("I1", _lost_task), ("I1", _stays_waiting),
    ("I1", _stays_sending), ("I1", _stays_blocked), ("I1", _aside_silently), ("I1", _parked_silently),
    ("I2", _doubled_contact), ("I2", _doubled_key), ("I2", _doubled_task), ("I2", _doubled_note),
    ("I2", _doubled_note_without_its_mark), ("I2", _task_nobody_knows), ("I2", _task_without_mark),
    ("I2", _two_leads_of_one_person), ("I2", _two_tasks_planned), ("I2", _one_ref_twice),
    ("I3", _order_stuck_in_sending), ("I3", _doubt_never_looked_at), ("I3", _submission_leased_for_ever),
    ("I4", _made_twice), ("I4", _planned_goes_back), ("I4", _done_note_goes_back),
    ("I5", _older_revision), ("I5", _older_count),
    ("I7", _sum_is_off), ("I7", _prove_says_no), ("I7", _invented), ("I7", _orphaned_row),
    ("I7", _repeat_not_counted), ("I7", _repeat_invented),
    ("I8", _no_story), ("I8", _no_story_of_an_order), ("I9", _secret_in_the_log), ("I10", _yes_while_red),
]  # fmt: skip


@pytest.mark.parametrize(("invariant", "breaks"), BROKEN, ids=[each.__name__.strip("_") for _, each in BROKEN])
def test_what_is_broken_is_seen(invariant: str, breaks: Callable[[Run], None]) -> None:
    run = Run()
    breaks(run)

    found = check(run.evidence())

    assert invariant in {violation.invariant for violation in found}


def test_the_lost_and_the_doubled_are_counted_once_each() -> None:
    run = Run()
    _lost_record(run)
    _lost_note(run)
    _doubled_task(run)

    found = check(run.evidence())

    assert (lost(found), doubled(found)) == (2, 1)


def test_what_is_aside_with_a_reason_is_not_lost() -> None:
    run = Run()
    run.inbox[2].update(state="parked", problem="no way to reach anybody", lead_id=None)
    run.leads, run.orders = run.leads[:1], run.orders[:4]
    run.records, run.tasks, run.notes = run.records[:1], run.tasks[:1], run.notes[:2]
    run.events = [event for event in run.events if event["lead_id"] == "LA"]

    assert check(run.evidence()) == []


def test_a_run_that_goes_on_is_not_blamed_for_what_is_on_its_way() -> None:
    run = Run()
    run.more["settled"] = False
    _lost_task(run)
    _stays_sending(run)
    _stays_waiting(run)

    assert check(run.evidence()) == []


def test_leases_are_not_judged_while_nobody_lives_long_enough_to_take_over() -> None:
    run = Run()
    _order_stuck_in_sending(run)
    run.more["lived"] = 10.0

    assert check(run.evidence()) == []


def test_a_new_task_after_news_from_the_crm_is_no_double() -> None:
    run = Run()
    _two_tasks_planned(run)
    run.events.append({**run.events[0], "id": 80, "order_id": None, "event": "signal: task_done"})

    assert check(run.evidence()) == []


def test_the_store_is_read_as_it_is(world: World, clock: FakeClock) -> None:
    ledger = Ledger()
    for key, email in (("1", "ada@one.com"), ("2", "ada@one.com"), ("3", "bob@two.com")):
        ledger.sent("contact", key, email)
        world.receive(submission(key, name="Ada Beispiel", email=email, message="What does it cost, please?"))
        ledger.answered("contact", key, 200)
    world.settle()

    seen = stored_in(world.store.database)

    assert check(Evidence(ledger, seen, {})) == []
    assert [row["state"] for row in seen.inbox] == ["planned"] * 3
    assert {order["kind"] for order in seen.orders} == {"record", "task", "note"}


def test_a_hubspot_account_is_read_as_it_is() -> None:
    with FakeHubSpot(Options(owners=("eva@example.com",))) as fake:
        contact = fake.add_contact(email="Ada@one.com", firstname="Ada")

        crm = hubspot({"objects": {kind: getattr(fake, kind) for kind in ("contacts", "tasks", "notes")}})

    assert [(record.id, record.people) for record in crm.records] == [(contact, ("ada@one.com",))]


def test_words_are_found_in_rich_text() -> None:
    assert {"token1", "token2", "Ada"} <= words("<p>token1<br>Ada &amp; token2</p>")


def test_what_is_answered_after_a_look_is_not_held_against_it() -> None:
    run = Run()
    seen = replace(run.evidence(), ledger=run.ledger.so_far())

    for key in ("1", "4"):
        run.ledger.sent("hook", key, "ada@one.com")
        run.ledger.answered("hook", key, 200)

    assert check(seen) == []
    assert [found.invariant for found in check(replace(seen, ledger=run.ledger))] == ["I1", "I7"]
