"""Fields of an HTML form, urlencoded or multipart.

https://url.spec.whatwg.org/#application/x-www-form-urlencoded and RFC 7578. The charset is the declared
one (Content-Type, then the field `_charset_`), else UTF-8, else Windows-1252, for the whole body.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from python_multipart.multipart import parse_options_header

from syncd.errors import TooLarge, UnsupportedBody
from syncd.wire.multipart import RawField, multipart_fields

URLENCODED = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data"


@dataclass(frozen=True, slots=True)
class FormLimits:
    fields: int = 200  # fields or parts
    value: int = 64 * 1024  # bytes of one value


@dataclass(frozen=True, slots=True)
class FormField:
    """One name of a form. A name that came several times has all its values, in order."""

    name: str  # without a closing []; a[b] and a.b stay as they are
    value: str | tuple[str, ...]
    file: bool = False  # the value is the name the upload had; its bytes were let go


LIMITS = FormLimits()


def form_fields(body: bytes, content_type: str, limits: FormLimits = LIMITS) -> list[FormField]:
    """The fields in order of first appearance, empty ones included, NUL removed.

    `content_type` is the whole header. Raises TooLarge beyond the limits, UnsupportedBody for another
    media type and Rejected for a multipart body that is broken or ends early.
    """
    _, parameters = parse_options_header(content_type.encode("latin-1", "replace"))
    named = raw_fields(body, content_type, limits)
    declared = (parameters.get(b"charset", b""), _declared_inside(named))
    return list(_grouped(_decoded(named, declared)))


def raw_fields(body: bytes, content_type: str, limits: FormLimits = LIMITS) -> list[RawField]:
    """The same as bytes, whatever their charset, each field by itself: for mails, which have charsets of their own."""
    media, parameters = parse_options_header(content_type.encode("latin-1", "replace"))
    if media == URLENCODED:
        raw = list(_urlencoded(body, limits))
    elif media == MULTIPART:
        raw = multipart_fields(body, parameters.get(b"boundary", b""), limits.fields, limits.value)
    else:
        raise UnsupportedBody("not a form: urlencoded or multipart is needed")
    return [_named(field) for field in raw]


def without_uploads(body: bytes, content_type: str, fields: Iterable[FormField]) -> tuple[bytes, str]:
    """The body and its content type as they came; urlencoded anew where uploads were in it."""
    given = list(fields)
    if not any(field.file for field in given):
        return body, content_type
    return urlencode([(field.name, field.value) for field in given], doseq=True).encode(), URLENCODED.decode()


def _urlencoded(body: bytes, limits: FormLimits) -> Iterator[RawField]:
    """Latin-1 carries the bytes through `parse_qsl` unharmed, whatever the charset is."""
    try:
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=limits.fields,
            encoding="latin-1",
        )
    except ValueError:
        raise TooLarge(f"the form has more than {limits.fields} fields") from None
    for name, value in pairs:
        if len(value) > limits.value:
            raise TooLarge(f"a value of the form is longer than {limits.value} bytes")
        yield RawField(name.encode("latin-1"), value.encode("latin-1"))


def _named(field: RawField) -> RawField:
    return RawField(field.name.strip().removesuffix(b"[]"), field.value, field.file)


def _declared_inside(fields: Iterable[RawField]) -> bytes:
    return next((field.value for field in fields if field.name == b"_charset_"), b"")


def _decoded(fields: list[RawField], declared: tuple[bytes, ...]) -> list[tuple[str, str, bool]]:
    for charset in filter(None, (*map(page_codec, declared), "utf-8")):
        try:
            return [_text(field, charset, "strict") for field in fields]
        except UnicodeDecodeError:
            continue
    return [_text(field, "cp1252", "replace") for field in fields]


def _text(field: RawField, charset: str, errors: str) -> tuple[str, str, bool]:
    name = field.name.decode(charset, errors).replace("\0", "")
    return name, field.value.decode(charset, errors).replace("\0", ""), field.file


_CODECS = frozenset(
    {"utf-8", "koi8-r", "koi8-u", "mac-roman", "gb18030", "gbk", "gb2312", "big5"}
    | {"shift_jis", "euc_jp", "iso2022_jp", "euc_kr"}
)


def page_codec(charset: bytes) -> str:
    """The codec for a charset that a page may have; empty for anything else that Python calls a codec."""
    try:
        name = codecs.lookup(charset.decode("ascii").strip()).name
    except (LookupError, ValueError):
        return ""
    if name in ("ascii", "iso8859-1"):  # what browsers mean by it
        return "cp1252"
    return name if name in _CODECS or name.startswith(("iso8859-", "cp125", "cp874")) else ""


def _grouped(fields: Iterable[tuple[str, str, bool]]) -> Iterator[FormField]:
    values: dict[tuple[str, bool], list[str]] = {}
    for name, value, file in fields:
        values.setdefault((name, file), []).append(value)
    for (name, file), given in values.items():
        if len(given) == 1:
            yield FormField(name, given[0], file)
        else:
            yield FormField(name, tuple(given), file)
