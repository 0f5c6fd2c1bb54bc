from importlib import resources

import pytest
from hypothesis import given

from syncd.core.cleaning import clean_country
from syncd.core.cleaning.countries import _name_key
from tests.core.cleaning_texts import full_width, texts

TABLE = resources.files("syncd.core").joinpath("data", "countries.tsv").read_text(encoding="utf-8")
ROWS = [line.split("\t") for line in TABLE.splitlines() if not line.startswith("#")]


def test_the_table_has_every_country_once():
    codes = [row[0] for row in ROWS]

    assert len(codes) == len(set(codes)) == 249
    assert codes == sorted(codes)
    assert len({row[1] for row in ROWS}) == 249


def test_the_table_has_the_codes_of_the_time_zone_database():
    listed = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")

    assert {row[0] for row in ROWS} == {line[:2] for line in listed.splitlines() if not line.startswith("#")}


def test_every_name_means_one_country():
    meanings: dict[str, set[str]] = {}
    for alpha_2, alpha_3, names in ROWS:
        for name in (alpha_2, alpha_3, *names.split("|")):
            meanings.setdefault(_name_key(name), set()).add(alpha_2)

    assert {key: codes for key, codes in meanings.items() if len(codes) > 1} == {}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_name_of_the_table_is_read_in_any_case_and_width(row):
    alpha_2, alpha_3, names = row

    for name in (alpha_2, alpha_3, *names.split("|")):
        assert clean_country(name) == alpha_2
        assert clean_country(f" {name.upper()} ") == alpha_2
        assert clean_country(full_width(name)) == alpha_2


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("UK", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("Deutschland", "DE"),
        ("\xd6sterreich", "AT"),
        ("Osterreich", "AT"),
        ("Holland", "NL"),
        ("the Netherlands", "NL"),
        ("C\xf4te d\u2019Ivoire", "CI"),
        ("St Lucia", "LC"),
        ("Korea, Republic of", "KR"),
        ("Germany (+49)", "DE"),
        ("Germany +49", "DE"),
        ("Germany (Deutschland)", "DE"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("\U0001f1e9\U0001f1ea Germany", "DE"),
        ("NO", "NO"),
        ("Congo (Kinshasa)", "CD"),
        ("\u65e5\u672c", "JP"),
    ],
)
def test_what_forms_deliver_is_understood(typed, code):
    assert clean_country(typed) == code


@pytest.mark.parametrize(
    "typed",
    ["", "-", "Select country", "Germny", "Germany (France)", "Germany, Berlin", "Europe", "Virgin Islands", "49"],
)
def test_nothing_is_guessed(typed):
    assert clean_country(typed) == ""


@given(texts)
def test_any_text_gives_a_code_or_nothing(raw):
    code = clean_country(raw)

    assert code == "" or clean_country(code) == code
