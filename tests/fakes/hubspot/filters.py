"""The filters of a search: what may be asked, and what it means for one record.

https://developers.hubspot.com/docs/api-reference/search/guide#filter-operators
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from tests.fakes.hubspot.calls import closed
from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.properties import PropertyTable
from tests.fakes.hubspot.values import Property, Unfit, datetime_value

MOST = 6  # filters in a group
MOST_VALUES = 100
_OPTIONAL = {"value": str, "highValue": str, "values": list}
_VALUE = frozenset({"value"})
_VALUES = frozenset({"values"})
_NOTHING = frozenset[str]()
_NEEDS = {
    **dict.fromkeys(("EQ", "NEQ", "LT", "LTE", "GT", "GTE"), _VALUE),
    **dict.fromkeys(("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"), _VALUE),
    **dict.fromkeys(("IN", "NOT_IN"), _VALUES),
    **dict.fromkeys(("HAS_PROPERTY", "NOT_HAS_PROPERTY"), _NOTHING),
    "BETWEEN": frozenset({"value", "highValue"}),
}

Comparable = float | str


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    operator: str
    floor: float | None  # of GT and GTE on a date, for the search's shortcut
    fits: Callable[[str | None], bool]


@dataclass(frozen=True, slots=True)
class Group:
    filters: tuple[Filter, ...]

    def fits(self, held: Mapping[str, str]) -> bool:
        return all(each.fits(held.get(each.name)) for each in self.filters)

    def changed_since(self, modified: str) -> float | None:
        floors = [each.floor for each in self.filters if each.name == modified and each.floor]
        return max(floors, default=None)


def compiled(definitions: PropertyTable, given: Any) -> Group:
    """400 for too many filters, an unknown property or operator, or wrong keys beside it."""
    filters = closed(given, {"filters": list})["filters"]
    if not 1 <= len(filters) <= MOST:
        raise invalid(f"A filter group must have between 1 and {MOST} filters")
    return Group(tuple(_compiled(definitions, each) for each in filters))


def comparable(form: str, value: str) -> Comparable:
    """Seconds for dates, numbers for numbers, lower-cased text for the rest."""
    if form in {"datetime", "date"}:
        return datetime.fromisoformat(datetime_value(value)).timestamp()
    return float(value) if form == "number" else value.lower()


def _compiled(definitions: PropertyTable, given: Any) -> Filter:
    body = closed(given, {"propertyName": str, "operator": str}, _OPTIONAL)
    name, operator = body["propertyName"], body["operator"]
    prop = definitions.by_name.get(name)
    if prop is None:
        raise invalid(f"Property {name} does not exist", context={"propertyName": [name]})
    if operator not in _NEEDS:
        raise invalid(f"{operator} is not a valid operator")
    given_keys = set(body) & set(_OPTIONAL)
    if given_keys != _NEEDS[operator]:
        wanted = ", ".join(sorted(_NEEDS[operator])) or "no value"
        raise invalid(f"Operator {operator} on {name} takes {wanted}")
    try:
        fits = _meaning(prop, operator, body)
        floor = comparable(prop.type, body["value"]) if operator in {"GT", "GTE"} else None
    except (Unfit, ValueError) as error:
        raise invalid(f"The value of the filter on {name} was not a valid {prop.type}") from error
    return Filter(name, operator, floor if isinstance(floor, float) else None, fits)


def _meaning(prop: Property, operator: str, body: Mapping[str, Any]) -> Callable[[str | None], bool]:
    if operator.endswith("HAS_PROPERTY"):
        return _has if operator == "HAS_PROPERTY" else lambda held: held is None
    if operator in {"IN", "NOT_IN"}:
        return _among(prop, body["values"], wanted=operator == "IN")
    if operator.endswith("CONTAINS_TOKEN"):
        return _token(body["value"], wanted=operator == "CONTAINS_TOKEN")
    return _compared(prop.type, operator, body)


def _has(held: str | None) -> bool:
    return held is not None


def _among(prop: Property, values: list[Any], *, wanted: bool) -> Callable[[str | None], bool]:
    """Text is compared in lower case, and the values have to be given so."""
    if not 1 <= len(values) <= MOST_VALUES or not all(isinstance(each, str) for each in values):
        raise invalid(f"IN and NOT_IN take between 1 and {MOST_VALUES} strings")
    if prop.type != "string":
        allowed = {comparable(prop.type, each) for each in values}
        return lambda held: (held is not None and comparable(prop.type, held) in allowed) is wanted
    texts = frozenset(values)
    return lambda held: (held is not None and held.lower() in texts) is wanted


def _token(value: str, *, wanted: bool) -> Callable[[str | None], bool]:
    """Every word of the value, `*` standing for any letters, is a word of the text."""
    patterns = [each for each in re.split(r"[^\w*]+", value.lower()) if each]

    def fits(held: str | None) -> bool:
        words = re.split(r"\W+", (held or "").lower())
        hit = all(any(fnmatchcase(word, pattern) for word in words) for pattern in patterns)
        return (hit and bool(held)) is wanted

    return fits


def _compared(form: str, operator: str, body: Mapping[str, Any]) -> Callable[[str | None], bool]:
    first = comparable(form, body["value"])
    last = comparable(form, body["highValue"]) if operator == "BETWEEN" else first
    tests: dict[str, Callable[[Any], bool]] = {
        "EQ": lambda held: bool(held == first),
        "LT": lambda held: bool(held < first),
        "LTE": lambda held: bool(held <= first),
        "GT": lambda held: bool(held > first),
        "GTE": lambda held: bool(held >= first),
        "BETWEEN": lambda held: bool(first <= held <= last),
    }
    if operator == "NEQ":
        return lambda held: held is None or comparable(form, held) != first
    test = tests[operator]
    return lambda held: held is not None and test(comparable(form, held))
