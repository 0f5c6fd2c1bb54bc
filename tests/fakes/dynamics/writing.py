"""Writing: create, update, upsert by id or alternate key, each with its conditions.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-entity-web-api
https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
"""

import re
from collections.abc import Mapping
from typing import Any

from syncd.testing import Answer
from tests.fakes.dynamics import errors
from tests.fakes.dynamics.errors import no_property, no_record, refused
from tests.fakes.dynamics.org import Org, Row
from tests.fakes.dynamics.querying import single
from tests.fakes.dynamics.tables import Column, Key, Table
from tests.fakes.dynamics.values import checked

_BIND = "@odata.bind"
_LINK = re.compile(r"/?(\w+)\(([0-9a-fA-F-]{36})\)")


def create(org: Org, table: Table, body: Mapping[str, Any], query: str, headers: dict[str, str], url: str) -> Answer:
    values = _values(org, table, body, creating=True)
    _check_new(org, table, values)
    row = org.make(table.name, values, org.robot)
    return _answer(org, table, row, query, headers, url, created=True)


def update(
    org: Org, table: Table, row: Row, body: Mapping[str, Any], query: str, headers: dict[str, str], url: str
) -> Answer:
    """Only what is there: conditions have been looked at."""
    values = _values(org, table, body, creating=False)
    _check_keys(org, table, values, row)
    if table.name == "lead" and row.values["statecode"] == 1 and values.keys() - {"ownerid"}:
        raise refused(400, "0x80040f03", "The lead is already qualified.")
    org.change(table.name, row, values, org.robot)
    return _answer(org, table, row, query, headers, url, created=False)


def upsert(
    org: Org, table: Table, named: Mapping[str, str], body: Mapping[str, Any], query: str, headers: dict[str, str],
    url: str,
) -> Answer:  # fmt: skip
    """`named`: the id, or the columns of an alternate key, as the address has them."""
    row = there(org, table, named)
    match, none_match = headers.get("if-match", ""), headers.get("if-none-match", "")
    if row is None and match:
        raise no_record(table.name, ",".join(named.values()))
    if row is not None and none_match == "*":
        raise refused(412, errors.DUPLICATE_ID, "A record with matching key values already exists.")
    if match not in ("", "*") and not org.options.versions:
        raise refused(400, errors.NO_VERSIONS, f"Optimistic concurrency isn't enabled for entity type {table.name}.")
    if row is not None and match not in ("", "*", f'W/"{row.version}"'):
        raise refused(412, errors.CHANGED, "The version of the existing record doesn't match the RowVersion property.")
    if row is not None:
        return update(org, table, row, {k: v for k, v in body.items() if k not in named}, query, headers, url)
    return create(org, table, {**named, **body}, query, headers, url)


def delete(org: Org, table: Table, row: Row) -> Answer:
    """With what hangs on it. https://learn.microsoft.com/power-apps/developer/data-platform/entity-relationship-behavior"""
    if org.keeps:
        raise refused(403, errors.NO_RIGHT, f"Principal user is missing prvDelete{table.name.title()} privilege")
    org.delete_with_all(table.name, row.id)
    return Answer(204)


def there(org: Org, table: Table, named: Mapping[str, str]) -> Row | None:
    if named.keys() == {table.id}:
        return org.rows[table.name].get(named[table.id].lower())
    key = _key(org, table, tuple(named))
    return next(iter(org.held(table.name, key.columns[0], named[key.columns[0]])), None)


def _key(org: Org, table: Table, columns: tuple[str, ...]) -> Key:
    key = next((key for key in table.keys if set(key.columns) == set(columns)), None)
    if key is None or key.failed or key.active_at > org.now():
        raise refused(
            400, "0x80060891", f"A record with the specified key values does not exist in {table.name} entity"
        )
    return key


def _check_new(org: Org, table: Table, values: Mapping[str, Any]) -> None:
    if table.id in values and str(values[table.id]) in org.rows[table.name]:
        raise refused(412, errors.DUPLICATE_ID, "A record with matching key values already exists.")
    for name in table.required:
        if not values.get(name):
            raise refused(400, errors.MISSING, f"Required field '{name}' is missing")
    _check_keys(org, table, values, None)


def _check_keys(org: Org, table: Table, values: Mapping[str, Any], row: Row | None) -> None:
    """An index that is being built keeps nothing single."""
    for key in table.keys:
        value = values.get(key.columns[0])
        others = org.held(table.name, key.columns[0], value) if value and key.active_at <= org.now() else []
        if any(other is not row for other in others):
            raise refused(412, errors.DUPLICATE_KEY, f"Entity Key {key.name} violated.")


def _values(org: Org, table: Table, body: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise refused(400, errors.BAD_VALUE, "the body is no object")
    values = {}
    for name, value in body.items():
        if name.endswith(_BIND):
            column, bound = _bound(org, table, name.removesuffix(_BIND), value)
            values[column.name] = bound
            continue
        column = table.columns.get(name) or _unknown(name, table)
        if column.lookup:
            raise refused(400, errors.BAD_VALUE, f"An undeclared property '{name}' was found in the payload")
        if not column.writable or (name == table.id and not creating):
            raise refused(400, errors.BAD_VALUE, f"{name} cannot be set")
        values[name] = checked(column, value)
        if name in org.rejected and org.rejected[name] == value:
            raise refused(400, errors.BY_PLUGIN, f"{value} is not wanted here")
    return values


def _unknown(name: str, table: Table) -> Column:
    raise no_property(name, table.name)


def _bound(org: Org, table: Table, navigation: str, value: Any) -> tuple[Column, tuple[str, str]]:
    found, link = table.navigation(navigation), _LINK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise no_property(navigation, table.name)
    target = org.table_of(link[1]) if link else None
    if link is None or target is None or target.name not in ({found[1]} if found[1] else {"systemuser", "team"}):
        raise refused(400, errors.BAD_VALUE, f"{navigation} leads to something else")
    row = org.rows[target.name].get(link[2].lower())
    if row is None:
        raise no_record(target.name, link[2])
    if row.values.get("isdisabled"):
        message = f"The specified user(Id = {row.id}) is disabled. Consider enabling this user."
        raise refused(403, errors.DISABLED, message)
    return found[0], (target.name, row.id)


def _answer(
    org: Org, table: Table, row: Row, query: str, headers: dict[str, str], url: str, *, created: bool
) -> Answer:
    if "return=representation" in headers.get("prefer", ""):
        told = single(org, table, row, query, headers)
        return Answer(
            201 if created else 200, told.body, {**told.headers, "Preference-Applied": "return=representation"}
        )
    return Answer(204, None, {"OData-EntityId": f"{url}{table.set}({row.id})"})
