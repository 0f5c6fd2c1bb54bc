"""What a sink by template makes of answers, and what it says of itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.http import HttpSink, HttpSinkOptions
from syncd.connector import (
    Ambiguous,
    Done,
    Known,
    LeadKeys,
    Outcome,
    OwnerRef,
    RecordOrder,
    Ref,
    Refusal,
    Retryable,
    SecretStr,
    SignalKind,
    Unknown,
    Wait,
)
from syncd.errors import SyncdError
from syncd.testing import START, lent_tools
from syncd.testing.sink_under_test import done
from tests.connectors.http_world import FIND, agency_sink, config, http_sink
from tests.fakes.agency import FORM_KEY, KEY, FakeAgency

ORDER = RecordOrder("record-1", LeadKeys("lead-1", ("ada@firm.example",)), {"email": "ada@firm.example"})


@pytest.fixture
def fake() -> Iterator[FakeAgency]:
    with FakeAgency() as fake:
        yield fake


def came_of(sink: HttpSink, order: RecordOrder = ORDER) -> Outcome | SyncdError:
    try:
        (outcome,) = sink.upsert([order])
    except SyncdError as error:
        return error
    return outcome


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, Ambiguous),
        (502, Ambiguous),
        (503, Ambiguous),
        (302, Ambiguous),  # a form that was taken often leads to a page of thanks
        (303, Ambiguous),
        (307, Retryable),
        (408, Retryable),
        (400, Refusal),
        (404, Refusal),
    ],
)
def test_a_status_that_is_no_success_says_whether_it_may_have_been_done(
    fake: FakeAgency, tmp_path: Path, status: int, kind: type[object]
) -> None:
    fake.order_fault("answer", status=status, body=b"{}")

    assert isinstance(came_of(agency_sink(fake, tmp_path)), kind)


def test_a_status_that_the_config_calls_untouched_is_sent_again(fake: FakeAgency, tmp_path: Path) -> None:
    fake.order_fault("server_error", status=503)

    assert isinstance(came_of(agency_sink(fake, tmp_path, answers={"untouched": [503]})), Retryable)


def test_a_redirect_that_the_config_calls_a_success_is_one(fake: FakeAgency, tmp_path: Path) -> None:
    fake.order_fault("answer", status=302, body=b"")
    records = {"path": "/leads", "body": {"external_id": "{{ lead }}"}}

    outcome = came_of(agency_sink(fake, tmp_path, records=records, answers={"success": [302]}))

    assert outcome == Done(Ref("lead", "lead-1"))


def test_a_success_that_the_config_does_not_know_leaves_doubt(fake: FakeAgency, tmp_path: Path) -> None:
    assert isinstance(came_of(agency_sink(fake, tmp_path, answers={"success": [200]})), Ambiguous)  # it answers 201


@pytest.mark.parametrize("truth", ["yes", "true", "True", "YES"])
def test_a_truth_value_may_be_written_either_way(fake: FakeAgency, tmp_path: Path, truth: str) -> None:
    assert isinstance(came_of(agency_sink(fake, tmp_path, answers={"success_when": {"ok": truth}})), Done)


def test_an_answer_of_200_that_says_no_is_a_refusal_with_the_code(fake: FakeAgency, tmp_path: Path) -> None:
    fake.order_fault("answer", status=200, body=b'{"ok": false, "error": {"code": "too_old"}}')

    outcome = came_of(agency_sink(fake, tmp_path))

    assert isinstance(outcome, Refusal)
    assert outcome.reason.endswith("ok is not yes: too_old")


@pytest.mark.parametrize("said", [b'{"ok": true}', b'{"ok": true, "data": {"id": true}}', b'{"ok": true, "data": []}'])
def test_a_success_without_an_id_leaves_doubt(fake: FakeAgency, tmp_path: Path, said: bytes) -> None:
    fake.order_fault("answer", status=201, body=said)

    assert isinstance(came_of(agency_sink(fake, tmp_path)), Unknown)


def test_words_of_an_answer_that_may_be_values_are_never_told(fake: FakeAgency, tmp_path: Path) -> None:
    fake.order_fault("answer", status=422, body=b'{"error": {"code": "ada@firm.example is no address"}}')

    outcome = came_of(agency_sink(fake, tmp_path))

    assert isinstance(outcome, Refusal)
    assert "ada" not in outcome.reason


# looking up


def test_of_several_that_are_alike_only_the_one_who_is_meant_is_found(fake: FakeAgency, tmp_path: Path) -> None:
    sink = agency_sink(fake, tmp_path)
    other = LeadKeys("lead-2", ("ada@firmament.example",))
    done(sink.upsert([replace(ORDER, mark="r2", keys=other, fields={"email": "ada@firmament.example"})]))

    assert sink.find([ORDER.keys]) == [None]


def test_every_address_of_a_person_is_asked_for_and_the_owner_is_told(fake: FakeAgency, tmp_path: Path) -> None:
    sink = agency_sink(fake, tmp_path, owners={"Eva@x.example": "7"})
    (made,) = done(sink.upsert([replace(ORDER, owner=sink.owners()["eva@x.example"])]))

    (known,) = sink.find([LeadKeys("lead-9", ("other@firm.example", "ADA@firm.example"))])

    assert known is not None
    assert known.ref == made.ref
    assert known.owner == OwnerRef("7", "eva@x.example")
    assert known.values == {"email": "ada@firm.example"}


def test_a_question_that_lacks_a_value_is_not_asked(fake: FakeAgency, tmp_path: Path) -> None:
    assert agency_sink(fake, tmp_path, find=FIND[:2]).find([LeadKeys("lead-1")]) == [None]
    assert not fake.calls


def test_a_record_that_no_question_can_ask_for_is_believed_to_be_there(fake: FakeAgency, tmp_path: Path) -> None:
    ref = Ref("lead", "l1")

    assert agency_sink(fake, tmp_path, find=[]).find([LeadKeys("lead-1", ref=ref)]) == [Known(ref)]
    assert agency_sink(fake, tmp_path, find=FIND[1:]).find([LeadKeys("lead-1", ref=ref)]) == [Known(ref)]
    assert agency_sink(fake, tmp_path).find([LeadKeys("lead-1", ref=ref)]) == [None]


def test_without_a_look_up_a_change_is_sent_only_where_the_config_says_so(fake: FakeAgency, tmp_path: Path) -> None:
    settings = config(fake.url, look_up=False)
    (made,) = done(agency_sink(fake, tmp_path, look_up=False).upsert([ORDER]))
    change = replace(ORDER, keys=replace(ORDER.keys, ref=made.ref), fields={"company": "New Ltd"})

    for records in (settings["records"], {**settings["records"], "overwrite": True}):
        (outcome,) = done(agency_sink(fake, tmp_path, look_up=False, records=records).upsert([change]))
        assert outcome == Done(made.ref, created=False)

    assert sum(times for (method, _), times in fake.calls.items() if method == "PATCH") == 1
    assert fake.leads["l1"]["company"] == "New Ltd"


def test_what_would_be_written_over_is_told(fake: FakeAgency, tmp_path: Path) -> None:
    blind = told(agency_sink(fake, tmp_path, look_up=False))["changes of a record"]
    some = told(agency_sink(fake, tmp_path))["changes of a record"]

    assert "not sent after all" in blind
    assert some.endswith("no `values` of them: message")


def test_an_answer_without_the_list_never_passes_for_a_stranger(fake: FakeAgency, tmp_path: Path) -> None:
    fake.order_fault("answer", status=200, body=b'{"ok": true, "data": {}}')

    with pytest.raises(Retryable):
        agency_sink(fake, tmp_path).find([ORDER.keys])


def test_a_record_whose_answer_was_lost_is_not_sent_again_before_the_look_up_can_show_it(
    fake: FakeAgency, tmp_path: Path
) -> None:
    sink = agency_sink(fake, tmp_path, find_lag=30)
    doubtful = replace(ORDER, sent_at=START)
    early = came_of(sink, replace(doubtful, looks=1))

    late = came_of(sink, replace(doubtful, looks=2))

    assert isinstance(early, Unknown)
    assert isinstance(late, Done)


def test_a_record_that_was_deleted_since_it_was_looked_up_is_looked_up_again(fake: FakeAgency, tmp_path: Path) -> None:
    sink = agency_sink(fake, tmp_path)
    done(sink.upsert([ORDER]))
    (known,) = sink.find([ORDER.keys])
    fake.leads.clear()

    first = came_of(sink, replace(ORDER, known=known))
    second = came_of(sink, ORDER)

    assert isinstance(first, Wait)
    assert isinstance(second, Done)
    assert len(fake.leads) == 1


# a form that answers in words


def vanillasoft(fake: FakeAgency, folder: Path, **changes: Any) -> HttpSink:
    settings = {
        "preset": "vanillasoft",
        "secret_url": f"{fake.url}/incoming/{FORM_KEY}",
        "answers": {"success_text": "OK"},
        **changes,
    }
    return http_sink(settings, lent_tools("dialer", None, folder))


def test_the_preset_posts_a_form_to_the_secret_address(fake: FakeAgency, tmp_path: Path) -> None:
    given = {"email": "ada@firm.example", "first_name": "Ada", "phone": "+4930555", "message": "Why?"}

    outcome = came_of(vanillasoft(fake, tmp_path), replace(ORDER, fields=given, due_at=START))

    assert outcome == Done(Ref("record", "lead-1"))
    (form,) = fake.forms
    assert (form["FirstName"], form["SyncdID"]) == ("Ada", "lead-1")
    assert form["Comments"] == "Why? (answer by 2026-11-23T09:00:00Z)"
    assert "LastName" not in form


def test_an_answer_of_200_in_words_of_trouble_is_a_refusal(fake: FakeAgency, tmp_path: Path) -> None:
    outcome = came_of(vanillasoft(fake, tmp_path))

    assert isinstance(outcome, Refusal)
    assert FORM_KEY not in outcome.reason


def test_what_a_preset_says_can_be_said_otherwise(tmp_path: Path) -> None:
    options = HttpSinkOptions.model_validate(
        {
            "preset": "membrain",
            "base_url": "https://acme.membrain.example",
            "login": {"key": "key-canary"},
            "records": {"body": {"name": "{{ fields.last_name }}"}, "path": "/leads"},
        }
    )

    assert options.records is not None
    assert options.records.body == {"name": "{{ fields.last_name }}"}
    assert (options.records.path, options.records.id) == ("/leads", "id")
    assert options.login is not None
    assert options.login.header == "X-API-Key"


# what it says of itself


def told(sink: HttpSink) -> dict[str, str]:
    return {finding.what: finding.detail for finding in sink.preview()}


def test_a_preview_shows_each_request_and_hides_every_secret(tmp_path: Path) -> None:
    settings = config("https://agency.example", headers={"X-Team": SecretStr("team-canary")})
    sink = http_sink({**settings, "idempotency_header": "Idempotency-Key"}, lent_tools("agency", None, tmp_path))

    said = told(sink)

    assert said["record"].startswith("POST https://agency.example/v1/leads X-Team: ***; X-Api-Key: ***;")
    assert (
        '"company": "Beispiel GmbH", "phone": "+49301234567", "question": "What does \\"it\\" cost?"' in said["record"]
    )
    assert "Idempotency-Key: record-SAMPLE" in said["record"]
    assert said["change of a record"].startswith("PATCH https://agency.example/v1/leads/4711")
    assert "canary" not in str(said)
    assert KEY not in str(said)


def test_a_preview_says_what_happens_after_a_lost_answer(tmp_path: Path) -> None:
    bare = config("https://agency.example", look_up=False)
    tools = lent_tools("agency", None, tmp_path)

    said = {
        "nothing": told(http_sink(bare, tools))["record sent twice"],
        "header": told(http_sink({**bare, "idempotency_header": "X-Key"}, tools))["record sent twice"],
        "look-up": told(http_sink(config("https://agency.example"), tools))["task sent twice"],
    }

    assert "syncd settle" in said["nothing"]
    assert "is known by X-Key" in said["header"]
    assert "looked for after a lost answer" in said["look-up"]


def test_a_preset_says_that_nobody_has_verified_it(fake: FakeAgency, tmp_path: Path) -> None:
    said = told(vanillasoft(fake, tmp_path))

    assert said["preset vanillasoft"].startswith("unverified: no public contract")
    assert "left out by choice" in said["tasks"]
    assert "(secret_url)" in said["record"]
    assert FORM_KEY not in str(said)
    assert not fake.calls


@pytest.mark.parametrize(("changes", "calls"), [({}, 3), ({"ping": ""}, 2), ({"ping": "", "find": []}, 0)])
def test_a_check_asks_what_is_harmless_and_makes_nothing(
    fake: FakeAgency, tmp_path: Path, changes: dict[str, Any], calls: int
) -> None:
    findings = agency_sink(fake, tmp_path, **changes).check()

    assert all(finding.ok for finding in findings)
    assert sum(fake.calls.values()) == calls
    assert fake.leads == {}


# marking tasks done


def test_a_task_marked_done_is_told_once_also_after_a_restart(fake: FakeAgency, tmp_path: Path) -> None:
    sink = agency_sink(fake, tmp_path)
    (start,) = sink.changes(None)

    assert sink.complete_task(Ref("task", "t1"))
    assert not sink.complete_task(Ref("task", "t1"))

    (page,) = agency_sink(fake, tmp_path).changes(start.cursor)
    assert [(signal.kind, signal.ref.id) for signal in page.signals] == [(SignalKind.TASK_DONE, "t1")]
    (after,) = sink.changes(page.cursor)
    assert list(after.signals) == []


def test_many_marked_tasks_come_in_pages(fake: FakeAgency, tmp_path: Path) -> None:
    lines = "".join(f'{{"id": "t{n}", "at": "2026-11-23T09:00:00+00:00"}}\n' for n in range(1001))
    (tmp_path / "agency.done").write_text(lines + '{"id": "cut o')

    pages = list(agency_sink(fake, tmp_path).changes("0"))

    assert [len(page.signals) for page in pages] == [500, 500, 1]
    assert pages[-1].cursor == "1001"
