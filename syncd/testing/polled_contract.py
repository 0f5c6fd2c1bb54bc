"""What every source that is asked must do, as tests. A connector's own test file says how to build it:

class TestMyBackfill(PolledSourceContract):
plugin = plugin
secrets = ("key-canary",)

@pytest.fixture
def source(self) -> Iterator[MyForms]:
with FakeForms(responses=8) as self.fake:
yield MyForms(Options(base_url=self.fake.url, key="key-canary", page_size=3), lent_tools("my-forms"))

def slow_down(self) -> None:
self.fake.order_fault("too_many", count=None)
"""
# ruff: noqa: S101 - a contract is made of asserts

import time
from datetime import timedelta
from typing import Any

import pytest

from syncd.connector import Plugin, Submission
from syncd.errors import AuthFailed, RateLimited, Retryable, SyncdError
from syncd.testing.hostile import BROKEN
from syncd.testing.left_open import ClosedAtTheEnd
from syncd.testing.source_contract import check_options, check_submission
from syncd.testing.trouble import NEVER_LONGER, Trouble, applies, messages


class PolledSourceContract(ClosedAtTheEnd, Trouble):
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
