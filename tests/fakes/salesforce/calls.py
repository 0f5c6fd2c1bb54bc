"""One request as the fake reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from syncd.testing import Call as Heard
from tests.fakes.salesforce.errors import malformed
from tests.fakes.salesforce.saving import Manner


@dataclass(frozen=True, slots=True)
class Call(Heard):
    """`match` is the `routes.Match` of method and path; None where there is no such call."""

    match: Any = None
    by: str = ""  # the user the token was given for

    @property
    def template(self) -> str:
        return str(self.match.template) if self.match else self.path

    @property
    def args(self) -> Mapping[str, str]:
        """The named parts of the path."""
        return self.match.args if self.match else {}

    @property
    def manner(self) -> Manner:
        rules = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return Manner(
            by=self.by,
            auto_assign=self.headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE",
            allow_duplicates="allowsave=true" in rules,
        )


def body_of(call: Call) -> dict[str, Any]:
    """The body as an object of any fields; 400 otherwise."""
    try:
        body = orjson.loads(call.body or b"null")
    except orjson.JSONDecodeError as error:
        raise malformed(f"Unexpected character at [line:{error.lineno}, column:{error.colno}]") from error
    if not isinstance(body, dict):
        raise malformed("Can not deserialize instance of an object")
    return body


def object_of(call: Call, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> dict[str, Any]:
    """The body as an object with exactly these keys, each of its type; 400 otherwise."""
    body = body_of(call)
    known = {**required, **(optional or {})}
    for name in required:
        if name not in body:
            raise malformed(f"Required parameter is missing: {name}")
    for name, value in body.items():
        if name not in known:
            raise malformed(f"Unrecognized field '{name}' at [line:1, column:2]")
        if type(value) is not known[name]:
            raise malformed(f"Can not deserialize instance of {known[name].__name__} at [line:1, column:2]")
    return body
