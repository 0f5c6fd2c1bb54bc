"""What every source must do whose provider posts ids alone: announce at once, collect when it is asked to."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from syncd.connector import (
    AuthFailed,
    Collecting,
    Plugin,
    PushSource,
    RateLimited,
    Received,
    Refused,
    Retryable,
    Submission,
    Unauthenticated,
    WebRequest,
)
from syncd.errors import SyncdError
from syncd.testing import BROKEN, NOON, PolledSourceContract, ServerTrouble, SourceContract, lent_tools
from tests.fakes.ad_platforms import API_TOKEN, FakePlatform

SECRET = "canary-app-secret"


class Wired(ServerTrouble):
    """A source beside its fake; override the three."""

    plugin: Plugin[Any]
    secrets = (SECRET, API_TOKEN)

    def made(self) -> FakePlatform:
        """The platform, with eight submissions that came in the last half hour."""
        raise NotImplementedError

    def options(self, fake: FakePlatform) -> dict[str, Any]:
        raise NotImplementedError

    def delivery(self) -> WebRequest:
        """Of the oldest of the eight."""
        raise NotImplementedError

    @pytest.fixture
    def fake(self) -> Iterator[Any]:
        with self.made() as fake:
            self.fake = fake
            yield fake

    @pytest.fixture
    def source(self, fake: FakePlatform) -> Iterator[Any]:
        usual = {"secret": SECRET, "api_token": API_TOKEN, "base_url": fake.url, "page_size": 3, "history": "all"}
        tools = lent_tools("ads", patience=1)
        yield self.plugin.make(self.plugin.options.model_validate({**usual, **self.options(fake)}), tools)
        tools.http.close()


class WebhookContract(Wired, SourceContract):
    """Override `signed`."""

    def forged(self) -> Iterator[WebRequest]:
        whole = self.delivery()
        yield WebRequest("POST", {"content-type": "application/json"}, {}, whole.body, NOON)
        yield WebRequest("POST", whole.headers, {}, whole.body[:-1] + b" ", NOON)

    def test_it_announces_and_asks_nobody(self, source: Any, fake: FakePlatform) -> None:
        (submission,) = source.receive(self.delivery()).submissions

        assert isinstance(source, PushSource)
        assert (submission.announced, submission.answers, fake.log) == (True, (), [])


class CollectingContract(Wired):
    def announced(self, source: Any) -> Submission:
        (submission,) = source.receive(self.delivery()).submissions
        assert isinstance(submission, Submission)
        return submission

    def test_collected_is_what_the_list_has_under_the_same_key(self, source: Any) -> None:
        announced = self.announced(source)

        collected = source.collect(announced)

        listed = {one.key: one for page in source.pages(None) for one in page.submissions}
        assert isinstance(source, Collecting)
        assert (collected.key, collected.announced, bool(collected.answers)) == (announced.key, False, True)
        assert collected.answers == listed[announced.key].answers
        assert collected.submitted_at == listed[announced.key].submitted_at
        assert collected.context == listed[announced.key].context

    def test_refused_login_is_told_as_that(self, source: Any) -> None:
        announced = self.announced(source)
        self.refuse_login()

        with pytest.raises(AuthFailed):
            source.collect(announced)

    def test_being_told_to_slow_down_says_for_how_long(self, source: Any) -> None:
        announced = self.announced(source)
        self.slow_down()

        with pytest.raises(RateLimited) as raised:
            source.collect(announced)

        assert raised.value.after.total_seconds() > 0

    def test_an_answer_that_does_not_come_may_come_later(self, source: Any) -> None:
        announced = self.announced(source)
        self.fall_silent()

        with pytest.raises(Retryable):
            source.collect(announced)

    def test_what_is_not_there_any_more_is_refused(self, source: Any) -> None:
        announced = self.announced(source)
        self.forget()

        with pytest.raises(Refused):
            source.collect(announced)

    def forget(self) -> None:
        """The platform has nothing any more."""
        raise NotImplementedError

    @pytest.mark.parametrize("status", [200, 400, 404, 500])
    def test_hostile_answers_never_crash(self, source: Any, status: int) -> None:
        announced = self.announced(source)
        for body in BROKEN:
            self.answer_with(status, body)
            try:
                found = source.collect(announced)
            except SyncdError:
                found = None
            assert found is None or isinstance(found, Submission)
            self.mend()


class BackfillContract(Wired, PolledSourceContract):
    """The provider's list."""


def post(source: Any, body: object, headers: dict[str, str]) -> Received:
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    received = source.receive(WebRequest("POST", {"content-type": "application/json", **headers}, {}, sent, NOON))
    assert isinstance(received, Received)
    return received


def get(source: Any, method: str = "GET", **query: str) -> Any:
    named = {name.replace("__", "."): value for name, value in query.items()}
    try:
        return source.receive(WebRequest(method, {}, named, b"", NOON)).reply
    except Unauthenticated:
        return None
