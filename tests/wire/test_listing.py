"""Pages of lists: by number, by how many came before, by token, and from whichever end is the newer one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.connector import Json, by_number, by_offset, by_token, from_either_end

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def items(count: int) -> list[Json]:
    return [{"id": number, "at": (BEGAN + timedelta(hours=number)).isoformat()} for number in range(count)]


def ids(pages: object) -> list[int]:
    return [one["id"] for page in pages for one in page]  # type: ignore[attr-defined]


def test_a_list_that_gives_the_same_page_for_every_number_ends() -> None:
    page = items(3)

    assert ids(by_number(lambda _: page, 1, first=1, step=1)) == [0, 1, 2]
    assert ids(by_offset(lambda _: page)) == [0, 1, 2]


def test_a_token_that_comes_again_ends_the_list() -> None:
    assert ids(by_token(lambda _: (items(2), "same"))) == [0, 1, 0, 1]


@given(st.integers(0, 40), st.integers(1, 7))
def test_a_provider_may_give_fewer_at_a_time_than_it_was_asked_for(count: int, gives: int) -> None:
    listed = items(count)

    assert ids(by_offset(lambda offset: listed[offset : offset + gives])) == list(range(count))


@given(st.integers(0, 40), st.integers(1, 7), st.integers(0, 45), st.booleans())
def test_from_either_end_everything_since_then_is_found(count: int, size: int, hours: int, newest_first: bool) -> None:
    listed = items(count)[:: -1 if newest_first else 1]
    since, asked = BEGAN + timedelta(hours=hours), list[int]()

    def ask(offset: int) -> tuple[Sequence[Json], int]:
        asked.append(offset)
        return listed[offset : offset + size], len(listed)

    found = ids(from_either_end(ask, lambda item: item["at"], since))

    wanted = {number for number in range(count) if number >= hours}
    assert wanted <= set(found)
    assert len(set(found)) == len(found)
    assert len(asked) <= len(wanted) // size + 4
