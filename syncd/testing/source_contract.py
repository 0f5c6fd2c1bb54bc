"""What every source must do, as tests. A connector's own test file says how to build it and what it is sent:

    class TestMyForms(SourceContract):
        secrets = ("whsec-canary",)

        @pytest.fixture
        def source(self) -> PushSource:
            return MyForms(Options(secret="whsec-canary"), lent_tools("my-forms"))

        def delivery(self) -> WebRequest: ...
        def signed(self, body: bytes) -> WebRequest: ...
        def forged(self) -> Iterator[WebRequest]: ...

`PolledSourceContract` is the same for a source that is polled.
"""
# ruff: noqa: S101 - a contract is made of asserts

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from syncd.connector import Plugin, Received, Submission, WebRequest
from syncd.errors import AuthFailed, RateLimited, Rejected, Retryable, SyncdError, Unauthenticated
from syncd.testing.hostile import BROKEN, hostile_bodies
from syncd.testing.trouble import NEVER_LONGER, Trouble, applies, messages, told

LONGEST_KEY = 300


class SourceContract:
    """Subclass and override `source`, `delivery`, `signed`, and `forged` where senders must prove themselves."""

    secrets: tuple[str, ...] = ()  # what no message may hold
    plugin: Plugin[Any]

    @pytest.fixture
    def source(self) -> Any:
        raise NotImplementedError

    def delivery(self) -> WebRequest:
        """A real one, with at least one submission in it."""
        raise NotImplementedError

    def signed(self, body: bytes) -> WebRequest:
        """Any bytes, from a sender who proves who they are."""
        raise NotImplementedError

    def forged(self) -> Iterable[WebRequest]:
        """The delivery as somebody else could send it."""
        pytest.skip("does not apply: takes posts from anybody")

    def test_delivery_holds_submissions_with_answers(self, source: Any) -> None:
        submissions = source.receive(self.delivery()).submissions

        assert submissions
        for submission in submissions:
            check_submission(submission)
            assert submission.answers
            assert not submission.problem

    def test_same_delivery_twice_has_the_same_keys(self, source: Any) -> None:
        first, second = (source.receive(self.delivery()) for _ in range(2))

        assert keys(first) == keys(second)

    def test_submissions_of_one_delivery_have_keys_of_their_own(self, source: Any) -> None:
        given = keys(source.receive(self.delivery()))

        assert len(set(given)) == len(given)

    def test_forged_delivery_is_refused(self, source: Any) -> None:
        for request in self.forged():
            with pytest.raises(Unauthenticated):
                source.receive(request)

    def test_hostile_bytes_are_kept_or_rejected_and_never_crash(self, source: Any) -> None:
        for received in self.answers_to_hostile_bytes(source):
            if isinstance(received, Received):
                for submission in received.submissions:
                    check_submission(submission)

    def test_what_cannot_be_read_has_a_key_of_its_bytes(self, source: Any) -> None:
        unread = [self.unread(source, body) for body in (b"{", b"[[", b"{")]

        assert unread[0] == unread[2]
        assert unread[0] != unread[1] or unread[0] == []

    def test_no_message_holds_a_secret(self, source: Any) -> None:
        said = list(self.every_message(source))

        for secret in self.secrets:
            assert not [text for text in said if secret in text]

    def test_check_finds_nothing_wrong(self, source: Any) -> None:
        assert [finding for finding in source.check() if not finding.ok] == []

    def test_closing_twice_is_closing_once(self, source: Any) -> None:
        source.close()
        source.close()

    def test_every_option_has_help(self) -> None:
        check_options(self.plugin)

    def unread(self, source: Any, body: bytes) -> list[str]:
        received = self.outcome(source, self.signed(body))
        return keys(received) if isinstance(received, Received) else []

    def answers_to_hostile_bytes(self, source: Any) -> Iterator[Received | Rejected]:
        for body in hostile_bodies(self.delivery().body):
            yield self.outcome(source, self.signed(body))

    def outcome(self, source: Any, request: WebRequest) -> Received | Rejected:
        """What came of it; anything but Rejected and its kinds passes through and fails the test."""
        try:
            received: Received = source.receive(request)
        except Rejected as error:
            return error
        return received

    def every_message(self, source: Any) -> Iterator[str]:
        yield repr(source.options)
        yield from (f"{finding}" for finding in source.check())
        for outcome in self.answers_to_hostile_bytes(source):
            yield from said_of(outcome)
        if type(self).forged is not SourceContract.forged:
            for request in self.forged():
                yield from said_of(self.outcome(source, request))


class PolledSourceContract(Trouble):
    """Subclass and override `source`, `let_time_pass` where it matters, and whichever kinds of trouble can happen."""

    secrets: tuple[str, ...] = ()
    plugin: Plugin[Any]

    @pytest.fixture
    def source(self) -> Any:
        """With submissions waiting, more than fit into one page where the pages can be made small."""
        raise NotImplementedError

    def let_time_pass(self, time: timedelta) -> None:
        """For sources that want to look twice."""

    def fetched(self, source: Any, cursor: str | None = None) -> tuple[list[Submission], str | None]:
        """Everything there is after the cursor, unsettled, and the last cursor."""
        submissions: list[Submission] = []
        for page in source.pages(cursor):
            submissions += page.submissions
            cursor = page.cursor or cursor
        return submissions, cursor

    def ready(self, source: Any) -> None:
        self.fetched(source)
        self.let_time_pass(timedelta(hours=1))

    def test_fetching_again_from_the_same_place_gives_the_same_keys(self, source: Any) -> None:
        self.ready(source)

        first, second = (self.fetched(source)[0] for _ in range(2))

        assert first
        assert [one.key for one in first] == [one.key for one in second]

    def test_fetched_submissions_are_whole(self, source: Any) -> None:
        self.ready(source)

        for submission in self.fetched(source)[0]:
            check_submission(submission)

    def test_nothing_is_fetched_twice_in_one_go(self, source: Any) -> None:
        self.ready(source)

        given = [one.key for one in self.fetched(source)[0]]

        assert len(set(given)) == len(given)

    def test_oldest_come_first(self, source: Any) -> None:
        self.ready(source)

        times = [one.submitted_at for one in self.fetched(source)[0] if one.submitted_at]

        assert times == sorted(times)

    # trouble

    def test_refused_login_pauses_the_connector(self, source: Any) -> None:
        self.refuse_login()

        with pytest.raises(AuthFailed):
            self.fetched(source)

    def test_being_told_to_slow_down_says_for_how_long(self, source: Any) -> None:
        self.slow_down()

        with pytest.raises(RateLimited) as raised:
            self.fetched(source)

        assert raised.value.after > timedelta(0)

    def test_other_side_that_says_nothing_is_not_waited_for(self, source: Any) -> None:
        self.fall_silent()
        began = time.monotonic()

        with pytest.raises(Retryable):
            self.fetched(source)

        assert time.monotonic() - began < NEVER_LONGER

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_hostile_answers_never_crash(self, source: Any, status: int) -> None:
        for body in BROKEN:
            self.answer_with(status, body)
            try:
                submissions, _ = self.fetched(source)
            except SyncdError:
                submissions = []
            for submission in submissions:
                check_submission(submission)
            self.mend()

    def test_trouble_loses_nothing(self, source: Any) -> None:
        self.ready(source)
        before = [one.key for one in self.fetched(source)[0]]
        self.answer_with(503, b"<html>down</html>")
        with pytest.raises(Retryable):
            self.fetched(source)

        self.mend()

        assert [one.key for one in self.fetched(source)[0]] == before

    # the rest

    def test_no_message_holds_a_secret(self, source: Any) -> None:
        said = [repr(source.options), *(f"{finding}" for finding in source.check())]
        for hurt in (self.refuse_login, self.slow_down, lambda: self.answer_with(418, b"\xffno")):
            if applies(hurt):
                said += [*messages(lambda: self.fetched(source)[0]), *(f"{finding}" for finding in source.check())]
                self.mend()

        for secret in self.secrets:
            assert not [text for text in said if secret in text]

    def test_closing_twice_is_closing_once(self, source: Any) -> None:
        source.close()
        source.close()

    def test_every_option_has_help(self) -> None:
        check_options(self.plugin)


def check_submission(submission: Submission) -> None:
    """What the store and the core count on, whatever was sent."""
    assert submission.source
    assert 0 < len(submission.key) <= LONGEST_KEY
    assert submission.received_at.tzinfo is not None
    assert submission.submitted_at is None or submission.submitted_at.utcoffset() == timedelta(0)
    for answer in submission.answers:
        values = (answer.value,) if isinstance(answer.value, str) else answer.value
        assert any(value.strip() for value in values), f"{answer.id} is empty, so nobody answered it"
        for text in (answer.id, answer.label, answer.ref, *values):
            assert "\0" not in text
            text.encode()  # half a surrogate pair would break the store


def check_options(plugin: Plugin[Any]) -> None:
    without = [name for name, field in plugin.options.model_fields.items() if not field.description]
    assert without == []


def keys(received: Received) -> list[str]:
    return [submission.key for submission in received.submissions]


def said_of(outcome: Received | Rejected) -> Iterator[str]:
    """The error with everything behind it, or the problems."""
    if isinstance(outcome, Received):
        yield from (submission.problem for submission in outcome.submissions)
    else:
        yield from told(outcome, hidden=True)
