"""The fields of a post, whichever way a page sends them."""

from collections.abc import Sequence

from syncd.connector import FormField, Rejected, Text, TooLarge, flatten, form_fields, json_value

MOST_FIELDS = 200
JSON = ("application/json", "text/plain")  # navigator.sendBeacon sends text/plain without asking first


def read_fields(body: bytes, content_type: str) -> list[FormField]:
    """Raises Rejected, or one of its kinds, for what is no form."""
    if content_type.partition(";")[0].strip().lower() not in JSON:
        return form_fields(body, content_type)
    given = json_value(body)
    if not isinstance(given, dict):
        raise Rejected("form: JSON of another kind than one object")
    fields = [FormField(name, value) for name, value in flatten(given)]
    if len(fields) > MOST_FIELDS:
        raise TooLarge(f"form: more than {MOST_FIELDS} fields")
    return fields


def value_of(fields: Sequence[FormField], name: str) -> str:
    """The first one called so; "" where there is none."""
    found: Text = next((field.value for field in fields if field.name == name and not field.file), "")
    return found if isinstance(found, str) else found[0]


def is_filled(field: FormField) -> bool:
    return bool("".join(field.value).strip())
