"""Phone numbers as typed -> E.164, by the regions a lead may be in, most certain first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    ValidationResult,
)

_LONGEST_TEXT: Final = 10_000
_FEWEST_DIGITS: Final = 7  # with country code; phonenumbers alone takes "12" for a German number
_FEWEST_WITH_CODE: Final = 10

# Calling codes where a number does tell its country: North America by area code, Kazakhstan by +7 6/7.
_TELLING_CODES: Final = frozenset({1, 7})

_START: Final = re.compile(r"[+\uff0b(\d]")
_PLUS_AND_ZEROS: Final = re.compile(r"^[+\uff0b]\s*00")
_FLOAT_TAIL: Final = re.compile(r"(?<=\d{6})\.0$")
_BARE_DIGITS: Final = re.compile(r"[\d\s().\u2010-\u2015/-]+")


@dataclass(frozen=True, slots=True)
class Phone:
    raw: str
    e164: str  # "" when it cannot be a number
    extension: str
    region: str  # ISO alpha-2, "" when the number does not tell
    valid: bool  # in a range that is in use
    possible: bool  # of a length that exists
    shown: str = ""  # as people read it: "+49 30 901820"; "" where `e164` is


def clean_phone(raw: str, regions: Sequence[str]) -> Phone | None:
    """None only when there is no digit at all; what cannot be a number keeps `raw` and has no `e164`.

    `regions`: ISO alpha-2 of the lead's country, the form's, the account's, in this order. The
    first in which the number is valid wins, then the first in which it is possible. Of several
    numbers in one field the first is taken; find_phones gives all of them.
    """
    if not any(char.isdecimal() for char in raw):
        return None
    text = _from_first_digit(raw)
    known = _known(regions)
    if best := _best_reading(text, known):
        number, valid = best
        return _described(raw, number, known, valid=valid)
    if found := find_phones(text, known):
        return replace(found[0], raw=raw)
    return Phone(raw, e164="", extension="", region="", valid=False, possible=False)


def find_phones(text: str, regions: Sequence[str]) -> tuple[Phone, ...]:
    """Every valid number inside a text, in its order, each once; by the first region that shows any."""
    known = _known(regions)
    for region in known or ("ZZ",):
        matches = PhoneNumberMatcher(text[:_LONGEST_TEXT], region)
        phones = [_described(each.raw_string, each.number, known, valid=True) for each in matches]
        if phones:
            return tuple({phone.e164: phone for phone in reversed(phones)}.values())[::-1]
    return ()


def shown_phone(e164: str) -> str:
    """As people read it: "+49 30 901820"; what is not E.164 comes back as it is."""
    number = _parsed(e164, None)
    return e164 if number is None else _shown(number)


def _shown(number: PhoneNumber) -> str:
    """Without the extension, which E.164 does not hold."""
    bare = PhoneNumber(
        country_code=number.country_code,
        national_number=number.national_number,
        italian_leading_zero=number.italian_leading_zero,
        number_of_leading_zeros=number.number_of_leading_zeros,
    )
    return phonenumbers.format_number(bare, PhoneNumberFormat.INTERNATIONAL)


def phone_link(e164: str, extension: str = "") -> str:
    """RFC 3966: "tel:+49-30-901820;ext=12"; "" when there is nothing to call."""
    number = _parsed(e164, None)
    if number is None:
        return ""
    number.extension = extension if extension.isdecimal() else None
    return phonenumbers.format_number(number, PhoneNumberFormat.RFC3966)


def _described(raw: str, number: PhoneNumber, regions: Sequence[str], *, valid: bool) -> Phone:
    return Phone(
        raw=raw,
        e164=phonenumbers.format_number(number, PhoneNumberFormat.E164),
        extension=number.extension or "",
        region=_region(number, regions),
        valid=valid,
        possible=True,
        shown=_shown(number),
    )


def _region(number: PhoneNumber, regions: Sequence[str]) -> str:
    """A region we were given beats the number's own where one calling code serves several.

    07911 123456, typed in Britain, is Guernsey's to the number plan.
    """
    code = number.country_code or 0
    if code not in _TELLING_CODES:
        for region in regions:
            if phonenumbers.country_code_for_region(region) == code:
                return region
    own = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(code)
    return own if own in phonenumbers.SUPPORTED_REGIONS else ""


def _best_reading(text: str, regions: Sequence[str]) -> tuple[PhoneNumber, bool] | None:
    """The number and whether it is valid."""
    first_possible = None
    for number, certain in _readings(text, regions):
        if phonenumbers.is_valid_number(number):
            return number, True
        if certain and first_possible is None and _is_possible(number):
            first_possible = number
    return (first_possible, False) if first_possible else None


def _readings(text: str, regions: Sequence[str]) -> Iterator[tuple[PhoneNumber, bool]]:
    """Ways to read it, likeliest first; those not certain count only when they give a valid number."""
    digits = _digits(text)
    if digits and any(_may_lack_plus(digits, region) for region in regions):
        yield from _reading("+" + digits, None, certain=False)
    for region in regions or (None,):
        yield from _reading(text, region, certain=True)
    if digits.startswith("00"):
        yield from _reading("+" + digits.removeprefix("00"), None, certain=True)
    elif len(digits) > _FEWEST_WITH_CODE and not digits.startswith("0"):
        yield from _reading("+" + digits, None, certain=False)


def _reading(text: str, region: str | None, *, certain: bool) -> Iterator[tuple[PhoneNumber, bool]]:
    number = _parsed(text, region)
    if number is not None:
        yield number, certain


def _may_lack_plus(digits: str, region: str) -> bool:
    """Whether the country's code stands where the trunk prefix would have to: 491701234567 in Germany.

    Numbering plans of variable length take that for a (wrong) national number.
    """
    trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
    code = str(phonenumbers.country_code_for_region(region))
    starts_right = digits.startswith(code) and not digits.startswith(trunk or code)
    return starts_right and len(digits) >= _FEWEST_WITH_CODE


def _digits(text: str) -> str:
    """The digits of a text that holds nothing else but punctuation, "" otherwise."""
    if _BARE_DIGITS.fullmatch(text) is None:
        return ""
    return "".join(str(int(char)) for char in text if char.isdecimal())


def _from_first_digit(raw: str) -> str:
    """Without "Tel.", the "p:" of ad exports, the ".0" of a number once held as a float, and "00" after "+"."""
    text = raw.strip()
    start = _START.search(text)
    text = text[start.start() :] if start else text
    return _FLOAT_TAIL.sub("", _PLUS_AND_ZEROS.sub("+", text))


def _known(regions: Sequence[str]) -> tuple[str, ...]:
    upper = dict.fromkeys(region.upper() for region in regions)
    return tuple(region for region in upper if region in phonenumbers.SUPPORTED_REGIONS)


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _is_possible(number: PhoneNumber) -> bool:
    """Long enough to dial from elsewhere, and E.164 that reads back as the same number.

    A number without its area code is not possible; one with too many leading zeros changes when read.
    """
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    reread = _parsed(e164, None)
    if len(e164) <= _FEWEST_DIGITS or reread is None:
        return False
    if phonenumbers.format_number(reread, PhoneNumberFormat.E164) != e164:
        return False
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
