"""What a webhook missed, from the list of each provider: the same submissions under the same keys."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from syncd.connector import Page, RateLimited, Submission, WebRequest
from syncd.testing import NOON, FakeClock, PolledSourceContract, ServerTrouble, lent_tools
from tests.connectors.posted.case import TOKEN
from tests.connectors.posted.pulled import KEY, MINUTE, PULLED, Pulled
from tests.fakes.lists import FakeLists

every_list = pytest.mark.parametrize("case", PULLED, ids=lambda case: case.name)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def fake(case: Pulled) -> Iterator[FakeLists]:
    with FakeLists(case.style) as fake:
        yield fake


def source(case: Pulled, fake: FakeLists, clock: FakeClock, patience: float = 20, **options: Any) -> Any:
    given = case.plugin.options.model_validate(case.build(fake.url, **options))
    return case.plugin.make(given, lent_tools("forms", clock, patience=patience))


def submit(case: Pulled, fake: FakeLists, number: int, at: datetime) -> None:
    fake.submit(at, case.listed(number, at))


def posted(case: Pulled, built: Any, number: int, at: datetime, received_at: datetime | None = None) -> Submission:
    body = case.posted(number, at)
    if isinstance(body, list):
        body = urlencode(body).encode()
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    (found,) = built.receive(WebRequest("POST", {"content-type": case.media}, {}, sent, received_at or at)).submissions
    return found


def found(pages: Iterator[Page]) -> list[Submission]:
    return [one for page in pages for one in page.submissions]


@pytest.mark.parametrize("case", PULLED, ids=lambda case: case.name, scope="class")
class TestContract(ServerTrouble, PolledSourceContract):
    secrets = (KEY, TOKEN)

    @pytest.fixture(autouse=True)
    def _of(self, case: Pulled) -> None:
        self.plugin = case.plugin

    @pytest.fixture
    def source(self, case: Pulled) -> Iterator[Any]:
        with FakeLists(case.style) as self.fake:
            for number in range(8):
                submit(case, self.fake, number, NOON - (20 - number) * MINUTE)
            yield source(case, self.fake, FakeClock(NOON), patience=1, history="all")


@every_list
def test_a_fetched_submission_is_the_one_that_was_posted(case: Pulled, fake: FakeLists, clock: FakeClock) -> None:
    at = NOON - 10 * MINUTE
    submit(case, fake, 1, at)
    built = source(case, fake, clock, history="all")

    (fetched,) = found(built.pages(None))

    arrived = posted(case, built, 1, at)
    assert (fetched.key, fetched.window) == (arrived.key, arrived.window)
    assert fetched.submitted_at == at
    assert [answer.value for answer in fetched.answers] == [answer.value for answer in arrived.answers]
    assert [answer.label for answer in fetched.answers] == [answer.label for answer in arrived.answers]
    assert fetched.context.form_id == arrived.context.form_id == "f1"


@every_list
def test_what_is_posted_waits_for_no_answer_of_the_provider(case: Pulled, fake: FakeLists, clock: FakeClock) -> None:
    """A visitor may be waiting for it."""
    posted(case, source(case, fake, clock, history="all"), 1, NOON)

    assert fake.calls.total() == 0


@every_list
def test_the_first_fetch_begins_where_history_says(case: Pulled, fake: FakeLists, clock: FakeClock) -> None:
    for days in range(9):
        submit(case, fake, days, NOON - timedelta(days=days, minutes=31))

    skipped = found(source(case, fake, clock).pages(None))
    since = found(source(case, fake, clock, history="2026-02-27").pages(None))
    everything = found(source(case, fake, clock, history="all").pages(None))

    assert all(one.submitted_at and one.submitted_at > NOON - timedelta(days=4) for one in skipped)
    assert {one.key for one in since} >= {
        one.key for one in everything if _at(one) >= datetime(2026, 2, 27, tzinfo=UTC)
    }
    assert len(everything) == 9


@every_list
def test_a_later_fetch_goes_on_from_the_cursor_and_reads_little_again(
    case: Pulled, fake: FakeLists, clock: FakeClock
) -> None:
    for number in range(40):
        submit(case, fake, number, NOON - timedelta(days=40 - number))
    built = source(case, fake, clock, history="all")
    *_, last = built.pages(None)
    clock.advance(minutes=20)
    submit(case, fake, 50, NOON + 5 * MINUTE)
    before = fake.calls.total()

    (fresh,) = [one for one in found(built.pages(last.cursor)) if _at(one) > NOON]

    assert fresh.submitted_at == NOON + 5 * MINUTE
    assert fake.calls.total() - before <= 4


@every_list
def test_a_wrong_key_is_told_by_the_check(case: Pulled, fake: FakeLists, clock: FakeClock) -> None:
    good, bad = (
        source(case, fake, clock, **more).check()[-1] for more in ({}, {"api_token": "another-key-altogether"})
    )

    assert (good.ok, bad.ok) == (True, False)
    assert bad.remedy
    assert "another-key" not in f"{bad}"


@every_list
def test_being_told_to_wait_says_for_how_long(case: Pulled, fake: FakeLists, clock: FakeClock) -> None:
    fake.order_fault("too_many", count=None, retry_after=7)

    with pytest.raises(RateLimited) as raised:
        found(source(case, fake, clock).pages(None))

    assert raised.value.after == timedelta(seconds=7)


def _at(submission: Submission) -> datetime:
    assert submission.submitted_at is not None
    return submission.submitted_at
