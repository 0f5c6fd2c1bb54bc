"""Our Zoho client's requests and our fake's answers, judged by Zoho's own OpenAPI files where these are at hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.judge.zoho_files import FILES, ZohoFiles
from tests.judge.zoho_play import API, OPERATIONS, played
from tests.outside import SHARED, needs

FOLDER, CAPTURED = SHARED / "specs/zoho", SHARED / "specs/samples/zoho_bodies.json"
pytestmark = needs(
    all((FOLDER / f"{name}.json").exists() for name in FILES), "Zoho's OpenAPI files are not beside this"
)

ERROR = {"code": "INVALID_DATA", "details": {"api_name": "Phone"}, "message": "invalid data", "status": "error"}


@pytest.fixture(scope="module")
def files() -> ZohoFiles:
    return ZohoFiles(FOLDER)


def test_every_call_is_made_and_neither_a_request_nor_an_answer_breaks_the_files(
    files: ZohoFiles, tmp_path: Path
) -> None:
    judge = played(files, tmp_path)

    assert judge.violations == {}
    assert OPERATIONS - judge.calls.keys() == set()


@pytest.mark.parametrize(
    ("method", "path", "query", "sent", "answered"),
    [
        ("POST", "/Leads/upsert", {}, {"data": [], "duplicates": []}, {"data": []}),
        ("POST", "/Leads/upsert", {}, {"data": {}}, {"data": []}),
        ("POST", "/coql", {}, {"query": "select id from Leads"}, {"data": []}),
        ("GET", "/Leads", {"idz": "1"}, None, {"data": []}),
        ("POST", "/settings/fields", {"module": "Leads"}, {"fields": [{"label": "x"}]}, {"fields": []}),
        ("GET", "/Leads", {}, None, {"data": [{"id": 7}]}),
        ("POST", "/Leads", {}, {"data": []}, {"data": [{**ERROR, "code": "NO_SUCH_CODE"}]}),
        ("POST", "/Notes", {}, {"data": []}, {"data": [{"code": "SUCCESS"}]}),
        ("GET", "/users", {}, None, {"users": [{"id": "1", "mail": "x"}]}),
        ("GET", "/a/b/c/d/e/f", {}, None, {}),
    ],
)
def test_what_is_planted_is_seen(
    files: ZohoFiles, method: str, path: str, query: dict[str, str], sent: Any, answered: Any
) -> None:
    assert list(files.judge(method, API + path, query, sent, 200, answered))


@needs(CAPTURED.exists(), "captured answers of Zoho are not beside this checkout")
@pytest.mark.parametrize("name", ["insert_ok", "bad_phone", "bad_owner", "cross_module_duplicate"])
def test_captured_answers_pass(files: ZohoFiles, name: str) -> None:
    captured = json.loads(CAPTURED.read_text())[name]

    assert list(files.judge("POST", f"{API}/Leads", {}, {"data": []}, 200, captured)) == []
