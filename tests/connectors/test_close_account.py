"""What a Close organization must have, how often it may be asked, and what people did there."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.close import Close, CloseOptions
from connectors.sinks.close.failures import is_from_close, read_fault
from connectors.sinks.close.limits import Meter, pause_for
from syncd.connector import (
    Allowance,
    Ambiguous,
    AuthFailed,
    LeadKeys,
    RateLimited,
    Ref,
    Retryable,
    Signal,
    SignalKind,
    trouble_of,
)
from syncd.testing import NOON, FakeClock, lent_tools
from syncd.testing.sink_under_test import done
from tests.connectors.close_world import ANNA, World, close_world
from tests.connectors.orders import record, task, written
from tests.fakes.close import FakeClose
from tests.fakes.close.service import KEY


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with close_world(tmp_path) as world:
        yield world


def bare(folder: Path, fake: FakeClose, **options: Any) -> Close:
    settings = CloseOptions.model_validate({"api_key": KEY, "base_url": fake.url, **options})
    return Close(settings, lent_tools("close", FakeClock(NOON), folder))


# fields


def test_a_new_organization_lacks_every_field_and_gets_them_once(tmp_path: Path) -> None:
    with FakeClose() as fake:
        before = bare(tmp_path, fake).prepare(apply=False)
        made = bare(tmp_path, fake).prepare(apply=True)
        after = bare(tmp_path, fake).prepare(apply=True)

    assert [finding.ok for finding in before] == [False] * 7
    assert all(finding.remedy for finding in before)
    assert [finding.changed for finding in made] == [True] * 7
    assert [(finding.ok, finding.changed) for finding in after] == [(True, False)] * 7
    assert [(row["name"], row["type"]) for row in fake.fields["lead"]] == [("syncd_owner", "user")]


def test_fields_of_another_type_are_told_for_the_key_and_the_owner(world: World) -> None:
    for kind in ("contact", "lead"):
        world.fake.fields[kind][0]["type"] = "number"

    wrong = [finding for finding in world.sink.check() if not finding.ok]

    assert [finding.what for finding in wrong] == ["contact field syncd_key", "lead field syncd_owner"]
    assert all("is of type number" in finding.detail for finding in wrong)


def test_a_status_that_is_not_there_is_told_with_those_that_are(world: World) -> None:
    (finding,) = [one for one in world.another_sink(status="stat_x").check() if not one.ok]

    assert finding.what == "lead status stat_x"
    assert "stat_new (Potential)" in finding.remedy


def test_a_check_needs_a_good_key(world: World) -> None:
    world.fake.key = "another"

    with pytest.raises(AuthFailed):
        world.sink.check()


# limits


def test_the_strictest_group_of_calls_speaks_for_all() -> None:
    meter = Meter()
    assert meter.allowance() is None

    meter.note("GET", "/api/v1/lead/lead_1/", {"ratelimit": "limit=100, remaining=50, reset=5"})
    meter.note("GET", "/api/v1/lead/lead_2/", {"ratelimit": "limit=100, remaining=49, reset=2"})
    meter.note("POST", "/api/v1/task/", {"ratelimit": "limit=20, remaining=5, reset=5"})
    meter.note("POST", "/api/v1/lead/", {"ratelimit": "strange"})

    assert meter.allowance() == Allowance(20, timedelta(seconds=5))


@pytest.mark.parametrize(
    ("headers", "after", "pause"),
    [
        ({"ratelimit": "limit=100, remaining=0, reset=7"}, None, 7),
        ({"ratelimit-reset": "4", "ratelimit": "limit=1, remaining=0, reset=9"}, None, 4),
        ({"ratelimit": "limit=1, remaining=0, reset=9"}, timedelta(seconds=3), 3),
        ({"ratelimit-reset": "99999999"}, None, 3600),
        ({}, None, 1),
    ],
)
def test_a_pause_is_as_long_as_close_says(headers: dict[str, str], after: timedelta | None, pause: int) -> None:
    assert pause_for(headers, after) == timedelta(seconds=pause)


def test_over_the_limit_is_a_pause(tmp_path: Path) -> None:
    with close_world(tmp_path) as world:
        world.fake.burst = 1
        world.advance(seconds=10)
        world.sink.owners()

        with pytest.raises(RateLimited) as raised:
            world.another_sink().owners()

    assert raised.value.after == timedelta(seconds=5)


# failures


@pytest.mark.parametrize(
    ("status", "body", "reads", "writes"),
    [
        (200, {}, None, None),
        (200, None, Retryable, Ambiguous),
        (400, {"errors": [], "field-errors": {}}, None, None),
        (400, {"anything": 1}, Retryable, Retryable),
        (404, {"error": "x"}, None, None),
        (403, {"error": "x"}, AuthFailed, AuthFailed),
        (429, None, RateLimited, RateLimited),
        (502, None, Retryable, Ambiguous),
        (302, None, Retryable, Retryable),
    ],
)
def test_what_an_answer_means(status: int, body: dict[str, Any] | None, reads: object, writes: object) -> None:
    known = is_from_close(status, body)

    assert trouble_of(status, writes=False, known=known) is reads
    assert trouble_of(status, writes=True, known=known) is writes


def test_a_fault_names_the_fields_and_never_what_stood_in_them() -> None:
    nested = {"contacts": {"0": {"emails": {"0": {"email": "ada@x is no address"}}}}, "custom.cf_1": "No user: Ada"}
    fault = read_fault(400, {"errors": [], "field-errors": nested})

    assert str(fault) == "status 400 on email, custom.cf_1"
    assert fault.refusal("lead", owner="custom.cf_1").owner


# what people did


def signals(world: World, since: str) -> list[Signal]:
    world.advance(minutes=1)
    return [signal for page in world.sink.changes(since) for signal in page.signals]


def start_of(world: World) -> str:
    world.advance(minutes=1)
    (page,) = world.sink.changes(None)
    world.advance(minutes=1)
    return page.cursor


def test_a_change_of_owner_and_of_status_is_told(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    world.fake.human_changes_lead(ref.id, **{world.fake.code("syncd_owner", "lead"): world.anna})
    world.fake.human_changes_lead(ref.id, status_id="stat_bad")
    world.fake.human_changes_lead(ref.id, description="Nothing of interest")

    told = signals(world, since)

    assert [(one.kind, one.ref.id, one.value) for one in told] == [
        (SignalKind.OWNER_CHANGED, ref.id, world.anna),
        (SignalKind.STATUS_CHANGED, ref.id, "Bad Fit"),
    ]
    assert told[0].owner == world.sink.owners()[ANNA]


def test_our_task_done_and_a_call_are_told_and_a_call_that_came_in_is_not(world: World) -> None:
    ref = written(world.sink)
    (made,) = done(world.sink.add_tasks([task(ref)]))
    since = start_of(world)
    own = world.fake.tasks[made.ref.id]
    world.fake.tell("task.lead", "completed", own, ref.id, by=None)
    world.fake.tell("task.lead", "completed", {"id": "task_2", "text": "Send offer"}, ref.id, by=None)
    world.fake.tell("activity.call", "created", {"id": "acti_1", "direction": "inbound"}, ref.id, by=None)
    world.fake.tell("activity.email", "sent", {"id": "acti_2", "direction": "outgoing"}, ref.id, by=None)

    told = [(one.kind, one.ref) for one in signals(world, since)]

    lead = Ref("lead", ref.id)
    assert told == [(SignalKind.TASK_DONE, made.ref), (SignalKind.ANSWERED, lead), (SignalKind.ANSWERED, lead)]


def test_opportunities_are_told_as_qualified_won_and_lost(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    for action, status in (("created", "active"), ("updated", "won"), ("updated", "lost"), ("deleted", "won")):
        data = {"id": "oppo_1", "status_type": status}
        world.fake.tell("opportunity", action, data, ref.id, ["status_id"], by=None)
    world.fake.tell("opportunity", "updated", {"id": "oppo_1", "status_type": "won"}, ref.id, ["note"], by=None)

    assert [one.kind for one in signals(world, since)] == [SignalKind.QUALIFIED, SignalKind.WON, SignalKind.LOST]


def test_a_merged_lead_is_not_told_as_gone_and_a_deleted_one_is(world: World) -> None:
    first, second, third = (written(world.sink, number=number) for number in (1, 2, 3))
    since = start_of(world)
    world.fake.human_merges(first.id, second.id)
    world.fake.human_deletes(third.id)

    told = {(one.kind, one.ref.id, one.value) for one in signals(world, since)}

    assert told == {(SignalKind.MERGED, second.id, first.id), (SignalKind.GONE, third.id, "")}


def test_a_long_log_is_read_whole_and_told_oldest_first(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    for number in range(120):
        world.fake.tell("activity.call", "created", {"id": f"acti_{number}"}, ref.id, by=None)
        world.advance(seconds=1)

    (page,) = world.sink.changes(since)

    moments = [one.at for one in page.signals]
    assert (len(moments), moments) == (120, sorted(moments))
    assert [signal for more in world.sink.changes(page.cursor) for signal in more.signals] == list(page.signals[-1:])


def test_a_lost_lead_is_found_in_the_log_before_the_search_shows_it(tmp_path: Path) -> None:
    with close_world(tmp_path, lag=3600) as world:
        ref = written(world.sink)

        (outcome,) = done(world.another_sink().upsert([record(sent_at=world.clock.now())]))

        assert (outcome.ref.id, outcome.created, len(world.fake.leads)) == (ref.id, False, 1)
        assert world.another_sink().find([LeadKeys("lead-1", ("ada1@firm.example",))]) == [None]


def test_a_log_that_turns_in_a_circle_is_left(world: World) -> None:
    since = start_of(world)
    page = b'{"data": [{"id": "ev_1"}], "cursor_next": "a"}'
    world.fake.order_fault("answer", "GET", "/api/v1/event/", status=200, body=page, count=None)

    with pytest.raises(Retryable):
        list(world.sink.changes(since))
