"""What both APIs of SuiteCRM have in common: how moments and texts look, and where people open a record.

It keeps moments as UTC without a zone, and hands out texts as HTML would want them.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from connectors.sinks.sugar.service import DELETED, EMAIL, EMAILS, OPTED_OUT, FieldInfo, Row, Verdict, Write
from syncd.connector import Delivery, OwnerRef, text_in

ADDRESSES = ("email1", "email2")  # the first, and the next one
NO_COLUMN = frozenset({"link", "relate", "parent", "file", "image", "function"})


class Sends(Protocol):
    def __call__(self, write: Write) -> Verdict: ...


def each_sent(delivery: Delivery, writes: Sequence[Write], send: Sends) -> dict[int, Verdict]:
    """There are no batches that would say which of them was refused."""
    return {write.at: delivery.attempt(1, partial(send, write)) for write in writes}


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def page_of(site: str, module: str, record_id: str) -> str:
    return f"{site}/index.php?module={module}&action=DetailView&record={record_id}"


def columns(fields: Sequence[str]) -> list[str]:
    """Addresses stand in fields of their own."""
    plain = [name for name in fields if name != EMAIL]
    return [*plain, *ADDRESSES, "email_opt_out"] if EMAIL in fields else plain


def as_row(record_id: str, values: Mapping[str, Any]) -> Row:
    texts = {name: html.unescape(value) if isinstance(value, str) else value for name, value in values.items()}
    emails = [text for name in ADDRESSES if (text := text_in(texts, name))]
    return {
        **texts,
        "id": record_id,
        EMAILS: emails,
        OPTED_OUT: is_true(texts.get("email_opt_out")),
        DELETED: is_true(texts.get(DELETED)),
    }


def is_true(value: Any) -> bool:
    return value is True or value == 1 or str(value).lower() in ("1", "true", "on")


def values_of(write: Write) -> dict[str, Any]:
    """As they are written: nothing is cleared."""
    named = {ADDRESSES[0] if name == EMAIL else name: value for name, value in write.values.items()}
    return {name: value for name, value in named.items() if value not in ("", None, False)}


def owner_of(row: Row) -> OwnerRef:
    emails = row[EMAILS]
    name = text_in(row, "full_name") or text_in(row, "name") or text_in(row, "user_name")
    return OwnerRef(str(row["id"]), emails[0].lower() if emails else "", name, active=row.get("status") == "Active")


def field_of(name: str, about: Mapping[str, Any], options: Sequence[str] = ()) -> FieldInfo:
    kind, length = text_in(about, "type"), text_in(about, "len")
    return FieldInfo(
        name=name,
        type="varchar" if name == EMAIL else kind,
        length=int(length) if length.isdecimal() and int(length) > 0 else None,
        required=is_true(about.get("required")),
        writable=kind not in NO_COLUMN,
        options=frozenset(options),
    )


def with_email(known: Mapping[str, FieldInfo]) -> dict[str, FieldInfo]:
    """Under the name that the rest of the connector has for it."""
    return {**known, EMAIL: FieldInfo(EMAIL, "varchar", length=100)}


_BRACKET = re.compile(r"(?<=[^\w !#$%&'*+,\-./0-9:;<=?^_`{|}~@.\[])\]", re.ASCII)


def tamed(value: Any) -> Any:
    """The V8 API refuses a whole record for a closing bracket after a sign that it does not expect: a blank helps."""
    return _BRACKET.sub(" ]", value) if isinstance(value, str) else value


def pages(read: "ReadsPage") -> Iterator[Row]:
    number = 0
    while rows := read(number):
        yield from rows
        number += 1
        if len(rows) < USERS:
            return


class ReadsPage(Protocol):
    def __call__(self, page: int) -> Sequence[Row]: ...


USERS = 200  # of one page
