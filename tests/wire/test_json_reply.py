"""An answer of a service: whether it took the call, and what it names."""

from typing import Any

import pytest

from syncd.wire.json_reply import JsonReply


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"id": 7}, "7"),
        ({"id": "a"}, "a"),
        ({"id": True}, ""),
        ({"id": None}, ""),
        ({}, ""),
        ([{"id": 7}], ""),
        (None, ""),
    ],
)
def test_what_an_answer_names_is_a_text_or_nothing(body: Any, named: str) -> None:
    assert JsonReply(200, body, None).id == named


def test_refusal_names_nothing_and_has_its_fault() -> None:
    refused = JsonReply[str](422, {"id": 7, "message": "no"}, "no")

    assert (refused.ok, refused.row, refused.id, refused.fault) == (False, {}, "", "no")
