"""Insert, update and upsert: every record is judged for itself, in the order in which they came.

https://www.zoho.com/crm/developer/docs/api/v8/insert-records.html
https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from syncd.testing import Answer, Call
from tests.fakes.zoho.account import Account, Module, Record
from tests.fakes.zoho.errors import Bad, refused
from tests.fakes.zoho.shapes import small, stamp
from tests.fakes.zoho.values import checked

MOST = 100
UPSERTED = frozenset({"Leads", "Contacts", "Accounts", "Deals"})  # tasks and notes are not among them
_TRIGGERS = {"workflow", "approval", "blueprint"}
_BESIDE = {"$se_module"}

Row = dict[str, Any]


def insert(account: Account, call: Call, module: Module) -> Answer:
    rows, _ = _body(call, ())
    return _each(rows, lambda at, row: _success(_inserted(account, module, row, at), "record added"), 201)


def update(account: Account, call: Call, module: Module) -> Answer:
    rows, _ = _body(call, ())
    return _each(rows, lambda at, row: _success(_updated(account, module, row, at), "record updated"), 200)


def upsert(account: Account, call: Call, module: Module) -> Answer:
    if module.name not in UPSERTED:
        raise refused(400, "INVALID_MODULE", resource_path_index=0)
    rows, given = _body(call, ("duplicate_check_fields",))
    unique = [name for name, field in module.fields.items() if field.checked or field.unique]
    wanted = given.get("duplicate_check_fields", unique)
    if not isinstance(wanted, list) or not wanted or any(name not in unique for name in wanted):
        raise refused(400, "INVALID_DATA", api_name="duplicate_check_fields")

    def one(at: int, row: Row) -> Row:
        for name in wanted:
            found = module.holding(name, row[name]) if row.get(name) else None
            if found:
                record = _updated(account, module, {**row, "id": found.id}, at)
                return {**_success(record, "record updated"), "action": "update", "duplicate_field": name}
        return {**_success(_inserted(account, module, row, at), "record added"), "action": "insert"}

    return _each(rows, one, 200)


def delete(account: Account, call: Call, module: Module) -> Answer:
    """Into the recycle bin. https://www.zoho.com/crm/developer/docs/api/v8/delete-records.html"""
    ids = (call.first("ids") or "").split(",")
    if len(ids) > MOST or not all(each.isdecimal() for each in ids):
        raise refused(400, "INVALID_DATA", param_name="ids")
    if call.first("wf_trigger", "true") not in ("true", "false"):
        raise refused(400, "INVALID_DATA", param_name="wf_trigger")
    return _each(ids, lambda _, each: _deleted(account, module, each), 200)


def _deleted(account: Account, module: Module, record_id: str) -> Row:
    record = account.record(module.name, record_id)
    if record is None:
        raise Bad("INVALID_DATA", "record not deleted", id=record_id)
    account.bin(record, by=account.robot)
    return {"code": "SUCCESS", "details": {"id": record_id}, "message": "record deleted", "status": "success"}


def _body(call: Call, more: tuple[str, ...]) -> tuple[list[Any], Mapping[str, Any]]:
    body = call.json()
    if not isinstance(body, dict) or not body.keys() <= {"data", "trigger", *more}:
        raise refused(400, "INVALID_DATA", expected_data_type="jsonobject", api_name="body")
    rows, trigger = body.get("data"), body.get("trigger", [])
    if not isinstance(rows, list) or not rows:
        raise refused(400, "INVALID_DATA", expected_data_type="jsonarray", api_name="data")
    if len(rows) > MOST:
        raise refused(400, "LIMIT_EXCEEDED", limit=MOST, api_name="data")
    if not isinstance(trigger, list) or not set(trigger) <= _TRIGGERS:
        raise refused(400, "INVALID_DATA", api_name="trigger")
    return [row if isinstance(row, dict) else {} for row in rows], body


def _each(rows: list[Any], write: Callable[[int, Any], Row], good: int) -> Answer:
    answers = []
    for at, row in enumerate(rows):
        try:
            answers.append(write(at, row))
        except Bad as bad:
            if "api_name" in bad.body["details"]:
                bad.body["details"]["json_path"] = f"$.data[{at}].{bad.body['details']['api_name']}"
            answers.append(bad.body)
    failed = sum(answer["status"] == "error" for answer in answers)
    return Answer(good if not failed else 202 if failed == len(answers) else 207, {"data": answers})


def _inserted(account: Account, module: Module, row: Row, at: int) -> Record:
    if "id" in row:
        raise Bad("INVALID_DATA", api_name="id")
    for field in module.fields.values():
        if field.mandatory and row.get(field.name) is None:
            raise Bad("MANDATORY_NOT_FOUND", api_name=field.name)
    values = _values(account, module, row)
    _check_unique(account, module, values, None)
    if account.options.cross_module_duplicates and module.name == "Leads" and values.get("Email"):
        other = account.modules["Contacts"].holding("Email", values["Email"])
        if other:
            raise _duplicate(account, "Contacts", other, "Email")
    return account.make(module.name, values, account.robot)


def _updated(account: Account, module: Module, row: Row, _: int) -> Record:
    record = account.record(module.name, str(row.get("id", "")))
    if record is None:
        raise Bad("INVALID_DATA", "the id given seems to be invalid", id=str(row.get("id", "")))
    if record.contact:
        raise Bad("CONVERTED_RECORD", id=record.id)
    values = _values(account, module, {name: value for name, value in row.items() if name != "id"})
    _check_unique(account, module, values, record)
    account.change(record, values, account.robot)
    return record


def _values(account: Account, module: Module, row: Row) -> Row:
    """A name that the module does not have is refused: Zoho passes over it, and the value would be lost unseen."""
    values = {}
    for name, value in row.items():
        if name in _BESIDE:
            continue
        if name not in module.fields:
            raise Bad("INVALID_DATA", api_name=name)
        values[name] = checked(account, module.fields[name], value, row)
    return values


def _check_unique(account: Account, module: Module, values: Row, record: Record | None) -> None:
    for name, value in values.items():
        other = module.holding(name, value) if module.fields[name].unique and value else None
        if other is not None and other is not record:
            raise _duplicate(account, module.name, other, name)


def _duplicate(account: Account, module: str, other: Record, name: str) -> Bad:
    there = {
        "Owner": small(account, other.values["Owner"]["id"]),
        "module": {"api_name": module, "id": "5725767000000002179"},
        "id": other.id,
    }
    return Bad("DUPLICATE_DATA", api_name=name, duplicate_record=there, more_records=False)


def _success(record: Record, message: str) -> Row:
    details = {
        "Modified_Time": stamp(record.modified_at),
        "Modified_By": {"name": record.modified_by.name, "id": record.modified_by.id},
        "Created_Time": stamp(record.created_at),
        "id": record.id,
        "Created_By": {"name": record.created_by.name, "id": record.created_by.id},
    }
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}
