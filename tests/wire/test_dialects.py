"""Exports of ad platforms: known by their header, keyed as the platform's webhook keys them."""

from datetime import UTC, datetime

import pytest

from syncd.core.read import read
from syncd.model import AnswerKind, Submission
from syncd.wire.csv_rows import read_csv, row_submission
from syncd.wire.dialects import dialect_of
from tests.world import playbook

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

META = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,form_name,is_organic,platform,"
    "what_do_you_need?,email,full_name,phone_number,zip_code,lead_status\n"
    "l:1203304455667788,2026-03-01T08:15:00-06:00,ag:120,Ad one,as:121,Set one,c:122,Spring,f:7788990011,Demo form,"
    "false,fb,A quote,eva@acme.example,Eva Beispiel,p:+493012345678,z:10115,complete\n"
)
GOOGLE = (
    "Lead ID,Lead Submit Time,Campaign ID,Form ID,GCLID,Is Test,Full Name,Email,Phone Number\n"
    "Abc-123_x,2026-03-01T08:15:00Z,11,22,Cj0KCQ,false,Eva Beispiel,eva@acme.example,+493012345678\n"
)
LINKEDIN = (
    "Lead ID,Form Name,Campaign Name,Submitted At,Test Lead,First Name,Last Name,Email Address,Company Name\n"
    "5566-aa,Demo,Spring,2026-03-01 08:15:00,No,Eva,Beispiel,eva@acme.example,Acme GmbH\n"
)


def lead(text: str, id_column: str = "") -> Submission:
    (row,) = read_csv(text.encode())
    return row_submission(row, "ads", NOON, id_column)


@pytest.mark.parametrize(
    ("text", "name", "key", "form"),
    [
        (META, "Meta", "1203304455667788", ("7788990011", "Demo form")),
        (META.replace(",", "\t"), "Meta", "1203304455667788", ("7788990011", "Demo form")),
        (GOOGLE, "Google Ads", "Abc-123_x", ("22", "")),
        (LINKEDIN, "LinkedIn", "5566-aa", ("", "Demo")),
        (LINKEDIN.replace("5566", "urn:li:leadGenFormResponse:5566"), "LinkedIn", "5566-aa", ("", "Demo")),
    ],
)
def test_export_is_known_by_its_header_and_keyed_by_the_platforms_id(
    text: str, name: str, key: str, form: tuple[str, str]
) -> None:
    found = lead(text)

    (row,) = read_csv(text.encode())
    dialect = dialect_of(row.columns)
    assert dialect
    assert dialect.name == name
    assert found.key == key
    assert (found.context.form_id, found.context.form_name) == form
    assert found.mends


def test_utf16_with_tabs_as_meta_downloads_it() -> None:
    (row,) = read_csv(META.replace(",", "\t").encode("utf-16"))

    assert row_submission(row, "ads", NOON).key == "1203304455667788"


@pytest.mark.parametrize(("text", "hour"), [(META, 14), (GOOGLE, 8), (LINKEDIN, 8)])
def test_time_of_submission_is_in_utc(text: str, hour: int) -> None:
    assert lead(text).submitted_at == datetime(2026, 3, 1, hour, 15, tzinfo=UTC)


def test_what_the_platform_adds_is_no_answer_of_the_person() -> None:
    kinds = {answer.id: answer.kind for answer in lead(META).answers}

    assert {name for name, kind in kinds.items() if kind is AnswerKind.TEXT} == {
        "what_do_you_need?",
        "email",
        "full_name",
        "phone_number",
        "zip_code",
    }


@pytest.mark.parametrize("text", [META, GOOGLE, LINKEDIN])
def test_person_is_read_from_every_export(text: str) -> None:
    draft = read(lead(text), playbook())

    assert draft.fields["email"] == "eva@acme.example"
    assert (draft.fields["first_name"], draft.fields["last_name"]) == ("Eva", "Beispiel")
    assert draft.fields.get("phone", "+493012345678") == "+493012345678"


def test_prefixes_of_meta_are_taken_off() -> None:
    values = {answer.id: answer.value for answer in lead(META).answers}

    assert values["phone_number"] == "+493012345678"
    assert values["zip_code"] == "10115"
    assert values["form_id"] == "7788990011"


@pytest.mark.parametrize(
    "text",
    [
        META.replace("eva@acme.example", "<test lead: dummy data for email>"),
        GOOGLE.replace("false", "true"),
        LINKEDIN.replace(",No,", ",Yes,"),
    ],
)
def test_test_leads_are_marked(text: str) -> None:
    assert lead(text).context.test
    assert not lead(META).context.test


def test_a_column_that_somebody_names_wins() -> None:
    assert lead(META, id_column="email").key == "eva@acme.example"


@pytest.mark.parametrize("header", ["id,name,email", "Lead ID,Name,Email", "id,created_time,name", "Name,Platform"])
def test_other_files_are_no_exports_of_ad_platforms(header: str) -> None:
    assert dialect_of(tuple(header.split(","))) is None
