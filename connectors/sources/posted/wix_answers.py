"""What Wix says in a submission: an automation in one way, the API and an app's events in another."""

from collections.abc import Iterator

from syncd.connector import Answer, AnswerKind, Json, object_in, objects_in, one_answer, text_at

FIELD = "field:"
_NO_ANSWERS = frozenset(
    {"formName", "formId", "submissionId", "submissionTime", "contactId", "contact", "context", "_context"}
    | {"submissions", "submissionsLink", "formFieldMask"}
)
_PERSON = (
    ("contact.name.first", "First name", AnswerKind.NAME, ("contact.name.first", "contact.Name.First")),
    ("contact.name.last", "Last name", AnswerKind.TEXT, ("contact.name.last", "contact.Name.Last")),
    ("contact.email", "Email", AnswerKind.EMAIL, ("contact.email", "contact.emails.0.email", "contact.Email[0]")),
    ("contact.phone", "Phone", AnswerKind.PHONE, ("contact.phone", "contact.phones.0.phone", "contact.Phone[0]")),
    ("contact.company", "Company", AnswerKind.TEXT, ("contact.company", "contact.Company.Name")),
    ("contact.jobTitle", "Job title", AnswerKind.TEXT, ("contact.jobTitle", "contact.Company.Position")),
)
_TICKED = ("Checked", "Not Checked", "Unchecked")


def answers_of(item: Json) -> Iterator[Answer]:
    """An automation says who it is in the contact; the fields have ids, or titles in older forms."""
    for own, label, kind, paths in _PERSON:
        yield from one_answer(own, label, "", kind, text_at(item, *paths))
    for name, value in item.items():
        if name not in _NO_ANSWERS and not name.startswith(("contact.", "_")):
            kind = AnswerKind.FILE if _is_upload(value) else AnswerKind.TEXT
            yield from one_answer(name, "", "", kind, _ticked(value))
    for one in objects_in(item.get("submissions")):
        label, value = text_at(one, "fieldTitle", "label"), text_at(one, "fieldInputValue", "value")
        yield from one_answer(label, label, "", AnswerKind.TEXT, _ticked(value))


def as_posted(submission: Json) -> Json:
    """What the API and an app's event hold, as an automation writes it."""
    fields = {f"{FIELD}{name}": value for name, value in object_in(submission, "submissions").items()}
    return {
        **fields,
        "submissionId": text_at(submission, "id"),
        "submissionTime": text_at(submission, "createdDate"),
        "formId": text_at(submission, "formId"),
    }


def _ticked(value: object) -> object:
    return value == "Checked" if value in _TICKED else value


def _is_upload(value: object) -> bool:
    return isinstance(value, list) and bool(objects_in(value)) and all(text_at(one, "url") for one in value)
