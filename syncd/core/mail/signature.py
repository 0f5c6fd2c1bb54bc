"""A phone number and a company in what stands below a mail. Guesses: a form's own words come before them."""

import re
from collections.abc import Iterator

import phonenumbers

from syncd.core.cleaning.companies import clean_company
from syncd.core.mail.words import DASHES

LONGEST = 2000
LONGEST_LINE = 120


def phone_in(text: str, country: str) -> str:
    """The first number that is valid, with its prefix; one that is called a fax is passed over."""
    for line in text[:LONGEST].split("\n"):
        if _FAX.match(line.strip()):
            continue
        before_fax = _FAX_BEHIND.split(line[: LONGEST_LINE * 2], maxsplit=1)[0]
        for found in phonenumbers.PhoneNumberMatcher(before_fax, country or None, max_tries=10):
            return phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    return ""


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
