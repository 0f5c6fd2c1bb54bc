"""Our Salesforce client's records and questions, and our fake's rows, judged by recorded describes where they are."""

from pathlib import Path
from typing import Any

import pytest

from tests.judge.salesforce_describes import FILES, Describes, Manner
from tests.judge.salesforce_play import OPERATIONS, played
from tests.outside import SHARED, needs

FOLDER = SHARED / "specs/salesforce"
pytestmark = needs(
    all((FOLDER / f"describe_{name}_trimmed.json").exists() for name in FILES),
    "recorded describes of Salesforce are not beside this",
)
LEAD = {"LastName": "Berg", "Company": "Berg Bau"}


@pytest.fixture(scope="module")
def describes() -> Describes:
    return Describes(FOLDER)


def test_every_call_is_made_and_neither_what_is_sent_nor_what_comes_back_breaks_the_describes(
    describes: Describes, tmp_path: Path
) -> None:
    judge = played(describes, tmp_path)

    assert judge.violations == {}
    assert OPERATIONS - judge.calls.keys() == set()


@pytest.mark.parametrize(
    ("kind", "values", "manner"),
    [
        ("Lead", {**LEAD, "Nme": "x"}, "create"),
        ("Lead", {"LastName": "Berg"}, "create"),
        ("Lead", {**LEAD, "Name": "Anna Berg"}, "create"),
        ("Lead", {"ConvertedDate": "2026-03-02"}, "update"),
        ("Lead", {**LEAD, "IsConverted": True}, "upsert"),
        ("Lead", {"LastName": "x" * 81}, "update"),
        ("Lead", {"NumberOfEmployees": "20"}, "update"),
        ("Lead", {"LeadSource": "Fair"}, "update"),
        ("Lead", {"OwnerId": "anna@sales.example"}, "update"),
        ("Contact", {"Company": "Berg Bau"}, "update"),
        ("Task", {"IsReminderSet": "yes"}, "create"),
        ("Task", {"ReminderDateTime": "2026-03-02T09:00:00"}, "create"),
        ("Invoice", {}, "create"),
    ],
)
def test_record_that_is_wrong_is_seen(describes: Describes, kind: str, values: dict[str, Any], manner: Manner) -> None:
    assert list(describes.sent(kind, values, manner))


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id, Nme FROM Lead",
        "SELECT Id FROM Lead WHERE (Description = 'x')",
        "SELECT Id FROM Contact WHERE (Company IN ('x'))",
        "DELETE FROM Lead",
    ],
)
def test_question_that_is_wrong_is_seen(describes: Describes, soql: str) -> None:
    assert list(describes.asked(soql))


@pytest.mark.parametrize("row", [{"Nme": "x"}, {"Id": None}, {"CreatedDate": "yesterday"}, {"IsConverted": "false"}])
def test_row_that_is_wrong_is_seen(describes: Describes, row: dict[str, Any]) -> None:
    assert list(describes.answered("Lead", row))
