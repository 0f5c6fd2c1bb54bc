"""Each call of the API that syncd knows, by method and path."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from syncd.testing import Answer, Call
from tests.fakes.streak import rules
from tests.fakes.streak.rules import bad, missing, read_body, read_form

if TYPE_CHECKING:
    from tests.fakes.streak.service import FakeStreak

Row = dict[str, Any]
FIELD_TYPES = ("TEXT_INPUT", "DATE", "TAG", "FORMULA", "DROPDOWN", "CHECKBOX", "TEAM_CONTACT")
BOX: dict[str, rules.Check] = {
    "name": rules.line, "stageKey": rules.line, "notes": rules.text, "assignedToSharingEntries": rules.people,
}  # fmt: skip
CHANGE: dict[str, rules.Check] = {**BOX, "fields": rules.packed, "contacts": rules.contacts}
TASK: dict[str, rules.Check] = {
    "text": lambda value: rules.text(value) and bool(value), "dueDate": rules.milliseconds,
    "status": lambda value: value in ("DONE", "NOT_DONE"),
}  # fmt: skip
CONTACT: dict[str, rules.Check] = {
    "emailAddresses": rules.emails, "givenName": rules.text, "familyName": rules.text, "title": rules.text,
    "phoneNumbers": lambda value: isinstance(value, list),
}  # fmt: skip
MOST = 100  # boxes of one page
ASSIGNED = "assignedToSharingEntries"
WORDS = ("assignedTo", ASSIGNED)


# boxes


def add_box(fake: "FakeStreak", call: Call, pipeline: str) -> Answer:
    _pipeline(fake, pipeline)
    body = read_body(call, BOX, ("name",))
    if body.get("stageKey", "5001") not in fake.stages:
        raise bad("Invalid stage key")
    assigned = _assigned(fake, body)
    return Answer(200, fake.keep_box({"stageKey": "5001", "notes": "", **body, **assigned}))


def get_box(fake: "FakeStreak", _call: Call, key: str) -> Answer:
    return Answer(200, _there(fake.boxes, key))


def change_box(fake: "FakeStreak", call: Call, key: str) -> Answer:
    box = _there(fake.boxes, key)
    body = read_body(call, CHANGE)
    fields = json.loads(body.pop("fields", "{}"))
    for name, value in fields.items():
        _fit(fake, name, value)
    if body.get("stageKey", "5001") not in fake.stages:
        raise bad("Invalid stage key")
    if any(one["key"] not in fake.contacts for one in body.get("contacts", [])):
        raise bad()
    assigned = _assigned(fake, body)
    kept = {} if fake.forgets_fields else fields
    fake.change_box(key, **{**body, **assigned, "fields": {**box["fields"], **kept}})
    return Answer(200, fake.boxes[key])


def delete_box(fake: "FakeStreak", _call: Call, key: str) -> Answer:
    fake.human_deletes(_there(fake.boxes, key)["key"])
    return Answer(200, {"success": True})


def change_field(fake: "FakeStreak", call: Call, key: str, field: str) -> Answer:
    box = _there(fake.boxes, key)
    body = read_body(call, {"value": lambda _: True}, ("value",))
    _fit(fake, field, body["value"])
    fake.change_box(key, fields={**box["fields"], field: body["value"]})
    return Answer(200, {"key": field, "value": body["value"]})


def list_boxes(fake: "FakeStreak", call: Call, pipeline: str) -> Answer:
    """A bare list; only a short page says that it was the last one."""
    _pipeline(fake, pipeline)
    order = call.first("sortBy") or "creationTimestamp"
    if order not in ("creationTimestamp", "lastUpdatedTimestamp"):
        raise bad()
    limit, page = (_number(call, name, most) for name, most in (("limit", MOST), ("page", 0)))
    if not 1 <= limit <= MOST:
        raise bad()
    seen = fake.stamp() - int(fake.list_lag * 1000)
    rows = [box for box in fake.boxes.values() if box["creationTimestamp"] <= seen]
    rows.sort(key=lambda box: box[order], reverse=not fake.oldest_first)
    return Answer(200, rows[page * limit : (page + 1) * limit])


def search(fake: "FakeStreak", call: Call) -> Answer:
    """An index: it shows only what is old enough, and whatever holds the words."""
    query = (call.first("query") or "").casefold()
    if not query:
        raise bad()
    seen = fake.stamp() - int(fake.lag * 1000)
    boxes = [
        {"boxKey": key, "key": key, "name": box["name"], "pipelineKey": box["pipelineKey"], "stageKey": box["stageKey"]}
        for key, box in fake.boxes.items()
        if box["lastUpdatedTimestamp"] <= seen and query in json.dumps([box["name"], box["notes"], box["fields"]],
                                                                       ensure_ascii=False).casefold()
    ]  # fmt: skip
    contacts = [one for one in fake.contacts.values() if query in " ".join(one["emailAddresses"]).casefold()]
    return Answer(200, {"query": query, "page": 0, "results": {"boxes": boxes, "contacts": contacts, "orgs": []}})


# tasks, comments, contacts


def list_tasks(fake: "FakeStreak", _call: Call, box: str) -> Answer:
    _there(fake.boxes, box)
    return Answer(200, {"results": [row for row in fake.tasks.values() if row["boxKey"] == box], "hasNextPage": False})


def add_task(fake: "FakeStreak", call: Call, box: str) -> Answer:
    _there(fake.boxes, box)
    body = _task(fake, call, ("text",))
    key = fake.new_key("task")
    stamps = {"creationDate": fake.stamp(), "lastStatusChangeDate": fake.stamp()}
    fake.tasks[key] = {"key": key, "taskKey": key, "boxKey": box, "status": "NOT_DONE", "dueDate": None,
                       fake.task_word: [fake.maker()], "creatorKey": fake.me, **stamps, **body}  # fmt: skip
    return Answer(200, fake.tasks[key])


def change_task(fake: "FakeStreak", call: Call, task: str) -> Answer:
    row = _there(fake.tasks, task)
    row.update(_task(fake, call))
    return Answer(200, row)


def delete_task(fake: "FakeStreak", _call: Call, task: str) -> Answer:
    del fake.tasks[_there(fake.tasks, task)["key"]]
    return Answer(200, {"success": True})


def list_comments(fake: "FakeStreak", _call: Call, box: str) -> Answer:
    _there(fake.boxes, box)
    rows = [row for row in fake.comments.values() if row["boxKey"] == box]
    return Answer(200, {"results": rows, "hasNextPage": False})


def add_comment(fake: "FakeStreak", call: Call, box: str) -> Answer:
    _there(fake.boxes, box)
    body = read_body(call, {"message": lambda value: rules.text(value) and bool(value)}, ("message",))
    return Answer(200, fake.keep_comment(box, body["message"], fake.me))


def add_contact(fake: "FakeStreak", call: Call, team: str) -> Answer:
    """With `getIfExisting` one that is there is shown as it is. By an older page an address is all that may be said."""
    if team != fake.team:
        raise bad()
    existing = call.first("getIfExisting") == "true"
    body = read_body(call, {"emailAddresses": rules.emails} if existing and fake.finds_by_address_alone else CONTACT)
    if not any(body.get(name) for name in ("emailAddresses", "givenName", "familyName")):
        raise bad("Need to specify at least a name or email address")
    wanted = {email.casefold() for email in body.get("emailAddresses", [])}
    for contact in fake.contacts.values():
        if wanted & {email.casefold() for email in contact["emailAddresses"]}:
            if existing:
                return Answer(200, contact)
            raise bad("Contacts can't have duplicate emails")
    return Answer(200, fake.keep_contact(body))


def change_contact(fake: "FakeStreak", call: Call, contact: str) -> Answer:
    row = _there(fake.contacts, contact)
    row.update(read_body(call, CONTACT))
    return Answer(200, row)


def get_contact(fake: "FakeStreak", _call: Call, contact: str) -> Answer:
    return Answer(200, _there(fake.contacts, contact))


def delete_contact(fake: "FakeStreak", _call: Call, contact: str) -> Answer:
    """From its boxes too."""
    del fake.contacts[_there(fake.contacts, contact)["key"]]
    for box in fake.boxes.values():
        box["contacts"] = [one for one in box.get("contacts", []) if one["key"] != contact]
    return Answer(200, {"success": True})


# pipeline, team, user


def list_pipelines(fake: "FakeStreak", _call: Call) -> Answer:
    return Answer(200, [fake.shown_pipeline()])


def get_pipeline(fake: "FakeStreak", _call: Call, pipeline: str) -> Answer:
    _pipeline(fake, pipeline)
    return Answer(200, fake.shown_pipeline())


def add_field(fake: "FakeStreak", call: Call, pipeline: str) -> Answer:
    _pipeline(fake, pipeline)
    form = read_form(call, frozenset({"name", "type"}))
    if form["type"] not in FIELD_TYPES or any(row["name"] == form["name"] for row in fake.fields):
        raise bad()
    return Answer(200, fake.keep_field(form["name"], form["type"]))


def get_team(fake: "FakeStreak", _call: Call, team: str) -> Answer:
    if team != fake.team:
        raise missing()
    return Answer(200, {"key": team, "name": "Acme", "members": list(fake.members.values())})


def own_user(fake: "FakeStreak", _call: Call) -> Answer:
    return Answer(200, {"key": fake.me, "userKey": fake.me, "email": "api@acme.example", "displayName": "syncd"})


Handler = Callable[..., Answer]
_KEY = r"([\w~.-]+)"


def _route(method: str, path: str, answer: Handler) -> tuple[str, re.Pattern[str], Handler]:
    return method, re.compile(f"/api/{path}"), answer


CALLS = [
    _route("GET", "v1/users/me", own_user),
    _route("GET", "v1/pipelines", list_pipelines),
    _route("GET", f"v1/pipelines/{_KEY}", get_pipeline),
    _route("PUT", f"v1/pipelines/{_KEY}/fields", add_field),
    _route("GET", f"v1/pipelines/{_KEY}/boxes", list_boxes),
    _route("POST", f"v2/pipelines/{_KEY}/boxes", add_box),
    _route("GET", f"v1/boxes/{_KEY}", get_box),
    _route("POST", f"v1/boxes/{_KEY}", change_box),
    _route("DELETE", f"v1/boxes/{_KEY}", delete_box),
    _route("POST", f"v1/boxes/{_KEY}/fields/{_KEY}", change_field),
    _route("GET", "v1/search", search),
    _route("GET", f"v2/boxes/{_KEY}/tasks", list_tasks),
    _route("POST", f"v2/boxes/{_KEY}/tasks", add_task),
    _route("POST", f"v2/tasks/{_KEY}", change_task),
    _route("DELETE", f"v2/tasks/{_KEY}", delete_task),
    _route("GET", f"v2/boxes/{_KEY}/comments", list_comments),
    _route("POST", f"v2/boxes/{_KEY}/comments", add_comment),
    _route("POST", f"v2/teams/{_KEY}/contacts/", add_contact),
    _route("POST", f"v2/contacts/{_KEY}", change_contact),
    _route("GET", f"v2/contacts/{_KEY}", get_contact),
    _route("DELETE", f"v2/contacts/{_KEY}", delete_contact),
    _route("GET", f"v2/teams/{_KEY}", get_team),
]


# parts


def _assigned(fake: "FakeStreak", body: Row, word: str = ASSIGNED) -> Row:
    """Only members can be assigned."""
    if word not in body:
        return {}
    wanted = [one["email"].lower() for one in body[word]]
    if any(email not in fake.members for email in wanted):
        raise bad("User does not have access to this pipeline")
    return {word: [fake.members[email] for email in wanted]}


def _task(fake: "FakeStreak", call: Call, needed: tuple[str, ...] = ()) -> Row:
    """Whom it is assigned to has one of two names: the other one is refused, or, where Streak is lenient, not heard."""
    names = WORDS if fake.ignores_words else (fake.task_word,)
    body = read_body(call, {**TASK, **dict.fromkeys(names, rules.people)}, needed)
    told = _assigned(fake, body, fake.task_word)
    return {**{name: value for name, value in body.items() if name not in WORDS}, **told}


def _fit(fake: "FakeStreak", key: str, value: Any) -> None:
    field = next((row for row in fake.fields if row["key"] == key), None)
    if field is None or not rules.fits(field, value):
        raise bad()


def _pipeline(fake: "FakeStreak", key: str) -> None:
    if key != fake.pipeline:
        raise missing()


def _there(held: dict[str, Row], key: str) -> Row:
    if key not in held:
        raise missing()
    return held[key]


def _number(call: Call, name: str, usual: int) -> int:
    given = call.first(name) or str(usual)
    if not given.isdecimal():
        raise bad()
    return int(given)
