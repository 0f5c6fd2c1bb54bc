"""How Zoho says no. https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html"""

from typing import Any

from syncd.testing import Answer, Refusal

MESSAGES = {
    "INVALID_DATA": "invalid data",
    "MANDATORY_NOT_FOUND": "required field not found",
    "DUPLICATE_DATA": "duplicate data",
    "CONVERTED_RECORD": "can't update the converted record",
    "INVALID_TOKEN": "invalid oauth token",
    "AUTHENTICATION_FAILURE": "Authentication failed",
    "OAUTH_SCOPE_MISMATCH": "invalid oauth scope to access this URL",
    "INVALID_URL_PATTERN": "Please check if the URL trying to access is a correct one",
    "INVALID_REQUEST_METHOD": "The http request method type is not a valid one",
    "INVALID_MODULE": "The module name given seems to be invalid",
    "REQUIRED_PARAM_MISSING": "One of the expected parameter is missing",
    "LIMIT_EXCEEDED": "Record count exceeded",
    "TOO_MANY_REQUESTS": "Too many requests",
    "INVALID_QUERY": "invalid query formed",
    "SYNTAX_ERROR": "error occurred while parsing the query",
}


class Bad(Exception):
    """One record is refused; its neighbours are not."""

    def __init__(self, code: str, message: str = "", **details: Any) -> None:
        super().__init__(code)
        self.body = error(code, message, **details)


def error(code: str, message: str = "", **details: Any) -> dict[str, Any]:
    return {"code": code, "details": details, "message": message or MESSAGES[code], "status": "error"}


def refused(status: int, code: str, message: str = "", **details: Any) -> Refusal:
    """The whole call."""
    return Refusal(Answer(status, error(code, message, **details)))
