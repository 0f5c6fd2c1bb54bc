"""What the environment says of its tables, and what it lets an administrator add.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api
https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from syncd.testing import Answer
from tests.fakes.dynamics.errors import ALREADY, BAD_VALUE, NO_RECORD, refused
from tests.fakes.dynamics.org import Org
from tests.fakes.dynamics.tables import Column, Key, Table

PATH = re.compile(
    r"EntityDefinitions\(LogicalName='(\w+)'\)(?:/(Attributes|Keys)(?:/Microsoft\.Dynamics\.CRM\.(\w+))?)?"
)
_PREFIX = "Microsoft.Dynamics.CRM."
_TYPES: Mapping[str, str] = {
    "StringAttributeMetadata": "String",
    "MemoAttributeMetadata": "Memo",
    "PicklistAttributeMetadata": "Picklist",
    "StatusAttributeMetadata": "Status",
    "IntegerAttributeMetadata": "Integer",
    "DateTimeAttributeMetadata": "DateTime",
}


def told(org: Org, name: str, part: str | None, kind: str | None) -> Answer:
    table = _table(org, name)
    if part is None:
        keys = [_key(org, key) for key in table.keys]
        columns = [_column(column) for column in table.columns.values()]
        return Answer(200, {"LogicalName": table.name, "Attributes": columns, "Keys": keys})
    wanted = _TYPES.get(kind or "")
    if part != "Attributes" or wanted is None:
        raise refused(400, BAD_VALUE, "not a part that can be read")
    rows = [_typed(column) for column in table.columns.values() if column.type == wanted]
    return Answer(200, {"value": rows})


def made(org: Org, name: str, part: str | None, body: Any, headers: Mapping[str, str]) -> Answer:
    table = _table(org, name)
    if not isinstance(body, dict):
        raise refused(400, BAD_VALUE)
    schema_name = str(body.get("SchemaName", ""))
    _check_solution(org, schema_name, headers)
    if not _label(body.get("DisplayName")):
        raise refused(400, BAD_VALUE, "a label is missing")
    if part == "Attributes":
        _add_column(table, schema_name, body)
    elif part == "Keys":
        _add_key(org, table, schema_name, body)
    else:
        raise refused(405, BAD_VALUE)
    return Answer(204)


def _add_column(table: Table, schema_name: str, body: Mapping[str, Any]) -> None:
    kind = _TYPES.get(str(body.get("@odata.type", "")).removeprefix(_PREFIX))
    if kind not in ("String", "Integer", "DateTime"):
        raise refused(400, BAD_VALUE, "no type of a column")
    length = body.get("MaxLength")
    if kind == "String" and (type(length) is not int or not 1 <= length <= 4000):
        raise refused(400, BAD_VALUE, "MaxLength")
    name = schema_name.lower()
    if name in table.columns:
        raise refused(400, ALREADY, f"An attribute with the specified name {name} already exists")
    table.columns[name] = Column(name, kind, length or 0)


def _add_key(org: Org, table: Table, schema_name: str, body: Mapping[str, Any]) -> None:
    columns = body.get("KeyAttributes")
    if not isinstance(columns, list) or not columns or any(name not in table.columns for name in columns):
        raise refused(400, BAD_VALUE, "KeyAttributes")
    if any(key.name == schema_name.lower() or key.columns == tuple(columns) for key in table.keys):
        raise refused(400, ALREADY, "a key like this exists")
    values = [row.values.get(columns[0]) for row in org.live(table.name) if row.values.get(columns[0])]
    ready = org.now() + timedelta(seconds=org.options.key_delay)
    table.keys.append(Key(schema_name.lower(), tuple(columns), ready, failed=len(values) != len(set(values))))
    for row in org.live(table.name):
        org.change(table.name, row, {}, row.values["modifiedby"][1] if row.values["modifiedby"] else "")


def _check_solution(org: Org, schema_name: str, headers: Mapping[str, str]) -> None:
    """The prefix is that of the publisher of the solution that is named; without one, of the default publisher."""
    wanted = headers.get("mscrm.solutionuniquename", "")
    prefix = "new"
    if wanted:
        solution = next((row for row in org.live("solution") if row.values["uniquename"] == wanted), None)
        if solution is None:
            raise refused(404, NO_RECORD, f"The solution {wanted} does not exist")
        prefix = org.rows["publisher"][solution.values["publisherid"][1]].values["customizationprefix"]
    if not schema_name.lower().startswith(f"{prefix}_"):
        raise refused(400, BAD_VALUE, "the name has not the prefix of the publisher")


def _table(org: Org, name: str) -> Table:
    if name not in org.tables:
        raise refused(404, "0x80041102", f"The entity with a name = '{name}' was not found")
    return org.tables[name]


def _column(column: Column) -> dict[str, Any]:
    fixed = column.type == "Uniqueidentifier"
    return {
        "LogicalName": column.name,
        "AttributeType": column.type,
        "IsValidForRead": True,
        "IsValidForCreate": column.writable,
        "IsValidForUpdate": column.writable and not fixed,
    }


def _typed(column: Column) -> dict[str, Any]:
    row: dict[str, Any] = {"LogicalName": column.name}
    if column.type in ("String", "Memo"):
        row["MaxLength"] = column.length
    if column.choices:
        options = [{"Value": number, "Label": _labelled(label)} for number, label in column.choices.items()]
        row["OptionSet"] = {"Options": options}
    return row


def _key(org: Org, key: Key) -> dict[str, Any]:
    status = "Failed" if key.failed else "Active" if key.active_at <= org.now() else "InProgress"
    return {"SchemaName": key.name, "KeyAttributes": list(key.columns), "EntityKeyIndexStatus": status}


def _labelled(text: str) -> dict[str, Any]:
    label = {"Label": text, "LanguageCode": 1033}
    return {"LocalizedLabels": [label], "UserLocalizedLabel": label}


def _label(value: Any) -> bool:
    labels = value.get("LocalizedLabels") if isinstance(value, dict) else None
    return isinstance(labels, list) and bool(labels) and all(isinstance(each.get("Label"), str) for each in labels)
