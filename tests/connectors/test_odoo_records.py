"""Leads of Odoo and what hangs on them: once each, with everything, and nothing of a rep's is lost."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sinks.odoo import Odoo, OdooOptions
from syncd.connector import (
    Ambiguous,
    AuthFailed,
    LeadKeys,
    OwnerRef,
    Ref,
    Refusal,
    Retryable,
    Signal,
    SignalKind,
    Unknown,
    Wait,
)
from syncd.testing import NOON, FakeClock, lent_tools
from syncd.testing.sink_under_test import done
from tests.connectors.odoo_world import ANNA, World, odoo_world
from tests.connectors.orders import again, in_full, note, planned, record, task, written
from tests.fakes.odoo import FakeOdoo
from tests.fakes.odoo.service import TOKEN


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with odoo_world(tmp_path) as world:
        yield world


# records


def test_a_stranger_becomes_a_lead_with_all_that_is_known(world: World) -> None:
    ref = written(world.sink, owner=world.sink.owners()[ANNA])

    (lead,) = world.fake.leads.values()
    assert ref == Ref("lead", str(lead["id"]), f"{world.fake.url}/mail/view?model=crm.lead&res_id={lead['id']}")
    assert (lead["name"], lead["contact_name"], lead["partner_name"]) == ("Ada Beispiel", "Ada Beispiel", "Firm Ltd")
    assert (lead["email_from"], lead["x_syncd_key"], lead["x_syncd_inquiries"]) == ("ada1@firm.example", "lead-1", 1)
    assert (lead["user_id"], lead["type"]) == (world.anna, "lead")


def test_a_lone_lead_costs_these_calls(world: World) -> None:
    owner = world.sink.owners()[ANNA]
    done(world.sink.add_tasks([task(written(world.sink, number=8, owner=owner), mark="task-8", owner=owner)]))

    with world.counted() as calls:
        assert world.sink.find([planned(record().keys)]) == [None]
        ref = written(world.sink, owner=owner)
        done(world.sink.add_tasks([task(ref, owner=owner)]))
        done(world.sink.add_notes([note(ref)]))

    assert calls == {
        "POST /json/2/crm.lead/search_read": 1,
        "POST /json/2/crm.lead/create": 1,
        "POST /json/2/mail.activity/create": 1,
        "POST /json/2/crm.lead/message_post": 1,
    }


def test_a_stranger_of_a_moment_ago_is_looked_for_again_once_they_may_have_been_made(world: World) -> None:
    world.sink.find([record().keys])
    first = written(world.sink)

    (again_sent,) = done(world.sink.upsert([record()]))

    assert (again_sent.ref, again_sent.created) == (first, False)


def test_a_lead_whose_answer_was_lost_is_looked_for_however_lately_it_was_a_stranger(world: World) -> None:
    world.sink.find([record().keys])
    ref = written(world.another_sink())

    (found,) = done(world.sink.upsert([record(sent_at=world.clock.now())]))

    assert (found.ref, found.created) == (ref, False)


def test_a_stranger_of_more_than_a_minute_ago_is_looked_for_before_they_are_made(world: World) -> None:
    world.sink.find([record().keys])
    ref = written(world.another_sink())
    world.advance(seconds=60)

    (found,) = done(world.sink.upsert([record()]))

    assert (found.ref, found.created) == (ref, False)


def test_a_lead_that_has_no_address_is_looked_for_before_it_is_made(world: World) -> None:
    nameless = record(keys=LeadKeys("lead-1"), fields={"phone": "+49301"})
    world.sink.find([nameless.keys])
    done(world.another_sink().upsert([nameless]))

    (found,) = done(world.sink.upsert([nameless]))

    assert not found.created


def test_what_hangs_on_a_lead_not_seen_for_a_minute_is_refused_when_the_lead_is_gone(world: World) -> None:
    ref = written(world.sink)
    world.fake.human_deletes(int(ref.id))
    world.advance(seconds=60)

    outcomes = [*world.sink.add_tasks([task(ref)]), *world.sink.add_notes([note(ref)])]

    assert [type(outcome) for outcome in outcomes] == [Refusal, Refusal]
    assert (world.fake.activities, world.fake.notes) == ({}, {})


def test_a_lead_without_an_owner_is_not_given_to_the_user_of_the_key(world: World) -> None:
    written(world.sink)

    assert [lead["user_id"] for lead in world.fake.leads.values()] == [False]


def test_a_lead_has_the_team_and_title_of_the_config(tmp_path: Path) -> None:
    with odoo_world(tmp_path, sink={"team": 3, "title": "Website"}) as world:
        written(world.sink)

        (lead,) = world.fake.leads.values()
    assert (lead["team_id"], lead["name"]) == (3, "Ada Beispiel Website")


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"email": "x@y.example"}, "x@y.example"), ({"phone": "+49301"}, "+49301"), ({}, "[not provided]")],
)
def test_a_lead_without_a_name_is_called_by_what_there_is(world: World, fields: dict[str, str], name: str) -> None:
    written(world.sink, fields=fields)

    assert [lead["name"] for lead in world.fake.leads.values()] == [name]


def test_a_change_writes_what_it_names_and_nothing_else(world: World) -> None:
    ref = written(world.sink)
    world.fake.human_edits(int(ref.id), name="Big deal", partner_name="Rep's own", user_id=world.anna)

    done(world.sink.upsert([again(ref, first_name="Augusta")]))

    lead = world.fake.leads[int(ref.id)]
    assert (lead["name"], lead["partner_name"], lead["user_id"]) == ("Big deal", "Rep's own", world.anna)
    assert lead["contact_name"] == "Augusta Beispiel"


def test_a_change_of_nothing_writes_nothing(world: World) -> None:
    ref = written(world.sink)
    before = world.fake.calls["POST", "/json/2/crm.lead/write"]

    done(world.sink.upsert([again(ref, company="Firm Ltd")]))

    assert world.fake.calls["POST", "/json/2/crm.lead/write"] == before


def test_a_number_that_is_none_is_left_out(world: World) -> None:
    written(world.sink, fields={"email": "a@b.example", "inquiries": "many"})

    assert ["x_syncd_inquiries" in lead for lead in world.fake.leads.values()] == [False]


def test_a_lost_lead_is_known_and_an_open_one_comes_first(world: World) -> None:
    lost = world.fake.put("crm.lead", name="old", email_normalized="ada1@firm.example", active=False)

    (before,) = world.sink.find([record().keys])
    opened = world.fake.put("crm.lead", name="new", email_normalized="ada1@firm.example", active=True)
    (after,) = world.sink.find([record().keys])

    assert before is not None
    assert after is not None
    assert (before.ref.id, after.ref.id) == (str(lost), str(opened))


def test_a_rep_s_own_lead_is_found_by_address_and_taken_over_as_it_is(world: World) -> None:
    theirs = world.fake.put(
        "crm.lead", name="Fair", contact_name="Ada", email_normalized="ada1@firm.example", active=True,
        user_id=world.anna, partner_name="Their name",
    )  # fmt: skip
    (known,) = world.sink.find([record().keys])
    assert known is not None

    done(world.sink.upsert([record(known=known, fields={"phone": "+49301"})]))

    (lead,) = world.fake.leads.values()
    assert known.owner == OwnerRef(str(world.anna), ANNA, "Anna")
    assert (lead["id"], lead["x_syncd_key"], lead["phone"], lead["name"]) == (theirs, "lead-1", "+49301", "Fair")


def test_a_lead_deleted_since_it_was_looked_up_is_looked_up_again(world: World) -> None:
    written(world.sink)
    (known,) = world.sink.find([record().keys])
    assert known is not None
    world.fake.human_deletes(int(known.ref.id))

    (outcome,) = world.sink.upsert([record(known=known)])

    assert isinstance(outcome, Wait)
    assert world.fake.leads == {}


def test_a_refusal_tells_the_kind_and_no_value(world: World) -> None:
    (outcome,) = world.sink.upsert([record(fields={"company": "Canary\0Ltd"})])

    assert isinstance(outcome, Refusal)
    assert outcome.reason == "odoo: lead refused: UserError"


def test_a_user_who_left_is_seen_within_a_minute(world: World) -> None:
    owner = world.sink.owners()[ANNA]
    written(world.sink, owner=owner)
    world.fake.human_edits(world.anna, "res.users", active=False)
    world.advance(seconds=61)

    (outcome,) = world.sink.upsert([record(2, owner=owner)])

    assert isinstance(outcome, Refusal)
    assert outcome.owner


# activities and notes


@pytest.mark.parametrize(("zone", "day"), [("Europe/Berlin", "2026-07-02"), ("America/New_York", "2026-07-01")])
def test_an_activity_is_due_on_the_day_of_its_owner(world: World, zone: str, day: str) -> None:
    ref = written(world.sink)

    done(world.sink.add_tasks([task(ref, zone=zone, owner=world.sink.owners()[ANNA], kind="todo")]))

    (activity,) = world.fake.activities.values()
    names = {number: row["name"] for number, row in world.fake.rows["mail.activity.type"].items()}
    assert (activity["date_deadline"], activity["user_id"], activity["summary"]) == (day, world.anna, "Call Ada")
    assert (activity["res_model"], activity["res_id"]) == ("crm.lead", int(ref.id))
    assert names[activity["activity_type_id"]] == "To-Do"
    assert activity["note"] == "<p>&lt;b&gt;Why&lt;/b&gt;?</p><p>syncd: task-1</p>"


def test_a_note_is_internal_and_plain_text(world: World) -> None:
    done(world.sink.add_notes([note(written(world.sink))]))

    assert [row["body"] for row in world.fake.notes.values()] == ["<p>Asked &amp; asked</p><p>syncd: note-1</p>"]


def test_an_activity_that_was_done_before_its_answer_was_looked_for_is_not_made_again(world: World) -> None:
    ref = written(world.sink)
    (made,) = done(world.sink.add_tasks([task(ref)]))
    world.fake.human_edits(int(made.ref.id), "mail.activity", active=False)
    world.advance(minutes=2)

    (found,) = done(world.another_sink().add_tasks([task(ref, sent_at=NOON)]))

    assert found.ref == made.ref


def test_an_activity_whose_text_is_a_message_by_now_is_not_made_again(world: World) -> None:
    ref = written(world.sink)
    body = "<div><p>Call done</p><div><p>Why</p><p>syncd: task-1</p></div></div>"
    message = world.fake.put("mail.message", model="crm.lead", res_id=int(ref.id), body=body)
    world.advance(minutes=2)

    (found,) = done(world.another_sink().add_tasks([task(ref, sent_at=NOON)]))

    assert found.ref.id == str(message)
    assert world.fake.activities == {}


def test_an_activity_type_that_is_missing_is_told_and_found_by_a_check(world: World) -> None:
    sink = world.another_sink(types={"call": "Ring"})

    (outcome,) = sink.add_tasks([task(written(world.sink))])
    findings = {finding.what: finding for finding in sink.check()}

    assert isinstance(outcome, Refusal)
    assert "Call, Email, Meeting" in findings["activity type for call"].remedy


# doubt


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body", "too_many", "server_error"])
@pytest.mark.parametrize("call", ["crm.lead/create", "mail.activity/create", "message_post", "search_read"])
def test_whichever_answer_is_lost_everything_is_there_once(world: World, kind: Any, call: str) -> None:
    world.fake.order_fault(kind, "POST", f"*{call}")

    in_full(world)

    assert [len(held) for held in (world.fake.leads, world.fake.activities, world.fake.notes)] == [1, 1, 1]


def test_what_may_still_be_on_its_way_is_not_sent_again(world: World) -> None:
    ref, sent = written(world.sink, number=2), world.clock.now()

    outcomes = [
        *world.sink.upsert([record(sent_at=sent)]),
        *world.sink.add_tasks([task(ref, sent_at=sent)]),
        *world.sink.add_notes([note(ref, sent_at=sent)]),
    ]

    assert [type(outcome) for outcome in outcomes] == [Unknown] * 3
    assert len(world.fake.leads) == 1


@pytest.mark.parametrize("body", [b"[]", b"[1, 2]", b"[true]", b"null", b"{}", b'["1"]', b"[0]"])
def test_a_success_that_names_nothing_leaves_doubt(world: World, body: bytes) -> None:
    world.fake.order_fault("answer", "POST", "*/create", status=200, body=body)

    with pytest.raises(Ambiguous):
        world.sink.upsert([record()])


@pytest.mark.parametrize("body", [b"{}", b'["a"]', b'[{"name": "x"}]', b"7"])
def test_a_list_that_is_none_is_an_error_and_no_empty_list(world: World, body: bytes) -> None:
    world.fake.order_fault("answer", "POST", "*/search_read", status=200, body=body)

    with pytest.raises(Retryable):
        world.sink.find([record().keys])


# the database


def bare(folder: Path, fake: FakeOdoo, **options: Any) -> Odoo:
    settings = OdooOptions.model_validate({"token": TOKEN, "url": fake.url, **options})
    return Odoo(settings, lent_tools("odoo", FakeClock(NOON), folder))


def test_a_new_database_lacks_six_fields_and_gets_them_once(tmp_path: Path) -> None:
    with FakeOdoo() as fake:
        before = bare(tmp_path, fake).prepare(apply=False)
        made = bare(tmp_path, fake).prepare(apply=True)
        after = bare(tmp_path, fake).prepare(apply=True)

        fields = fake.rows["ir.model.fields"].values()
    missing = [finding for finding in before if not finding.ok]
    assert len(missing) == len([finding for finding in made if finding.changed]) == len(fields) == 6
    assert all(finding.remedy for finding in missing)
    assert not [finding for finding in after if finding.changed]
    assert {(row["name"], row["copied"]) for row in fields} >= {("x_syncd_key", False)}


def test_without_its_key_field_nothing_is_written(tmp_path: Path) -> None:
    with FakeOdoo() as fake:
        (outcome,) = bare(tmp_path, fake).upsert([record()])

        assert isinstance(outcome, Refusal)
        assert "prepare" in outcome.reason
        assert fake.leads == {}


def test_fields_that_cannot_be_made_or_used_are_told(world: World) -> None:
    world.fake.fields["crm.lead"]["x_syncd_key"] = "integer"

    bad = [finding for finding in world.another_sink(map={"industry": "branch"}).prepare(apply=True) if not finding.ok]

    assert [finding.detail for finding in bad] == ["is of type integer, not a line of text", "missing"]


@pytest.mark.parametrize(
    "options", [{"url": "acme.odoo.com"}, {"url": "https://acme.odoo.com/web"}, {"types": {"walk": "x"}}]
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OdooOptions.model_validate({"token": "t", "url": "https://acme.odoo.com", **options})


def test_a_refused_key_tells_no_secret(world: World) -> None:
    world.fake.token = "another"

    with pytest.raises(AuthFailed) as raised:
        world.sink.check()

    assert TOKEN not in str(raised.value)


# what people did


def heard(world: World, cursor: str) -> list[Signal]:
    return [signal for page in world.sink.changes(cursor) for signal in page.signals]


def begun(world: World) -> tuple[Ref, str]:
    """A lead of ours, and the place from which changes are read."""
    ref = written(world.sink)
    world.advance(minutes=5)
    (page,) = world.sink.changes(None)
    world.advance(minutes=5)
    return ref, page.cursor


def test_what_became_of_a_lead_is_told(world: World) -> None:
    ref, cursor = begun(world)

    world.fake.human_edits(int(ref.id), user_id=world.anna)
    first = [(signal.kind, signal.value) for signal in heard(world, cursor)]
    world.fake.human_edits(int(ref.id), type="opportunity", stage_id=world.fake.won, date_closed="2026-03-02 12:09:00")
    won = {signal.kind: signal.at for signal in heard(world, cursor)}
    world.fake.human_edits(int(ref.id), active=False, probability=0.0)
    lost = {signal.kind for signal in heard(world, cursor)}

    assert first == [(SignalKind.OWNER_CHANGED, str(world.anna))]
    assert won[SignalKind.WON] == datetime(2026, 3, 2, 12, 9, tzinfo=UTC)
    assert SignalKind.QUALIFIED in won
    assert SignalKind.LOST in lost
    assert SignalKind.WON not in lost


def test_our_activity_done_is_a_task_done_and_another_is_an_answer(world: World) -> None:
    ref, cursor = begun(world)
    ours, theirs = (done(world.sink.add_tasks([task(ref, mark=mark)]))[0].ref for mark in ("task-1", "task-2"))
    world.fake.human_edits(int(ours.id), "mail.activity", active=False)
    world.fake.human_edits(int(theirs.id), "mail.activity", active=False, note="<p>Spoke with her</p>")

    told = {(signal.kind, signal.ref.object, signal.ref.id) for signal in heard(world, cursor)}

    assert told == {(SignalKind.TASK_DONE, "activity", ours.id), (SignalKind.ANSWERED, "lead", ref.id)}


def test_leads_that_syncd_never_wrote_are_nobodys_business(world: World) -> None:
    _, cursor = begun(world)
    world.fake.put(
        "crm.lead", name="Theirs", user_id=world.anna, type="opportunity", active=True, stage_id=world.fake.won
    )

    assert heard(world, cursor) == []


def test_many_changes_of_one_second_come_in_pages_and_the_cursor_goes_on(world: World) -> None:
    _, cursor = begun(world)
    for number in range(1_200):
        world.fake.put("crm.lead", x_syncd_key=f"lead-{number}", user_id=world.anna, active=True, type="lead")

    pages = list(world.sink.changes(cursor))

    assert sum(len(page.signals) for page in pages) == 1_200
    assert json.loads(pages[-1].cursor)["leads"] == world.fake.now()


# the fake refuses what Odoo refuses


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("crm.lead/create", {"vals_list": [{"contact_name": "x"}]}, 422),
        ("crm.lead/create", {"vals_list": [{"name": "x", "email": "a@b.example"}]}, 422),
        ("crm.lead/create", {"vals_list": [{"name": "x", "user_id": "1"}]}, 422),
        ("crm.lead/create", {"vals_list": [{"name": "x", "user_id": 424242}]}, 422),
        ("crm.lead/create", {"values": {}}, 422),
        ("crm.lead/write", {"ids": [424242], "vals": {"name": "x"}}, 404),
        ("crm.lead/search_read", {"domain": [["nothing", "=", 1]], "fields": []}, 422),
        ("crm.lead/search_read", {"domain": ["|", ["id", "=", 1]], "fields": []}, 422),
        ("crm.lead/search_read", {"domain": [], "fields": ["nothing"]}, 422),
        ("mail.activity/create", {"vals_list": [{"res_id": 1, "date_deadline": "2026-03-02"}]}, 422),
        ("mail.activity/create", {"vals_list": [{"date_deadline": "2026-03-02T09:00:00Z"}]}, 422),
        ("crm.lead/upsert", {}, 404),
    ],
)
def test_the_fake_refuses(world: World, path: str, body: Any, status: int) -> None:
    reply = world.tools.http.call(
        "POST", f"{world.fake.url}/json/2/{path}", what="fake", writes=False,
        headers={"authorization": f"bearer {TOKEN}"}, json=body,
    )  # fmt: skip

    assert reply.status == status
    assert reply.json()["name"]


def test_a_call_under_way_has_its_minute_before_it_is_sent_again(world: World) -> None:
    sent = world.clock.now()
    (early,) = world.sink.upsert([record(sent_at=sent, looks=1)])

    (outcome,) = done(world.sink.upsert([record(sent_at=sent, looks=2)]))

    assert early == Unknown("odoo: the lead is not there yet", looked=True)

    assert outcome.created
