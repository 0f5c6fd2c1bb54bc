"""Zoho's own OpenAPI files (github.com/Zohocorp-Pvt-Ltd/crm-oas, v8.0), made fit to judge by.

They are one file for each part of the API and point at each other, and at files that are not at hand, by address. They
say neither that unknown keys are wrong nor which of several shapes is meant. So: pointers are made local, what they
point at elsewhere may be anything, every object with declared parts is closed, and one of several shapes is enough.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FILES = ("record", "related_records", "notes", "coql", "users", "fields", "timelines", "composite_requests")
_POINTER = re.compile(r"(?:https?://\S+/v8\.0/(\w+)\.json)?#/(.*)")

DEVIATIONS: Mapping[str, str] = {
    "fields.fields.required": "a hundred parts, of which captured answers have those that apply; requests have a few",
    "notes.Note.required": "what an answer holds; a note that is made has its text and its parent",
    "users.users.email.pattern": "the pattern of an example",
    "record.API_Exception.details": "captured answers hold more (`more_records`)",
}
"""Where the files are stricter than what was captured, and are not followed."""

Violation = str


class ZohoFiles:
    def __init__(self, folder: Path) -> None:
        self._files = {name: json.loads((folder / f"{name}.json").read_text()) for name in FILES}
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), name, path)
            for name, file in self._files.items()
            for path in sorted(file["paths"], key=lambda path: path.count("{"))
        ]
        self._paths.sort(key=lambda each: each[2].count("{"))

    def operation(self, method: str, path: str) -> tuple[str, str] | None:
        """(method, template of the path), the one with the fewest gaps that fits."""
        found = self._found(method, path)
        return (method, found[1]) if found else None

    def judge(
        self, method: str, path: str, query: Mapping[str, str], sent: object, status: int, answered: object
    ) -> Iterator[Violation]:
        """What is wrong with a request, and with its answer where the files know its status."""
        found = self._found(method, path)
        if found is None:
            yield f"{method} {path}: no such call"
            return
        name, template = found
        operation = self._files[name]["paths"][template][method.lower()]
        known = {self._resolved(name, each)["name"] for each in operation.get("parameters", ())}
        yield from (f"{method} {template}: no parameter {each}" for each in query if each not in known)
        body = self._resolved(name, operation.get("requestBody", {})).get("content")
        if body:
            yield from self._wrong(f"{method} {template}, request", name, _schema(body), sent)
        content = self._answers(name, operation, status)
        if content and status != 204:
            yield from self._wrong(f"{method} {template}, answer {status}", name, content, answered)

    def _answers(self, name: str, operation: Mapping[str, Any], status: int) -> dict[str, Any] | None:
        """Any success counts as one that is described: the files know fewer statuses than there are."""
        listed = operation["responses"]
        if str(status) in listed:
            fitting = [str(status)]
        elif status // 100 == 2:
            fitting = [each for each in listed if each.startswith("2")]
        else:
            return None
        contents = [self._resolved(name, listed[each]).get("content") for each in fitting]
        shapes = [_schema(content) for content in contents if content and "schema" in content["application/json"]]
        return {"anyOf": shapes} if shapes else None

    def _found(self, method: str, path: str) -> tuple[str, str] | None:
        return next(
            (
                (name, template)
                for pattern, name, template in self._paths
                if pattern.fullmatch(path) and method.lower() in self._files[name]["paths"][template]
            ),
            None,
        )

    def _wrong(self, where: str, name: str, schema: Mapping[str, Any], value: object) -> Iterator[Violation]:
        whole = {**_fit(schema, name), "$defs": self._definitions}
        for error in Draft202012Validator(whole).iter_errors(value):
            deepest = max([error, *(error.context or ())], key=lambda each: len(each.absolute_path))
            yield f"{where}: at {list(deepest.absolute_path)}: {deepest.validator} {str(deepest.message)[:160]}"

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        made = {
            name: {shape: _fit(schema, name) for shape, schema in file["components"]["schemas"].items()}
            for name, file in self._files.items()
        }
        del made["fields"]["fields"]["required"], made["notes"]["Note"]["required"]
        del made["users"]["users"]["properties"]["email"]["pattern"]
        made["record"]["API_Exception"]["properties"]["details"]["additionalProperties"] = True
        return made

    def _resolved(self, name: str, part: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in part:
            return part
        found: Any = self._files[name]
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return dict(found)


def _schema(content: Mapping[str, Any]) -> dict[str, Any]:
    return dict(content["application/json"]["schema"])


def _fit(schema: Any, file: str) -> Any:
    """JSON Schema of the OpenAPI dialect's schema, closed, with pointers into `$defs`."""
    if isinstance(schema, list):
        return [_fit(each, file) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _pointer(schema["$ref"], file)
    made = {("anyOf" if key == "oneOf" else key): _fit(part, file) for key, part in schema.items()}
    if isinstance(made.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


def _pointer(ref: str, file: str) -> dict[str, Any]:
    found = _POINTER.fullmatch(ref)
    if found is None:
        raise ValueError(f"a pointer of another kind: {ref}")
    target, shape = found[1] or file, found[2].rpartition("/")[2]
    return {"$ref": f"#/$defs/{target}/{shape}"} if target in FILES else {}
