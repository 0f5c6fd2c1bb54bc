"""SugarCRM's REST API v11.

https://support.sugarcrm.com/documentation/sugar_developer/sugar_developer_guide_14.0/integration/web_services/rest_api/
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from syncd.testing import Answer, Call, Refusal
from tests.fakes.sugar.account import ADDRESS, ISO, Account, Bad, Record
from tests.fakes.sugar.fields import PEOPLE, FieldDef

PATH = re.compile(r"/rest/v1\d(?:_\d+)?/(?P<rest>.+)")
_LIST = re.compile(r"(?P<module>[A-Z]\w+)/filter")
_ENUM = re.compile(r"(?P<module>[A-Z]\w+)/enum/(?P<field>\w+)")
_NEW = re.compile(r"(?P<module>[A-Z]\w+)")
_ONE = re.compile(r"(?P<module>[A-Z]\w+)/(?P<id>[\w-]+)")
ALWAYS = ("id", "date_modified", "assigned_user_id", "created_by")


def answered(account: Account, call: Call, rest: str) -> Answer:
    """Raises Refusal."""
    if rest == "oauth2/token" and call.method == "POST":
        return account.tokens.of_sugarcrm(call)
    account.tokens.check_sugarcrm(call)
    match call.method, rest:
        case "GET", "me":
            return Answer(200, {"current_user": {"type": "user", "id": account.robot}})
        case "GET", "metadata":
            return _metadata(account, call)
        case "POST", "bulk" | "bulk/reads" | "bulk/writes":
            return _bulk(account, call)
    return _of_records(account, call, rest)


def writes(call: Call) -> bool:
    """Whether one of the requests of a bulk is one that writes."""
    try:
        requests = orjson.loads(call.body)["requests"]
        return any(not re.search("/(filter$|enum/)", each["url"]) for each in requests)
    except (LookupError, TypeError, ValueError):
        return True


def refused(status: int, error: str, message: str = "") -> Refusal:
    return Refusal(Answer(status, {"error": error, "error_message": message or error}))


def _bulk(account: Account, call: Call) -> Answer:
    """One after the other, whatever becomes of the one before."""
    requests = _object(call).get("requests")
    if not isinstance(requests, list):
        raise refused(422, "missing_parameter", "requests")
    if any(not isinstance(each, dict) or not each.get("url") for each in requests):
        raise refused(422, "missing_parameter", "Invalid request - URL is missing")
    return Answer(200, [_inner(account, call, each) for each in requests])


def _inner(account: Account, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    data = request.get("data", "")
    found = PATH.fullmatch("/rest/" + str(request["url"]).lstrip("/"))
    try:
        if not isinstance(data, str):
            raise refused(422, "invalid_parameter", "data is JSON as a string")
        if found is None or found["rest"] == "bulk":
            raise refused(404, "no_method")
        inner = Call(str(request.get("method", "GET")), found[0], {}, data.encode(), call.headers)
        answer = answered(account, inner, found["rest"])
    except Refusal as refusal:
        answer = refusal.answer
    return {"contents": answer.body, "headers": {}, "status": answer.status}


def _of_records(account: Account, call: Call, rest: str) -> Answer:
    if found := _LIST.fullmatch(rest):
        return _list(account, call, _module(account, found["module"]))
    if (found := _ENUM.fullmatch(rest)) and call.method == "GET":
        known = account.fields[_module(account, found["module"])].get(found["field"])
        if known is None or not known.options:
            raise refused(404, "not_found", "options not found")
        return Answer(200, {each: each for each in known.options})
    if (found := _NEW.fullmatch(rest)) and call.method == "POST":
        return _make(account, call, _module(account, found["module"]))
    if (found := _ONE.fullmatch(rest)) and call.method in ("GET", "PUT", "DELETE"):
        return _one(account, call, _module(account, found["module"]), found["id"])
    raise refused(404, "no_method")


def _make(account: Account, call: Call, module: str) -> Answer:
    given = _object(call)
    record_id = str(given.pop("id", "") or account.new_id())
    if account.find(module, record_id):
        raise refused(422, "invalid_parameter", f"Record already exists: {record_id} in module: {module}")
    emails = _emails(given)
    values = _checked(account, module, given, new=True)
    try:
        record = account.make(module, record_id, values, by=account.robot, emails=emails)
    except KeyError:
        raise refused(500, "fatal_error", "database error") from None
    return Answer(200, shown(account, module, record))


def _one(account: Account, call: Call, module: str, record_id: str) -> Answer:
    record = account.find(module, record_id)
    if record is None:
        raise refused(404, "not_found", f"Could not find record: {record_id} in module: {module}")
    if call.method == "DELETE" and account.keeps:
        raise refused(403, "not_authorized", f"You are not authorized to delete {record_id}")
    if call.method == "DELETE":
        account.delete(record, by=account.robot)
        return Answer(200, {"id": record_id})
    if call.method == "PUT":
        given = _object(call)
        emails = _emails(given) if "email" in given else record.emails
        account.change(record, _checked(account, module, given, new=False), by=account.robot)
        record.emails = emails
    return Answer(200, shown(account, module, record))


def _emails(given: dict[str, Any]) -> list[str]:
    """The whole list: what is not on it is gone."""
    listed = given.pop("email", [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise refused(422, "invalid_parameter", "email is a list of objects")
    emails = [str(each.get("email_address", "")) for each in sorted(listed, key=lambda e: not e.get("primary_address"))]
    if not all(ADDRESS.fullmatch(each) for each in emails):
        raise refused(422, "invalid_parameter", "Invalid email address")
    return emails


def _checked(account: Account, module: str, given: dict[str, Any], *, new: bool) -> dict[str, Any]:
    try:
        values = account.checked(module, given, new=new, moments=ISO)
    except Bad as bad:
        raise refused(422, "missing_parameter" if "missing" in str(bad) else "invalid_parameter", str(bad)) from None
    for name, value in values.items():
        options = account.fields[module][name].options
        if options and value not in options:
            raise refused(422, "invalid_parameter", f"Invalid value for {name}")
    return values


def _list(account: Account, call: Call, module: str) -> Answer:
    asked = _object(call)
    rows = [record for record in account.rows[module].values() if asked.get("deleted") or not record.deleted]
    for condition in asked.get("filter") or []:
        rows = [record for record in rows if _matches(account, module, record, condition)]
    name, _, direction = str(asked.get("order_by") or "date_modified:DESC").partition(":")
    rows.sort(key=lambda record: (_moment(record, name), record.id), reverse=direction.upper() == "DESC")
    start, most = int(asked.get("offset") or 0), min(int(asked.get("max_num") or 20), account.options.most_rows)
    part = rows[start : start + most]
    wanted = [each for each in str(asked.get("fields") or "").split(",") if each]
    for each in wanted:
        if each not in account.fields[module] and each not in ("email", "name"):
            raise refused(422, "invalid_parameter", f"no field {each}")
    following = start + most if start + most < len(rows) else -1
    records = [{name: value for name, value in shown(account, module, record).items()
                if not wanted or name in (*wanted, *ALWAYS)} for record in part]  # fmt: skip
    return Answer(200, {"next_offset": following, "records": records})


def _matches(account: Account, module: str, record: Record, condition: Any) -> bool:
    if not isinstance(condition, dict) or len(condition) != 1:
        raise refused(422, "invalid_parameter", "Did not recognize the filter")
    ((name, wanted),) = condition.items()
    ((operator, value),) = wanted.items() if isinstance(wanted, dict) else (("$equals", wanted),)
    if name == "email_addresses.email_address" and module in PEOPLE and operator == "$in":
        return not {each.lower() for each in record.emails}.isdisjoint(each.lower() for each in value)
    if name not in account.fields[module]:
        raise refused(422, "invalid_parameter", f"Unable to parse filter: {name}")
    if operator == "$in" and isinstance(value, list):
        return (record.id if name == "id" else record.values.get(name)) in value
    if operator == "$gte" and name == "date_modified" and ISO.fullmatch(str(value)):
        return record.modified >= datetime.fromisoformat(value)
    raise refused(422, "invalid_parameter", f"Did not recognize the operand: {operator}")


def shown(account: Account, module: str, record: Record) -> dict[str, Any]:
    values = {name: record.values.get(name, "") for name in account.fields[module]}
    values |= {
        "id": record.id,
        "date_entered": record.entered.isoformat(),
        "date_modified": record.modified.isoformat(),
        "modified_user_id": record.modified_by,
        "created_by": record.created_by,
        "deleted": record.deleted,
        "_module": module,
    }
    if module in PEOPLE:
        values["email"] = [
            {"email_address": email, "primary_address": at == 0, "opt_out": record.opted_out, "invalid_email": False}
            for at, email in enumerate(record.emails)
        ]
    return values


def _moment(record: Record, name: str) -> datetime:
    return record.entered if name == "date_entered" else record.modified


def _metadata(account: Account, call: Call) -> Answer:
    if call.first("type_filter") != "modules":
        raise refused(422, "invalid_parameter", "type_filter")
    modules = [_module(account, each) for each in str(call.first("module_filter", "")).split(",")]
    return Answer(200, {"modules": {module: {"fields": _fields(account, module)} for module in modules}})


def _fields(account: Account, module: str) -> dict[str, Any]:
    told = {name: _told(known) for name, known in account.fields[module].items()}
    links = {"tasks": {"name": "tasks", "type": "link", "relationship": "lead_tasks"}}
    return {**told, **links, **({"email": {"name": "email", "type": "email"}} if module in PEOPLE else {})}


def _told(known: FieldDef) -> dict[str, Any]:
    about: dict[str, Any] = {"name": known.name, "type": known.type}
    if known.length:
        about["len"] = known.length
    if known.required:
        about["required"] = True
    if known.options:
        about["options"] = f"{known.name}_dom"
    return about


def _module(account: Account, name: str) -> str:
    if name not in account.rows:
        raise refused(404, "not_found", f"Could not find module: {name}")
    if name in account.forbidden:
        raise refused(403, "not_authorized", f"You are not authorized for module: {name}")
    return name


def _object(call: Call) -> dict[str, Any]:
    try:
        body = orjson.loads(call.body or b"{}")
    except orjson.JSONDecodeError:
        raise refused(400, "invalid_request", "not JSON") from None
    if not isinstance(body, dict):
        raise refused(422, "invalid_parameter", "an object is wanted")
    return body
