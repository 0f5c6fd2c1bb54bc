"""What a field takes. https://www.zoho.com/crm/developer/docs/api/v8/insert-records.html#sample_attributes"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.fakes.zoho.account import Account
from tests.fakes.zoho.errors import Bad
from tests.fakes.zoho.fields import FieldDef

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\".]+")
_PHONE = re.compile(r"[0-9+()\-./ ;#*extEXT]{1,30}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ALARM = re.compile(r"FREQ=NONE;ACTION=(POPUP|EMAIL|EMAILANDPOPUP);TRIGGER=DATE-TIME:" + _MOMENT.pattern)
_KINDS: Mapping[str, type] = {"integer": int, "double": float, "boolean": bool}
_PATTERNS = {"email": _EMAIL, "phone": _PHONE, "datetime": _MOMENT, "date": _DAY}


def checked(account: Account, field: FieldDef, value: Any, record: Mapping[str, Any]) -> Any:
    """The value as it is kept. Raises Bad. `record`: the others, of which a lookup may need one."""
    if field.read_only:
        raise Bad("INVALID_DATA", api_name=field.name)
    if value is None:
        if field.mandatory:
            raise Bad("MANDATORY_NOT_FOUND", api_name=field.name)
        return None
    if field.type == "ownerlookup":
        return _owner(account, field, value)
    if field.type == "lookup":
        return _lookup(account, field, value, record)
    if field.type == "layout":
        return _with_id(field, value)
    if field.type == "reminder":
        alarm = value.get("ALARM") if isinstance(value, dict) else None
        return value if isinstance(alarm, str) and _ALARM.fullmatch(alarm) else _wrong(field)
    kind = _KINDS.get(field.type, str)
    if type(value) is not kind:
        return _wrong(field)
    if kind is str:
        _check_text(account, field, value)
    return value


def _check_text(account: Account, field: FieldDef, value: str) -> None:
    pattern = _PATTERNS.get(field.type)
    if pattern and not pattern.fullmatch(value):
        _wrong(field)
    if field.type == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            _wrong(field)
    if len(value) > field.length:
        raise Bad("INVALID_DATA", api_name=field.name, maximum_length=str(field.length))
    if field.type == "picklist" and account.options.restricted_picklists and value not in field.options:
        _wrong(field)
    if field.mandatory and not value.strip():
        raise Bad("MANDATORY_NOT_FOUND", api_name=field.name)


def _owner(account: Account, field: FieldDef, value: Any) -> dict[str, str]:
    user = account.users.get(_with_id(field, value)["id"])
    if user is None or user.status != "active":
        raise Bad("INVALID_DATA", api_name=field.name)
    return {"id": user.id}


def _lookup(account: Account, field: FieldDef, value: Any, record: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _with_id(field, value)["id"]
    module = field.module
    if module == "$se_module":
        module = str(record.get("$se_module", ""))
        if not module:
            raise Bad("MANDATORY_NOT_FOUND", api_name="$se_module")
    if module == "$parent":
        named = value.get("module")
        module = str(named.get("api_name", "")) if isinstance(named, dict) else ""
    found = account.record(module, wanted)
    if found is None or found.contact:
        raise Bad("INVALID_DATA", "the id given seems to be invalid", api_name=field.name)
    return {"id": wanted, "module": {"api_name": module}}


def _with_id(field: FieldDef, value: Any) -> dict[str, str]:
    """Ids are texts of digits."""
    found = value.get("id") if isinstance(value, dict) else None
    if not isinstance(found, str) or not found.isdecimal():
        _wrong(field)
    return {"id": str(found)}


def _wrong(field: FieldDef) -> Any:
    kind = {"text": "text", "lookup": "jsonobject", "ownerlookup": "jsonobject"}.get(field.type, field.type)
    raise Bad("INVALID_DATA", expected_data_type=kind, api_name=field.name)
