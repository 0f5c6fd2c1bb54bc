"""sObject Collections: up to 200 records, each with an outcome of its own, under one 200.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from syncd.testing import Answer
from tests.fakes.salesforce.calls import Call, object_of
from tests.fakes.salesforce.errors import Problem, Refused, malformed
from tests.fakes.salesforce.org import Org, Record, Table
from tests.fakes.salesforce.querying import attributes
from tests.fakes.salesforce.saving import insert, update

MOST = 200
Given = dict[str, Any]
Save = Callable[[Given], dict[str, Any]]


def create(org: Org, call: Call) -> Answer:
    def save(given: Given) -> dict[str, Any]:
        if "id" in given or "Id" in given:
            raise Problem("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
        record = insert(org, _of_type(org, given), given, call.manner)
        return {"id": record.id, "success": True, "errors": []}

    return _carried_out(org, _records(org, call), save)


def change(org: Org, call: Call) -> Answer:
    def save(given: Given) -> dict[str, Any]:
        record_id = given.get("id") or given.get("Id")
        if not record_id:
            raise Problem("MISSING_ARGUMENT", "Id not specified in an update call")
        table = _of_type(org, given)
        record = table.by_id.get(str(record_id))
        if record is None:
            raise Problem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        update(org, record, given, call.manner)
        return {"id": record.id, "success": True, "errors": []}

    records = _records(org, call)
    twice = _repeated(str(each.get("id") or each.get("Id") or "") for each in records)
    return _carried_out(org, records, save, {"id": twice})


def upsert(org: Org, call: Call) -> Answer:
    name, key = call.args["kind"], call.args["key"]
    table = _table(org, name)
    field = table.fields.get(key)
    if field is None or not field.lookup or key in table.hidden:
        said = f"Provided external ID field does not exist or is not accessible: {key}"
        raise Refused(404, "NOT_FOUND", said)

    def save(given: Given) -> dict[str, Any]:
        if _of_type(org, given) is not table:
            said = f"The requested SObject type does not match the type of the URL: {name}"
            raise Problem("INVALID_TYPE", said)
        if "id" in given or "Id" in given:
            raise Problem("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ("Id",))
        value = given.get(key)
        if not isinstance(value, str) or not value:
            raise Problem("MISSING_ARGUMENT", f"{key} not specified", (key,))
        return upserted(org, table, key, value, given, call)

    records = _records(org, call)
    twice = _repeated(str(each.get(key) or "").casefold() for each in records)
    return _carried_out(org, records, save, {key: twice})


def upserted(org: Org, table: Table, key: str, value: str, given: Given, call: Call) -> dict[str, Any]:
    found = table.matching(key, value)
    if len(found) > 1:
        said = f"{key}: more than one record found for external id field: [{', '.join(each.id for each in found)}]"
        raise Problem("DUPLICATE_EXTERNAL_ID", said, (key,))
    record: Record
    if found:
        record = found[0]
        update(org, record, {n: v for n, v in given.items() if n != key}, call.manner)
    else:
        record = insert(org, table, {**given, key: value}, call.manner)
    return {"id": record.id, "success": True, "errors": [], "created": not found}


def read(org: Org, call: Call) -> Answer:
    """POST /composite/sobjects/Lead {"ids": [..], "fields": [..]}: a null for what is not there."""
    table = _table(org, call.args["kind"])
    body = object_of(call, {"ids": list, "fields": list})
    for name in body["fields"]:
        try:
            table.field(name)
        except Problem as problem:
            raise problem.refused() from problem
    rows = [_row(table, str(each), body["fields"]) for each in body["ids"]]
    return Answer(200, rows)


def delete(org: Org, call: Call) -> Answer:
    """DELETE /composite/sobjects?ids=a,b: into the recycle bin."""
    listed = (call.first("ids") or "").split(",")
    if len(listed) > MOST:
        raise Refused(400, "LIMIT_EXCEEDED", f"You exceeded the limit of {MOST} records: {len(listed)}")
    return Answer(200, [_deleted(org, each, call.manner.by) for each in listed])


def _deleted(org: Org, record_id: str, by: str) -> dict[str, Any]:
    try:
        record = org.record(record_id)
    except KeyError:
        return _not_deleted(record_id, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if record.deleted:
        return _not_deleted(record_id, "ENTITY_IS_DELETED", "entity is deleted")
    org.touch(record, {"IsDeleted": True}, by=by)
    return {"id": record.id, "success": True, "errors": []}


def _not_deleted(record_id: str, code: str, said: str) -> dict[str, Any]:
    return {"id": record_id, "success": False, "errors": [{"statusCode": code, "message": said, "fields": []}]}


def _row(table: Table, record_id: str, fields: Sequence[str]) -> dict[str, Any] | None:
    record = table.by_id.get(record_id)
    if record is None or record.deleted:
        return None
    return {"attributes": attributes(record), **{name: record.values.get(name) for name in fields}}


def _records(org: Org, call: Call) -> list[Given]:
    body = object_of(call, {"records": list}, {"allOrNone": bool})
    records = body["records"]
    if body.get("allOrNone"):
        raise Refused(400, "FEATURE_NOT_ENABLED", "the fake keeps to allOrNone: false")
    if not records:
        raise Refused(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if len(records) > MOST:
        raise Refused(400, "LIMIT_EXCEEDED", f"You exceeded the limit of {MOST} records: {len(records)}")
    for each in records:
        if not isinstance(each, dict):
            raise malformed("Unexpected parameter encountered during deserialization: records")
    _check_form(org, records)
    return records


def _check_form(org: Org, records: Sequence[Given]) -> None:
    """A value of the wrong type spoils the whole call, before anything is written."""
    for given in records:
        table = org.tables.get(str((given.get("attributes") or {}).get("type")))
        for name, value in given.items() if table else ():
            field = table.fields.get(name) if table else None
            if field is None:
                continue
            try:
                field.checked(value)
            except Problem as problem:
                if problem.code == "JSON_PARSER_ERROR":
                    raise problem.refused() from problem


def _of_type(org: Org, given: Given) -> Table:
    named = given.get("attributes")
    if not isinstance(named, dict) or not named.get("type"):
        raise Refused(400, "INVALID_TYPE", "The attributes.type of a record is missing")
    return _table(org, str(named["type"]))


def _table(org: Org, name: str) -> Table:
    table = org.tables.get(name)
    if table is None:
        raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
    return table


def _repeated(keys: Any) -> set[str]:
    return {key for key, times in Counter(keys).items() if key and times > 1}


def _carried_out(org: Org, records: list[Given], save: Save, twice: Mapping[str, set[str]] | None = None) -> Answer:
    """Without allOrNone each by itself. Where one key is given twice, both fail."""
    for given in records:
        _of_type(org, given)
    items: list[dict[str, Any]] = []
    for given in records:
        try:
            _check_once(given, twice or {})
            org.strike()
            items.append(save(given))
        except Problem as problem:
            items.append(problem.item())
    return Answer(200, items)


def _check_once(given: Given, twice: Mapping[str, set[str]]) -> None:
    for name, keys in twice.items():
        value = str(given.get(name) or given.get(name.capitalize()) or "").casefold()
        if value in {key.casefold() for key in keys}:
            said = f"Duplicate {name} specified: {given.get(name)}"
            raise Problem("DUPLICATE_VALUE", said, (name,))
