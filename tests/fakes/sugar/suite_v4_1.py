"""SuiteCRM's older API. https://github.com/salesagility/SuiteCRM/tree/master/service/v4_1"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import orjson

from syncd.testing import Answer, Call, Refusal
from tests.fakes.sugar.account import PLAIN, Account, Bad, Record
from tests.fakes.sugar.fields import PEOPLE
from tests.fakes.sugar.suite_v8 import DATABASE, VIRTUAL, shown

PATH = "/service/v4_1/rest.php"  # and after it, for faults and counts, the method
ORDER = {
    "login": ("user_auth", "application", "name_value_list"),
    "get_user_id": ("session",),
    "get_module_fields": ("session", "module_name", "fields"),
    "get_entry_list": (
        "session", "module_name", "query", "order_by", "offset", "select_fields", "link_name_to_fields_array",
        "max_results", "deleted",
    ),
    "set_entry": ("session", "module_name", "name_value_list"),
}  # fmt: skip
ERRORS = {
    10: ("Invalid Login", "Login attempt failed please check the username and password"),
    11: ("Invalid Session ID", "The session ID is invalid"),
    20: ("Module Does Not Exist", "This module is not available on this server"),
    40: ("Access Denied", "You do not have access"),
    1000: ("Invalid call for this module", "This is an invalid call for this module."),
    1001: ("Invalid data sent", "The data sent for this function is invalid."),
}
_VALUES = r"\((?P<values>'(?:[^']|'')*'(?:, '(?:[^']|'')*')*)\)"
_IN = re.compile(rf"(?P<table>\w+)\.(?P<field>\w+) IN {_VALUES}")
_ADDRESSES = r"FROM email_addr_bean_rel eabr JOIN email_addresses ea ON ea\.id = eabr\.email_address_id"
_OF = rf"eabr\.bean_module = '\w+' AND eabr\.deleted = 0 AND ea\.email_address_caps IN {_VALUES}"
_BY_EMAIL = re.compile(rf"\w+\.id IN \(SELECT eabr\.bean_id {_ADDRESSES} WHERE {_OF}\)")
_SINCE = re.compile(r"(?P<table>\w+)\.date_modified >= '(?P<since>[-0-9: ]{19})'")
_ONE = re.compile(r"'((?:[^']|'')*)'")


def method_of(call: Call) -> str:
    return parse_qs(call.body.decode(errors="replace")).get("method", [""])[-1]


def answered(account: Account, call: Call) -> Answer:
    """Raises Refusal. Arguments count by their order."""
    form = {name: values[-1] for name, values in parse_qs(call.body.decode(), keep_blank_values=True).items()}
    method = form.get("method", "")
    if (form.get("input_type"), form.get("response_type")) != ("JSON", "JSON") or method not in ORDER:
        raise refused(1000)
    given = orjson.loads(form.get("rest_data") or "{}")
    if not isinstance(given, dict) or tuple(given) != ORDER[method]:
        raise refused(1000)
    if method == "login":
        return _log_in(account, given)
    if given["session"] not in account.tokens.sessions:
        raise refused(11)
    if method == "get_user_id":
        return Answer(200, orjson.dumps(account.robot))
    module = str(given["module_name"])
    if module not in account.rows:
        raise refused(20)
    if module in account.forbidden:
        raise refused(40)
    acts = {"get_module_fields": _fields, "get_entry_list": _list, "set_entry": _write}
    return acts[method](account, module, given)


def refused(number: int) -> Refusal:
    """With status 200."""
    name, description = ERRORS[number]
    return Refusal(Answer(200, {"name": name, "number": number, "description": description}))


def failed() -> Refusal:
    return Refusal(Answer(500, f"<p>{DATABASE}</p>".encode()))


def _log_in(account: Account, given: Mapping[str, Any]) -> Answer:
    session = account.tokens.log_in(given["user_auth"])
    if session is None:
        raise refused(10)
    user = {"name": "user_id", "value": account.robot}
    return Answer(200, {"id": session, "module_name": "Users", "name_value_list": {"user_id": user}})


def _write(account: Account, module: str, given: Mapping[str, Any]) -> Answer:
    values = {str(each["name"]): each["value"] for each in given["name_value_list"]}
    record_id, new = str(values.pop("id", "")), bool(values.pop("new_with_id", 0))
    email, gone = str(values.pop("email1", "")), str(values.pop("deleted", 0)) == "1"
    try:
        values = account.checked(module, values, new=new, moments=PLAIN)
    except Bad as bad:
        raise (failed() if "long" in str(bad) else refused(1001)) from None
    record = account.find(module, record_id)
    if gone and account.keeps:
        raise refused(40)
    if new:
        try:
            account.make(module, record_id, values, by=account.robot, emails=[email] if email else [])
        except KeyError:
            raise failed() from None
    elif record is not None:
        account.change(record, values, by=account.robot, email=email)
        record.deleted = gone
    return Answer(200, {"id": record_id, "entry_list": {}})


def _list(account: Account, module: str, given: Mapping[str, Any]) -> Answer:
    rows = [record for record in account.rows[module].values() if given["deleted"] or not record.deleted]
    rows = _chosen(account, module, rows, str(given["query"]))
    name = str(given["order_by"]).rpartition(".")[2]
    rows.sort(key=lambda r: (r.entered if name == "date_entered" else r.modified, r.id))
    start, most = int(given["offset"] or 0), int(given["max_results"] or 20)
    wanted = given["select_fields"]
    virtual = VIRTUAL if module in PEOPLE else ()
    if any(each not in account.fields[module] and each not in virtual for each in wanted):
        raise refused(1001)
    entries = [_entry(account, module, record, wanted) for record in rows[start : start + most]]
    counts = {"result_count": len(entries), "total_count": str(len(rows)), "next_offset": start + len(entries)}
    return Answer(200, {**counts, "entry_list": entries, "relationship_list": []})


def _chosen(account: Account, module: str, rows: list[Record], query: str) -> list[Record]:
    """The few shapes of SQL that are known here; anything else fails in the database."""
    if not query:
        return rows
    if found := _BY_EMAIL.fullmatch(query):
        wanted = set(_listed(found["values"]))
        return [record for record in rows if wanted & {email.upper() for email in record.emails}]
    if (found := _SINCE.fullmatch(query)) and PLAIN.fullmatch(found["since"]):
        since = datetime.fromisoformat(found["since"]).replace(tzinfo=UTC)
        return [record for record in rows if record.modified >= since]
    if (found := _IN.fullmatch(query)) and found["table"] == module.lower():
        name, values = found["field"], set(_listed(found["values"]))
        if name in account.fields[module]:
            return [record for record in rows if (record.id if name == "id" else record.values.get(name)) in values]
    raise failed()


def _listed(values: str) -> list[str]:
    return [each.replace("''", "'") for each in _ONE.findall(values)]


def _entry(account: Account, module: str, record: Record, wanted: list[str]) -> dict[str, Any]:
    values = shown(account, module, record)
    listed = {name: {"name": name, "value": values[name]} for name in wanted}
    return {"id": record.id, "module_name": module, "name_value_list": listed}


def _fields(account: Account, module: str, _: Mapping[str, Any]) -> Answer:
    told: dict[str, Any] = {
        name: {
            "name": name,
            "type": known.type,
            "group": "",
            "label": name,
            "required": int(known.required),
            "options": {each: {"name": each, "value": each} for each in known.options} or [],
            **({"len": str(known.length)} if known.length else {}),
        }
        for name, known in account.fields[module].items()
    }
    return Answer(200, {"module_name": module, "module_fields": told, "link_fields": []})
