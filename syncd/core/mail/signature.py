"""A phone number and a company in what stands below a mail. Guesses: a form's own words come before them."""

import re
from collections.abc import Iterator

import phonenumbers

from syncd.core.cleaning.companies import clean_company
from syncd.core.mail.words import DASHES

LONGEST = 2000
LONGEST_LINE = 120


def phone_in(text: str, country: str) -> str:
    """The first number that is valid, with its prefix; one that is called a fax is passed over.

    Without a country a number that has no prefix, and is called one, is told as it stands: whoever cleans it may know
    the country.
    """
    lines = [_FAX_BEHIND.split(line[: LONGEST_LINE * 2], maxsplit=1)[0] for line in text[:LONGEST].split("\n")]
    lines = [line for line in lines if not _FAX.match(line.strip())]
    for line in lines:
        for found in phonenumbers.PhoneNumberMatcher(line, country or None, max_tries=10):
            return phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    called = filter(None, map(_CALLED.search, lines)) if not country else ()
    return next((found[1] for found in called), "")


_CALLED = re.compile(
    r"\b(?:tel|phone|fon|mobil|handy|cell|rufnummer|t[eé]l[eéè](?:fono|fon|phone)|telefon[eo]|number|nummer|num[eé]ro|n[uú]mero)"
    r"[^\d+(\n]{0,20}([\d(][\d ()/.-]{5,22}\d)",
    re.IGNORECASE,
)
_FAX = re.compile(r"(?:tele)?fax\b|f[:.][ \t]", re.IGNORECASE)
_FAX_BEHIND = re.compile(r"\b(?:tele)?fax\b|[|,·•][ \t]*f[:.]", re.IGNORECASE)


def company_in(text: str) -> str:
    """The first line, or the part of one, that has a legal form: "Berg Bau GmbH"."""
    for piece in _pieces(text[:LONGEST]):
        if _LEGAL_FORM.search(piece) and not _NO_COMPANY.search(piece):
            company = clean_company(piece)
            if company and company.display:
                return company.display
    return ""


def _pieces(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        for piece in _APART.split(line):
            kept = piece.strip(f" *_{DASHES}|")
            if 3 < len(kept) <= LONGEST_LINE:
                yield kept


_APART = re.compile(rf"[ \t]+[{DASHES}|\u00b7\u2022][ \t]+|\t+|;[ \t]")
_LEGAL_FORM = re.compile(
    r"(?<![\w.])(?:[Gg][Mm][Bb][Hh]|AG|KG|OHG|GbR|UG|e\. ?K\.|e\. ?V\.|SE|Ltd\.?|LTD|Limited|LL[PC]|Inc\.?|Corp\.?|PLC"
    r"|plc|Pty|S\.?A\.?R\.?L\.?|SAS|S\.A\.S\.?|S\.A\.|S\.?L\.?U?\.|S\.?[Rr]\.?[Ll]\.?|S\.?[Pp]\.?A\.?|B\.?V\.?|N\.V\.|A/S|ApS|AB|Oy"
    r"|[Ss]p\. z ?o\.o\.|[Kk]ft\.?)(?!\w)"
)
_NO_COMPANY = re.compile(
    r"@|https?:|www\.|\b(?:hrb|hra|amtsgericht|registergericht|geschäftsführer|ust|vat|iban)\b", re.IGNORECASE
)
