"""The one kind of question to `data/search` that is understood; anything else is refused.

https://developer.close.com/api/resources/advanced-filtering
"""

from typing import Any

from tests.fakes.close.rules import bad

Row = dict[str, Any]
MODES = ("full_words", "phrase")


def is_hit(query: Any, contact: Row) -> bool:
    """Raises Refusal for what is no query."""
    kind = query.get("type") if isinstance(query, dict) else None
    if kind == "and":
        return all([is_hit(one, contact) for one in query["queries"]])  # noqa: C419 - each is judged
    if kind == "or":
        return any([is_hit(one, contact) for one in query["queries"]])  # noqa: C419
    if kind == "object_type" and query.get("object_type") == "contact":
        return True
    if kind == "has_related":
        return _has_related(query, contact)
    if kind == "field_condition" and query["field"].get("type") == "custom_field":
        name = query["field"].get("custom_field_id")
        if query["field"].keys() != {"type", "custom_field_id"} or not str(name).startswith("cf_"):
            raise bad("Unknown custom field.")
        return _holds(query["condition"], [str(contact.get(f"custom.{name}", ""))])
    raise bad("Unknown query.")


def _has_related(query: Row, contact: Row) -> bool:
    if (query.get("this_object_type"), query.get("related_object_type")) != ("contact", "contact_email"):
        raise bad("Unknown relation.")
    related = query["related_query"]
    field = {"type": "regular_field", "object_type": "contact_email", "field_name": "email"}
    if related.get("type") != "field_condition" or related.get("field") != field:
        raise bad("Unknown field.")
    return _holds(related["condition"], [one["email"] for one in contact["emails"]])


def _holds(condition: Row, texts: list[str]) -> bool:
    """A phrase is found anywhere, whatever its case: more is found than was meant."""
    if condition.get("type") != "text" or condition.get("mode") not in MODES or not condition.get("value"):
        raise bad("Unknown condition.")
    wanted = condition["value"].casefold()
    return any(wanted in text.casefold() for text in texts)
