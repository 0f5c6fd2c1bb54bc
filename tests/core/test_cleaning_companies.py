import pytest
from hypothesis import given

from syncd.core.cleaning import Company, clean_company
from tests.core.cleaning_texts import full_width, texts


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Acme Widgets GmbH & Co. KG", "acme widgets"),
        ("Acme, Inc.", "acme"),
        ("Acme Inc Ltd", "acme"),
        ("Acme S. de R.L. de C.V.", "acme"),
        ("Acme Sp. z o.o. sp.k.", "acme"),
        ("Acme S.p.A.", "acme"),
        ("Acme a.\u015f.", "acme"),
        ("Acme UG (haftungsbeschr\xe4nkt)", "acme"),
        ("Maersk A/S", "maersk"),
        ("AB Volvo", "volvo"),
        ("Volvo AB", "volvo"),
        ("Oy Acme Ab", "acme"),
        ("\u041e\u041e\u041e \u0420\u043e\u043c\u0430\u0448\u043a\u0430", "\u0440\u043e\u043c\u0430\u0448\u043a\u0430"),
        ("\u682a\u5f0f\u4f1a\u793e\u30c8\u30e8\u30bf", "\u30c8\u30e8\u30bf"),
        ("\u30c8\u30e8\u30bf\u682a\u5f0f\u4f1a\u793e", "\u30c8\u30e8\u30bf"),
        ("\u3231\u30c8\u30e8\u30bf", "\u30c8\u30e8\u30bf"),
        ("\u817e\u8baf\u6709\u9650\u516c\u53f8", "\u817e\u8baf"),
        ("The Coca-Cola Company", "coca cola"),
        ("Acme (UK) Limited", "acme uk"),
        ("Limited Brands", "limited brands"),
        ("Smith & Sons & Co.", "smith and sons"),
        ("AT&amp;T", "at and t"),
        ("I.B.M. Corp", "ibm"),
        ("McDonald\u2019s", "mcdonalds"),
        ("Soci\xe9t\xe9 G\xe9n\xe9rale", "societe generale"),
        ("Acme Europe", "acme europe"),
        ("Siemens Energy", "siemens energy"),
    ],
)
def test_the_key_is_the_name_without_legal_form(typed, key):
    company = clean_company(typed)

    assert company is not None
    assert company.key == key


@pytest.mark.parametrize("typed", ["Co", "GmbH", "GmbH & Co. KG", "The Company", "AB"])
def test_a_name_of_legal_forms_only_keeps_them(typed):
    company = clean_company(typed)

    assert company is not None
    assert company.key


@pytest.mark.parametrize("typed", ["Acme NL", "Acme AT", "Acme UK", "Acme EE"])
def test_a_country_at_the_end_is_no_legal_form(typed):
    assert clean_company(typed) == Company(typed, typed.lower())


@pytest.mark.parametrize("typed", ["", "  ", "-", "n/a", "N.A.", "None", "unknown", "Company name", "\U0001f389"])
def test_fillers_are_no_company(typed):
    assert clean_company(typed) is None


@pytest.mark.parametrize("typed", ["Freelancer", "privat", "self-employed", "Selbst\xe4ndig"])
def test_words_that_strangers_share_are_shown_and_never_matched(typed):
    assert clean_company(typed) == Company(typed, "")


def test_what_is_shown_stays_as_typed():
    assert clean_company("  ACME\r\n Widgets\u200b GmbH ") == Company("ACME Widgets GmbH", "acme widgets")


@given(texts)
def test_cleaning_a_company_twice_changes_nothing(raw):
    company = clean_company(raw)

    assert company is None or clean_company(company.display) == company


@given(texts.map(lambda text: text.replace("&", "").replace("\u0131", "")))
def test_company_keys_see_no_case_and_no_width(raw):
    keys = {company.key if (company := clean_company(form)) else None for form in (raw, raw.upper(), full_width(raw))}

    assert len(keys) == 1
