"""From the form into a field that is a list: what is on it is chosen, and what is not stands in the note alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.doctor_cases import Case, connect
from tests.cli.office import ANNA, Office
from tests.cli.test_doctor_sinks import CASES

LISTS = [case for case in CASES if case.listed[0]]


@pytest.fixture
def fake(office: Office, case: Case) -> Iterator[Any]:
    with case.start() as (fake, entry):
        connect(office, entry)
        office.run("prepare", "--apply")
        yield fake


@pytest.mark.parametrize("case", LISTS, ids=lambda case: case.name)
def test_choice_that_is_on_the_list_is_chosen(office: Office, case: Case, fake: Any) -> None:
    field, choice = case.listed

    office.land(**ANNA, **{field: choice})

    assert case.held(fake)


@pytest.mark.parametrize("case", LISTS, ids=lambda case: case.name)
def test_choice_that_is_not_stands_in_the_note_and_the_field_is_left_alone(
    office: Office, case: Case, fake: Any
) -> None:
    field, _ = case.listed

    office.land(**ANNA, **{field: "Basket weaving"})

    assert case.held(fake) == ""
    assert [note for note in case.notes(fake) if "Basket weaving" in note]
    assert office.run("parked", "--json").json() == []
