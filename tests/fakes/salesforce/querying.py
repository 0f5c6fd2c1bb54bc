"""Answering SOQL out of the tables, and the pages of an answer."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from syncd.testing import Answer
from tests.fakes.salesforce.errors import Problem, Refused, no_such_call
from tests.fakes.salesforce.org import Org, Record, Table
from tests.fakes.salesforce.soql import Both, Condition, Either, Literal, Not, Query, Test, parse

Row = dict[str, Any]
_ID = re.compile(r"[A-Za-z0-9]{15}|[A-Za-z0-9]{18}")
_FITTING = {
    "date": {"day", "null"},
    "datetime": {"moment", "null"},
    "boolean": {"boolean", "null"},
    "int": {"number", "null"},
    "double": {"number", "null"},
    "currency": {"number", "null"},
}
_SIGNS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


def answered(org: Org, text: str, *, deleted: bool) -> Answer:
    query = parse(text)
    table = org.tables.get(query.object)
    if table is None:
        raise Refused(400, "INVALID_TYPE", f"sObject type '{query.object}' is not supported.")
    try:
        found = _found(org, table, query, deleted=deleted)
        rows = _grouped(table, query, found) if query.extremes or query.group else _rows(org, table, query, found)
    except Problem as problem:
        raise Refused(400, problem.code, problem.message) from problem
    return _page(org, rows[: query.limit] if query.limit is not None else rows, 0)


def more(org: Org, cursor: str) -> Answer:
    """The next page of an answer; cursors look like 01g...-2000."""
    name, _, start = cursor.partition("-")
    if name not in org.cursors or not start.isdigit():
        raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(org, org.cursors[name], int(start), name)


def _page(org: Org, rows: list[Row], start: int, name: str = "") -> Answer:
    end = start + org.options.page_size
    body: Row = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
    if not body["done"]:
        if not name:
            org.last += 1
            name = f"01g{org.last:015d}"
            org.cursors[name] = rows
        body["nextRecordsUrl"] = f"/services/data/v59.0/query/{name}-{end}"
    return Answer(200, body)


def _found(org: Org, table: Table, query: Query, *, deleted: bool) -> list[Record]:
    checked = [*query.fields, *query.group, *(name for name, _ in query.order), *(e[1] for e in query.extremes)]
    for name in checked:
        _check_readable(org, table, name)
    if query.where is not None:
        _check(table, query.where)
    found = [
        each
        for each in _candidates(table, query.where)
        if (deleted or not each.deleted) and (query.where is None or _holds(each, query.where))
    ]
    for name, down in reversed(query.order):
        found.sort(key=lambda each: _sortable(each.values.get(name)), reverse=down)
    return found


def _candidates(table: Table, condition: Condition | None) -> Iterable[Record]:
    """All that the condition can hold for, by an index where there is one."""
    narrow = None if condition is None else _narrowed(table, condition)
    return table.by_id.values() if narrow is None else narrow.values()


def _narrowed(table: Table, condition: Condition) -> dict[str, Record] | None:
    if isinstance(condition, Both):
        return next((each for part in condition.parts if (each := _narrowed(table, part)) is not None), None)
    if isinstance(condition, Either):
        parts = [_narrowed(table, part) for part in condition.parts]
        return None if None in parts else {k: v for part in parts if part for k, v in part.items()}
    if (
        not isinstance(condition, Test)
        or condition.sign not in ("in", "=")
        or any(literal.kind != "text" for literal in condition.values)
    ):
        return None
    values = [str(literal.value) for literal in condition.values]
    if condition.field == "Id":
        return {each: table.by_id[each] for each in values if each in table.by_id}
    if not table.is_indexed(condition.field):
        return None
    return {record.id: record for record in table.indexed(condition.field, values)}


def _check_readable(org: Org, table: Table, name: str) -> None:
    """A field of our own, or one of a parent: `Account.Name`."""
    first, _, rest = name.partition(".")
    if not rest:
        table.field(name)
        return
    parent = table.field(f"{first}Id").references
    if not parent:
        raise no_such_call()
    org.tables[parent[-1]].field(rest)


def _check(table: Table, condition: Condition) -> None:
    if isinstance(condition, Not):
        _check(table, condition.part)
    elif isinstance(condition, Both | Either):
        for part in condition.parts:
            _check(table, part)
    else:
        _check_test(table, condition)


def _check_test(table: Table, test: Test) -> None:
    field = table.field(test.field)
    if not field.filterable and not field.external:
        said = f"field '{test.field}' can not be filtered in a query call"
        raise Problem("INVALID_FIELD", said)
    fitting = _FITTING.get(field.type, {"text", "null"})
    for literal in test.values:
        if literal.kind not in fitting:
            said = f"value of filter criterion for field '{test.field}' must be of type {field.type}"
            raise Problem("INVALID_FIELD", said)
        if field.type in ("id", "reference") and literal.value is not None and not _ID.fullmatch(literal.value):
            raise Problem("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.value}")


def _holds(record: Record, condition: Condition) -> bool:
    if isinstance(condition, Not):
        return not _holds(record, condition.part)
    if isinstance(condition, Both):
        return all(_holds(record, part) for part in condition.parts)
    if isinstance(condition, Either):
        return any(_holds(record, part) for part in condition.parts)
    held = record.values.get(condition.field)
    match condition.sign:
        case "in":
            return any(_same(held, literal) for literal in condition.values)
        case "not in":
            return not any(_same(held, literal) for literal in condition.values)
        case "=":
            return _same(held, condition.values[0])
        case "!=" | "<>":
            return not _same(held, condition.values[0])
        case "like":
            pattern = re.escape(str(condition.values[0].value)).replace("%", ".*").replace("_", ".")
            return re.fullmatch(pattern, str(held or ""), re.IGNORECASE | re.DOTALL) is not None
    return held is not None and _compared(held, condition.values[0]) in _SIGNS[condition.sign]


def _same(held: Any, literal: Literal) -> bool:
    if literal.kind == "null":
        return held is None
    if literal.kind == "boolean":
        return bool(held) is literal.value
    if held is None:
        return False
    if literal.kind == "text":
        return str(held).casefold() == str(literal.value).casefold()
    return _compared(held, literal) == 0


def _compared(held: Any, literal: Literal) -> int:
    if literal.kind == "moment":
        one, other = _moment(str(held)), _moment(literal.value)
        return (one > other) - (one < other)
    if literal.kind == "number":
        number = float(literal.value)
        return (float(held) > number) - (float(held) < number)
    return (str(held) > str(literal.value)) - (str(held) < str(literal.value))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing comes first."""
    return (value is not None, value if value is not None else "")


def _rows(org: Org, table: Table, query: Query, found: Iterable[Record]) -> list[Row]:
    return [{"attributes": attributes(record), **_selected(org, table, query.fields, record)} for record in found]


def _selected(org: Org, table: Table, names: list[str], record: Record) -> Row:
    row: Row = {}
    for name in names:
        first, _, rest = name.partition(".")
        if not rest:
            row[name] = record.values.get(name)
            continue
        parent = _parent(org, record, f"{first}Id")
        if parent is None:
            row[first] = None
        else:
            held = row.setdefault(first, {"attributes": attributes(parent)})
            held[rest] = parent.values.get(rest)
    return row


def _parent(org: Org, record: Record, name: str) -> Record | None:
    try:
        return org.record(str(record.values.get(name)))
    except KeyError:
        return None


def attributes(record: Record) -> Row:
    return {"type": record.object, "url": f"/services/data/v59.0/sobjects/{record.object}/{record.id}"}


def _grouped(table: Table, query: Query, found: list[Record]) -> list[Row]:
    for name in query.fields:
        if name not in query.group:
            raise Problem("MALFORMED_QUERY", f"Field must be grouped or aggregated: {name}")
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in found:
        groups.setdefault(tuple(record.values.get(name) for name in query.group), []).append(record)
    return [dict(_group(table, query, records)) for records in groups.values()]


def _group(table: Table, query: Query, records: list[Record]) -> Iterator[tuple[str, Any]]:
    yield "attributes", {"type": "AggregateResult"}
    for name in query.fields:
        yield name, records[0].values.get(name)
    for kind, name, alias in query.extremes:
        values = [value for record in records if (value := record.values.get(name)) is not None]
        yield alias, (min if kind == "MIN" else max)(values, default=None)
