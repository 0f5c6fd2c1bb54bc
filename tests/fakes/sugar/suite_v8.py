"""SuiteCRM's V8 API. https://github.com/salesagility/SuiteCRM/tree/master/Api/V8"""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from syncd.testing import Answer, Call, Refusal
from tests.fakes.sugar.account import PLAIN, Account, Bad, Record
from tests.fakes.sugar.fields import PEOPLE

PATH = re.compile(r"/Api/(?P<rest>.+)")
_MODULE = re.compile(r"V8/module/(?P<module>\w+)")
_RECORD = re.compile(r"V8/module/(?P<module>\w+)/(?P<id>[0-9a-f-]{36})")
_FIELDS = re.compile(r"V8/meta/fields/(?P<module>\w+)")
_FILTER = re.compile(r"filter\[(?P<field>\w+)\](?:\[(?P<operator>\w+)\])?")
_PAIR = re.compile(r"fields\[(?P<module>\w+)\]")
STRANGE = re.compile(r"[^\w !#\$%&'*+-=?^_`{|}~@.[]]", re.ASCII)
VIRTUAL = ("email1", "email2", "email_opt_out")  # no columns of the table, and yet fields
TABLE = "EmailAddresses"  # one row for each address that any record ever had; neither roles nor deletions reach it
DATABASE = "Database failure. Please refer to suitecrm.log for details."


def answered(account: Account, call: Call, rest: str) -> Answer:
    """Raises Refusal."""
    if rest == "access_token" and call.method == "POST":
        return account.tokens.of_suitecrm(call)
    account.tokens.check_suitecrm(call)
    match call.method, rest:
        case "GET", "V8/current-user":
            return Answer(200, {"data": {"type": "User", "id": account.robot, "attributes": {}}})
        case "POST" | "PATCH", "V8/module":
            return _write(account, call)
    if (found := _FIELDS.fullmatch(rest)) and call.method == "GET":
        return _fields(account, _module(account, found["module"]))
    if rest == f"V8/module/{TABLE}" and call.method == "GET":
        return _addresses(account, call)
    if (found := _MODULE.fullmatch(rest)) and call.method == "GET":
        return _list(account, call, _module(account, found["module"]))
    if (found := _RECORD.fullmatch(rest)) and call.method == "DELETE":
        return _delete(account, _module(account, found["module"]), found["id"])
    raise Refusal(Answer(404, {"errors": {"status": 404, "title": "Not found", "detail": "no route"}}))


def refused(detail: str) -> Refusal:
    """`errors` is an object there, and the status is 400 whatever it is."""
    return Refusal(Answer(400, {"errors": {"status": 400, "title": None, "detail": detail}}))


def _write(account: Account, call: Call) -> Answer:
    data = (call.json() or {}).get("data") if isinstance(call.json(), dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("attributes", {}), dict):
        raise refused('The required option "data" is missing.')
    module, record_id = _module(account, str(data.get("type"))), str(data.get("id") or "")
    given = dict(data.get("attributes", {}))
    _accept(account, module, record_id, given, new=call.method == "POST")
    email = str(given.pop("email1", ""))
    try:
        values = account.checked(module, given, new=call.method == "POST", moments=PLAIN)
    except Bad as bad:
        raise refused(DATABASE if "long" in str(bad) else f"Property {bad}") from None
    if call.method == "PATCH":
        record = account.find(module, record_id)
        if record is None:
            raise refused(f"{module} module with id {record_id} is not found")
        account.change(record, values, by=account.robot, email=email)
    else:
        record = _make(account, module, record_id or account.new_id(), values, [email] if email else [])
    return Answer(201, {"data": _shown(account, module, record, None)})


def _delete(account: Account, module: str, record_id: str) -> Answer:
    record = account.find(module, record_id)
    if record is None:
        raise refused(f"{module} module with id {record_id} is not found")
    if account.keeps:
        raise refused("The API user does not have access to this module.")
    account.delete(record, by=account.robot)
    return Answer(200, {"meta": {"message": f"Record with id {record_id} is deleted"}})


def _make(account: Account, module: str, record_id: str, values: dict[str, Any], emails: list[str]) -> Record:
    try:
        return account.make(module, record_id, values, by=account.robot, emails=emails)
    except KeyError:
        raise refused(f"Bean {module} with id {record_id} is already exist") from None


def _accept(account: Account, module: str, record_id: str, given: Mapping[str, Any], *, new: bool) -> None:
    """What the options of a call are looked at for before anything is done."""
    if record_id or not new:
        try:
            UUID(record_id)
        except ValueError:
            raise refused('The option "id" is invalid.') from None
    if any(value in (None, "", False, [], {}) or STRANGE.search(str(value)) for value in given.values()):
        raise refused('The option "attributes" with value array is invalid.')
    for name in given:
        if name not in account.fields[module] and not (name in VIRTUAL and module in PEOPLE):
            raise refused(f"Property {name} in {module.removesuffix('s')} module is invalid")


def _list(account: Account, call: Call, module: str) -> Answer:
    wanted = _wanted(account, call, module)
    rows = list(account.live(module))
    for name, values in call.query.items():
        if found := _FILTER.fullmatch(name):
            rows = _filtered(account, module, rows, found, values[-1])
        elif not _PAIR.fullmatch(name) and name not in ("sort", "page[size]", "page[number]"):
            raise refused(f'The option "{name}" does not exist.')
    order = call.first("sort") or ""
    rows.sort(key=lambda r: (r.entered if order.lstrip("-") == "date_entered" else r.modified, r.id))
    if order.startswith("-"):
        rows.reverse()
    size, number = int(call.first("page[size]") or 0), int(call.first("page[number]") or 1)
    part = rows[(number - 1) * size : number * size] if size else rows
    meta = {} if part else {"meta": {"message": "Request was successful, but there is no result"}}
    return Answer(200, {**meta, "data": [_shown(account, module, record, wanted) for record in part]})


def _addresses(account: Account, call: Call) -> Answer:
    """Compared as addresses of people are: without regard to case."""
    if TABLE in account.forbidden:
        raise refused(f"Module {TABLE} does not exist")
    given = {name: values[-1] for name, values in call.query.items()}
    wanted = given.pop("filter[email_address][eq]", None)
    if wanted is None or given != {f"fields[{TABLE}]": "email_address"}:
        raise refused("The following fields or filters are not known here")
    every = {} if account.options.hides_addresses else {
        each.lower(): each for rows in account.rows.values() for record in rows.values() for each in record.emails
    }  # fmt: skip
    found = every.get(wanted.lower())
    if found is None:
        return Answer(200, {"meta": {"message": "Request was successful, but there is no result"}, "data": []})
    shown = {"email_address": html.escape(found)}
    number = str(uuid5(NAMESPACE_OID, found.lower()))
    return Answer(200, {"data": [{"type": "EmailAddress", "id": number, "attributes": shown, "relationships": {}}]})


def _wanted(account: Account, call: Call, module: str) -> list[str] | None:
    asked = call.first(f"fields[{module}]")
    if asked is None:
        return None
    virtual = VIRTUAL if module in PEOPLE else ()
    strange = [name for name in asked.split(",") if name not in account.fields[module] and name not in virtual]
    if strange:
        raise refused(f"The following field in {module} module is not found: {', '.join(strange)}")
    return asked.split(",")


def _filtered(account: Account, module: str, rows: list[Record], found: re.Match[str], value: str) -> list[Record]:
    name, operator = found["field"], found["operator"] or ""
    if name == "email1" and module in PEOPLE and operator == "eq":
        if not account.options.email_filter:
            raise refused(DATABASE)
        return [record for record in rows for each in record.emails if each.lower() == value.lower()]
    if name not in account.fields[module]:
        raise refused(f"Filter field {name} in {module} module is not found")
    if operator == "eq":
        return [record for record in rows if (record.id if name == "id" else record.values.get(name)) == value]
    if operator == "gte" and name == "date_modified" and PLAIN.fullmatch(value):
        since = datetime.fromisoformat(value).replace(tzinfo=UTC)
        return [record for record in rows if record.modified >= since]
    raise refused(f"Filter operator {operator} is invalid")


def _shown(account: Account, module: str, record: Record, wanted: list[str] | None) -> dict[str, Any]:
    values = shown(account, module, record)
    attributes = {
        name: datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat() if PLAIN.fullmatch(str(value)) else value
        for name, value in values.items()
        if name != "id" and (wanted is None or name in wanted)
    }
    return {"type": module.removesuffix("s"), "id": record.id, "attributes": attributes, "relationships": {}}


def shown(account: Account, module: str, record: Record) -> dict[str, Any]:
    """All values are texts, with the entities of HTML; moments are UTC without a zone."""
    values: dict[str, Any] = {name: record.values.get(name, "") for name in account.fields[module]}
    values |= {
        "id": record.id,
        "date_entered": f"{record.entered:%Y-%m-%d %H:%M:%S}",
        "date_modified": f"{record.modified:%Y-%m-%d %H:%M:%S}",
        "modified_user_id": record.modified_by,
        "created_by": record.created_by,
        "deleted": str(int(record.deleted)),
    }
    if module in PEOPLE:
        first, second = (*record.emails, "", "")[:2]
        values |= {"email1": first, "email2": second, "email_opt_out": str(int(record.opted_out))}
    texts = {name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in values.items()}
    return {name: html.escape(text) for name, text in texts.items()}


def _fields(account: Account, module: str) -> Answer:
    told: dict[str, Any] = {
        name: {"type": known.type, "required": known.required, "dbType": known.type}
        | ({"len": str(known.length)} if known.length else {})
        for name, known in account.fields[module].items()
    }
    if module in PEOPLE:
        told |= {name: {"type": "varchar", "source": "non-db", "required": False} for name in VIRTUAL}
    told["tasks"] = {"type": "link", "relationship": "lead_tasks", "source": "non-db", "required": False}
    return Answer(200, {"data": {"type": "fields", "id": "", "attributes": told}})


def _module(account: Account, name: str) -> str:
    if name not in account.rows:
        raise refused(f"Module {name} does not exist")
    if name in account.forbidden:
        raise refused("The API user does not have access to this module.")
    return name
