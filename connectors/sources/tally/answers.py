"""What Tally says in a submission, in our words."""

from collections.abc import Iterator, Mapping
from typing import Any

from syncd.connector import Answer, AnswerKind, Text, flatten, list_in, objects_in, text_in, text_of

Json = Mapping[str, Any]


def as_posted(submission: Json, found: Any, form_id: str) -> Json:
    """A submission of the list, which holds ids of questions, as the webhook posts it."""
    questions = {text_in(one, "id"): one for one in objects_in(list_in(found, "questions"))}
    fields: list[Json] = []
    for response in objects_in(list_in(submission, "responses")):
        own = text_in(response, "questionId")
        asked, answer = questions.get(own, {}), response.get("answer")
        named = {"key": f"question_{own}", "label": text_in(asked, "title"), "type": text_in(asked, "type")}
        if named["type"] == "HIDDEN_FIELDS" and isinstance(answer, dict):
            fields += [{**named, "label": name, "value": value} for name, value in answer.items()]
        else:
            fields.append({**named, "value": answer})
    data = {"submissionId": text_in(submission, "id"), "formId": text_in(submission, "formId") or form_id}
    finished = submission.get("isCompleted")
    return {"isCompleted": finished, "data": {**data, "createdAt": submission.get("submittedAt"), "fields": fields}}


_KINDS = {
    "INPUT_EMAIL": AnswerKind.EMAIL,
    "INPUT_PHONE_NUMBER": AnswerKind.PHONE,
    "INPUT_LINK": AnswerKind.URL,
    "INPUT_NUMBER": AnswerKind.NUMBER,
    "LINEAR_SCALE": AnswerKind.NUMBER,
    "RATING": AnswerKind.NUMBER,
    "INPUT_DATE": AnswerKind.DATE,
    "MULTIPLE_CHOICE": AnswerKind.CHOICE,
    "CHECKBOXES": AnswerKind.CHOICE,
    "DROPDOWN": AnswerKind.CHOICE,
    "MULTI_SELECT": AnswerKind.CHOICE,
    "RANKING": AnswerKind.CHOICE,
    "MATRIX": AnswerKind.CHOICE,
    "FILE_UPLOAD": AnswerKind.FILE,
    "SIGNATURE": AnswerKind.FILE,
    "HIDDEN_FIELDS": AnswerKind.HIDDEN,
    "CALCULATED_FIELDS": AnswerKind.HIDDEN,
}


def answers_of(data: Json) -> Iterator[Answer]:
    fields = [field for field in list_in(data, "fields") if isinstance(field, dict)]
    groups = {text_in(field, "key") for field in fields if list_in(field, "options")}
    for field in fields:
        key, label = text_in(field, "key"), text_in(field, "label")
        kind = _KINDS.get(text_in(field, "type"), AnswerKind.TEXT)
        if _is_echo(field, groups) or not (text := _text(field, kind)):
            continue
        if kind is AnswerKind.HIDDEN and label:  # one field per hidden name, which stands in the label
            yield Answer(id=label, value=text, label=label, ref=key, kind=kind)
        else:
            yield Answer(id=key or label, value=text, label=label, kind=kind)


def _is_echo(field: Json, groups: set[str]) -> bool:
    """A group of boxes comes as one list, and then once more box by box as `<key>_<option>`: yes or no."""
    key = text_in(field, "key")
    one_box = text_in(field, "type") == "CHECKBOXES" and isinstance(field.get("value"), bool)
    return one_box and any(group and key.startswith(f"{group}_") for group in groups)


def _text(field: Json, kind: AnswerKind) -> Text:
    value = field.get("value")
    if kind is AnswerKind.FILE:
        return text_of([text_in(file, "url") for file in list_in(field, "value")]) or text_of(value)
    if isinstance(value, dict):
        return tuple(_matrix(field, value))
    options = _names(field, "options")
    if isinstance(value, list):
        return text_of([options.get(one, one) if isinstance(one, str) else one for one in value])
    text = text_of(value)
    return options.get(text, text) if isinstance(text, str) else text


def _matrix(field: Json, value: Json) -> Iterator[str]:
    """Row id -> ids of columns; other objects are told part by part."""
    rows, columns = _names(field, "rows"), _names(field, "columns")
    for row, text in flatten(value):
        chosen = (text,) if isinstance(text, str) else text
        yield f"{rows.get(row, row)}: {', '.join(columns.get(one, one) for one in chosen)}"


def _names(field: Json, of: str) -> dict[str, str]:
    """What people read, by id."""
    return {text_in(one, "id"): text_in(one, "text") for one in list_in(field, of) if text_in(one, "text")}
