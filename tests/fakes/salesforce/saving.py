"""Saving one record, with everything Salesforce checks before it does.

https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_triggers_order_of_execution.htm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.salesforce.errors import Problem
from tests.fakes.salesforce.matching import check_duplicates
from tests.fakes.salesforce.org import Org, Record, Table

CLOSED_TASK = "Completed"
WATCHED = {"Status": "Status", "OwnerId": "Owner"}  # of a lead, where its history is kept


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call wants its records saved: by whom, and what its headers say."""

    by: str = ""
    auto_assign: bool = False
    allow_duplicates: bool = False


def insert(org: Org, table: Table, given: Mapping[str, Any], manner: Manner) -> Record:
    values = _checked(org, table, given, creating=True)
    missing = [name for name, field in table.fields.items() if field.required and values.get(name) is None]
    if missing:
        said = f"Required fields are missing: [{', '.join(missing)}]"
        raise Problem("REQUIRED_FIELD_MISSING", said, tuple(missing))
    held = {name: value for name, value in values.items() if value is not None}
    _check_rules(org, held)
    _check_unique(table, held, None)
    _check_references(org, table, held)
    check_duplicates(org, table, held, allowed=manner.allow_duplicates)
    made = {**_defaults(org, table, held, manner), **held}
    if org.options.assigns_to and table.name == "Lead" and manner.auto_assign:
        made["OwnerId"] = _user(org, org.options.assigns_to)
    record = org.put(table.name, made, by=manner.by)
    _derive(org, record)
    return record


def update(org: Org, record: Record, given: Mapping[str, Any], manner: Manner) -> None:
    if record.deleted:
        raise Problem("ENTITY_IS_DELETED", "entity is deleted")
    if record.object == "Lead" and record.values.get("IsConverted"):
        raise Problem("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    table = org.tables[record.object]
    values = _checked(org, table, given, creating=False)
    _check_rules(org, values)
    _check_unique(table, values, record)
    _check_references(org, table, {name: value for name, value in values.items() if value is not None})
    if record.object == "Lead" and org.options.history:
        _remember(org, record, values, manner.by)
    org.touch(record, values, by=manner.by)
    _derive(org, record)


def _checked(org: Org, table: Table, given: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        if name in ("attributes", "Id", "id"):
            continue
        field = table.field(name)
        if not (field.createable if creating else field.updateable):
            said = (
                f"Unable to create/update fields: {name}. Please check the security settings of this field and "
                "verify that it is read/write for your profile or permission set."
            )
            raise Problem("INVALID_FIELD_FOR_INSERT_UPDATE", said, (name,))
        values[name] = field.checked(value)
    return values


def _check_rules(org: Org, values: Mapping[str, Any]) -> None:
    for name, value in org.rules:
        if values.get(name) == value:
            raise Problem("FIELD_CUSTOM_VALIDATION_EXCEPTION", f"{value} is not what we want", (name,))


def _check_unique(table: Table, values: Mapping[str, Any], mine: Record | None) -> None:
    for name, value in values.items():
        if not table.fields[name].unique or value is None:
            continue
        other = next((each for each in table.matching(name, value) if each is not mine), None)
        if other is not None:
            said = f"duplicate value found: {name} duplicates value on record with id: {other.id}"
            raise Problem("DUPLICATE_VALUE", said)


def _check_references(org: Org, table: Table, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        field = table.fields[name]
        if field.type != "reference":
            continue
        found = next((org.tables[each].by_id[value] for each in _known(org, field.references, value)), None)
        if found is None:
            raise Problem("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {value}", (name,))
        if found.deleted:
            raise Problem("ENTITY_IS_DELETED", "entity is deleted")
        if name == "OwnerId":
            _check_owner(org, table, found)
        elif name == "WhoId" and found.values.get("IsConverted"):
            raise Problem("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ("WhoId",))
    if values.get("WhatId") and str(values.get("WhoId", "")).startswith("00Q"):
        raise Problem("FIELD_INTEGRITY_EXCEPTION", "WhatId cannot be set with a lead WhoId", ("WhatId",))


def _known(org: Org, references: tuple[str, ...], value: str) -> list[str]:
    return [each for each in references if each in org.tables and value in org.tables[each].by_id]


def _check_owner(org: Org, table: Table, owner: Record) -> None:
    if owner.object == "User" and not owner.values.get("IsActive"):
        said = f"operation performed with inactive user [{owner.id}] as owner of {table.name.lower()}"
        raise Problem("INACTIVE_OWNER_OR_USER", said)
    served = {each.values["SobjectType"] for each in org.tables["QueueSobject"].matching("QueueId", owner.id)}
    if owner.object == "Group" and table.name not in served:
        said = f"Queue not associated with this SObject type: {owner.id}"
        raise Problem("INVALID_CROSS_REFERENCE_KEY", said, ("OwnerId",))


def _defaults(org: Org, table: Table, held: Mapping[str, Any], manner: Manner) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in table.fields.items():
        if name in held or not field.defaulted or not (field.createable or field.updateable):
            continue
        if name == "OwnerId":
            values[name] = manner.by or org.me
        elif field.type == "boolean":
            values[name] = False
        elif name == "Priority":
            values[name] = "Normal"
        elif field.values:
            values[name] = field.values[0]
    return values


def _derive(org: Org, record: Record) -> None:
    """What follows from other fields."""
    values = record.values
    if record.object in ("Lead", "Contact"):
        values["Name"] = " ".join(part for part in (values.get("FirstName"), values.get("LastName")) if part)
    if record.object == "Task":
        values["IsClosed"] = values.get("Status") == CLOSED_TASK
        if values["IsClosed"] and "CompletedDateTime" not in values:
            values["CompletedDateTime"] = org.at()
    if record.object == "Opportunity":
        values["IsWon"] = values.get("StageName") == "Closed Won"
        values["IsClosed"] = str(values.get("StageName", "")).startswith("Closed")


def _remember(org: Org, record: Record, values: Mapping[str, Any], by: str) -> None:
    for name, told in WATCHED.items():
        if name in values and values[name] != record.values.get(name):
            row = {"LeadId": record.id, "Field": told, "OldValue": record.values.get(name), "NewValue": values[name]}
            org.put("LeadHistory", row, by=by)


def _user(org: Org, email: str) -> str:
    return next(each.id for each in org.tables["User"].live() if each.values["Email"] == email)
