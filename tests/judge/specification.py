"""HubSpot's OpenAPI file, made ready for Prism: strict in requests, true to life in answers.

What is loosened here was seen in captured answers, against the letter of the file. Requests are left as strict as
they are.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Operation = tuple[str, str]
"""Method and path of the specification, as ("POST", "/crm/v3/objects/{objectType}/batch/read")."""


DATED: Mapping[str, str] = {
    "/crm/v3/objects": "/crm/objects/2026-03",
    "/crm/v3/owners": "/crm/owners/2026-03",
    "/crm/v3/properties": "/crm/properties/2026-03",
    "/crm/v4/associations": "/crm/associations/2026-03",
    "/account-info/v3": "/account-info/2026-03",
}
"""Where the numbered API lies -> where the dated one does. HubSpot's file of the dated contacts has, body by body, what
its file of the numbered ones has; of the others only the numbered one is at hand.
"""


class Specification:
    """Of both versions of the API."""

    def __init__(self, file: Path) -> None:
        self.document: dict[str, Any] = json.loads(file.read_text("utf-8"))
        self.document["paths"] |= dict(_dated(self.document["paths"]))
        literal_first = sorted(self.document["paths"], key=lambda path: path.count("{"))
        self._patterns = [(path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for path in literal_first]

    def operation(self, method: str, path: str) -> Operation:
        """A path that no operation has stands for itself."""
        return method, next((known for known, pattern in self._patterns if pattern.fullmatch(path)), path)

    def write(self, file: Path) -> None:
        """With the answers true to life. Raises LookupError where the file no longer holds what is loosened."""
        for ending, loosen in LIVE.items():
            schemas = [
                schema for name, schema in self.document["components"]["schemas"].items() if name.endswith(ending)
            ]
            if not schemas:
                raise LookupError(f"no schema {ending} in the specification")
            for schema in schemas:
                loosen(schema)
        file.write_text(json.dumps(self.document), encoding="utf-8")


def _dated(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in paths.items():
        for numbered, dated in DATED.items():
            if path == numbered or path.startswith(f"{numbered}/"):
                yield (
                    dated + path.removeprefix(numbered),
                    {method: _unnamed(each) for method, each in operations.items()},
                )


def _unnamed(operation: Any) -> Any:
    """Two operations may not have one name."""
    return (
        {key: part for key, part in operation.items() if key != "operationId"}
        if isinstance(operation, dict)
        else operation
    )


def _error(schema: dict[str, Any]) -> None:
    """`status` is always there, `category` not; a 429 names its policy; a refused refresh has two members in all."""
    words = ("status", "errorType", "policyName", "groupName", "requestId")
    schema["properties"] |= {word: {"type": "string"} for word in words}
    schema["required"] = ["message"]


def _entry(schema: dict[str, Any]) -> None:
    """An entry of a 207's `errors` has no `errors` and no `links` of its own, and a word for its `subCategory`."""
    schema["required"] = [name for name in schema["required"] if name not in {"errors", "links"}]
    schema["properties"]["subCategory"] = {}


def _record(schema: dict[str, Any]) -> None:
    """A property that was asked for and has no value is null."""
    schema["properties"]["properties"]["additionalProperties"] = {"type": "string", "nullable": True}


LIVE: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "_Error": _error,
    "_StandardError": _entry,
    "_SimplePublicObject": _record,
    "_SimplePublicUpsertObject": _record,
}
"""Ending of a schema's name -> what is loosened in it. None of them stands in a request."""
