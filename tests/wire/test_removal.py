"""What is to be removed: where each is deleted, and what the answers mean together."""

from datetime import timedelta

import pytest

from syncd.connector import (
    Ambiguous,
    Ref,
    Refused,
    Retryable,
    SyncdError,
    Unknown,
    Wait,
    address_of,
    insist_on_removal,
    remove_each,
)

ADDRESSES = {"lead": "/leads/{id}", "task": "/tasks/{id}"}


def test_each_is_deleted_once_where_it_stands_and_in_its_turn() -> None:
    asked: list[str] = []

    remove_each("crm", [Ref("task", "7"), Ref("lead", "4/2?x")], ADDRESSES, asked.append)

    assert asked == ["/tasks/7", "/leads/4%2F2%3Fx"]


@pytest.mark.parametrize("strange", [Ref("note", "7"), Ref("lead", "")])
def test_nothing_is_deleted_where_one_of_them_is_none_of_ours(strange: Ref) -> None:
    asked: list[str] = []

    with pytest.raises(Refused, match=r"crm: not removed: .* is neither a task nor a record"):
        remove_each("crm", [Ref("task", "7"), strange], ADDRESSES, asked.append)

    assert asked == []
    assert address_of("crm", Ref("lead", "4"), ADDRESSES) == "/leads/4"


def test_one_that_is_refused_keeps_none_of_the_others() -> None:
    asked: list[str] = []

    def delete(address: str) -> object | None:
        asked.append(address)
        return "status 403" if address == "/tasks/1" else None

    with pytest.raises(Refused, match="crm: removal refused: status 403"):
        remove_each("crm", [Ref("task", "1"), Ref("task", "2"), Ref("lead", "3")], ADDRESSES, delete)

    assert asked == ["/tasks/1", "/tasks/2", "/leads/3"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([None, Unknown("lost"), "refused"], Ambiguous("lost")),
        ([None, Wait("busy", timedelta(seconds=9))], Retryable("busy")),
        ([None, "locked", Wait("busy")], Refused("crm: removal refused: locked")),
    ],
)
def test_the_first_trouble_is_told(answers: list[object | None], expected: SyncdError) -> None:
    with pytest.raises(type(expected)) as told:
        insist_on_removal("crm", answers)

    assert str(told.value) == str(expected)


def test_how_long_to_wait_is_told_too() -> None:
    with pytest.raises(Retryable) as told:
        insist_on_removal("crm", [Wait("busy", timedelta(seconds=9))])

    assert told.value.after == timedelta(seconds=9)
    insist_on_removal("crm", [None, None])
