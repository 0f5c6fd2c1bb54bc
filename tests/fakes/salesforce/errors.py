"""How Salesforce says no: a list of errors, or one entry of a collection's answer.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncd.testing import Answer, Refusal


@dataclass
class Problem(Exception):
    """Against one record."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def item(self) -> dict[str, Any]:
        """As an entry of a collection; the code is a `statusCode` there."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields), **self.more}
        return {"success": False, "errors": [error]}

    def refused(self, status: int = 400) -> "Refused":
        return Refused(status, self.code, self.message, fields=list(self.fields), **self.more)


class Refused(Refusal):
    """A whole call; a list with one error, whose code is an `errorCode`."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(Answer(status, [{"message": message, "errorCode": code, **more}]))


def malformed(message: str) -> Refused:
    return Refused(400, "JSON_PARSER_ERROR", message)


def no_such_call() -> Refused:
    return Refused(404, "NOT_FOUND", "The requested resource does not exist")


def expired() -> Refused:
    return Refused(401, "INVALID_SESSION_ID", "Session expired or invalid")


def limit_exceeded() -> Refused:
    return Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
