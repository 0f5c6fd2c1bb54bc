"""Each call of the API that syncd knows, by method and path."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from syncd.testing import Answer, Call, Refusal
from tests.fakes.copper import rules
from tests.fakes.copper.rules import invalid, missing, read_body

if TYPE_CHECKING:
    from tests.fakes.copper.service import FakeCopper

Row = dict[str, Any]
WHO: dict[str, rules.Check] = {
    "name": rules.line, "title": rules.line, "assignee_id": rules.whole, "address": rules.address,
    "details": rules.text,
    "phone_numbers": rules.phones, "websites": rules.websites, "tags": rules.lines, "custom_fields": rules.customs,
}  # fmt: skip
LEAD: dict[str, rules.Check] = {
    **WHO, "email": rules.email, "company_name": rules.line, "customer_source_id": rules.whole,
    "monetary_value": rules.whole, "status_id": rules.whole,
}  # fmt: skip
PERSON: dict[str, rules.Check] = {
    **WHO, "emails": rules.emails, "company_id": rules.whole, "contact_type_id": rules.whole,
}  # fmt: skip
TASK: dict[str, rules.Check] = {
    "name": rules.line, "related_resource": rules.resource, "assignee_id": rules.whole, "due_date": rules.seconds,
    "reminder_date": rules.seconds, "priority": lambda value: value in ("None", "High"), "details": rules.text,
    "status": lambda value: value in ("Open", "Completed"), "tags": rules.lines,
}  # fmt: skip
ACTIVITY: dict[str, rules.Check] = {
    "parent": rules.resource, "type": lambda value: isinstance(value, dict), "details": rules.text,
    "activity_date": rules.seconds, "user_id": rules.whole,
}  # fmt: skip
PAGED: dict[str, rules.Check] = {
    "page_number": rules.whole, "page_size": rules.whole, "sort_by": rules.line,
    "sort_direction": lambda value: value in ("asc", "desc"), "ids": rules.wholes,
    "minimum_modified_date": rules.seconds,
}  # fmt: skip
TYPES = ("Checkbox", "Currency", "Date", "Dropdown", "Float", "MultiSelect", "Percentage", "String", "Text", "URL")
AVAILABLE = {"lead", "person", "opportunity", "company", "project", "task"}


# leads and people


def upsert_lead(fake: "FakeCopper", call: Call) -> Answer:
    """Atomic, and not by an index: https://developer.copper.com/leads/upsert-a-lead.html"""
    body = read_body(call, {"properties": _is_object, "match": _is_object}, ("properties", "match"))
    properties, match = body["properties"], body["match"]
    rules.check(properties, LEAD)
    found = [row for row in fake.leads.values() if not row["converted_at"] and _matches(fake, row, match)]
    if len(found) > 1:
        ids = ", ".join(str(row["id"]) for row in found)
        raise Refusal(Answer(422, {"success": False, "status": 422, "message": f"Multiple matches: {ids}"}))
    _fit(fake, properties, "lead")
    if found:
        return Answer(200, fake.change(fake.leads, found[0]["id"], properties))
    rules.check(properties, LEAD, ("name",))
    lead = fake.keep_lead(properties)
    if match["field_name"] == "custom":
        fake.set_custom(lead, match["field_value"])
    return Answer(200, lead)


def get_lead(fake: "FakeCopper", _call: Call, lead: str) -> Answer:
    return Answer(200, _there(fake.live_leads(), lead))


def change_lead(fake: "FakeCopper", call: Call, lead: str) -> Answer:
    row = _there(fake.live_leads(), lead)
    body = read_body(call, LEAD)
    _fit(fake, body, "lead")
    return Answer(200, fake.change(fake.leads, row["id"], body))


def delete_lead(fake: "FakeCopper", _call: Call, lead: str) -> Answer:
    return _deleted(fake.leads, _there(fake.live_leads(), lead)["id"])


def delete_person(fake: "FakeCopper", _call: Call, person: str) -> Answer:
    return _deleted(fake.people, _there(fake.people, person)["id"])


def get_person(fake: "FakeCopper", _call: Call, person: str) -> Answer:
    return Answer(200, _there(fake.people, person))


def change_person(fake: "FakeCopper", call: Call, person: str) -> Answer:
    row = _there(fake.people, person)
    body = read_body(call, PERSON)
    _fit(fake, body, "person")
    return Answer(200, fake.change(fake.people, row["id"], body))


def search_leads(fake: "FakeCopper", call: Call) -> Answer:
    """`emails` is one address here, and converted leads are told when they are asked for."""
    asked = read_body(
        call,
        {**PAGED, "emails": rules.line, "include_converted_leads": _is_truth, "minimum_created_date": rules.seconds},
    )
    rows = [row for row in fake.leads.values() if not row["converted_at"] or asked.get("include_converted_leads")]
    rows = [row for row in rows if row["date_created"] >= asked.get("minimum_created_date", 0)]
    if "emails" in asked:
        wanted = asked["emails"].casefold()
        rows = [row for row in rows if ((row["email"] or {}).get("email") or "").casefold() == wanted]
    return _searched(fake, rows, asked)


def search_people(fake: "FakeCopper", call: Call) -> Answer:
    asked = read_body(call, {**PAGED, "emails": rules.lines})
    rows: Iterable[Row] = fake.people.values()
    if "emails" in asked:
        wanted = {email.casefold() for email in asked["emails"]}
        rows = [row for row in rows if wanted & {one["email"].casefold() for one in row["emails"]}]
    return _searched(fake, rows, asked)


def search_opportunities(fake: "FakeCopper", call: Call) -> Answer:
    return _searched(fake, fake.opportunities.values(), read_body(call, PAGED))


# tasks and activities


def add_task(fake: "FakeCopper", call: Call) -> Answer:
    body = read_body(call, TASK, ("name",))
    _related(fake, body.get("related_resource"), "Related resource")
    _assigned(fake, body)
    return Answer(200, fake.keep(fake.tasks, {"status": "Open", "completed_date": None, **body}))


def change_task(fake: "FakeCopper", call: Call, task: str) -> Answer:
    row = _there(fake.tasks, task)
    body = read_body(call, TASK)
    _assigned(fake, body)
    return Answer(200, fake.change(fake.tasks, row["id"], body))


def delete_task(fake: "FakeCopper", _call: Call, task: str) -> Answer:
    return _deleted(fake.tasks, _there(fake.tasks, task)["id"])


def search_tasks(fake: "FakeCopper", call: Call) -> Answer:
    asked = read_body(call, {**PAGED, "assignee_ids": rules.wholes, "statuses": rules.lines,
                             "minimum_created_date": rules.seconds})  # fmt: skip
    since, statuses = asked.get("minimum_created_date", 0), asked.get("statuses", ["Open", "Completed"])
    rows = [row for row in fake.tasks.values() if row["date_created"] >= since and row["status"] in statuses]
    return _searched(fake, rows, asked)


def add_activity(fake: "FakeCopper", call: Call) -> Answer:
    """Only such that people make."""
    body = read_body(call, ACTIVITY, ("parent", "type", "details"))
    kind = (body["type"].get("category"), body["type"].get("id"))
    if kind not in {(one["category"], one["id"]) for one in fake.activity_types if not one["is_disabled"]}:
        raise invalid("Type")
    _related(fake, body["parent"], "Parent")
    return Answer(200, fake.keep_activity(body["parent"], body["details"], kind=body["type"]["id"],
                                          at=body.get("activity_date"), user=body.get("user_id", fake.me)))  # fmt: skip


def search_activities(fake: "FakeCopper", call: Call) -> Answer:
    """Newest first."""
    asked = read_body(call, {"parent": rules.resource, "activity_types": _is_list, "page_number": rules.whole,
                             "page_size": rules.whole, "minimum_activity_date": rules.seconds})  # fmt: skip
    kinds = {(one["category"], one["id"]) for one in asked.get("activity_types", [])}
    rows = [
        row
        for row in fake.activities.values()
        if row["activity_date"] >= asked.get("minimum_activity_date", 0)
        and asked.get("parent", row["parent"]) == row["parent"]
        and (not kinds or (row["type"]["category"], row["type"]["id"]) in kinds)
    ]
    newest = sorted(rows, key=lambda row: row["activity_date"], reverse=True)
    return _paged(fake, newest, asked)


# what the account says of itself


def own_user(fake: "FakeCopper", _call: Call) -> Answer:
    return Answer(200, fake.users[fake.me])


def search_users(fake: "FakeCopper", call: Call) -> Answer:
    return _paged(fake, list(fake.users.values()), read_body(call, PAGED))


def list_fields(fake: "FakeCopper", _call: Call) -> Answer:
    return Answer(200, fake.definitions)


def add_field(fake: "FakeCopper", call: Call) -> Answer:
    body = read_body(call, {
        "name": rules.line, "data_type": lambda value: value in TYPES, "is_filterable": _is_truth,
        "available_on": lambda value: rules.lines(value) and set(value) <= AVAILABLE, "options": _is_list,
    }, ("name", "data_type"))  # fmt: skip
    if any(row["name"] == body["name"] for row in fake.definitions):
        raise invalid("Name", "has already been taken")
    return Answer(200, fake.keep_field(**body))


def list_statuses(fake: "FakeCopper", _call: Call) -> Answer:
    return Answer(200, [{"id": key, "name": name, "is_default": key == 1} for key, name in fake.statuses.items()])


def list_sources(fake: "FakeCopper", _call: Call) -> Answer:
    return Answer(200, [{"id": key, "name": name} for key, name in fake.sources.items()])


def list_activity_types(fake: "FakeCopper", _call: Call) -> Answer:
    return Answer(200, {"user": fake.activity_types, "system": [{"id": 1, "category": "system", "name": "Changed"}]})


Handler = Callable[..., Answer]


def _route(method: str, path: str, answer: Handler) -> tuple[str, re.Pattern[str], Handler]:
    return method, re.compile(f"/developer_api/v1/{path}"), answer


CALLS = [
    _route("PUT", "leads/upsert", upsert_lead),
    _route("POST", "leads/search", search_leads),
    _route("GET", r"leads/(\d+)", get_lead),
    _route("PUT", r"leads/(\d+)", change_lead),
    _route("DELETE", r"leads/(\d+)", delete_lead),
    _route("POST", "people/search", search_people),
    _route("GET", r"people/(\d+)", get_person),
    _route("PUT", r"people/(\d+)", change_person),
    _route("DELETE", r"people/(\d+)", delete_person),
    _route("POST", "opportunities/search", search_opportunities),
    _route("POST", "tasks", add_task),
    _route("POST", "tasks/search", search_tasks),
    _route("PUT", r"tasks/(\d+)", change_task),
    _route("DELETE", r"tasks/(\d+)", delete_task),
    _route("POST", "activities", add_activity),
    _route("POST", "activities/search", search_activities),
    _route("GET", "users/me", own_user),
    _route("POST", "users/search", search_users),
    _route("GET", "custom_field_definitions", list_fields),
    _route("POST", "custom_field_definitions", add_field),
    _route("GET", "lead_statuses", list_statuses),
    _route("GET", "customer_sources", list_sources),
    _route("GET", "activity_types", list_activity_types),
]


# parts


def _matches(fake: "FakeCopper", row: Row, match: Row) -> bool:
    name, value = match.get("field_name"), match.get("field_value")
    if name == "custom" and isinstance(value, dict):
        field = next((one for one in fake.definitions if one["id"] == value.get("custom_field_definition_id")), None)
        if field is None or "lead" not in field["available_on"] or not field["is_filterable"]:
            raise invalid("Base", "Custom field is not included in filters")
        return bool(fake.custom_of(row, field["id"]) == value.get("value"))
    if name == "email" and isinstance(value, str):
        return ((row["email"] or {}).get("email") or "").casefold() == value.casefold()
    raise invalid("Base", "Invalid match")


def _fit(fake: "FakeCopper", body: Row, kind: str) -> None:
    _assigned(fake, body)
    if body.get("status_id", 1) not in fake.statuses:
        raise invalid("Status")
    if body.get("customer_source_id") is not None and body["customer_source_id"] not in fake.sources:
        raise invalid("Customer source")
    there = {one["id"]: one for one in fake.definitions if kind in one["available_on"]}
    for one in body.get("custom_fields") or []:
        field = there.get(one["custom_field_definition_id"])
        if field is None or not rules.fits(field, one["value"]):
            raise invalid("Custom fields")
    if body.get("name") == "":
        raise invalid("Name", "can't be blank")


def _assigned(fake: "FakeCopper", body: Row) -> None:
    if body.get("assignee_id") is not None and body["assignee_id"] not in fake.users:
        raise invalid("Assignee")


def _related(fake: "FakeCopper", resource: Row | None, name: str) -> None:
    held = {"lead": fake.live_leads(), "person": fake.people, "opportunity": fake.opportunities}
    if resource is not None and resource["id"] not in held.get(resource["type"], {}):
        raise invalid(name)


def _there(held: dict[int, Row], key: str) -> Row:
    if int(key) not in held:
        raise missing()
    return held[int(key)]


def _deleted(held: dict[int, Row], key: int) -> Answer:
    del held[key]
    return Answer(200, {"id": key, "is_deleted": True})


def _searched(fake: "FakeCopper", rows: Iterable[Row], asked: Row) -> Answer:
    """An index: it shows only what is old enough."""
    seen, since = fake.seconds() - fake.lag, asked.get("minimum_modified_date", 0)
    ids = asked.get("ids")
    shown = [row for row in rows if row["date_modified"] <= seen and row["date_modified"] >= since]
    shown = [row for row in shown if ids is None or row["id"] in ids]
    by = asked.get("sort_by", "id")
    if by not in ("id", "name", "date_modified", "date_created"):
        raise invalid("Sort by")
    return _paged(fake, sorted(shown, key=lambda row: row[by], reverse=asked.get("sort_direction") == "desc"), asked)


def _paged(_fake: "FakeCopper", rows: list[Row], asked: Row) -> Answer:
    number, size = asked.get("page_number", 1), asked.get("page_size", 20)
    if number < 1 or not 1 <= size <= 200:
        raise invalid("Page size")
    return Answer(200, rows[(number - 1) * size : number * size])


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)
