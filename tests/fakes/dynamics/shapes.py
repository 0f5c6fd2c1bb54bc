"""Rows as the API shows them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.fakes.dynamics.errors import no_property
from tests.fakes.dynamics.org import Org, Row
from tests.fakes.dynamics.tables import Column, Table

LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"
FORMATTED = "OData.Community.Display.V1.FormattedValue"


def value_of(row: Row, column: Column) -> Any:
    value = row.values.get(column.name)
    if column.lookup:
        return value[1] if value else None
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def shown(table: Table, row: Row, names: Iterable[str] = (), *, annotated: bool = False) -> dict[str, Any]:
    """With the etag and the id, whatever is selected; nothing selected is everything."""
    there = table.shown()
    body: dict[str, Any] = {"@odata.etag": f'W/"{row.version}"'}
    for name in names or there:
        if name not in there:
            raise no_property(name, table.name)
        body[name] = value_of(row, there[name])
        if there[name].lookup and annotated and row.values.get(there[name].name):
            body[f"{name}@{LOGICAL_NAME}"] = row.values[there[name].name][0]
        if annotated and there[name].choices and body[name] is not None:
            body[f"{name}@{FORMATTED}"] = there[name].choices[body[name]]
    return {**body, table.id: row.id}


def expanded(org: Org, table: Table, row: Row, wanted: Mapping[str, list[str]]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for navigation, names in wanted.items():
        found = table.navigation(navigation)
        if found is None:
            raise no_property(navigation, table.name)
        column, target = found
        value = row.values.get(column.name)
        there = org.rows[target].get(value[1]) if value and value[0] == target else None
        body[navigation] = shown(org.tables[target], there, names) if there else None
    return body
