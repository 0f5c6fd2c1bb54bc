"""HTML forms: charsets, repeated names, uploads, limits and damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import Rejected, TooLarge, UnsupportedBody
from syncd.wire.forms import FormField, FormLimits, form_fields, without_uploads

PLAIN = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XX"


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--XX\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def test_fields_keep_their_order_and_blanks() -> None:
    fields = form_fields(b"b=2&a=&b2=%20x+y", PLAIN)

    assert fields == [FormField("b", "2"), FormField("a", ""), FormField("b2", " x y")]


def test_repeated_names_are_one_field_with_all_values() -> None:
    fields = form_fields(b"topic[]=sales&name=Eva&topic[]=help&x=1&x=2", PLAIN)

    assert fields == [
        FormField("topic", ("sales", "help")),
        FormField("name", "Eva"),
        FormField("x", ("1", "2")),
    ]


def test_brackets_and_dots_inside_names_stay() -> None:
    names = [field.name for field in form_fields(b"a[b]=1&a.c=2&d[e][]=3", PLAIN)]

    assert names == ["a[b]", "a.c", "d[e]"]


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("n=Zoë".encode(), PLAIN, "Zoë"),
        (b"n=Zo%C3%AB", PLAIN, "Zoë"),
        (b"n=Zo%EB", PLAIN, "Zoë"),
        (b"n=%80+100", PLAIN, "€ 100"),
        (b"n=%A4", f"{PLAIN}; charset=iso-8859-15", "€"),
        (b"n=%80", f"{PLAIN}; charset=ISO-8859-1", "€"),
        (b"_charset_=windows-1251&n=%C4%E0", PLAIN, "Да"),
        (b"n=%C3%AB", f"{PLAIN}; charset=no-such-thing", "ë"),
        (b"n=%C3%AB", f"{PLAIN}; charset=zlib", "ë"),
        (b"n=%EB", f"{PLAIN}; charset=utf-8", "ë"),
        (b"n=%E9%81&m=%81", f"{PLAIN}; charset=utf-8", "é\ufffd"),
        (b"n=%93%FA", f"{PLAIN}; charset=Shift_JIS", "日"),
    ],
)
def test_charset_is_the_declared_one_else_utf8_else_windows(body: bytes, content_type: str, text: str) -> None:
    values = {field.name: field.value for field in form_fields(body, content_type)}

    assert values["n"] == text


def test_nul_is_removed() -> None:
    assert form_fields(b"a%00b=c%00d", PLAIN) == [FormField("ab", "cd")]


def test_multipart_fields_and_uploads_by_name_only() -> None:
    body = (
        part("name", "Zoë".encode())
        + part("cv", b"%PDF secret", '; filename="C:\\fakepath\\cv %22new%22.pdf"\r\nContent-Type: a/b')
        + part("none", b"", '; filename=""')
        + part("tags[]", b"a")
        + part("tags[]", b"b\r\nc")
        + b"--XX--\r\n"
    )

    fields = form_fields(body, MULTIPART)

    assert fields == [
        FormField("name", "Zoë"),
        FormField("cv", 'cv "new".pdf', file=True),
        FormField("tags", ("a", "b\r\nc")),
    ]


def test_body_without_its_uploads_still_says_the_rest() -> None:
    body = part("name", b"Eva") + part("cv", b"%PDF secret", '; filename="cv.pdf"') + b"--XX--\r\n"
    fields = form_fields(body, MULTIPART)

    kept, content_type = without_uploads(body, MULTIPART, fields)

    assert b"secret" not in kept
    assert [(field.name, field.value) for field in form_fields(kept, content_type)] == [
        ("name", "Eva"),
        ("cv", "cv.pdf"),
    ]
    assert without_uploads(b"a=1", PLAIN, form_fields(b"a=1", PLAIN)) == (b"a=1", PLAIN)


@pytest.mark.parametrize(
    "body",
    [b"", b"--XX\r\n", part("a", b"1"), b"nonsense", b"--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--"],
)
def test_broken_multipart_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        form_fields(body, MULTIPART)


@pytest.mark.parametrize("boundary", ["", '; boundary=""', "; boundary=" + "x" * 300])
def test_multipart_without_a_usable_boundary_is_rejected(boundary: str) -> None:
    with pytest.raises(Rejected):
        form_fields(part("a", b"1") + b"--XX--", "multipart/form-data" + boundary)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "form", "\u20ac; \0"])
def test_other_media_types_are_not_read_as_forms(content_type: str) -> None:
    with pytest.raises(UnsupportedBody):
        form_fields(b"a=1", content_type)


@pytest.mark.parametrize("kind", [PLAIN, MULTIPART])
def test_limits_of_count_and_length(kind: str) -> None:
    def body(count: int, length: int) -> bytes:
        if kind == PLAIN:
            return b"&".join(b"k%d=%s" % (number, b"v" * length) for number in range(count))
        return b"".join(part(f"k{number}", b"v" * length) for number in range(count)) + b"--XX--\r\n"

    limits = FormLimits(fields=20, value=100)

    assert len(form_fields(body(20, 100), kind, limits)) == 20
    for too_much in (body(21, 1), body(1, 101)):
        with pytest.raises(TooLarge):
            form_fields(too_much, kind, limits)


def test_default_limits_are_200_fields_of_64_kib() -> None:
    assert len(form_fields(b"&".join(b"a%d=1" % n for n in range(200)), PLAIN)) == 200
    assert form_fields(b"a=" + b"x" * 65_536, PLAIN)
    for too_much in (b"&".join(b"a%d=1" % n for n in range(201)), b"a=" + b"x" * 65_537):
        with pytest.raises(TooLarge):
            form_fields(too_much, PLAIN)


@given(st.binary(max_size=200), st.sampled_from([PLAIN, MULTIPART, f"{PLAIN}; charset=utf-16"]))
def test_any_bytes_are_fields_or_rejected(body: bytes, content_type: str) -> None:
    try:
        fields = form_fields(body, content_type)
    except Rejected:
        return
    for field in fields:
        "".join(field.value).encode()
