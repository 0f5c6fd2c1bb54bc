"""From JSON values to the texts of answers."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

Text = str | tuple[str, ...]

_EPOCH = re.compile("[0-9]{9,16}")
_LARGEST = 10**15
_FIRST_MILLISECONDS = 10**11  # as seconds this would be the year 5138


def text_of(value: Any) -> Text:
    """The text of a scalar or of a list of scalars; empty for null, blanks and what has parts of its own.

    true and false read "yes" and "no", a list with one text is that text, and numbers lose no digit.
    """
    if isinstance(value, str):
        return value if value.strip() else ""
    if isinstance(value, list | tuple):
        texts = tuple(text for one in value if isinstance(text := text_of(one), str) and text)
        return texts[0] if len(texts) == 1 else texts
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value) if isinstance(value, int | float) else ""


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, Text]]:
    """Every text below an object by its dotted path ("contact.phones.0.number"); empty ones are left out.

    A list of scalars is one text with several parts; other lists count from 0.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flatten(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for place, inner in enumerate(value):
            yield from flatten(inner, f"{path}.{place}" if path else str(place))
    elif text := text_of(value):
        yield path, text


def moment_of(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """ISO 8601 (in `zone` where none is given) or seconds or milliseconds since 1970; None for anything else."""
    if isinstance(value, str) and _EPOCH.fullmatch(value):
        value = int(value)
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) >= _FIRST_MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def number_of(text: str) -> int | float | None:
    """A number that JSON carries without loss, whole where it is; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    if not abs(number) < _LARGEST:
        return None
    return int(number) if number.is_integer() else number


def day_of(text: str) -> str | None:
    """The day with which a text begins, as 2026-03-02; None where that is none."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None


def object_in(value: Any, name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one where there is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def list_in(value: Any, name: str) -> list[Any]:
    """The list under a name; an empty one where there is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else []


def text_in(value: Any, name: str) -> str:
    """The text under a name, several joined by a semicolon; empty where there is none."""
    text = text_of(value.get(name)) if isinstance(value, dict) and name in value else ""
    return text if isinstance(text, str) else "; ".join(text)


def at_path(value: Any, path: str) -> Any:
    """What a dotted path leads to ("data.emails.0"); None where it leads nowhere. A name with a dot in it wins over
    two steps.
    """
    if not path:
        return None
    if isinstance(value, dict) and path in value:
        return value[path]
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def text_at(value: Any, *paths: str) -> str:
    """The text at the first path where there is one, several joined by a semicolon; empty where there is none."""
    for path in paths:
        if text := text_of(at_path(value, path)):
            return text if isinstance(text, str) else "; ".join(text)
    return ""
