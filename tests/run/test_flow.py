"""From an accepted submission to a record, a task and a note, with the core's own parts on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.core.playbook import Rule
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable
from syncd.model import Context, LeadState, OwnerRef, Refusal
from syncd.store.proof import prove
from tests.world import World, submission


def test_one_form_post_becomes_one_record_one_task_and_one_note(world: World) -> None:
    world.receive(submission())

    world.settle()

    (record,) = world.crm.records.values()
    (task,) = world.crm.tasks.values()
    (note,) = world.crm.notes.values()
    assert record["email"] == "eva@acme.com"
    assert record["lead_source"] == "Website"
    assert "How much is your product" in task.body
    assert task.due_at == world.clock.now() + timedelta(hours=1)
    assert task.owner == OwnerRef("1", "eva@example.com")
    assert "Acme GmbH" in note.body
    assert prove(world.store.database).holds


def test_the_same_delivery_twice_is_counted_and_changes_nothing(world: World) -> None:
    world.receive(submission())
    world.settle()

    world.receive(submission())
    world.settle()

    assert (len(world.crm.records), len(world.crm.tasks), len(world.crm.notes)) == (1, 1, 1)
    (line,) = world.leads()
    assert world.story(line.lead.id).arrivals[0].repeats == 1


def test_a_second_enquiry_of_one_person_adds_a_note_and_raises_the_open_task(world: World) -> None:
    world.receive(submission("1"))
    world.settle()
    world.clock.advance(minutes=20)

    world.receive(
        submission("2", "webinar", name="Eva Beispiel", email="EVA@acme.com", message="And the licence, please?")
    )
    world.settle()

    (line,) = world.leads()
    (task,) = world.crm.tasks.values()
    assert (len(world.crm.records), len(world.crm.notes)) == (1, 2)
    assert "And the licence" in task.body
    assert task.due_at == world.clock.started + timedelta(hours=1)
    assert line.lead.interactions == 2
    assert prove(world.store.database).classes == {
        "in the CRM": 1, "quarantined": 0, "suppressed": 0, "merged": 1, "on its way": 0, "parked": 0,
    }  # fmt: skip


def test_two_posts_of_one_person_in_one_batch_make_one_lead(world: World) -> None:
    world.receive(submission("1"), submission("2"), submission("3"))

    world.settle()

    assert (len(world.crm.records), len(world.crm.tasks), len(world.crm.notes)) == (1, 1, 3)


def test_an_owner_in_the_crm_keeps_the_lead(world: World) -> None:
    world.crm.records["7"] = {"email": "eva@acme.com", "first_name": "Evi"}
    world.crm.owner_of["7"] = "2"

    world.receive(submission())
    world.settle()

    (line,) = world.leads()
    assert line.lead.owner == "tom"
    assert world.crm.owner_of["7"] == "2"
    assert world.crm.records["7"]["first_name"] == "Evi"
    assert next(iter(world.crm.tasks.values())).owner == OwnerRef("2", "tom@example.com")


def test_an_owner_found_only_while_sending_keeps_the_lead_and_its_task(world: World) -> None:
    world.crm.records["7"] = {"email": "eva@acme.com"}
    world.crm.owner_of["7"] = "2"
    world.crm.troubles["find"] = [Retryable("the CRM is not there")]

    world.receive(submission())
    world.settle()

    (line,) = world.leads()
    assert line.lead.owner == "tom"
    assert next(iter(world.crm.tasks.values())).owner == OwnerRef("2", "tom@example.com")


def test_pool_members_take_turns_and_repeats_take_none(world: World) -> None:
    for number in range(4):
        world.receive(
            submission(str(number), name="Ann Other", email=f"ann{number}@firm{number}.com", message="Hello there?")
        )
    world.receive(submission("1", name="Ann Other", email="ann1@firm1.com", message="Hello there?"))

    world.settle()

    assert sorted(line.lead.owner for line in world.leads()) == ["eva", "eva", "tom", "tom"]


def test_an_unreadable_submission_is_parked_and_does_not_hold_others_up(world: World) -> None:
    world.receive(replace(submission("1"), problem="not JSON at line 1"), submission("2"))

    world.settle()

    (parked,) = world.store.reports.parked()
    assert parked.reason == "not JSON at line 1"
    assert len(world.crm.records) == 1


def test_a_submission_that_leaves_no_way_to_reach_anybody_is_parked(world: World) -> None:
    world.receive(submission("1", message="Please call me back about the offer"))

    world.settle()

    (parked,) = world.store.reports.parked()
    assert "nobody could be reached" in parked.reason


def test_junk_is_quarantined_counted_and_can_be_restored(world: World) -> None:
    world.receive(replace(submission(), context=Context(honeypot=True)))
    world.settle()
    (held,) = world.store.reports.aside("quarantined")

    restored = world.operations().restore([held.id])
    world.settle()

    assert restored == 1
    assert len(world.crm.records) == 1
    assert prove(world.store.database).holds


def test_what_is_no_lead_is_kept_with_its_reason_counted_and_can_be_restored(world: World) -> None:
    world.receive(replace(submission(), context=Context(no_lead="auto_reply: its subject says so")))
    world.settle()
    (held,) = world.store.reports.aside("quarantined")
    held_back = prove(world.store.database).classes["quarantined"]

    restored = world.operations().restore([held.id])
    world.settle()

    assert (held.reason, held_back, restored) == ("auto_reply: its subject says so", 1, 1)
    assert len(world.crm.records) == 1
    assert prove(world.store.database).holds


def test_a_test_submission_of_a_provider_never_reaches_sales(world: World) -> None:
    world.receive(replace(submission(), context=Context(test=True)))

    world.settle()

    assert world.crm.records == {}
    assert prove(world.store.database).classes["quarantined"] == 1


def test_a_hot_rule_makes_the_target_short_and_the_task_urgent(world: World) -> None:
    world.playbook = replace(world.playbook, rules=(Rule("hot", None, person="tom", hot=True),))

    world.receive(submission())
    world.settle()

    (task,) = world.crm.tasks.values()
    assert (task.priority, task.due_at) == ("high", world.clock.now() + timedelta(minutes=5))


def test_a_refused_order_is_parked_with_the_crms_words_and_can_be_released(world: World) -> None:
    world.crm.troubles["upsert"] = [lambda _: Refusal("crm: e-mail is not valid", ("email",))]
    world.receive(submission())
    world.settle()
    (parked,) = world.store.reports.parked()

    released = world.operations().retry([parked.id])
    world.dispatch()

    assert parked.reason == "crm: e-mail is not valid"
    assert released == 1
    assert (len(world.crm.records), len(world.crm.tasks)) == (1, 1)


def test_one_refused_order_does_not_hide_its_neighbours(world: World) -> None:
    world.crm.troubles["upsert"] = [lambda lead: Refusal("no") if lead == first else None]
    world.receive(
        *(submission(str(n), name="A B", email=f"a@firm{n}.com", message="Hello there, please?") for n in range(5))
    )
    world.plan()
    first = world.leads()[0].lead.id

    world.dispatch()

    assert len(world.crm.records) == 4
    assert len(world.store.reports.parked()) == 1


def test_being_told_to_slow_down_pauses_the_sink_and_uses_no_attempt(world: World) -> None:
    world.crm.troubles["upsert"] = [RateLimited("slow down", timedelta(seconds=10))]
    world.receive(submission())
    world.settle()
    assert world.crm.records == {}
    assert world.store.sinks.state("crm").kind == "rate"

    world.clock.advance(seconds=11)
    world.dispatch()

    assert len(world.crm.tasks) == 1
    assert world.store.sinks.state("crm").kind == ""


def test_a_refused_login_pauses_the_sink_and_orders_stay(world: World) -> None:
    world.crm.troubles["upsert"] = [AuthFailed("the token was revoked")]
    world.receive(submission())

    world.settle()

    assert world.store.sinks.state("crm").kind == "login"
    assert world.store.reports.parked() == []
    world.clock.advance(minutes=10)
    world.dispatch()
    assert len(world.crm.tasks) == 1


def test_five_failures_in_a_row_open_the_breaker(world: World) -> None:
    world.crm.troubles["upsert"] = [Retryable("502")] * 5
    world.receive(submission())
    world.plan()
    for _ in range(5):
        world.dispatch()
        world.clock.advance(minutes=1)
    world.clock.advance(seconds=-59)
    calls = len(world.crm.calls)

    world.dispatch()

    assert world.store.sinks.state("crm").kind == "outage"
    assert len(world.crm.calls) == calls


def test_a_lost_answer_is_resolved_without_a_second_task(world: World) -> None:
    world.crm.lost["tasks"] = [Ambiguous("sent, no answer")]
    world.receive(submission())
    world.settle()
    (doubtful,) = [o for line in world.leads() for o in line.orders if o.kind == "task"]

    world.clock.advance(seconds=3)
    world.dispatch()

    assert doubtful.state == "unknown"
    (task,) = world.crm.tasks.values()
    assert task.sent_at == world.clock.started
    assert all(o.state == "done" for line in world.leads() for o in line.orders)


def test_a_dispatcher_that_died_in_mid_call_leaves_a_doubt_and_not_a_new_order(world: World) -> None:
    world.receive(submission())
    world.plan()
    world.crm.troubles["tasks"] = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        world.dispatch()

    world.clock.advance(seconds=31)
    world.dispatch()

    (task,) = world.crm.tasks.values()
    assert task.sent_at == world.clock.started


def test_orders_that_keep_failing_are_parked_after_five_days_and_never_dropped(world: World) -> None:
    world.receive(submission())
    world.plan()
    for _ in range(60):
        world.crm.troubles["upsert"] = [Retryable("500")]
        world.dispatch()
        world.clock.advance(hours=3)

    (parked,) = world.store.reports.parked()

    assert parked.reason == "500"
    assert prove(world.store.database).classes["parked"] == 1


def test_a_whole_call_that_is_refused_is_tried_one_by_one(world: World) -> None:
    world.crm.troubles["upsert"] = [Refused("bad batch")]
    world.receive(
        *(submission(str(n), name="A B", email=f"a@firm{n}.com", message="Hello there, please?") for n in range(3))
    )

    world.settle()

    assert len(world.crm.records) == 3


def test_a_submission_replayed_with_another_mapping_changes_the_record_and_makes_nothing_twice(world: World) -> None:
    world.receive(submission("1", mail="eva@acme.com", wer="Eva Beispiel", frage="Was kostet das bitte genau?"))
    world.settle()
    (line,) = world.leads()
    plan = replace(world.playbook.sources["contact"], map={"full_name": "wer"})
    world.playbook = replace(world.playbook, sources={"contact": plan})

    told = world.operations().replay(world.story(line.lead.id).arrivals[0].id)
    world.settle()

    (record,) = world.crm.records.values()
    assert told == "2 fields brought up to date"
    assert (record["first_name"], record["last_name"]) == ("Eva", "Beispiel")
    assert len(world.crm.tasks) == 1


def test_every_lead_has_a_story_that_names_rule_owner_and_due_time(world: World) -> None:
    world.receive(submission())
    world.settle()
    (line,) = world.leads()

    story = world.story(line.lead.id)

    planned = story.events[0].detail
    assert (planned["rule"], planned["owner"]["id"], planned["due"]["target"]) == ("everyone else", "eva", "60 min")
    assert [event.event for event in story.events] == ["planned: new"] + ["made in the CRM"] * 3
    assert line.lead.state is LeadState.ASSIGNED
