"""Queries in COQL, with the limits it is documented to have.

https://www.zoho.com/crm/developer/docs/api/v8/COQL-Limitations.html

A backslash or a quote inside a value is refused: how they are escaped is not documented well enough to copy it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from syncd.testing import Answer, Call
from tests.fakes.zoho.account import Account, Module, Record
from tests.fakes.zoho.errors import refused
from tests.fakes.zoho.shapes import shown, value_of

MOST_ROWS, MOST_COLUMNS, MOST_CRITERIA, MOST_VALUES = 2_000, 50, 25, 50
_WORDS = re.compile(r"\s*('[^'\\]*'|[A-Za-z_$][\w.$]*|\d+|<=|>=|!=|[()=<>,])")
_QUERY = re.compile(
    r"select (?P<columns>.+?) from (?P<module>\w+) where (?P<where>.+?)"
    r"(?: order by (?P<order>\w+)(?: (?P<way>asc|desc))?)?(?: limit (?P<limit>\d+))?(?: offset (?P<offset>\d+))?",
    re.DOTALL,
)

Test = Callable[[Record], bool]


def query(account: Account, call: Call) -> Answer:
    body = call.json()
    text = body.get("select_query") if isinstance(body, dict) and body.keys() == {"select_query"} else None
    found = _QUERY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise refused(400, "SYNTAX_ERROR", clause="select")
    module = account.modules.get(found["module"])
    if module is None or module.name == "Notes":
        raise refused(400, "INVALID_QUERY", reason="module", column_name=found["module"])
    columns = [name.strip() for name in found["columns"].split(",")]
    limit, offset = int(found["limit"] or 200), int(found["offset"] or 0)
    if len(columns) > MOST_COLUMNS or limit > MOST_ROWS:
        raise refused(400, "LIMIT_EXCEEDED", limit=MOST_ROWS)
    for name in (*columns, *filter(None, [found["order"]])):
        _column(module, name)
    test = _Parser(account, module, found["where"]).whole()
    lag = account.options.read_lag if module.name == "Tasks" else 0
    seen = account.now() - timedelta(seconds=lag)
    rows = [record for record in module.live() if record.modified_at <= seen and test(record)]
    if found["order"]:
        rows.sort(
            key=lambda record: str(value_of(account, record, found["order"]) or ""), reverse=found["way"] == "desc"
        )
    part = rows[offset : offset + limit]
    if not part:
        return Answer(204)
    info = {"count": len(part), "more_records": len(rows) > offset + limit}
    return Answer(200, {"data": [shown(account, record, columns) for record in part], "info": info})


def credits_of(text: str) -> int:
    limit = int(found[1]) if (found := re.search(r" limit (\d+)", text)) else 200
    return 1 if limit <= 200 else 2 if limit <= 1000 else 3


def _column(module: Module, name: str) -> None:
    if name != "id" and name not in module.fields:
        raise refused(400, "INVALID_QUERY", "column given seems to be invalid", column_name=name)


class _Parser:
    """expression: comparison | ( expression and|or expression ) | ( expression ). Three in one pair are refused."""

    def __init__(self, account: Account, module: Module, text: str) -> None:
        self._account, self._module = account, module
        self._words = list(_words(text))
        self._at = 0
        self._criteria = 0

    def whole(self) -> Test:
        test = self._pair()
        if self._at != len(self._words):
            raise _syntax(self._peek())
        if self._criteria > MOST_CRITERIA:
            raise refused(400, "LIMIT_EXCEEDED", limit=MOST_CRITERIA)
        return test

    def _pair(self) -> Test:
        left = self._one()
        if self._peek().lower() not in ("and", "or"):
            return left
        word = self._next().lower()
        right = self._one()
        if word == "and":
            return lambda record: left(record) and right(record)
        return lambda record: left(record) or right(record)

    def _one(self) -> Test:
        if self._peek() != "(":
            return self._comparison()
        self._next()
        test = self._pair()
        self._expect(")")
        return test

    def _comparison(self) -> Test:
        self._criteria += 1
        name = self._next()
        _column(self._module, name)
        if name != "id" and self._module.fields[name].type == "textarea":
            raise refused(400, "INVALID_QUERY", "data type not supported", column_name=name, data_type="textarea")
        operator = self._next().lower()
        if operator == "is":
            wanted = self._next().lower() == "null" or not (self._expect("null") or True)
            return lambda record: (self._value(record, name) in (None, "")) is wanted
        if operator == "in":
            values = {each.casefold() for each in self._list()}
            return lambda record: str(self._value(record, name) or "").casefold() in values
        return self._compared(name, operator, self._literal())

    def _compared(self, name: str, operator: str, given: str) -> Test:
        tests: dict[str, Callable[[Any, Any], bool]] = {
            "=": lambda a, b: a == b, "!=": lambda a, b: a != b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b,
            ">": lambda a, b: a > b, "<": lambda a, b: a < b,
        }  # fmt: skip
        if operator not in tests:
            raise _syntax(operator)
        compare, moment = tests[operator], name in ("Created_Time", "Modified_Time", "Closed_Time")

        def test(record: Record) -> bool:
            there = self._value(record, name)
            if there in (None, ""):
                return False
            if moment:
                return compare(datetime.fromisoformat(str(there)), datetime.fromisoformat(given))
            return compare(str(there).casefold(), given.casefold())

        return test

    def _value(self, record: Record, name: str) -> Any:
        value = value_of(self._account, record, name)
        return value.get("id") if isinstance(value, dict) else value

    def _list(self) -> list[str]:
        self._expect("(")
        values = [self._literal()]
        while self._peek() == ",":
            self._next()
            values.append(self._literal())
        self._expect(")")
        if len(values) > MOST_VALUES:
            raise refused(400, "LIMIT_EXCEEDED", limit=MOST_VALUES)
        return values

    def _literal(self) -> str:
        word = self._next()
        if not (word.startswith("'") or word.isdecimal()):
            raise _syntax(word)
        return word.strip("'")

    def _peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _next(self) -> str:
        word = self._peek()
        self._at += 1
        return word

    def _expect(self, word: str) -> None:
        if self._next().lower() != word:
            raise _syntax(word)


def _words(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        found = _WORDS.match(text, at)
        if found is None:
            raise _syntax(text[at : at + 5])
        yield found[1]
        at = found.end()


def _syntax(near: str) -> Exception:
    return refused(400, "SYNTAX_ERROR", line=1, column=1, near=near)
