"""Words that name something outside: a country, a time zone, a web domain, an entry of the config itself."""

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator

from syncd.config.problems import did_you_mean
from syncd.core.cleaning.countries import clean_country
from syncd.core.cleaning.emails import clean_email

_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[^\W_](?:[^\W_]|-){0,62}\.)+[^\W\d_]{2,63}|(?:[\w-]+\.)+xn--[\w-]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", re.ASCII)


def read_country(text: str) -> str:
    """The ISO code of a country's name or code. Raises ValueError for what is not exactly a country."""
    code = clean_country(text)
    if not code:
        raise ValueError(f'"{text}" is not a country; write its ISO code, as DE or US')
    return code


def read_zone(text: str) -> str:
    """An IANA time zone as it is. Raises ValueError when there is no such zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        guess = did_you_mean(text, available_timezones()) or "; write it as Europe/Berlin or UTC"
        raise ValueError(f'"{text}" is not a time zone{guess}') from None
    return text


def read_domain(text: str) -> str:
    """A plain domain in lower case. Raises ValueError for addresses and single words."""
    domain = text.strip().lower().removeprefix("www.")
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f'"{text}" is not a domain; write it as acme.com')
    return domain


def read_email(text: str) -> str:
    """One plain address. Raises ValueError, without repeating what may be somebody's."""
    email = clean_email(text)
    if email is None or email.repaired:
        raise ValueError("is not an e-mail address")
    return email.display


def read_name(text: str) -> str:
    """Names of the config's own entries stand in addresses, in the CRM and in commands. Raises ValueError."""
    if not _NAME.fullmatch(text):
        raise ValueError("cannot be a name: use up to 63 letters, digits, dots, hyphens and underscores")
    return text


EmailAddress = Annotated[str, AfterValidator(read_email)]
Country = Annotated[str, AfterValidator(read_country)]
Zone = Annotated[str, AfterValidator(read_zone)]
Domain = Annotated[str, AfterValidator(read_domain)]
Name = Annotated[str, AfterValidator(read_name)]
