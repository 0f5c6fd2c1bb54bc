"""The property definitions of one object type, and the calls that list and make them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.fakes.hubspot.calls import Answer, Call, closed, object_of
from tests.fakes.hubspot.catalogue import GROUPS, properties_at_start
from tests.fakes.hubspot.errors import Problem, Refusal, invalid, invalid_values, not_found
from tests.fakes.hubspot.kinds import Kind
from tests.fakes.hubspot.values import Property, Unfit, checker

MOST_UNIQUE = 10
TYPES = {"bool", "date", "datetime", "enumeration", "number", "phone_number", "string"}
FIELD_TYPES = {
    *("booleancheckbox", "calculation_equation", "checkbox", "date", "file", "html"),
    *("number", "phonenumber", "radio", "select", "text", "textarea"),
}
_NEEDED = {"name": str, "label": str, "type": str, "fieldType": str, "groupName": str}
_POSSIBLE = {
    "description": str,
    "options": list,
    "displayOrder": int,
    "hasUniqueValue": bool,
    "hidden": bool,
    "formField": bool,
    "externalOptions": bool,
    "dataSensitivity": str,
    "textDisplayHint": str,
    "numberDisplayHint": str,
}


class PropertyTable:
    def __init__(self, kind: Kind, active_owner: Callable[[str], bool]) -> None:
        self.kind = kind
        self.groups = {GROUPS[kind.name]: GROUPS[kind.name].capitalize()}
        self._active_owner = active_owner
        self.by_name: dict[str, Property] = {}
        self.unique: set[str] = set()
        self._checks: dict[str, Callable[[str], str]] = {}
        for prop in properties_at_start(kind.name):
            self.keep(prop)

    def keep(self, prop: Property) -> None:
        self.by_name[prop.name] = prop
        self._checks[prop.name] = checker(prop, self._active_owner)
        if prop.unique:
            self.unique.add(prop.name)

    def custom(self) -> list[Property]:
        return [prop for prop in self.by_name.values() if not prop.native]

    def clean(self, wanted: Mapping[str, Any]) -> dict[str, str]:
        """The values as stored, "" where one is to be cleared; 400 naming every unfit one."""
        cleaned: dict[str, str] = {}
        problems: list[Problem] = []
        for name, value in wanted.items():
            if not isinstance(value, str):
                raise invalid(
                    "Invalid input JSON on line 1, column 2: Cannot deserialize value of "
                    f'property "{name}" from {type(value).__name__}'
                )
            check = self._checks.get(name)
            if check is None:
                message = f'Property "{name}" does not exist'
                problems.append(Problem(name, "PROPERTY_DOESNT_EXIST", message))
                continue
            try:
                cleaned[name] = check(value) if value else self._cleared(name)
            except Unfit as error:
                problems.append(Problem(name, error.code, error.message))
        if problems:
            raise invalid_values(problems)
        return cleaned

    def _cleared(self, name: str) -> str:
        if self.by_name[name].read_only:
            self._checks[name]("")
        return ""


def list_properties(table: PropertyTable, _: Call) -> Answer:
    return Answer(200, {"results": [prop.body() for prop in table.by_name.values()]})


def get_property(table: PropertyTable, call: Call) -> Answer:
    return Answer(200, _known(table, call.args["name"]).body())


def create_property(table: PropertyTable, call: Call, *, unique_allowed: bool) -> Answer:
    """201; 409 when the name is taken, 400 when it may not be unique."""
    body = object_of(call, _NEEDED, _POSSIBLE)
    name = body["name"]
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name):
        raise invalid(f"Property name {name} is invalid", subCategory="Properties.INVALID_NAME")
    if name in table.by_name:
        raise Refusal(409, f"A property named '{name}' already exists.", category="OBJECT_ALREADY_EXISTS")
    if body["groupName"] not in table.groups:
        raise invalid(f"Property group {body['groupName']} does not exist.")
    if body["type"] not in TYPES or body["fieldType"] not in FIELD_TYPES:
        raise invalid(f"{body['type']} with {body['fieldType']} is not a valid property type")
    if body.get("hasUniqueValue"):
        _refuse_unique(table, body["type"], allowed=unique_allowed)
    prop = Property(
        name=name,
        label=body["label"],
        type=body["type"],
        field_type=body["fieldType"],
        group=body["groupName"],
        options=_options(body.get("options", [])),
        unique=bool(body.get("hasUniqueValue")),
        description=body.get("description", ""),
    )
    table.keep(prop)
    return Answer(201, prop.body())


def update_property(table: PropertyTable, call: Call) -> Answer:
    """PATCH of label, description or options; uniqueness never changes afterwards."""
    possible = {k: v for k, v in _POSSIBLE.items() if k != "hasUniqueValue"}
    body = object_of(call, {}, {**possible, "label": str, "groupName": str})
    prop = _known(table, call.args["name"])
    changed = replace(
        prop,
        label=body.get("label", prop.label),
        description=body.get("description", prop.description),
        options=_options(body["options"]) if "options" in body else prop.options,
    )
    table.keep(changed)
    return Answer(200, changed.body())


def list_groups(table: PropertyTable, _: Call) -> Answer:
    return Answer(200, {"results": [_group(*each) for each in table.groups.items()]})


def create_group(table: PropertyTable, call: Call) -> Answer:
    body = object_of(call, {"name": str, "label": str}, {"displayOrder": int})
    if body["name"] in table.groups:
        raise Refusal(409, f"Group {body['name']} already exists.", category="CONFLICT")
    table.groups[body["name"]] = body["label"]
    return Answer(201, _group(body["name"], body["label"]))


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def _known(table: PropertyTable, name: str) -> Property:
    prop = table.by_name.get(name)
    if prop is None:
        raise not_found(f"Property {name} does not exist")
    return prop


def _refuse_unique(table: PropertyTable, form: str, *, allowed: bool) -> None:
    if not allowed:
        raise invalid(f"hasUniqueValue is not supported for {table.kind.word} properties")
    if form not in {"string", "number"}:
        raise invalid(f"hasUniqueValue is not supported for properties of type {form}")
    if sum(prop.unique for prop in table.custom()) >= MOST_UNIQUE:
        raise invalid(f"The limit of {MOST_UNIQUE} unique properties has been reached")


def _options(given: list[Any]) -> tuple[tuple[str, str], ...]:
    needed, possible = {"label": str, "value": str}, {"description": str, "displayOrder": int}
    read = [closed(each, needed, {**possible, "hidden": bool}) for each in given]
    return tuple((each["label"], each["value"]) for each in read)
