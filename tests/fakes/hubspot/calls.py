"""One request and its answer, and the checks every JSON body goes through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from syncd.testing import Answer
from syncd.testing import Call as Heard
from tests.fakes.hubspot.errors import invalid, missing_fields

BATCH = 100

__all__ = ["Answer", "Call", "closed", "inputs_of", "object_of", "page_of", "strings_of"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Heard):
    """`match` is the `routes.Match` of method and path; None where there is no such call."""

    match: Any = None

    @property
    def template(self) -> str:
        return str(self.match.template) if self.match else self.path

    @property
    def args(self) -> Mapping[str, str]:
        """The named parts of the path."""
        return self.match.args if self.match else {}

    def names(self, name: str) -> list[str]:
        """A list parameter, given repeatedly or separated by commas."""
        return [part for value in self.query.get(name, ()) for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        return self.first(name) == "true"


def object_of(call: Call, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> dict[str, Any]:
    """The body as an object with exactly these keys, each of its type; 400 otherwise."""
    try:
        body = orjson.loads(call.body or b"null")
    except orjson.JSONDecodeError as error:
        raise invalid(f"Invalid input JSON on line {error.lineno}, column {error.colno}") from error
    return closed(body, required, optional)


def closed(body: Any, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> dict[str, Any]:
    """An unknown key is refused, so that a misspelt one cannot pass for an empty one."""
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON on line 1, column 1: Cannot deserialize value")
    if not required.keys() <= body.keys():
        raise missing_fields([name for name in required if name not in body])
    for name, value in body.items():
        wanted = required.get(name) or (optional and optional.get(name)) or None
        if type(value) is wanted:
            continue
        if wanted is None:
            raise invalid(f'Invalid input JSON on line 1, column 2: Unrecognized field "{name}"')
        raise invalid(
            "Invalid input JSON on line 1, column 2: Cannot deserialize value "
            f'of field "{name}" from {type(value).__name__}'
        )
    return body


def strings_of(body: Mapping[str, Any], name: str) -> list[str]:
    """An optional list of strings; 400 if anything else is in it."""
    listed: list[str] = body.get(name) or []
    if not all(isinstance(each, str) for each in listed):
        raise invalid(f'Invalid input JSON on line 1, column 2: "{name}" takes strings')
    return listed


def inputs_of(
    body: Mapping[str, Any],
    required: Mapping[str, type],
    optional: Mapping[str, type] | None = None,
    limit: int = BATCH,
) -> list[dict[str, Any]]:
    """The `inputs` of a batch call, between one and `limit` of them."""
    inputs = body["inputs"]
    if not inputs:
        raise invalid("Invalid input: inputs must not be empty")
    if len(inputs) > limit:
        raise invalid(f"Request contains too many inputs: {len(inputs)}. The maximum is {limit}.")
    return [closed(each, required, optional) for each in inputs]


def page_of(
    call: Call, rows: list[T], key: Callable[[T], str], *, usual: int, most: int
) -> tuple[list[T], dict[str, Any]]:
    """The rows after the one whose key is `after`, and the paging that leads on."""
    wanted = call.first("limit") or str(usual)
    if not wanted.isdigit() or not 1 <= int(wanted) <= most:
        raise invalid(f"limit must be between 1 and {most}")
    after = call.first("after")
    keys = [key(row) for row in rows]
    start = keys.index(after) + 1 if after in keys else 0
    end = start + int(wanted)
    if end >= len(rows):
        return rows[start:end], {}
    last = keys[end - 1]
    return rows[start:end], {"paging": {"next": {"after": last, "link": f"{call.path}?limit={wanted}&after={last}"}}}
