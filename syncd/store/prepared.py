"""Statements that are compiled once per database and then run with plain values.

On the hot path SQLAlchemy's own way, which looks a statement up and rewrites its values anew for every row,
costs several times what the database does. Here a Core statement is compiled at its first use; after that a
run is one call of the driver. Values are what both drivers take as they are: whole numbers, texts, bytes,
booleans, None, and a list where `among` asks for one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import ARRAY, Column, ColumnElement, Connection, CursorResult, Text, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.expression import Executable, UnaryExpression
from sqlalchemy.sql.operators import custom_op

Row = Mapping[str, Any]
_Values = tuple[Any, ...]
_SIZES = (1, 4, 16, 100)
"""Rows that one statement has room for. Each size is a text of its own, which every connection to SQLite keeps
compiled (orders: 2.7 KiB a row), so there are few of them.
"""


class Prepared:
    """`make` gets whether the database is SQLite; names of bound values are the names of `run` and `many`."""

    def __init__(self, make: Callable[[bool], Executable] | Executable) -> None:
        self._make = make
        self._forms: dict[str, _Form] = {}

    def run(self, tx: Connection, **values: Any) -> CursorResult[Any]:
        """Once, with these values; rows have their columns as attributes."""
        form = self._form(tx)
        return tx.exec_driver_sql(form.sql, form.one(values))

    def all(self, tx: Connection, **values: Any) -> Sequence[Any]:
        """The rows of one run, fetched at once."""
        return self.run(tx, **values).all()

    def many(self, tx: Connection, rows: Sequence[Row]) -> None:
        """For every row. An insert on SQLite takes many rows in one step, during which other threads may work;
        one with constants of its own takes them one by one (`word` and `number` put them into the text).
        """
        form = self._form(tx)
        if form.several:
            for start in range(0, len(rows), _SIZES[-1]):
                tx.exec_driver_sql(*form.several([form.of_row(row) for row in rows[start : start + _SIZES[-1]]]))
        elif rows:
            tx.exec_driver_sql(form.sql, [form.of_row(row) for row in rows])

    def text(self, tx: Connection) -> str:
        """As the database of this transaction reads it."""
        return self._form(tx).sql

    def _form(self, tx: Connection) -> "_Form":
        name = tx.dialect.name
        if (form := self._forms.get(name)) is None:
            form = self._forms[name] = _compiled(self._make, tx)
        return form


def among(column: Column[Any], name: str, *, sqlite: bool) -> ColumnElement[bool]:
    """The column holds one of a list, given whole under this name: one text for lists of any length."""
    if sqlite:
        listed = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def passively(column: Column[Any], *, sqlite: bool) -> ColumnElement[Any]:
    """The column as a test alone. SQLite cannot know how long the list of `among` is, and would rather walk an
    index through everything that this column says the same of (https://www.sqlite.org/optoverview.html, unary "+").
    """
    return UnaryExpression(column, operator=custom_op("+")) if sqlite else column


def insert_into(table: Any, *, sqlite_: bool) -> Any:
    """The insert that knows `on_conflict_...`, of the database at hand."""
    return sqlite.insert(table) if sqlite_ else postgresql.insert(table)


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement in the words of one driver; `one` and `of_row` put values as it wants them."""

    sql: str
    one: Callable[[Row], Any]
    of_row: Callable[[Row], Any]
    several: Callable[[Sequence[_Values]], tuple[str, _Values]] | None = None


def _compiled(make: Callable[[bool], Executable] | Executable, tx: Connection) -> _Form:
    sqlite_ = tx.dialect.name == "sqlite"
    statement: Any = make if isinstance(make, Executable) else make(sqlite_)
    compiled = statement.compile(dialect=tx.dialect)
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    if compiled.positiontup is None:
        return _Form(str(compiled), lambda row: {**fixed, **row}, lambda row: {**fixed, **row})
    values = _in_order(compiled.positiontup)

    def of_row(row: Row) -> tuple[Any, ...]:
        return values({**fixed, **row}) if fixed else values(row)

    def one(row: Row) -> tuple[Any, ...]:
        return tuple(orjson.dumps(value).decode() if type(value) is list else value for value in of_row(row))

    several = _repeated(str(compiled)) if isinstance(statement, Insert) and not fixed else None
    return _Form(str(compiled), one, of_row, several)


def _in_order(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    if not names:
        return lambda _: ()
    if len(names) == 1:
        only = names[0]
        return lambda row: (row[only],)
    return itemgetter(*names)


def _repeated(sql: str) -> Callable[[Sequence[_Values]], tuple[str, _Values]]:
    """The text of an insert that has room for so many rows, and its values; what is left of the room is not read."""
    head, values, rest = sql.partition(" VALUES ")
    group, closed, tail = rest.partition(")")

    @cache
    def room_for(size: int) -> str:
        return "".join((head, " SELECT * FROM (", values, ", ".join([group + closed] * size), ") LIMIT ?", tail))

    def several(rows: Sequence[_Values]) -> tuple[str, _Values]:
        if len(rows) == 1:
            return sql, rows[0]
        size = next(size for size in _SIZES if size >= len(rows))
        unused = (0,) * (len(rows[0]) * (size - len(rows)))
        return room_for(size), (*chain.from_iterable(rows), *unused, len(rows))

    return several
