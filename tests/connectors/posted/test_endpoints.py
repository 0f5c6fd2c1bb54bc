"""What Basin says beside the fields of a form. https://docs.usebasin.com/developer-features/api-reference"""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from connectors.sources.posted import endpoints
from syncd.connector import AnswerKind, Submission, WebRequest
from syncd.testing import NOON, Answer, Call, FakeClock, FakeServer, lent_tools
from tests.connectors.posted.case import LOCKED

ITEM: Mapping[str, Any] = {
    "id": 88_000_001,
    "form_id": 5,
    "email": "ines@brandao.example",
    "payload_params": {"email": "ines@brandao.example"},
    "spam": False,
    "trash": False,
    "created_at": "2026-03-02T10:15:00.123Z",
    "form": {"name": "Offer", "uuid": "1a2b3c"},
}


def posted(**more: Any) -> Submission:
    plugin = endpoints.basin
    source = plugin.make(plugin.options.model_validate(LOCKED), lent_tools("forms"))
    request = WebRequest("POST", {"content-type": "application/json"}, {}, orjson.dumps({**ITEM, **more}), NOON)
    (found,) = source.receive(request).submissions
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({}, ""),
        ({"spam": None, "trash": None}, ""),
        ({"spam": True, "spam_reason": "junkbox"}, "marked as spam by Basin"),
        ({"trash": True}, "in the trash of Basin"),
    ],
)
def test_spam_and_trash_are_kept_and_go_to_nobody(marks: Mapping[str, Any], reason: str) -> None:
    assert posted(**marks).context.no_lead == reason


def test_what_was_attached_is_told_as_links() -> None:
    files = [
        {"id": 7, "name": "brief.pdf", "file_size": 9, "public_url": "https://usebasin.com/a/7"},
        {"id": 8, "name": "plan.pdf", "public_url": None, "attachment_proxy_url": "https://usebasin.com/p/8"},
    ]

    told = [(answer.value, answer.kind) for answer in posted(attachments=files).answers[1:]]

    assert told == [
        ("https://usebasin.com/a/7", AnswerKind.FILE),
        ("https://usebasin.com/p/8", AnswerKind.FILE),
    ]


@pytest.mark.parametrize(
    ("where", "page"),
    [
        ({}, ""),
        ({"source_url": None, "source_query": None}, ""),
        ({"source_url": "https://acme.example/offer?a=b", "source_query": "a=b"}, "https://acme.example/offer?a=b"),
        ({"source_url": "https://acme.example/offer", "source_query": "?a=b"}, "https://acme.example/offer?a=b"),
        (
            {"source_host": "acme.example", "source_path": "/offer", "source_query": "a=b"},
            "https://acme.example/offer?a=b",
        ),
        ({"source_query": "a=b"}, ""),
    ],
)
def test_where_the_visitor_was_is_put_together_from_its_parts(where: Mapping[str, Any], page: str) -> None:
    assert posted(**where).context.page_url == page


class BasinForms(FakeServer):
    """Twenty to a page, whatever is asked for; newest first."""

    def answer(self, call: Call) -> Answer:
        if call.headers.get("authorization") != "Token key-of-basin":
            return Answer(401, {"error": "invalid_token"})
        if call.path != "/submissions" or call.first("form_id") != "1a2b3c":
            return Answer(404, {"error": "not found"})
        start = 20 * (int(call.first("page") or 1) - 1)
        ids = range(100, 55, -1)[start : start + 20]
        return Answer(200, {"submissions": [{**ITEM, "id": number} for number in ids]})


def test_all_pages_of_basin_are_read_however_many_it_gives_at_a_time() -> None:
    with BasinForms() as forms:
        told = {"api_token": "key-of-basin", "form_id": "1a2b3c", "history": "all", "base_url": forms.url}
        options = endpoints.basin.options.model_validate({**LOCKED, **told})
        source = endpoints.basin.make(options, lent_tools("forms", FakeClock(NOON)))

        keys = [one.key for page in source.pages(None) for one in page.submissions]

    assert sorted(map(int, keys)) == list(range(56, 101))
