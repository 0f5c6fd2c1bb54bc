"""Domains, as Odoo evaluates them: terms in prefix notation, every one of them on a field that the model has."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.odoo.rules import invalid

Row = Mapping[str, Any]


def chosen(rows: Sequence[Row], domain: Any, fields: Mapping[str, str], *, active_test: bool) -> list[Row]:
    """Archived rows are shown only to who says so, or names `active` in the domain."""
    if not isinstance(domain, list):
        raise invalid("a domain is a list")
    _holds({}, list(domain), fields)  # a domain that is wrong is refused where there is nothing to look through, too
    named = {term[0] for term in domain if isinstance(term, list) and term}
    if active_test and "active" in fields and "active" not in named:
        rows = [row for row in rows if row["active"]]
    return [row for row in rows if _holds(row, list(domain), fields)]


def _holds(row: Row, domain: list[Any], fields: Mapping[str, str]) -> bool:
    terms: list[bool] = []  # all of them are looked at: one that is wrong is refused wherever it stands
    while domain:
        terms.append(_next(row, domain, fields))
    return all(terms)


def _next(row: Row, domain: list[Any], fields: Mapping[str, str]) -> bool:
    if not domain:
        raise invalid("the domain ends too early")
    term = domain.pop(0)
    if term in ("|", "&"):
        first, second = _next(row, domain, fields), _next(row, domain, fields)
        return first or second if term == "|" else first and second
    if not isinstance(term, list) or len(term) != 3 or term[0] not in fields:
        raise invalid("not a term")
    field, operator, value = term
    return _compare(row.get(field, False), operator, value)


def _compare(held: Any, operator: str, value: Any) -> bool:
    held = held[0] if isinstance(held, list) and held else held
    match operator:
        case "=":
            return bool(held == value)
        case "!=":
            return bool(held != value)
        case "in" | "not in" if isinstance(value, list):
            return (held in value) is (operator == "in")
        case ">=" if isinstance(value, str):
            return bool(held) and str(held) >= value
        case "ilike" if isinstance(value, str):
            return value.casefold() in str(held or "").casefold()
    raise invalid("no such operator")
