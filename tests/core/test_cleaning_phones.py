import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.cleaning import Phone, clean_phone, find_phones, phone_link, shown_phone
from tests.core.cleaning_texts import full_width, texts

REGIONS = st.lists(st.sampled_from(["DE", "us", "GB", "AR", "MX", "IT", "RS", "AX", "CI", "xx", ""]), max_size=3)
NUMBERS = st.one_of(texts, st.text("0123456789+-() /.x,p:", max_size=25))


@pytest.mark.parametrize(
    ("typed", "regions", "e164"),
    [
        ("+49 (0)30 901820", [], "+4930901820"),
        ("030/901820", ["DE"], "+4930901820"),
        ("Tel.: 030 901820", ["DE"], "+4930901820"),
        ("tel:+49-30-901820", [], "+4930901820"),
        ("p:+491701234567", ["US"], "+491701234567"),
        ("0049 30 901820", ["US"], "+4930901820"),
        ("00 1 415 555 2671", ["US"], "+14155552671"),
        ("0049 30 901820", [], "+4930901820"),
        ("+0049 170 1234567", ["US"], "+491701234567"),
        ("011 49 30 901820", ["US"], "+4930901820"),
        ("1-800-FLOWERS", ["US"], "+18003569377"),
        ("491701234567", ["DE"], "+491701234567"),
        ("491701234567", ["US"], "+491701234567"),
        ("919812345678", ["IN"], "+919812345678"),
        ("491701234567.0", ["DE"], "+491701234567"),
        ("\u0660\u0661\u0667\u0660 1234567", ["DE"], "+491701234567"),
        (full_width("+49 30 901820"), [], "+4930901820"),
        ("0170 1234567", ["XX", "de"], "+491701234567"),
    ],
)
def test_numbers_are_read_as_they_were_meant(typed, regions, e164):
    phone = clean_phone(typed, regions)

    assert phone is not None
    assert (phone.e164, phone.valid, phone.possible, phone.raw) == (e164, True, True, typed)


@pytest.mark.parametrize("typed", ["4.91701E+12", "12", "112", "555-0123", "5 p.m.", "+49", "1" * 40, "9" * 100_000])
def test_what_cannot_be_a_number_is_kept_and_flagged(typed):
    assert clean_phone(typed, ["US"]) == Phone(typed, "", "", "", valid=False, possible=False)


@pytest.mark.parametrize("typed", ["", "none", "call me", "+", "p:"])
def test_no_digit_is_no_number(typed):
    assert clean_phone(typed, ["DE"]) is None


def test_a_number_in_no_used_range_is_possible_and_not_valid():
    phone = clean_phone("0000000000", ["US"])

    assert phone is not None
    assert (phone.e164, phone.valid, phone.possible) == ("+10000000000", False, True)


def test_the_first_region_in_which_it_is_valid_wins():
    phone = clean_phone("(415) 555-2671", ["AT", "US", "CA"])

    assert phone is not None
    assert (phone.e164, phone.region) == ("+14155552671", "US")


@pytest.mark.parametrize("typed", ["(212) 736-5000 x12", "+1 212 736 5000 ext. 12", "tel:+1-212-736-5000;ext=12"])
def test_the_extension_stands_apart(typed):
    phone = clean_phone(typed, ["US"])

    assert phone is not None
    assert (phone.e164, phone.extension) == ("+12127365000", "12")


@pytest.mark.parametrize("between", [" / ", ", ", "; ", " or ", "\n"])
def test_of_two_numbers_in_one_field_the_first_wins_and_the_rest_can_be_found(between):
    typed = f"030 901820{between}0170 1234567"

    phone = clean_phone(typed, ["DE"])
    found = find_phones(typed, ["DE"])

    assert phone is not None
    assert (phone.e164, phone.raw) == ("+4930901820", typed)
    assert [each.e164 for each in found] == ["+4930901820", "+491701234567"]
    assert [each.raw for each in found] == ["030 901820", "0170 1234567"]


def test_numbers_in_a_message_are_found_once_each():
    message = "Call +49 30 901820 or 030 901820, not on 12.03.2026 at 10:30."

    assert [each.e164 for each in find_phones(message, ["DE"])] == ["+4930901820"]


def test_without_region_only_international_numbers_are_found():
    assert [each.e164 for each in find_phones("030 901820 or +1 212 736 5000", [])] == ["+12127365000"]


@pytest.mark.parametrize(
    ("typed", "regions", "region"),
    [
        ("07911 123456", ["GB"], "GB"),  # Guernsey in the number plan
        ("+1 416 736 5000", ["US"], "CA"),
        ("+7 701 234 5678", ["RU"], "KZ"),
        ("+49 30 901820", ["US"], "DE"),
        ("+800 1234 5678", ["US"], ""),
    ],
)
def test_the_country_of_the_form_beats_the_number_unless_the_number_tells(typed, regions, region):
    phone = clean_phone(typed, regions)

    assert phone is not None
    assert phone.region == region


def test_numbers_are_shown_and_linked():
    assert shown_phone("+4930901820") == "+49 30 901820"
    assert phone_link("+4930901820") == "tel:+49-30-901820"
    assert phone_link("+12127365000", "12") == "tel:+1-212-736-5000;ext=12"
    assert (shown_phone(""), phone_link(""), phone_link("x")) == ("", "", "")


@given(NUMBERS, REGIONS)
def test_a_cleaned_number_reads_back_as_itself(raw, regions):
    phone = clean_phone(raw, regions)
    if phone is None:
        assert not any(char.isdecimal() for char in raw)
        return

    assert phone.raw == raw
    assert bool(phone.e164) == phone.possible >= phone.valid
    for form in (phone.e164, shown_phone(phone.e164), phone_link(phone.e164, phone.extension)):
        again = clean_phone(form, regions) if phone.e164 else None
        assert (again.e164 if again else "") == phone.e164


@given(NUMBERS, REGIONS)
def test_found_numbers_are_valid(text, regions):
    found = find_phones(text, regions)

    assert all(each.valid and each.raw in text for each in found)
    assert len({each.e164 for each in found}) == len(found)
