"""A status says what happens next; who wrote the body says whether anybody judged."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.connector import Ambiguous, AuthFailed, RateLimited, Retryable, Trouble, of_method, raise_trouble, trouble_of

STATUSES = st.integers(100, 599)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "known", "reads", "writes"),
    [
        (200, True, None, None),
        (201, False, Retryable, Ambiguous),
        (302, False, Retryable, Retryable),
        (400, True, None, None),
        (400, False, Retryable, Retryable),
        (401, False, AuthFailed, AuthFailed),
        (402, True, AuthFailed, AuthFailed),
        (403, True, AuthFailed, AuthFailed),
        (404, True, None, None),
        (404, False, Retryable, Retryable),
        (408, False, Retryable, Retryable),
        (418, True, Retryable, Retryable),
        (422, True, None, None),
        (423, True, Retryable, Retryable),
        (429, False, RateLimited, RateLimited),
        (500, True, Retryable, Ambiguous),
        (503, False, Retryable, Ambiguous),
    ],
)
def test_what_a_status_means(status: int, known: bool, reads: Trouble | None, writes: Trouble | None) -> None:
    assert trouble_of(status, writes=False, known=known) is reads
    assert trouble_of(status, writes=True, known=known) is writes


@given(STATUSES, st.booleans(), st.booleans())
def test_nothing_counts_as_done_or_judged_that_the_service_did_not_say(status: int, writes: bool, known: bool) -> None:
    trouble = trouble_of(status, writes=writes, known=known)

    assert trouble is not None or known
    assert trouble is not Ambiguous or writes


def test_a_service_may_mean_something_else_by_a_status() -> None:
    own: dict[int, Trouble | None] = {403: RateLimited, 418: None, 503: RateLimited}

    meant = {status: trouble_of(status, writes=True, known=True, but=own) for status in (403, 418, 503, 401)}

    assert meant == {403: RateLimited, 418: None, 503: RateLimited, 401: AuthFailed}


def test_a_login_that_may_not_delete_is_good_for_everything_else_and_nothing_is_an_answer_to_a_deletion() -> None:
    statuses = (204, 401, 403, 429)

    deletes, writes = (
        [trouble_of(status, writes=True, known=status != 204, but=of_method(method)) for status in statuses]
        for method in ("DELETE", "POST")
    )

    assert deletes == [None, AuthFailed, None, RateLimited]
    assert writes == [Ambiguous, AuthFailed, AuthFailed, RateLimited]


def test_a_page_of_somebody_before_the_service_judges_no_deletion() -> None:
    assert trouble_of(403, writes=True, known=False, but=of_method("DELETE")) is Retryable


@given(STATUSES, st.booleans(), st.booleans())
def test_trouble_is_raised_as_what_it_is_and_no_trouble_is_not(status: int, writes: bool, known: bool) -> None:
    trouble = trouble_of(status, writes=writes, known=known)

    if trouble is None:
        raise_trouble(trouble, "the call", None, SECOND)
        return
    with pytest.raises(trouble, match="the call answered"):
        raise_trouble(trouble, f"the call answered {status}", None, SECOND)


def test_what_the_service_says_of_waiting_is_heeded() -> None:
    with pytest.raises(Retryable) as later:
        raise_trouble(Retryable, "locked", MINUTE, SECOND)
    with pytest.raises(RateLimited) as slower:
        raise_trouble(RateLimited, "slow down", MINUTE, SECOND)

    assert (later.value.after, slower.value.after) == (MINUTE, SECOND)
