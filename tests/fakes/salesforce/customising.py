"""Custom fields by the Tooling API. Who made one may not see it until a permission set says so.

https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_customfield.htm
"""

import re
from typing import Any

from syncd.testing import Answer
from tests.fakes.salesforce.calls import Call, object_of
from tests.fakes.salesforce.errors import Problem, Refused
from tests.fakes.salesforce.fields import Field
from tests.fakes.salesforce.org import Org, Record

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}__c")
_KINDS = {"Text": "string", "Number": "double", "DateTime": "datetime", "Checkbox": "boolean"}
OBJECTS = ("Lead", "Contact", "Activity")


def create_field(org: Org, call: Call) -> Answer:
    body = object_of(call, {"FullName": str, "Metadata": dict})
    if not org.options.can_customise:
        raise Refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")
    table, _, name = body["FullName"].partition(".")
    if table not in OBJECTS or not _NAME.fullmatch(name):
        raise Refused(400, "FIELD_INTEGRITY_EXCEPTION", "Invalid full name", fields=["FullName"])
    shown = "Task" if table == "Activity" else table
    if name in org.tables[shown].fields:
        said = f"There is already a field named {name} on {table}."
        raise Refused(400, "DUPLICATE_DEVELOPER_NAME", said, fields=["FullName"])
    org.add_field(table, _field(org, table, name, body["Metadata"]), hidden=True)
    org.last += 1
    return Answer(201, {"id": f"00N{org.last:012d}AAA", "success": True, "errors": [], "warnings": [], "infos": []})


def _field(org: Org, table: str, name: str, meta: dict[str, Any]) -> Field:
    kind = _KINDS.get(str(meta.get("type")))
    if kind is None or not meta.get("label"):
        raise Refused(400, "FIELD_INTEGRITY_EXCEPTION", "Must specify a type and a label", fields=["Metadata"])
    if kind == "string" and not 0 < int(meta.get("length", 0)) <= 255:
        raise Refused(400, "FIELD_INTEGRITY_EXCEPTION", "length must be 1 to 255", fields=["Metadata"])
    external, unique = bool(meta.get("externalId")), bool(meta.get("unique"))
    if table == "Activity" and (external or unique) and not org.options.activity_fields:
        said = "An external id is not allowed on Activity here"
        raise Refused(400, "FIELD_INTEGRITY_EXCEPTION", said, fields=["Metadata"])
    length = int(meta.get("length", 0))
    return Field(name, kind, length, "ncuF", external=external, unique=unique, label=str(meta["label"]))


def granted(org: Org, record: Record) -> None:
    """Field permissions count for us once their set is assigned to us."""
    permissions = org.tables["FieldPermissions"].live()
    assigned = {
        each.values["PermissionSetId"]
        for each in org.tables["PermissionSetAssignment"].live()
        if each.values["AssigneeId"] == org.me
    }
    if record.object not in ("FieldPermissions", "PermissionSetAssignment"):
        return
    for each in permissions:
        held = each.values
        if held["ParentId"] in assigned and held.get("PermissionsEdit"):
            _, _, name = str(held["Field"]).partition(".")
            for shown in ("Task", "Event") if held["SobjectType"] in ("Task", "Event") else (held["SobjectType"],):
                org.tables[shown].hidden.discard(name)


def check_permission(org: Org, given: dict[str, Any]) -> None:
    """A permission names a field that is there."""
    table, _, name = str(given.get("Field")).partition(".")
    if table not in org.tables or name not in org.tables[table].fields or table != given.get("SobjectType"):
        raise Problem("INVALID_FIELD", f"field name provided, {name} is not supported in Field Permissions", ("Field",))
