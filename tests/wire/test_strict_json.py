"""Strict JSON: what is refused, what is mended, and that both ways of reading agree."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import Rejected, TooLarge
from syncd.wire.strict_json import JsonLimits, json_bytes, json_value

values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b'{"a":1}x', b"{'a':1}", b"[1,]", b"01", b"\0{}"),
        *(b'"\xff"', b'"\xed\xa0\x80"', '{"a":1}'.encode("utf-16"), b"1" * 5_000, b'"a\nb"'),
    ],
)
def test_what_is_not_json_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        json_value(body)


def test_message_never_quotes_the_body() -> None:
    with pytest.raises(Rejected) as caught:
        json_value(b'{"email": "eva@acme.example" oops}')

    assert "eva" not in str(caught.value)


def test_byte_order_mark_is_accepted_once() -> None:
    assert json_value(b'\xef\xbb\xbf{"a":1}') == {"a": 1}
    with pytest.raises(Rejected):
        json_value(b"\xef\xbb\xbf\xef\xbb\xbf1")


def test_last_of_duplicate_keys_wins() -> None:
    assert json_value(b'{"a":1,"a":2}') == {"a": 2}
    assert json_value(b'{"a":1,"a":12345678901234567890123}') == {"a": 12345678901234567890123}


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30])
def test_integers_of_any_size_stay_exact(number: int) -> None:
    assert json_value(str(number).encode()) == number


def test_half_surrogate_pairs_and_nul_are_mended_in_names_and_values() -> None:
    assert json_value(b'{"a\\u0000b":["\\ud800x\\udc00\\u0000", "\\ud83d\\ude00"]}') == {
        "ab": ["\ufffdx\ufffd", "\U0001f600"]
    }


@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_is_limited(opened: bytes, closed: bytes) -> None:
    inner = b"1" if opened != b"[" else b""

    json_value(opened * 64 + inner + closed * 64)

    for depth in (65, 500, 2_000, 100_000):
        with pytest.raises(TooLarge):
            json_value(opened * depth + inner + closed * depth)


def test_members_are_counted_over_all_objects() -> None:
    def body(count: int) -> bytes:
        half = b",".join(b'"k%d":1' % number for number in range(count // 2))
        return b"[{%s},{%s%s}]" % (half, half, b',"odd":1' if count % 2 else b"")

    assert json_value(body(10_000))
    with pytest.raises(TooLarge):
        json_value(body(10_001))


def test_items_are_counted_over_all_lists() -> None:
    limits = JsonLimits(keys=100)

    assert len(json_value(b"[" + b",".join([b"1"] * 100) + b"]", limits)) == 100
    with pytest.raises(TooLarge):
        json_value(b"[" + b",".join([b"1"] * 101) + b"]", limits)


def test_commas_in_texts_do_not_count() -> None:
    text = ":,{[" * 5_000

    assert json_value(json.dumps({"a": text}).encode()) == {"a": text}


@given(values)
def test_reading_what_json_wrote_gives_it_back(value: Any) -> None:
    for ascii_only in (True, False):
        body = json.dumps(value, ensure_ascii=ascii_only).encode()

        assert _same(json_value(body), _without_nul(value))


@given(values)
def test_writing_and_reading_again_changes_nothing(value: Any) -> None:
    once = json_value(json.dumps(value).encode())

    assert _same(json_value(json_bytes(once)), once)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_value_or_rejected(body: bytes) -> None:
    try:
        value = json_value(body)
    except Rejected:
        return
    json_bytes(value)


def _same(one: Any, other: Any) -> bool:
    """Equal, and of equal types: 1, 1.0 and True are three things."""
    return json.dumps(one) == json.dumps(other)


def _without_nul(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.replace("\0", ""): _without_nul(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    if isinstance(value, float):
        assert math.isfinite(value)
    return value
