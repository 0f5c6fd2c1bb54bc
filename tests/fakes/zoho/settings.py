"""Users, and the fields of a module.

https://www.zoho.com/crm/developer/docs/api/v8/get-users.html
https://www.zoho.com/crm/developer/docs/api/v8/create-field.html
"""

import re
from typing import Any

from syncd.testing import Answer, Call
from tests.fakes.zoho.account import Account, Module, User
from tests.fakes.zoho.errors import error, refused
from tests.fakes.zoho.fields import custom

MOST_ROWS = 200
MOST_UNIQUE = 2  # custom fields of a module that forbid duplicates
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9 _]{0,49}")
_TYPES = {"text": 255, "integer": 9, "datetime": 25, "boolean": 5}


def list_users(account: Account, call: Call) -> Answer:
    kind = call.first("type")
    page, size = int(call.first("page", "1") or 1), int(call.first("per_page", "200") or 200)
    if size > MOST_ROWS or kind not in (None, "ActiveUsers", "CurrentUser", "DeactiveUsers"):
        raise refused(400, "INVALID_DATA", param_name="per_page" if size > MOST_ROWS else "type")
    users = [account.robot] if kind == "CurrentUser" else list(account.users.values())
    if kind in ("ActiveUsers", "DeactiveUsers"):
        users = [user for user in users if (user.status == "active") == (kind == "ActiveUsers")]
    part = users[(page - 1) * size : page * size]
    if not part:
        return Answer(204)
    info = {"per_page": size, "count": len(part), "page": page, "more_records": len(users) > page * size}
    return Answer(200, {"users": [_shown(user) for user in part], "info": info})


def _shown(user: User) -> dict[str, Any]:
    first, _, last = user.name.partition(" ")
    return {"id": user.id, "email": user.email, "full_name": user.name, "first_name": first, "last_name": last or first,
            "status": user.status, "confirm": True}  # fmt: skip


def list_fields(_: Account, __: Call, module: Module) -> Answer:
    return Answer(200, {"fields": [field.described(at) for at, field in enumerate(module.fields.values())]})


def create_field(account: Account, call: Call, module: Module) -> Answer:
    body = call.json()
    rows = body.get("fields") if isinstance(body, dict) and body.keys() == {"fields"} else None
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
        raise refused(400, "INVALID_DATA", expected_data_type="jsonarray", api_name="fields")
    wrong = _wrong(account, module, rows[0])
    if wrong:
        return Answer(400, {"fields": [wrong]})
    row = rows[0]
    made = custom(
        row["field_label"], row["data_type"], row.get("length", _TYPES[row["data_type"]]), unique="unique" in row
    )
    module.fields[made.name] = made
    success = {"code": "SUCCESS", "details": {"id": account.new_id()}, "message": "field created", "status": "success"}
    return Answer(201, {"fields": [success]})


def _wrong(account: Account, module: Module, row: dict[str, Any]) -> dict[str, Any] | None:
    label, kind = row.get("field_label"), row.get("data_type")
    if strange := row.keys() - {"field_label", "data_type", "length", "unique"}:
        return _invalid(min(strange))
    if not isinstance(label, str) or not _LABEL.fullmatch(label) or label.replace(" ", "_") in module.fields:
        return _invalid("field_label")
    if kind not in _TYPES:
        return _invalid("data_type")
    allowed = account.options.task_fields if module.name == "Tasks" else "unique"
    if allowed == "none":
        return error("LIMIT_EXCEEDED", limit=0, limit_due_to=[_place("data_type")])
    if "unique" in row:
        if row["unique"] not in ({"casesensitive": "false"}, {"casesensitive": "true"}) or kind != "text":
            return _invalid("unique")
        taken = sum(field.custom and field.unique for field in module.fields.values())
        if allowed == "plain" or taken >= MOST_UNIQUE:
            return error("LIMIT_EXCEEDED", limit=MOST_UNIQUE, limit_due_to=[_place("unique")])
    return None


def _invalid(name: str) -> dict[str, Any]:
    return error("INVALID_DATA", **_place(name))


def _place(name: str) -> dict[str, str]:
    return {"api_name": name, "json_path": f"$.fields[0].{name}"}
