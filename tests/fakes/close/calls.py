"""Each call of the API that syncd knows, by method and path."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from syncd.testing import Answer, Call
from tests.fakes.close import rules
from tests.fakes.close.rules import bad, invalid, missing, read_body, read_query
from tests.fakes.close.searching import is_hit

if TYPE_CHECKING:
    from tests.fakes.close.service import FakeClose

Row = dict[str, Any]
CONTACT = {"name": rules.line, "title": rules.line, "emails": rules.emails, "phones": rules.phones, "custom": bool}
LEAD = {
    "name": rules.line, "status_id": rules.line, "status": rules.line, "description": rules.text,
    "contacts": lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value), "custom": bool,
}  # fmt: skip
TASK = {
    "_type": lambda value: value == "lead", "lead_id": rules.line, "text": rules.text, "date": rules.moment,
    "assigned_to": rules.line, "is_complete": rules.truth,
}  # fmt: skip
NOTE = {"lead_id": rules.line, "note": lambda value: rules.text(value) and bool(value), "note_html": rules.text}
FIELD_TYPES = ("text", "textarea", "number", "date", "datetime", "choices", "user", "hidden", "contact")
EVENTS_OF_ONE_PAGE = 50


# leads and contacts


def add_lead(fake: "FakeClose", call: Call) -> Answer:
    body = _lead_body(fake, read_body(call, LEAD))
    contacts = [_contact_body(fake, one) for one in body.pop("contacts", [])]
    lead = {"id": fake.new_id("lead"), "name": "", "status_id": next(iter(fake.statuses)), **body, **fake.stamps()}
    lead["html_url"] = f"https://app.close.com/lead/{lead['id']}/"
    fake.leads[lead["id"]] = lead
    fake.tell("lead", "created", lead, lead["id"])
    for contact in contacts:
        fake.keep_contact(lead["id"], contact)
    return Answer(200, fake.lead(lead["id"]))


def get_lead(fake: "FakeClose", _call: Call, lead: str) -> Answer:
    return Answer(200, fake.lead(_there(fake.leads, lead, "Lead")["id"]))


def change_lead(fake: "FakeClose", call: Call, lead: str) -> Answer:
    row = _there(fake.leads, lead, "Lead")
    body = read_body(call, {name: check for name, check in LEAD.items() if name != "contacts"})
    fake.change_lead(lead, _lead_body(fake, body))
    return Answer(200, fake.lead(row["id"]))


def delete_lead(fake: "FakeClose", _call: Call, lead: str) -> Answer:
    """An empty object: https://developer.close.com/api/resources/leads/delete"""
    _there(fake.leads, lead, "Lead")
    fake.delete_lead(lead, by="api_1")
    return Answer(200, {})


def add_contact(fake: "FakeClose", call: Call) -> Answer:
    body = read_body(call, {**CONTACT, "lead_id": rules.line}, ("lead_id",))
    lead = body.pop("lead_id")
    if lead not in fake.leads:
        raise invalid("lead_id")
    return Answer(200, fake.keep_contact(lead, _contact_body(fake, body)))


def change_contact(fake: "FakeClose", call: Call, contact: str) -> Answer:
    row = _there(fake.contacts, contact, "Contact")
    body = read_body(call, CONTACT)
    _custom(fake, "contact", body)
    row.update(body, date_updated=fake.now())
    fake.tell("contact", "updated", row, row["lead_id"], list(body))
    return Answer(200, dict(row))


def search(fake: "FakeClose", call: Call) -> Answer:
    """An index: it shows only what is old enough."""
    allowed: dict[str, rules.Check] = {"query": _is_object, "_fields": _is_object, "sort": _is_list, "_limit": _whole}
    body = read_body(call, {**allowed, "cursor": rules.line}, ("query",))
    if not 1 <= body.get("_limit", 100) <= 200:
        raise invalid("_limit")
    seen = fake.at - timedelta(seconds=fake.lag)
    shown = [row for row in fake.contacts.values() if fake.changed_at(row) <= seen]
    try:
        is_hit(body["query"], {"emails": []})  # judged even when there is nobody
        hits = [row for row in shown if is_hit(body["query"], row)]
    except (KeyError, TypeError, AttributeError) as error:
        raise bad("Malformed query.") from error
    wanted = body.get("_fields", {}).get("contact", ["id"])
    found = [{"__object_type": "contact", **{name: row.get(name) for name in wanted}} for row in hits]
    return Answer(200, {"data": found[: body.get("_limit", 100)], "cursor": None})


# tasks and notes


def list_tasks(fake: "FakeClose", call: Call) -> Answer:
    asked = read_query(call, {"lead_id", "_type", "_order_by", "is_complete", "view"})
    if asked.get("_order_by", "date") not in ("date", "-date", "date_created", "-date_created"):
        raise invalid("_order_by")
    return _listed(
        (row for row in fake.tasks.values() if row["lead_id"] == asked.get("lead_id", row["lead_id"])), asked
    )


def add_task(fake: "FakeClose", call: Call) -> Answer:
    body = read_body(call, TASK, ("_type", "lead_id", "text"))
    if body["lead_id"] not in fake.leads:
        raise invalid("lead_id")
    _assigned(fake, body)
    task = {"id": fake.new_id("task"), "assigned_to": fake.me, "is_complete": False, **body, **fake.stamps()}
    fake.tasks[task["id"]] = task
    fake.tell("task.lead", "created", task, task["lead_id"])
    return Answer(200, dict(task))


def change_task(fake: "FakeClose", call: Call, task: str) -> Answer:
    row = _there(fake.tasks, task, "Task")
    body = read_body(call, {name: check for name, check in TASK.items() if name not in ("_type", "lead_id")})
    _assigned(fake, body)
    row.update(body, date_updated=fake.now())
    fake.tell("task.lead", "updated", row, row["lead_id"], list(body))
    return Answer(200, dict(row))


def delete_task(fake: "FakeClose", _call: Call, task: str) -> Answer:
    row = fake.tasks.pop(_there(fake.tasks, task, "Task")["id"])
    fake.tell("task.lead", "deleted", row, row["lead_id"])
    return Answer(200, {})


def list_notes(fake: "FakeClose", call: Call) -> Answer:
    asked = read_query(call, {"lead_id", "user_id"}, most=100)
    if "lead_id" not in asked:
        raise invalid("lead_id", "This field is required.")
    return _listed((row for row in fake.notes.values() if row["lead_id"] == asked["lead_id"]), asked)


def add_note(fake: "FakeClose", call: Call) -> Answer:
    body = read_body(call, NOTE, ("lead_id",))
    if body["lead_id"] not in fake.leads:
        raise invalid("lead_id")
    note = {"id": fake.new_id("acti"), "_type": "Note", "user_id": fake.me, **body, **fake.stamps()}
    fake.notes[note["id"]] = note
    fake.tell("activity.note", "created", note, note["lead_id"])
    return Answer(200, dict(note))


# fields, users, statuses, events


def list_fields(fake: "FakeClose", call: Call, kind: str) -> Answer:
    asked = read_query(call, set())
    return _listed(fake.fields[kind], {**asked, "_limit": str(min(int(asked.get("_limit", "50")), 4))}, newest=False)


def add_field(fake: "FakeClose", call: Call, kind: str) -> Answer:
    allowed: dict[str, rules.Check] = {"name": rules.line, "type": lambda value: value in FIELD_TYPES,
                                       "choices": _is_list, "accepts_multiple_values": rules.truth}  # fmt: skip
    body = read_body(call, allowed, ("name", "type"))
    if any(row["name"] == body["name"] for row in fake.fields[kind]):
        raise invalid("name", "A field of this name is there.")
    field = {"id": fake.new_id("cf"), "accepts_multiple_values": False, "choices": None, **body}
    fake.fields[kind].append(field)
    return Answer(200, field)


def list_users(fake: "FakeClose", call: Call) -> Answer:
    return _listed(fake.users.values(), read_query(call, set()), newest=False)


def own_user(fake: "FakeClose", _call: Call) -> Answer:
    return Answer(200, fake.users[fake.me])


def list_statuses(fake: "FakeClose", call: Call) -> Answer:
    rows = [{"id": key, "label": label} for key, label in fake.statuses.items()]
    return _listed(rows, read_query(call, set()), newest=False)


def list_events(fake: "FakeClose", call: Call) -> Answer:
    """Newest first; only certain filters go together."""
    asked = read_query(call, {"object_type", "action", "date_updated__gte", "_cursor"}, most=EVENTS_OF_ONE_PAGE)
    if ("object_type" in asked) != ("action" in asked):
        raise bad("This combination of filters is not supported.")
    if not rules.moment(asked.get("date_updated__gte", "2026-01-01")):
        raise invalid("date_updated__gte")
    since = asked.get("date_updated__gte", "")
    rows = [row for row in fake.events if row["date_updated"] >= since]
    if "action" in asked:
        rows = [row for row in rows if (row["object_type"], row["action"]) == (asked["object_type"], asked["action"])]
    start, most = int(asked.get("_cursor", "0")), int(asked.get("_limit", "50"))
    more = str(start + most) if start + most < len(rows) else None
    return Answer(200, {"data": rows[::-1][start : start + most], "cursor_next": more, "cursor_previous": None})


Handler = Callable[..., Answer]
_ID = r"([a-zA-Z]+_\w+)"


def _route(method: str, path: str, answer: Handler) -> tuple[str, re.Pattern[str], Handler]:
    return method, re.compile(f"/api/v1/{path}"), answer


CALLS = [
    _route("POST", "lead/", add_lead),
    _route("GET", f"lead/{_ID}/", get_lead),
    _route("PUT", f"lead/{_ID}/", change_lead),
    _route("DELETE", f"lead/{_ID}/", delete_lead),
    _route("POST", "contact/", add_contact),
    _route("PUT", f"contact/{_ID}/", change_contact),
    _route("POST", "data/search/", search),
    _route("GET", "task/", list_tasks),
    _route("POST", "task/", add_task),
    _route("PUT", f"task/{_ID}/", change_task),
    _route("DELETE", f"task/{_ID}/", delete_task),
    _route("GET", "activity/note/", list_notes),
    _route("POST", "activity/note/", add_note),
    _route("GET", "custom_field/(lead|contact)/", list_fields),
    _route("POST", "custom_field/(lead|contact)/", add_field),
    _route("GET", "user/", list_users),
    _route("GET", "me/", own_user),
    _route("GET", "status/lead/", list_statuses),
    _route("GET", "event/", list_events),
]


# parts


def _lead_body(fake: "FakeClose", body: Row) -> Row:
    if "status" in body and "status_id" in body:
        raise invalid("status", "Give either status or status_id.")
    if body.get("status_id", next(iter(fake.statuses))) not in fake.statuses:
        raise invalid("status_id")
    _custom(fake, "lead", body)
    return body


def _contact_body(fake: "FakeClose", body: Row) -> Row:
    rules.check(body, CONTACT)
    if not body.keys() & {"name", "emails", "phones"}:
        raise invalid("name", "A contact needs a name, an address or a number.")
    _custom(fake, "contact", body)
    return body


def _custom(fake: "FakeClose", kind: str, body: Row) -> None:
    fields = {f"custom.{field['id']}": field for field in fake.fields[kind]}
    for name, value in body.items():
        if name.startswith("custom.") and (name not in fields or not rules.fits(fields[name], value, fake.users)):
            raise invalid(name)


def _assigned(fake: "FakeClose", body: Row) -> None:
    if body.get("assigned_to", fake.me) not in fake.users:
        raise invalid("assigned_to")


def _there(held: dict[str, Row], key: str, what: str) -> Row:
    if key not in held:
        raise missing(what)
    return held[key]


def _listed(rows: Iterable[Row], asked: dict[str, str], *, newest: bool = True) -> Answer:
    found = list(rows)[:: -1 if newest else 1]
    start, most = int(asked.get("_skip", "0")), int(asked.get("_limit", "50"))
    return Answer(200, {"data": found[start : start + most], "has_more": start + most < len(found)})


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
