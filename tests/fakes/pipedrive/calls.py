"""Each call of the API that syncd knows, by method and path."""

import re
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from syncd.testing import Answer, Call
from tests.fakes.pipedrive import rules
from tests.fakes.pipedrive.rules import invalid, read_body, read_query, refused

if TYPE_CHECKING:
    from tests.fakes.pipedrive.service import FakePipedrive

Row = dict[str, Any]
LISTED = {"ids", "updated_since", "sort_by", "sort_direction", "limit", "cursor", "custom_fields", "include_fields"}
PERSON = {
    "name": rules.line, "owner_id": rules.whole, "org_id": rules.whole, "emails": rules.addresses,
    "phones": rules.entries, "label_ids": lambda value: isinstance(value, list), "visible_to": rules.whole,
    "custom_fields": rules.is_object,
}  # fmt: skip
DEAL = {
    "title": rules.line, "owner_id": rules.whole, "person_id": rules.whole, "org_id": rules.whole,
    "pipeline_id": rules.whole, "stage_id": rules.whole, "status": lambda value: value in ("open", "won", "lost"),
    "label_ids": lambda value: isinstance(value, list) and all(map(rules.whole, value)),
    "custom_fields": rules.is_object,
}  # fmt: skip
LEAD = {
    "title": rules.line, "owner_id": rules.whole, "person_id": rules.whole, "organization_id": rules.whole,
    "label_ids": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "origin_id": lambda value: isinstance(value, str) and len(value) <= 255,
}  # fmt: skip
ACTIVITY = {
    "subject": rules.line, "type": rules.line, "owner_id": rules.whole, "deal_id": rules.whole, "lead_id": rules.line,
    "due_date": rules.day, "due_time": rules.clock_time, "done": rules.truth, "note": rules.text,
    "participants": rules.participants,
}  # fmt: skip
NOTE = {
    "content": lambda value: isinstance(value, str) and 0 < len(value) <= 100_000, "person_id": rules.whole,
    "deal_id": rules.whole, "lead_id": rules.line, "add_time": rules.stamp, "user_id": rules.whole,
}  # fmt: skip


def ok(data: Any, status: int = 200, cursor: str | None = None) -> Answer:
    return Answer(status, {"success": True, "data": data, "additional_data": {"next_cursor": cursor}})


# persons, deals, activities: v2


def list_persons(fake: "FakePipedrive", call: Call) -> Answer:
    return _listed(fake, fake.persons.values(), read_query(call, LISTED | {"owner_id"}))


def list_deals(fake: "FakePipedrive", call: Call) -> Answer:
    asked = read_query(call, LISTED | {"owner_id", "person_id", "status"})
    wanted = {name: asked[name] for name in ("person_id", "status") if name in asked}
    return _listed(fake, (row for row in fake.deals.values() if _matches(row, wanted)), asked)


def list_activities(fake: "FakePipedrive", call: Call) -> Answer:
    asked = read_query(call, LISTED | {"owner_id", "person_id", "deal_id", "lead_id", "done"})
    wanted = {name: asked[name] for name in ("person_id", "deal_id", "lead_id") if name in asked}
    return _listed(fake, (row for row in fake.activities.values() if _matches(row, wanted)), asked)


def get_person(fake: "FakePipedrive", _call: Call, number: str) -> Answer:
    return ok(_there(fake.persons, number, "Person"))


def add_person(fake: "FakePipedrive", call: Call) -> Answer:
    body = _checked(fake, read_body(call, PERSON, ("name",)), "personFields")
    person = {**_blank(fake), "emails": [], "phones": [], "owner_id": fake.me, **body}
    return _keep(fake.persons, _named(person))


def change_person(fake: "FakePipedrive", call: Call, number: str) -> Answer:
    body = _checked(fake, read_body(call, PERSON), "personFields")
    return ok(_named(_changed(fake, _there(fake.persons, number, "Person"), body)))


def delete_person(fake: "FakePipedrive", _call: Call, number: str) -> Answer:
    return _marked_deleted(fake, fake.persons, number, "Person")


def delete_activity(fake: "FakePipedrive", _call: Call, number: str) -> Answer:
    return _marked_deleted(fake, fake.activities, number, "Activity")


def delete_deal(fake: "FakePipedrive", _call: Call, number: str) -> Answer:
    return _marked_deleted(fake, fake.deals, number, "Deal")


def get_deal(fake: "FakePipedrive", _call: Call, number: str) -> Answer:
    return ok(_there(fake.deals, number, "Deal"))


def search_persons(fake: "FakePipedrive", call: Call) -> Answer:
    """An index: it shows only what is old enough. Exact matches tell no case apart, others begin alike."""
    asked = read_query(call, {"term", "fields", "exact_match", "limit", "cursor"})
    term, exact = asked.get("term", "").casefold(), asked.get("exact_match") == "true"
    if len(term) < (1 if exact else 2):
        raise invalid("term")
    if asked.get("fields") not in ("email", "phone", "name", "custom_fields"):
        raise invalid("fields")
    seen = fake.at - timedelta(seconds=fake.lag)
    shown = [row for row in fake.persons.values() if not row["is_deleted"] and _moment(row["update_time"]) <= seen]
    hits = [row for row in shown if _is_hit(_searched(row, asked["fields"]), term, exact=exact)]
    return ok({"items": [{"result_score": 1.0, "item": _found(row)} for row in hits[: int(asked.get("limit", 100))]]})


def add_deal(fake: "FakePipedrive", call: Call) -> Answer:
    body = _checked(fake, read_body(call, DEAL, ("title",)), "dealFields")
    return _keep(fake.deals, {**_blank(fake), "status": "open", "owner_id": fake.me, "source_lead_id": None, **body})


def add_activity(fake: "FakePipedrive", call: Call) -> Answer:
    body = _of_activity(fake, read_body(call, ACTIVITY, ("subject",)))
    activity = {**_blank(fake), "owner_id": fake.me, "done": False, "marked_as_done_time": None, **body}
    return _keep(fake.activities, activity)


def change_activity(fake: "FakePipedrive", call: Call, number: str) -> Answer:
    body = _of_activity(fake, read_body(call, ACTIVITY))
    return ok(_changed(fake, _there(fake.activities, number, "Activity"), body))


# fields


def list_fields(fake: "FakePipedrive", call: Call, kind: str) -> Answer:
    asked = read_query(call, {"limit", "cursor", "include_fields"})
    own = {"field_name": "Name", "field_code": "name", "field_type": "varchar", "is_custom_field": False}
    rows = [_shown_field(row, asked.get("include_fields", "").split(",")) for row in (own, *fake.fields[kind])]
    start, most = int(asked.get("cursor", "0")), min(int(asked.get("limit", 100)), 5)
    return ok(rows[start : start + most], cursor=str(start + most) if start + most < len(rows) else None)


def _shown_field(row: Row, included: list[str]) -> Row:
    """Whom a field is demanded of is told when it is asked for."""
    hidden = {"required_fields"} - set(included)
    told = {"required_fields": {"enabled": False, "stage_ids": [], "statuses": {}}, **row}
    return {name: value for name, value in told.items() if name not in hidden}


def add_field(fake: "FakePipedrive", call: Call, kind: str) -> Answer:
    known = ("varchar", "varchar_auto", "text", "double", "monetary", "date", "enum", "set", "phone", "time")
    allowed = {"field_name": rules.line, "field_type": lambda value: value in known}
    body = read_body(call, {**allowed, "options": lambda value: isinstance(value, list)}, ("field_name", "field_type"))
    code = f"{fake.number():040x}"
    fake.fields[kind].append({**body, "field_code": code, "is_custom_field": True, "options": None})
    return ok(fake.fields[kind][-1], 201)


# leads, notes, users: v1


def list_leads(fake: "FakePipedrive", call: Call) -> Answer:
    wanted = read_query(call, {"person_id", "limit", "start", "owner_id", "sort"})
    rows = [row for row in fake.leads.values() if _matches(row, {"person_id": wanted.get("person_id")})]
    return Answer(200, {"success": True, "data": rows})


def add_lead(fake: "FakePipedrive", call: Call) -> Answer:
    body = read_body(call, LEAD, ("title",))
    if not {"person_id", "organization_id"} & body.keys():
        raise refused(400, "A lead must be linked to a person or an organization", "ERR_MISSING_LINK")
    _checked(fake, body, "")
    own = str(uuid.UUID(int=fake.number()))
    now = fake.now()
    fake.leads[own] = {"id": own, "owner_id": fake.me, "origin": "API", "is_archived": False, "add_time": now,
                       "update_time": now, "origin_id": None, **body}  # fmt: skip
    return Answer(201, {"success": True, "data": fake.leads[own]})


def get_lead(fake: "FakePipedrive", _call: Call, lead: str) -> Answer:
    return Answer(200, {"success": True, "data": _lead(fake, lead)})


def delete_lead(fake: "FakePipedrive", _call: Call, lead: str) -> Answer:
    """For good, unlike what v2 deletes."""
    del fake.leads[_lead(fake, lead)["id"]]
    return Answer(200, {"success": True, "data": {"id": lead}})


def list_notes(fake: "FakePipedrive", call: Call) -> Answer:
    asked = read_query(call, {"person_id", "deal_id", "lead_id", "limit", "start", "sort"})
    if asked.get("sort", "id DESC") != "id DESC":
        raise invalid("sort")
    rows = [row for row in fake.notes.values() if _matches(row, {"person_id": asked.get("person_id")})]
    return Answer(200, {"success": True, "data": rows[::-1] or None})


def add_note(fake: "FakePipedrive", call: Call) -> Answer:
    body = _checked(fake, read_body(call, NOTE, ("content",)), "")
    if not {"person_id", "deal_id", "lead_id"} & body.keys():
        raise refused(400, "A note must be linked", "ERR_MISSING_LINK")
    number = fake.number()
    fake.notes[number] = {"id": number, "active_flag": True, "update_time": fake.now(), **body}
    return Answer(201, {"success": True, "data": fake.notes[number]})


def list_users(fake: "FakePipedrive", _call: Call) -> Answer:
    return Answer(200, {"success": True, "data": list(fake.users.values())})


def own_user(fake: "FakePipedrive", _call: Call) -> Answer:
    return Answer(200, {"success": True, "data": {**fake.users[fake.me], "company_domain": "acme"}})


def list_types(fake: "FakePipedrive", _call: Call) -> Answer:
    rows = [
        {"id": at, "key_string": key, "name": key.title(), "active_flag": True} for at, key in enumerate(fake.types)
    ]
    return Answer(200, {"success": True, "data": rows})


def list_stages(_fake: "FakePipedrive", _call: Call) -> Answer:
    return ok([{"id": 1, "pipeline_id": 1}, {"id": 2, "pipeline_id": 1}, {"id": 7, "pipeline_id": 2}])


Handler = Callable[..., Answer]


def _route(method: str, path: str, answer: Handler) -> tuple[str, re.Pattern[str], Handler]:
    return method, re.compile(path), answer


CALLS = [
    _route("GET", "/api/v2/persons", list_persons),
    _route("POST", "/api/v2/persons", add_person),
    _route("GET", "/api/v2/persons/search", search_persons),
    _route("GET", r"/api/v2/persons/(\d+)", get_person),
    _route("PATCH", r"/api/v2/persons/(\d+)", change_person),
    _route("DELETE", r"/api/v2/persons/(\d+)", delete_person),
    _route("GET", "/api/v2/deals", list_deals),
    _route("GET", r"/api/v2/deals/(\d+)", get_deal),
    _route("DELETE", r"/api/v2/deals/(\d+)", delete_deal),
    _route("POST", "/api/v2/deals", add_deal),
    _route("GET", "/api/v2/activities", list_activities),
    _route("POST", "/api/v2/activities", add_activity),
    _route("PATCH", r"/api/v2/activities/(\d+)", change_activity),
    _route("DELETE", r"/api/v2/activities/(\d+)", delete_activity),
    _route("GET", "/api/v2/(personFields|dealFields)", list_fields),
    _route("POST", "/api/v2/(personFields|dealFields)", add_field),
    _route("GET", "/api/v2/stages", list_stages),
    _route("GET", "/v1/leads", list_leads),
    _route("POST", "/v1/leads", add_lead),
    _route("GET", "/v1/leads/([0-9a-f-]{36})", get_lead),
    _route("DELETE", "/v1/leads/([0-9a-f-]{36})", delete_lead),
    _route("GET", "/v1/notes", list_notes),
    _route("POST", "/v1/notes", add_note),
    _route("GET", "/v1/users", list_users),
    _route("GET", "/v1/users/me", own_user),
    _route("GET", "/v1/activityTypes", list_types),
]


# parts


def _blank(fake: "FakePipedrive") -> Row:
    now = fake.now()
    return {"id": fake.number(), "add_time": now, "update_time": now, "is_deleted": False, "custom_fields": {}}


def _keep(held: dict[int, Row], row: Row) -> Answer:
    held[row["id"]] = row
    return ok(dict(row), 201)


def _changed(fake: "FakePipedrive", row: Row, body: Row) -> Row:
    """An empty change changes nothing."""
    custom = {**row["custom_fields"], **body.get("custom_fields", {})}
    row.update(body, custom_fields=custom, update_time=fake.now())
    return row


def _there(held: dict[int, Row], number: str, what: str) -> Row:
    row = held.get(int(number))
    if row is None or row["is_deleted"]:
        raise refused(404, f"{what} not found", "ERR_ENTITY_NOT_FOUND")
    return row


def _marked_deleted(fake: "FakePipedrive", held: dict[int, Row], number: str, what: str) -> Answer:
    """For thirty days; until then lists that are asked for it may show it."""
    row = _there(held, number, what)
    row.update(is_deleted=True, update_time=fake.now())
    return ok({"id": row["id"]})


def _lead(fake: "FakePipedrive", lead: str) -> Row:
    if lead not in fake.leads:
        raise refused(404, "Lead not found", "ERR_LEAD_NOT_FOUND")
    return fake.leads[lead]


def _checked(fake: "FakePipedrive", body: Row, kind: str) -> Row:
    """Users, persons, leads and deals that are named are there, and custom fields hold what they can."""
    for name in ("owner_id", "user_id"):
        if name in body and not fake.users.get(body[name], {}).get("active_flag"):
            raise refused(400, f"{name}: no such active user", "ERR_SCHEMA_VALIDATION_FAILED")
    for name, held in (("person_id", fake.persons), ("deal_id", fake.deals), ("lead_id", fake.leads)):
        if name in body and (body[name] not in held or held[body[name]].get("is_deleted")):  # type: ignore[attr-defined]
            raise refused(400, f"{name}: not found", "ERR_SCHEMA_VALIDATION_FAILED")
    types = {row["field_code"]: row["field_type"] for row in fake.fields.get(kind, ())}
    for code, value in body.get("custom_fields", {}).items():
        if code not in types or not rules.fits(types[code], value):
            raise refused(400, "custom_fields: not valid", "ERR_SCHEMA_VALIDATION_FAILED")
    return body


def _of_activity(fake: "FakePipedrive", body: Row) -> Row:
    """`person_id` is read-only: it is that of the participant who is called primary."""
    _checked(fake, body, "")
    if "type" in body and body["type"] not in fake.types:
        raise invalid("type")
    named = body.get("participants") or []
    for row in named:
        _checked(fake, {"person_id": row["person_id"]}, "")
    first = next((row["person_id"] for row in named if row.get("primary")), None)
    return {**body, "person_id": first} if named else body


def _named(person: Row) -> Row:
    first, _, last = str(person["name"]).partition(" ")
    person.update(first_name=first, last_name=last)
    return person


def _matches(row: Row, wanted: dict[str, Any]) -> bool:
    return all(value is None or str(row.get(name)) == str(value) for name, value in wanted.items())


def _listed(fake: "FakePipedrive", rows: Iterable[Row], asked: dict[str, str]) -> Answer:
    """`ids` leaves out what is not there; `updated_since` is inclusive; the cursor is a place in the whole list."""
    shows_deleted = fake.lists_deleted and "updated_since" in asked
    found = [row for row in rows if shows_deleted or not row["is_deleted"]]
    if "ids" in asked:
        ids = asked["ids"].split(",")
        if len(ids) > 100:
            raise invalid("ids")
        found = [row for row in found if str(row["id"]) in ids]
    if "updated_since" in asked:
        found = [row for row in found if row["update_time"] >= asked["updated_since"]]
    by = asked.get("sort_by", "id")
    found.sort(key=lambda row: (row[by], row["id"]), reverse=asked.get("sort_direction") == "desc")
    start, most = int(asked.get("cursor", "0")), int(asked.get("limit", "100"))
    more = str(start + most) if start + most < len(found) else None
    return ok([dict(row) for row in found[start : start + most]], cursor=more)


def _searched(row: Row, field: str) -> list[str]:
    if field == "custom_fields":
        return [str(value) for value in row["custom_fields"].values()]
    if field == "name":
        return [str(row["name"])]
    return [str(one["value"]) for one in row[f"{field}s"]]


def _is_hit(values: list[str], term: str, *, exact: bool) -> bool:
    return any(value.casefold() == term if exact else term in value.casefold() for value in values)


def _found(row: Row) -> Row:
    emails, phones = ([one["value"] for one in row[name]] for name in ("emails", "phones"))
    return {"id": row["id"], "type": "person", "name": row["name"], "emails": emails, "phones": phones,
            "owner": {"id": row["owner_id"]}, "custom_fields": _searched(row, "custom_fields")}  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
