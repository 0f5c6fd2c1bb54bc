"""The filters of OData as far as Dataverse takes them.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from syncd.testing import Refusal
from tests.fakes.dynamics.errors import BAD_VALUE, no_property, refused
from tests.fakes.dynamics.org import Row
from tests.fakes.dynamics.shapes import value_of
from tests.fakes.dynamics.tables import Column, Table

MOST_CONDITIONS = 500
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
_WORDS = re.compile(rf"\s*('(?:[^']|'')*'|{_GUID}|{_MOMENT}|-?\d+|[A-Za-z_][\w.]*|[()])")
Test = Callable[[Row], bool]


class Filter:
    """expression: and | or | not over comparisons. Functions are not taken."""

    def __init__(self, table: Table, text: str) -> None:
        self._table, self._words, self._at, self._count = table, list(_words(text)), 0, 0
        self.either: list[tuple[str, str]] | None = []  # (column, text): any of these, and nothing else is asked

    def test(self) -> Test:
        test = self._any()
        if self._at != len(self._words):
            raise _syntax(self._peek())
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._peek() == "or":
            self._next()
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._peek() == "and":
            self._next()
            self.either = None
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._peek() == "not":
            self._next()
            self.either = None
            inner = self._one()
            return lambda row: not inner(row)
        if self._peek() == "(":
            self._next()
            inner = self._any()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        column = self._column(self._next())
        operator, given = self._next(), self._literal(column)
        self._count += 1
        if self._count > MOST_CONDITIONS:
            raise refused(400, "0x8004430d", "Number of conditions in query exceeded maximum limit.")
        if operator != "eq" or not isinstance(given, str):
            self.either = None
        elif self.either is not None:
            self.either.append((column.name, given))
        if operator in ("eq", "ne"):
            same = operator == "eq"
            return lambda row: (_plain(value_of(row, column)) == given) is same
        tests: dict[str, Callable[[Any, Any], bool]] = {
            "ge": lambda a, b: a >= b, "gt": lambda a, b: a > b, "le": lambda a, b: a <= b, "lt": lambda a, b: a < b,
        }  # fmt: skip
        if operator not in tests or given is None:
            raise _syntax(operator)
        compare = tests[operator]

        def test(row: Row) -> bool:
            there = row.values.get(column.name) if column.type == "DateTime" else value_of(row, column)
            return there is not None and compare(there, given)

        return test

    def _column(self, name: str) -> Column:
        """Lookups by the name under which they are read."""
        found = self._table.shown().get(name)
        if found is None:
            raise no_property(name, self._table.name)
        return found

    def _literal(self, column: Column) -> Any:
        word = self._next()
        if word == "null":
            return None
        if word.startswith("'"):
            if column.type not in ("String", "Memo", "EntityName"):
                raise refused(400, BAD_VALUE, f"A binary operator with incompatible types was detected: {column.name}")
            return _text(word).casefold()
        if word in ("true", "false"):
            return word == "true"
        if re.fullmatch(_GUID, word):
            return word.lower()
        if re.fullmatch(_MOMENT, word):
            return datetime.fromisoformat(word).astimezone(UTC)
        if re.fullmatch(r"-?\d+", word) and column.type not in ("String", "Memo"):
            return int(word)
        raise _syntax(word)

    def _peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _next(self) -> str:
        word = self._peek()
        self._at += 1
        return word

    def _expect(self, word: str) -> None:
        if self._next() != word:
            raise _syntax(word)


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _text(word: str) -> str:
    if len(word) < 2 or not word.startswith("'"):
        raise _syntax(word)
    return word[1:-1].replace("''", "'")


def _words(text: str) -> Iterator[str]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _WORDS.match(text, at)
        if found is None:
            raise _syntax(text[at : at + 8])
        yield found[1]
        at = found.end()


def _syntax(near: str) -> Refusal:
    return refused(400, "0x80060888", f"Syntax error in the filter near '{near}'.")
