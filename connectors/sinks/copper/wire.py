"""Copper's names beside ours, one function per direction.

Leads: https://developer.copper.com/leads/ - People: https://developer.copper.com/people/
Tasks: https://developer.copper.com/tasks/ - Notes: https://developer.copper.com/activities/
"""

from collections.abc import Mapping
from typing import Any

from connectors.sinks.copper.client import Row
from syncd.connector import NoteOrder, Ref, TaskOrder, cut_line, cut_text, list_in, marked_plain, object_in, objects_in

LEAD, PERSON = "lead", "person"
PATHS = {LEAD: "leads", PERSON: "people"}
ADDRESSES = {"task": "/tasks/{id}", **{kind: f"/{path}/{{id}}" for kind, path in PATHS.items()}}
"""Where each is deleted."""
OURS: Mapping[str, str] = {
    "first_channel": "First channel",
    "last_channel": "Last channel",
    "inquiries": "Inquiries",
}
"""Canonical field -> name of a custom field that we make."""
TEXTS: Mapping[str, str] = {"company": "company_name", "job_title": "title", "message": "details"}
LISTS = {"phone": ("phone_numbers", "number"), "website": ("websites", "url")}
ADDRESS = ("street", "city", "state", "postal_code", "country")
NAMES = ("first_name", "last_name")
NOTE = {"category": "user", "id": 0}
LONGEST_LINE, LONGEST_TEXT = 255, 65_000  # characters; Copper names no limit


def record_ref(kind: str, number: object) -> Ref:
    """The kind stands in the id: a lead that is converted goes on as a person, under that one's id."""
    return Ref("record", f"{kind}/{number}")


def place_of(ref: Ref) -> tuple[str, str]:
    """(kind, id) of a record; an id that a person has typed without a kind is a lead's."""
    kind, _, number = ref.id.rpartition("/")
    return (kind if kind in PATHS else LEAD), number


def deleted_as(ref: Ref) -> Ref:
    """By the kind of a record, which stands in its id."""
    return Ref(*place_of(ref)) if ref.object == "record" else ref


def resource_of(ref: Ref) -> dict[str, Any]:
    kind, number = place_of(ref)
    return {"type": kind, "id": int(number) if number.isdecimal() else 0}


def values_from(kind: str, row: Row, fillers: tuple[str, ...]) -> dict[str, str]:
    """Attributes that every record has -> canonical fields; what we filled in for want of a name is none."""
    emails = [object_in(row, "email")] if kind == LEAD else objects_in(list_in(row, "emails"))
    email = next((str(one["email"]) for one in emails if one.get("email")), "")
    values = {name: row.get(theirs) for name, theirs in TEXTS.items()}
    values |= {name: object_in(row, "address").get(name) for name in ADDRESS}
    values |= {"email": email, "phone": _first(row, *LISTS["phone"]), "website": _first(row, *LISTS["website"])}
    if row.get("name") not in (*fillers, email, values["phone"]):
        given = [str(row[part]) for part in ("first_name", "middle_name") if row.get(part)]
        values |= {"first_name": " ".join(given), "last_name": row.get("last_name")}
    return {name: value for name, value in values.items() if isinstance(value, str) and value}


def changes_from(kind: str, fields: Mapping[str, str], row: Row, there: Mapping[str, str]) -> dict[str, Any]:
    """Canonical fields -> attributes that every record has, those alone that differ. Lists keep what they hold."""
    body: dict[str, Any] = {}
    if any(fields.get(name, "") != there.get(name, "") for name in NAMES if name in fields):
        parts = [fields.get(part) or there.get(part, "") for part in NAMES]
        name = cut_line(" ".join(parts), LONGEST_LINE)
        body |= {"name": name} if name and name != row.get("name") else {}
    news = {name: text for name, text in fields.items() if text and text != there.get(name)}
    for name, theirs in TEXTS.items():
        if name in news and not (kind == PERSON and name == "company"):  # whose company it is, a person decides
            text = cut_text(news[name], LONGEST_TEXT) if name == "message" else cut_line(news[name], LONGEST_LINE)
            body |= {theirs: text} if text != row.get(theirs) else {}
    if place := {name: cut_line(news[name], LONGEST_LINE) for name in ADDRESS if name in news}:
        body["address"] = {**{name: object_in(row, "address").get(name) for name in ADDRESS}, **place}
    for name, where in LISTS.items():
        if name in news:
            body |= _put_first(row, *where, cut_line(news[name], LONGEST_LINE))
    if "email" in news and kind == LEAD:
        body["email"] = {"email": news["email"], "category": "work"}
    elif "email" in news and news["email"].casefold() not in addresses_in(kind, row):
        body["emails"] = [*list_in(row, "emails"), {"email": news["email"], "category": "other"}]
    return body


def addresses_in(kind: str, row: Row) -> set[str]:
    emails = [object_in(row, "email")] if kind == LEAD else objects_in(list_in(row, "emails"))
    return {str(one["email"]).casefold() for one in emails if one.get("email")}


def custom_in(row: Row, field: int) -> Any:
    held = objects_in(list_in(row, "custom_fields"))
    return next((one.get("value") for one in held if one.get("custom_field_definition_id") == field), None)


def custom(field: int, value: Any) -> dict[str, Any]:
    return {"custom_field_definition_id": field, "value": value}


def task_from(order: TaskOrder) -> dict[str, Any]:
    """Without what it hangs on."""
    body: dict[str, Any] = {
        "name": cut_line(order.subject, LONGEST_LINE) or order.kind,
        "details": marked_plain(order.body, order.mark, LONGEST_TEXT),
        "due_date": int(order.due_at.timestamp()),
        "priority": "High" if order.priority == "high" else "None",
    }
    return {**body, **assigned_to(order.owner.id)} if order.owner else body


def note_from(order: NoteOrder) -> dict[str, Any]:
    details = marked_plain(order.body, order.mark, LONGEST_TEXT)
    return {"type": NOTE, "details": details, "activity_date": int(order.at.timestamp())}


def assigned_to(owner: str) -> dict[str, Any]:
    return {"assignee_id": int(owner) if owner.isdecimal() else 0}


def id_in(row: Row, name: str) -> str:
    """Empty where there is none."""
    value = row.get(name)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value else ""


def _first(row: Row, name: str, word: str) -> str:
    return next((str(one[word]) for one in objects_in(list_in(row, name)) if one.get(word)), "")


def _put_first(row: Row, name: str, word: str, text: str) -> dict[str, Any]:
    held = objects_in(list_in(row, name))
    if any(_bare(one.get(word)) == _bare(text) for one in held):
        return {}
    return {name: [{word: text, "category": "work"}, *held]}


def _bare(value: object) -> str:
    """A number as Copper may have dressed it."""
    return "".join(letter for letter in str(value).casefold() if letter.isalnum())
