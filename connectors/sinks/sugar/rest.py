"""What SugarCRM's answers hold: rows, verdicts, users and fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sinks.sugar.failures import BY_CODE, Fault, read_fault
from connectors.sinks.sugar.service import EMAIL, EMAILS, OPTED_OUT, FieldInfo, Row, Verdict
from syncd.connector import AuthFailed, OwnerRef, Retryable, Unknown, Wait, object_in, objects_in, text_in

NO_COLUMN = frozenset({"link", "collection", "relate", "parent", "file", "image", "email"})


def records(answer: Any) -> list[Row]:
    """Raises Retryable: no answer must not pass for an empty one."""
    contents = object_in(answer, "contents")
    if not isinstance(contents.get("records"), list):
        status = answer.get("status") if isinstance(answer, dict) else None
        fault = read_fault(status if isinstance(status, int) else 0, contents)
        if fault.code in ("not_authorized", *BY_CODE):
            raise AuthFailed(f"sugarcrm: a look-up was refused: {fault}")
        raise Retryable(f"sugarcrm: a look-up was not answered: {fault}")
    return objects_in(contents["records"])


def following(answer: Any) -> int | None:
    """Where the rows go on; None where they end."""
    contents = object_in(answer, "contents")
    offset = contents.get("next_offset")
    return offset if isinstance(offset, int) and offset > 0 and contents.get("records") else None


def is_failure(answer: Any) -> bool:
    """It was carried out, and did not work."""
    return isinstance(answer, dict) and answer.get("status") == 500 and bool(object_in(answer, "contents"))


def verdict(answer: Any, *, deletes: bool = False) -> Verdict:
    """`deletes`: the right to do so is one of its own, which time does not bring."""
    if isinstance(answer, Wait | Unknown):
        return answer
    contents = object_in(answer, "contents")
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, int) or status >= 500 or (status // 100 == 2 and not text_in(contents, "id")):
        if contents.get("error") in ("maintenance", "service_unavailable"):
            return Wait("sugarcrm: not written: the CRM is closed for maintenance")
        return Unknown("sugarcrm: the answer does not say what became of this one")
    if status // 100 == 2:
        return contents
    fault: Fault = read_fault(status, contents)
    if deletes and fault.code == "not_authorized":
        return fault
    if fault.code in (*BY_CODE, "not_authorized") or status == 429:  # all of these a person or time puts right
        return Wait(f"sugarcrm: not written: {fault}")
    return fault


def row(row: Row) -> Row:
    listed = [each for each in objects_in(row.get(EMAIL)) if text_in(each, "email_address")]
    listed.sort(key=lambda each: each.get("primary_address") is not True)
    emails = [text_in(each, "email_address") for each in listed]
    return {**row, EMAILS: emails, OPTED_OUT: bool(listed) and listed[0].get("opt_out") is True}


def owner(row: Row) -> OwnerRef:
    emails = row[EMAILS]
    name = text_in(row, "full_name") or text_in(row, "name")
    return OwnerRef(text_in(row, "id"), emails[0].lower() if emails else "", name, active=row.get("status") == "Active")


def is_list(about: Any) -> bool:
    return text_in(about, "type") in ("enum", "radioenum")


def choices(answer: Any) -> list[str]:
    """None where the list is not told."""
    told = isinstance(answer, dict) and answer.get("status") == 200
    return list(object_in(answer, "contents")) if told else []


def is_field(about: Any) -> bool:
    return isinstance(about, dict) and about.get("type") not in ("link", "collection")


def field(name: str, about: Mapping[str, Any], options: Sequence[str]) -> FieldInfo:
    kind, length = text_in(about, "type"), text_in(about, "len")
    fixed = about.get("readonly") is True or (kind in NO_COLUMN and name != EMAIL)
    return FieldInfo(
        name=name,
        type="varchar" if name == EMAIL else kind,
        length=int(length) if length.isdecimal() and int(length) > 0 else None,
        required=about.get("required") is True,
        writable=not fixed,
        options=frozenset(options),
    )
