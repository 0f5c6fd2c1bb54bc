"""Several calls for one call of a sink: trouble is raised while it is everybody's, afterwards each part has its own."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from syncd.connector import (
    Ambiguous,
    AuthFailed,
    Delivery,
    Done,
    Outcome,
    RateLimited,
    Ref,
    Refusal,
    Refused,
    Retryable,
    Unknown,
    Wait,
    one_by_one,
)

TROUBLE = [AuthFailed("no"), RateLimited("slow", timedelta(seconds=3)), Retryable("down"), Ambiguous("lost")]


def raising(error: Exception) -> Callable[[], str]:
    def send() -> str:
        raise error

    return send


@pytest.mark.parametrize("error", TROUBLE, ids=lambda each: type(each).__name__)
def test_trouble_of_the_only_call_is_everybodys(error: Exception) -> None:
    with pytest.raises(type(error)):
        Delivery(5).attempt(5, raising(error))


def test_lost_part_is_unknown_and_the_rest_is_not_sent() -> None:
    delivery = Delivery(5)
    sent: list[str] = []

    lost = delivery.attempt(2, raising(Ambiguous("lost")))
    rest = delivery.attempt(3, lambda: sent.append("3") or "answer")

    assert isinstance(lost, Unknown)
    assert isinstance(rest, Wait)
    assert not rest.failed
    assert sent == []


@pytest.mark.parametrize("error", TROUBLE[:3], ids=lambda each: type(each).__name__)
def test_after_an_answer_trouble_is_a_wait_of_those_that_are_left(error: Exception) -> None:
    delivery = Delivery(5)

    first = delivery.attempt(2, lambda: "answer")
    second = delivery.attempt(3, raising(error))

    assert first == "answer"
    assert second == Wait(f"not sent: {error}", getattr(error, "after", None), failed=False)


def test_each_order_has_its_outcome_and_what_is_refused_hurts_no_neighbour() -> None:
    def write(order: str) -> Outcome:
        if order == "bad":
            raise Refused("crm: bad refused: 400 on email")
        return Done(Ref("lead", order))

    assert one_by_one(["1", "bad", "2"], write) == [
        Done(Ref("lead", "1")),
        Refusal("crm: bad refused: 400 on email"),
        Done(Ref("lead", "2")),
    ]


def test_a_lost_answer_in_the_middle_leaves_the_first_judged_and_the_last_unsent() -> None:
    sent: list[str] = []

    def write(order: str) -> Outcome:
        sent.append(order)
        if order == "2":
            raise Ambiguous("lost")
        return Done(Ref("lead", order))

    first, lost, last = one_by_one(["1", "2", "3"], write)

    assert (first, lost) == (Done(Ref("lead", "1")), Unknown("lost"))
    assert isinstance(last, Wait)
    assert sent == ["1", "2"]


@pytest.mark.parametrize("error", TROUBLE, ids=lambda each: type(each).__name__)
def test_trouble_with_the_only_order_is_raised(error: Exception) -> None:
    def write(_: str) -> Outcome:
        raise error

    with pytest.raises(type(error)):
        one_by_one(["1"], write)
