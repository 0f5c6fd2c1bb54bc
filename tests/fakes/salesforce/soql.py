"""Reading SOQL: the part of it that an integration needs, and no more than that.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.salesforce.errors import Refused

LONGEST = 100_000  # characters of a statement

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\\n]|\\.)*')
    |(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<day>\d{4}-\d\d-\d\d)(?![T\d])
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    |(?P<sign>!=|<>|<=|>=|[=<>(),]))""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_KEPT = frozenset("\\'\"_%")
SIGNS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Literal:
    kind: str  # text | moment | day | number | boolean | null
    value: Any


@dataclass(frozen=True, slots=True)
class Test:
    """`field sign values`; `in`, `not in` and `like` are signs."""

    field: str
    sign: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Test | Both | Either | Not


@dataclass(slots=True)
class Query:
    fields: list[str] = field(default_factory=list)
    extremes: list[tuple[str, str, str]] = field(default_factory=list)  # (MIN or MAX, field, alias)
    object: str = ""
    where: Condition | None = None
    group: list[str] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)  # (field, downwards)
    limit: int | None = None


def parse(text: str) -> Query:
    """400 MALFORMED_QUERY for anything that is not understood."""
    if len(text) > LONGEST:
        raise Refused(400, "QUERY_TOO_COMPLICATED", "SOQL statement too long")
    return _Reader(list(_tokens(text))).query()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _malformed(f"unexpected token: '{text[at : at + 10].strip()}'")
        yield found.lastgroup, found.group(found.lastgroup)
        at = found.end()


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def query(self) -> Query:
        query = Query()
        self.word("SELECT")
        self._select(query)
        self.word("FROM")
        query.object = self.name()
        if self.has("WHERE"):
            query.where = self._condition()
        if self.has("GROUP"):
            self.word("BY")
            query.group = self._names()
        if self.has("ORDER"):
            self.word("BY")
            query.order = self._orders()
        if self.has("LIMIT"):
            query.limit = int(self.take("number"))
        if self.at < len(self.tokens):
            raise _malformed(f"unexpected token: '{self.tokens[self.at][1]}'")
        return query

    def _select(self, query: Query) -> None:
        while True:
            name = self.name()
            if self.has_sign("("):
                if name.upper() not in ("MIN", "MAX"):
                    raise _malformed(f"unexpected token: '{name}'")
                inner = self.name()
                self.sign(")")
                alias = self.name() if self.peek("name") and not self.next_is("FROM") else f"expr{len(query.extremes)}"
                query.extremes.append((name.upper(), inner, alias))
            else:
                query.fields.append(name)
            if not self.has_sign(","):
                return

    def _condition(self) -> Condition:
        """AND and OR do not mix without brackets: as strict as Salesforce."""
        parts = [self._simple()]
        joined = ""
        while self.next_is("AND") or self.next_is("OR"):
            word = self.take("name").upper()
            if joined not in ("", word):
                raise _malformed(f"unexpected token: '{word}'")
            joined = word
            parts.append(self._simple())
        if len(parts) == 1:
            return parts[0]
        return Both(tuple(parts)) if joined == "AND" else Either(tuple(parts))

    def _simple(self) -> Condition:
        if self.has("NOT"):
            return Not(self._simple())
        if self.has_sign("("):
            inner = self._condition()
            self.sign(")")
            return inner
        name = self.name()
        if self.has("NOT"):
            self.word("IN")
            return Test(name, "not in", self._list())
        if self.has("IN"):
            return Test(name, "in", self._list())
        if self.has("LIKE"):
            return Test(name, "like", (self._literal(),))
        sign = self.take("sign")
        if sign not in SIGNS:
            raise _malformed(f"unexpected token: '{sign}'")
        return Test(name, sign, (self._literal(),))

    def _list(self) -> tuple[Literal, ...]:
        self.sign("(")
        values = [self._literal()]
        while self.has_sign(","):
            values.append(self._literal())
        self.sign(")")
        return tuple(values)

    def _literal(self) -> Literal:
        if self.at >= len(self.tokens):
            raise _malformed("unexpected end of query")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return Literal(kind, _unescaped(text[1:-1]))
        if kind in ("moment", "day", "number"):
            return Literal(kind, text)
        if kind == "name" and text.lower() in ("true", "false"):
            return Literal("boolean", text.lower() == "true")
        if kind == "name" and text.lower() == "null":
            return Literal("null", None)
        raise _malformed(f"unexpected token: '{text}'")

    def _names(self) -> list[str]:
        names = [self.name()]
        while self.has_sign(","):
            names.append(self.name())
        return names

    def _orders(self) -> list[tuple[str, bool]]:
        orders = []
        while True:
            name = self.name()
            down = self.has("DESC")
            if not down:
                self.has("ASC")
            if self.has("NULLS"):
                self.take("name")
            orders.append((name, down))
            if not self.has_sign(","):
                return orders

    # tokens

    def peek(self, kind: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][0] == kind

    def take(self, kind: str) -> str:
        if not self.peek(kind):
            found = self.tokens[self.at][1] if self.at < len(self.tokens) else "<EOF>"
            raise _malformed(f"unexpected token: '{found}'")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def name(self) -> str:
        return self.take("name")

    def next_is(self, word: str) -> bool:
        return self.peek("name") and self.tokens[self.at][1].upper() == word

    def has(self, word: str) -> bool:
        if self.next_is(word):
            self.at += 1
            return True
        return False

    def word(self, word: str) -> None:
        if not self.has(word):
            raise _malformed(f"expecting {word}")

    def has_sign(self, sign: str) -> bool:
        if self.peek("sign") and self.tokens[self.at][1] == sign:
            self.at += 1
            return True
        return False

    def sign(self, sign: str) -> None:
        if not self.has_sign(sign):
            raise _malformed(f"expecting '{sign}'")


def _unescaped(text: str) -> str:
    """An escape that Salesforce does not know is an error."""

    def one(found: re.Match[str]) -> str:
        letter = found.group(1)
        if letter not in _ESCAPES and letter not in _KEPT:
            raise _malformed(f"Invalid string literal '{text[:20]}'. Illegal character sequence '\\{letter}'")
        return _ESCAPES.get(letter, letter)

    return re.sub(r"\\(.)", one, text)


def _malformed(said: str) -> Refused:
    return Refused(400, "MALFORMED_QUERY", said)
