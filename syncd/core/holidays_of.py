"""Public holidays of a country or one of its parts, by the `holidays` package.

Its lists change with its releases, so a due time is fixed when it is given and never worked out again.
https://holidays.readthedocs.io
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType

import holidays


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The days off by law in one place, observed days included; `day in it`, or `it.of(year)`."""

    place: str  # "DE-BY+catholic"
    country: str
    subdivision: str | None
    categories: tuple[str, ...]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in self.of(day.year)

    def of(self, year: int) -> Mapping[date, str]:
        """The days of one year with their names."""
        return _days(self.country, self.subdivision, self.categories, year)


def public_holidays(place: str) -> PublicHolidays:
    """Read "DE", "DE-BY" or, with one of the country's further categories, "DE-BY+catholic".

    Raises ValueError with what would be right for an unknown country, part or category.
    """
    where, *extra = (part.strip() for part in place.split("+"))
    country, _, name = where.partition("-")
    country = country.upper()
    supported = holidays.list_supported_countries(include_aliases=False)
    if country not in supported:
        raise ValueError(f'holidays "{place}": unknown country "{country}"{_near(country, supported)}')
    parts = supported[country]
    part = next((known for known in parts if known.lower() == name.lower()), None)
    if name and part is None:
        known = f"; use one of {', '.join(parts)}" if parts else f"; {country} is not divided"
        raise ValueError(f'holidays "{place}": {country} has no part "{name}"{known}')
    categories = tuple(dict.fromkeys(("public", *(category.lower() for category in extra))))
    _check_categories(place, country, categories)
    return PublicHolidays(place, country, part, categories)


def _check_categories(place: str, country: str, categories: tuple[str, ...]) -> None:
    known = holidays.country_holidays(country).supported_categories
    for name in categories:
        if name not in known:
            raise ValueError(
                f'holidays "{place}": {country} has no category "{name}"; it has {", ".join(sorted(known))}'
            )


def _near(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    return f" (did you mean {' or '.join(close)}?)" if close else ""


@lru_cache(maxsize=1024)
def _days(country: str, subdivision: str | None, categories: tuple[str, ...], year: int) -> Mapping[date, str]:
    found = holidays.country_holidays(country, subdiv=subdivision, years=year, categories=categories, language="en_US")
    return MappingProxyType(dict(found))
