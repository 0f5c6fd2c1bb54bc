"""What every source must do, as tests. A connector's own test file says how to build it and what it is sent:

    class TestMyForms(SourceContract):
        secrets = ("whsec-canary",)

        @pytest.fixture
        def source(self) -> PushSource:
            return MyForms(Options(secret="whsec-canary"), lent_tools("my-forms"))

        def delivery(self) -> WebRequest: ...
        def signed(self, body: bytes) -> WebRequest: ...
        def forged(self) -> Iterator[WebRequest]: ...

`polled_contract` is the same for a source that is asked.
"""
# ruff: noqa: S101 - a contract is made of asserts

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from syncd.connector import Plugin, Received, Submission, WebRequest
from syncd.errors import Rejected, Unauthenticated
from syncd.testing.hostile import hostile_bodies
from syncd.testing.left_open import ClosedAtTheEnd
from syncd.testing.trouble import told

LONGEST_KEY = 300


class SourceContract(ClosedAtTheEnd):
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
            assert submission.answers or submission.announced
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
