"""Refusals as Dataverse words them.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors
https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes
"""

from syncd.testing import Answer, Refusal

NO_PROPERTY, NO_RECORD, DUPLICATE_ID, DUPLICATE_KEY = "0x80060888", "0x80040217", "0x80040237", "0x80060892"
CHANGED, DISABLED, NO_RIGHT, TOO_LONG = "0x80060882", "0x80040225", "0x80040220", "0x80044331"
NO_CHOICE, BAD_VALUE, MISSING, BY_PLUGIN = "0x8004431a", "0x80048d19", "0x80040203", "0x80040265"
TOO_MANY, TOO_MANY_AT_ONCE, ALREADY, NO_VERSIONS = "0x80072322", "0x80072326", "0x80044363", "0x80060893"


def refused(status: int, code: str, message: str = "", **headers: str) -> Refusal:
    body = {"error": {"code": code, "message": message or f"refused: {code}"}}
    return Refusal(Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()}))


def no_property(name: str, table: str) -> Refusal:
    message = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'."
    return refused(400, NO_PROPERTY, message)


def no_record(table: str, record_id: str) -> Refusal:
    return refused(404, NO_RECORD, f"Entity '{table}' With Id = {record_id} Does Not Exist")
