"""A permission set of ours that opens our fields to the user we are.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_permissionset.htm
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_fieldpermissions.htm
"""

from collections.abc import Sequence
from typing import Any

from connectors.sinks.salesforce.client import Client
from connectors.sinks.salesforce.failures import Fault
from connectors.sinks.salesforce.soql import literal, select
from syncd.connector import AuthFailed, Refused, object_in

NAME = "syncd"


class Permissions:
    def __init__(self, client: Client) -> None:
        self._client = client

    def open(self, fields: Sequence[tuple[str, str]]) -> str:
        """Let us read and edit these (object, field). Empty when that is so now, otherwise what stands against it."""
        try:
            return self._opened(fields)
        except (AuthFailed, Refused) as error:
            return str(error)

    def _opened(self, fields: Sequence[tuple[str, str]]) -> str:
        me = self._client.me()
        if not me:
            return "the login does not say who we are"
        found = self._one("PermissionSet", f"Name = {literal(NAME)}")
        chosen = found or self._make("PermissionSet", {"Name": NAME, "Label": NAME})
        asked = select(["Field"], "FieldPermissions", [f"ParentId = {literal(chosen)}"])
        (rows,) = self._client.rows([asked], what="read of field permissions")
        open_already = {row.get("Field") for row in rows}
        for kind, name in fields:
            if f"{kind}.{name}" not in open_already:
                given = {"ParentId": chosen, "SobjectType": kind, "Field": f"{kind}.{name}"}
                self._make("FieldPermissions", {**given, "PermissionsRead": True, "PermissionsEdit": True})
        assigned = f"AssigneeId = {literal(me)} AND PermissionSetId = {literal(chosen)}"
        if not self._one("PermissionSetAssignment", assigned):
            self._make("PermissionSetAssignment", {"AssigneeId": me, "PermissionSetId": chosen})
        return ""

    def _one(self, kind: str, where: str) -> str:
        (rows,) = self._client.rows([select(["Id"], kind, [where])], what=f"read of {kind}")
        return str(rows[0].get("Id")) if rows else ""

    def _make(self, kind: str, values: dict[str, Any]) -> str:
        """Its id. Raises Refused."""
        answer = self._client.write("POST", f"sobjects/{kind}", what=f"making of {kind}", json=values)
        if isinstance(answer, Fault):
            raise Refused(f"salesforce: making of {kind} refused: {answer}")
        return str(object_in({"made": answer}, "made").get("id") or "")
