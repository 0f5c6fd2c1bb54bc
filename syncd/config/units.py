"""Values as people write them: "5 min", "1 MiB", "10 %", "2026-12-24..2026-12-31"."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
}
_SECONDS |= {"d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800}
_BYTES = {"": 1, "b": 1, "byte": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_BYTES |= {"k": 2**10, "m": 2**20, "g": 2**30, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]*)", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%", re.ASCII)


def parse_duration(value: object, unit: str = "s") -> timedelta:
    """Read "90 s", "5 min", "1 h 30 min", "5 days"; a bare number counts in `unit`. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip().lower()
    seconds, rest = 0.0, text
    while found := _AMOUNT.match(rest):
        word = found[2] or unit
        factor = _SECONDS.get(word) or _SECONDS.get(word.removesuffix("s"))
        if factor is None:
            break
        seconds += float(found[1]) * factor
        rest = rest[found.end() :].lstrip(" ,")
    if rest or not text:
        raise ValueError(f'"{text}" is not a time; write it as 30 s, 5 min, 2 h or 5 days')
    return timedelta(seconds=seconds)


def parse_size(value: object) -> int:
    """Read "1 MiB", "500 kB" or a bare number of bytes; in bytes. Raises ValueError."""
    if isinstance(value, int):
        return value
    text = str(value).strip().lower()
    found = _AMOUNT.fullmatch(text)
    factor = _BYTES.get(found[2]) or _BYTES.get(found[2].removesuffix("s")) if found else None
    if not found or not factor:
        raise ValueError(f'"{text}" is not a size; write it as 1 MiB or 500 kB')
    return int(float(found[1]) * factor)


def parse_share(value: object) -> object:
    """Read "10 %" as 0.1; anything else is left to be read as a number."""
    found = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(found[1]) / 100 if found else value


def parse_days(value: object) -> object:
    """One day, or the first and the last of several: "2026-12-24..2026-12-31". Raises ValueError."""
    if not isinstance(value, str):
        return value
    first, dots, last = (part.strip() for part in value.partition(".."))
    try:
        days = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError:
        raise ValueError(f'"{value}" is not a day; write 2026-12-24, or 2026-12-24..2026-12-31 for several') from None
    if days[1] < days[0]:
        raise ValueError(f'"{value}" ends before it begins')
    return days


_TIME_SCHEMA = WithJsonSchema({"type": ["string", "number"], "examples": ["30 s", "5 min", "5 days"]})
_SIZE_SCHEMA = WithJsonSchema({"type": ["string", "integer"], "examples": ["1 MiB"]})
_SHARE_SCHEMA = WithJsonSchema({"type": ["string", "number"], "examples": ["10 %"]})
_SPAN_SCHEMA = WithJsonSchema({"type": "string", "examples": ["2026-12-24..2026-12-31"]})

Seconds = Annotated[timedelta, BeforeValidator(partial(parse_duration, unit="s")), _TIME_SCHEMA]
Minutes = Annotated[timedelta, BeforeValidator(partial(parse_duration, unit="min")), _TIME_SCHEMA]
Days = Annotated[timedelta, BeforeValidator(partial(parse_duration, unit="d")), _TIME_SCHEMA]
Size = Annotated[int, BeforeValidator(parse_size), _SIZE_SCHEMA]
Share = Annotated[float, BeforeValidator(parse_share), _SHARE_SCHEMA]
DaySpan = Annotated[tuple[date, date], BeforeValidator(parse_days), _SPAN_SCHEMA]
