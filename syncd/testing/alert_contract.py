"""What every alert must do, as tests. A connector's own test file says how to build it and how to hurt it:

class TestMyPager(AlertContract):
    plugin = plugin
    secrets = ("key-canary",)

    @pytest.fixture
    def alert(self) -> Iterator[MyPager]:
        with FakePager() as self.pager:
            yield MyPager(Options(base_url=self.pager.url, key="key-canary"), lent_tools("pager"))

    def received(self) -> list[str]:
        return self.pager.texts

    def slow_down(self) -> None:
        self.pager.order_fault("too_many", count=None)
"""
# ruff: noqa: S101 - a contract is made of asserts

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from syncd.connector import Alert, AlertMessage, AlertRef, Plugin
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Retryable, SyncdError
from syncd.testing.hostile import BROKEN
from syncd.testing.left_open import ClosedAtTheEnd
from syncd.testing.source_contract import check_options
from syncd.testing.trouble import NEVER_LONGER, Trouble, applies, messages

STRANGE = (
    "",
    " ",
    "\0\x07\x1b[2J",
    "\u202eevil\u2066\ufeff",
    "line\nline\r\nline\r\rline",
    "<b>&amp;</b><script>x</script>",
    '{"a": "\\u0000"}"}',
    "👩‍👩‍👧‍👦 Zoë Żółć 李明",
    "%s %d {0} ${HOME} $(id) `id`",
    "long " * 4_000,
)
"""Words that people and robots have put into forms."""


class AlertContract(ClosedAtTheEnd, Trouble):
    """Subclass, override `alert` and `received`, and whichever kinds of trouble can happen."""

    secrets: tuple[str, ...] = ()  # what no message may hold
    plugin: Plugin[Any]
    knows_marks: ClassVar[bool] = True
    """False for a service that cannot know a message again: one whose answer was lost may then come twice."""

    @pytest.fixture
    def alert(self) -> Any:
        raise NotImplementedError

    def received(self) -> Sequence[str]:
        """What people have got so far, oldest first, as they read it."""
        raise NotImplementedError

    def message(self, number: int = 1) -> AlertMessage:
        return AlertMessage(
            mark=f"lead-{number}-overdue",
            title=f"Overdue {number}",
            text=f"Adelheid{number} Quistorp of Firm {number} Ltd has waited for 40 minutes",
            to=f"rep{number}@sales.example",
            url=f"https://syncd.example/leads/{number}",
        )

    # messages

    def test_is_an_alert(self, alert: Any) -> None:
        assert isinstance(alert, Alert)

    def test_message_says_what_it_is_about_and_where_to_look(self, alert: Any) -> None:
        ref = alert.send(self.message())

        (text,) = self.received()
        assert isinstance(ref, AlertRef)
        assert ref.id
        assert self.message().title in text
        assert self.message().url in text

    def test_same_message_twice_is_one_message(self, alert: Any) -> None:
        first, second = (alert.send(self.message()) for _ in range(2))

        assert first == second
        assert len(self.received()) == 1

    def test_same_mark_is_the_same_message_whatever_it_says(self, alert: Any) -> None:
        alert.send(self.message())

        alert.send(replace(self.message(), title="Overdue by now 2 hours"))

        assert len(self.received()) == 1

    def test_messages_with_marks_of_their_own_all_arrive(self, alert: Any) -> None:
        for number in (1, 2, 3):
            alert.send(self.message(number))

        assert [self.message(number).title in text for number, text in enumerate(self.received(), 1)] == [True] * 3

    def test_message_to_nobody_in_particular_arrives(self, alert: Any) -> None:
        alert.send(replace(self.message(), to=""))

        assert len(self.received()) == 1

    @pytest.mark.parametrize("words", STRANGE, ids=lambda words: ascii(words)[:24])
    def test_strange_words_arrive_or_are_refused_and_the_next_message_arrives(self, alert: Any, words: str) -> None:
        outcome = self.outcome(alert, AlertMessage("strange", words, words, words, ""))

        assert isinstance(outcome, AlertRef | SyncdError)
        alert.send(self.message())
        assert self.message().title in self.received()[-1]

    # trouble

    def test_refused_login_is_told_and_nothing_counts_as_sent(self, alert: Any) -> None:
        self.refuse_login()

        with pytest.raises(AuthFailed):
            alert.send(self.message())

        self.sent_at_last(alert)

    def test_being_told_to_slow_down_says_for_how_long(self, alert: Any) -> None:
        self.slow_down()

        with pytest.raises(RateLimited) as raised:
            alert.send(self.message())

        assert raised.value.after > timedelta(0)
        self.sent_at_last(alert)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_service_that_is_down_is_tried_again(self, alert: Any, status: int) -> None:
        self.answer_with(status, b"<html>down</html>")

        with pytest.raises((Retryable, Ambiguous)):
            alert.send(self.message())

        self.sent_at_last(alert)

    def test_a_service_that_says_nothing_is_not_waited_for(self, alert: Any) -> None:
        self.fall_silent()
        began = time.monotonic()

        with pytest.raises((Retryable, Ambiguous)):
            alert.send(self.message())

        assert time.monotonic() - began < NEVER_LONGER

    def test_message_whose_answer_was_lost_is_sent_again_and_known_again(self, alert: Any) -> None:
        self.lose_answers()

        with pytest.raises((Retryable, Ambiguous)):
            alert.send(self.message())

        self.mend()
        alert.send(self.message())
        assert len(self.received()) == 1 if self.knows_marks else 1 <= len(self.received()) <= 2

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_hostile_answers_never_crash(self, alert: Any, status: int) -> None:
        for number, body in enumerate(BROKEN):
            self.answer_with(status, body)
            assert isinstance(self.outcome(alert, self.message(number)), AlertRef | SyncdError)
            self.mend()

    def test_no_message_tells_a_secret_or_a_person(self, alert: Any) -> None:
        said = list(self.every_message(alert))

        message = self.message()
        private = [*self.secrets, message.text, message.to, "Adelheid1", "Quistorp", "Firm 1"]
        assert [word for word in private for text in said if word.lower() in text.lower()] == []

    # the rest

    def test_check_finds_nothing_wrong_and_sends_nothing(self, alert: Any) -> None:
        assert [finding for finding in alert.check() if not finding.ok] == []
        assert list(self.received()) == []

    def test_closing_twice_is_closing_once(self, alert: Any) -> None:
        alert.close()
        alert.close()

    def test_every_option_has_help(self) -> None:
        check_options(self.plugin)

    def sent_at_last(self, alert: Any) -> None:
        """What failed was not taken for sent."""
        self.mend()
        before = len(self.received())
        alert.send(self.message())
        assert len(self.received()) == before + 1

    def outcome(self, alert: Any, message: AlertMessage) -> AlertRef | SyncdError:
        """What came of it; anything but one of our errors passes through and fails the test."""
        try:
            ref: AlertRef = alert.send(message)
        except SyncdError as error:
            return error
        return ref

    def every_message(self, alert: Any) -> Iterator[str]:
        """What is said when things go wrong, in each way that this alert knows."""
        yield repr(alert.options)
        yield from (f"{finding}" for finding in alert.check())
        hurts = (self.refuse_login, self.slow_down, self.lose_answers, lambda: self.answer_with(418, b"\xffno"))
        for hurt in hurts:
            if applies(hurt):
                yield from messages(lambda: alert.send(self.message()))
                yield from messages(lambda: [f"{finding}" for finding in alert.check()])
                self.mend()
