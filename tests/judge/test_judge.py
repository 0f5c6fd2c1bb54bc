"""The judge sees what is planted, and says loudly when it could not look."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import HttpReply
from syncd.errors import SyncdError
from tests.judge.__main__ import FILE, HELD, NOT_LOOKED, VIOLATED, main, verdict
from tests.judge.prism import free_port, is_installed, started
from tests.judge.scenario import OPERATIONS, SETTINGS, Play, account
from tests.judge.specification import DATED, LIVE, Specification
from tests.judge.witness import Hearing, Witness, violations_in
from tests.outside import SHARED, needs

DATED_CONTACTS = SHARED / "specs/hubspot/contacts_2026-03.json"
OWNERS = ("GET", "/crm/owners/2026-03")
UPSERT = ("POST", "/crm/objects/2026-03/contacts/batch/upsert")


def violation(place: str, severity: str = "Error") -> dict[str, Any]:
    return {"location": [place, "body", "inputs", "0"], "severity": severity, "code": "required", "message": "no id"}


def reply(*violations: dict[str, Any], status: int = 422, body: bytes = b"{}", kind: str = "x") -> HttpReply:
    headers = {"content-type": kind, **({"sl-violations": json.dumps(violations)} if violations else {})}
    return HttpReply(status, headers, body)


@pytest.fixture
def specification(tmp_path: Path) -> Specification:
    """Small, with everything that is loosened in it."""
    record = {"properties": {"properties": {"additionalProperties": {"type": "string"}}}}
    error = {"properties": {}, "required": ["category", "message", "errors"]}
    schemas = {
        "contacts_Error": error,
        "contacts_StandardError": error,
        "contacts_SimplePublicObject": record,
        "contacts_SimplePublicUpsertObject": record,
        "contacts_Input": {"required": ["id"]},
    }
    paths: dict[str, Any] = {
        path: {} for path in ("/crm/v3/objects/contacts/{contactId}", "/crm/v3/objects/contacts/search", OWNERS[1])
    }
    file = tmp_path / "specification.json"
    file.write_text(json.dumps({"paths": paths, "components": {"schemas": schemas}}), encoding="utf-8")
    return Specification(file)


# what Prism says


def test_request_that_is_wrong_is_a_violation_wherever_the_answer_came_from() -> None:
    for answers in (True, False):
        assert violations_in(reply(violation("request")), answers=answers) == ["request.body.inputs.0: no id"]


def test_answer_that_is_wrong_counts_where_the_answers_are_ours() -> None:
    wrong = reply(violation("response"), status=500)

    assert violations_in(wrong, answers=True) == ["response.body.inputs.0: no id"]
    assert violations_in(wrong, answers=False) == []


def test_warning_is_no_violation() -> None:
    assert violations_in(reply(violation("request", "Warning")), answers=True) == []


def test_path_that_the_specification_does_not_have_is_a_violation() -> None:
    body = json.dumps({"type": "https://prism/errors#NO_PATH_MATCHED_ERROR", "title": "Route not resolved"}).encode()

    found = violations_in(reply(status=404, body=body, kind="application/problem+json"), answers=False)

    assert found == ["NO_PATH_MATCHED_ERROR: Route not resolved"]


def test_problem_document_may_list_what_is_wrong() -> None:
    wrong = {**violation("request"), "location": ["body", "inputs", "0"]}
    body = json.dumps({"type": "x#UNPROCESSABLE_ENTITY", "validation": [wrong]}).encode()

    found = violations_in(reply(body=body, kind="application/problem+json"), answers=False)

    assert found == ["body.inputs.0: no id"]


def test_refusal_of_the_service_itself_is_none() -> None:
    assert violations_in(reply(status=400, body=b'{"message":"no"}', kind="application/json"), answers=True) == []


# the specification


def test_call_goes_by_its_operation(specification: Specification) -> None:
    paths = ["/crm/v3/objects/contacts/search", "/crm/v3/objects/contacts/77", "/elsewhere/77"]

    assert [specification.operation("GET", path)[1] for path in paths] == [
        "/crm/v3/objects/contacts/search",
        "/crm/v3/objects/contacts/{contactId}",
        "/elsewhere/77",
    ]


def test_answers_are_loosened_and_requests_are_not(specification: Specification, tmp_path: Path) -> None:
    specification.write(tmp_path / "ready.json")

    schemas = json.loads((tmp_path / "ready.json").read_text("utf-8"))["components"]["schemas"]
    assert schemas["contacts_Error"]["required"] == ["message"]
    assert schemas["contacts_SimplePublicObject"]["properties"]["properties"]["additionalProperties"]["nullable"]
    assert schemas["contacts_Input"] == {"required": ["id"]}


def test_dated_paths_are_judged_as_the_numbered_ones(specification: Specification) -> None:
    assert specification.operation("POST", "/crm/objects/2026-03/contacts/77") == (
        "POST",
        "/crm/objects/2026-03/contacts/{contactId}",
    )


@needs(DATED_CONTACTS.exists(), "HubSpot's file of the dated contacts is not beside this checkout")
def test_bodies_of_the_dated_contacts_are_those_of_the_numbered_ones() -> None:
    numbered, dated = (
        json.loads((DATED_CONTACTS.parent / name).read_text("utf-8"))
        for name in ("contacts_v3.json", DATED_CONTACTS.name)
    )

    for path, operations in numbered["paths"].items():
        other = dated["paths"][path.replace("/crm/v3/objects", DATED["/crm/v3/objects"])]
        for method, operation in operations.items():
            for part in ("requestBody", "responses"):
                assert bare(numbered, operation.get(part)) == bare(dated, other[method].get(part)), (method, path)


def bare(file: Any, part: Any, within: tuple[str, ...] = ()) -> Any:
    """What is demanded of values: pointers followed, names and examples left out."""
    if isinstance(part, list):
        return [bare(file, each, within) for each in part]
    if not isinstance(part, dict):
        return part
    if pointer := part.get("$ref"):
        if pointer in within:
            return "again"
        found = file
        for step in pointer.removeprefix("#/").split("/"):
            found = found[step]
        return bare(file, found, (*within, pointer))
    return {
        key: bare(file, each, within) for key, each in part.items() if key not in {"description", "example", "title"}
    }


@pytest.mark.parametrize("ending", LIVE)
def test_loosening_that_meets_nothing_is_told(specification: Specification, tmp_path: Path, ending: str) -> None:
    schemas = specification.document["components"]["schemas"]
    for name in [name for name in schemas if name.endswith(ending)]:
        del schemas[name]

    with pytest.raises(LookupError, match=ending):
        specification.write(tmp_path / "ready.json")


# the verdict


def heard(specification: Specification, **violations: int) -> dict[str, Hearing]:
    hearing = Hearing(specification, answers=True)
    hearing.calls.update(OPERATIONS)
    hearing.violations.update(violations)
    return {"proxy before the fake": hearing}


def test_whole_run_without_violation_holds(specification: Specification, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(heard(specification)) == HELD
    assert capsys.readouterr().out.endswith(f"\n0 violations in {len(OPERATIONS)} calls\n")


def test_violation_is_listed_and_fails(specification: Specification, capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict(heard(specification, planted=2)) == VIOLATED

    said = capsys.readouterr().out
    assert "VIOLATION (proxy before the fake, 2 times): planted" in said
    assert said.endswith(f"\n2 violations in {len(OPERATIONS)} calls\n")


def test_operation_that_was_not_called_is_not_taken_for_judged(
    specification: Specification, capsys: pytest.CaptureFixture[str]
) -> None:
    run = heard(specification)
    del run["proxy before the fake"].calls[UPSERT]

    assert verdict(run) == NOT_LOOKED
    assert f"NOT CHECKED: {' '.join(UPSERT)} was not called" in capsys.readouterr().out


def test_without_the_specification_nothing_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--file", str(tmp_path / "nowhere.json")]) == NOT_LOOKED
    assert capsys.readouterr().out.startswith("NOT CHECKED: HubSpot's client and fake by Prism: there is no spec")


def test_without_node_nothing_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["--install"]) == NOT_LOOKED
    assert "node is not installed" in capsys.readouterr().out


# Prism itself


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("judge") / "specification.json"
    Specification(FILE).write(file)
    return file


@pytest.fixture
def play(ready: Path, tmp_path: Path) -> Iterator[Play]:
    """Our client, Prism, and the fake behind it."""
    port = free_port()
    witness = Witness(Hearing(Specification(FILE), answers=True))
    upstream = f"http://127.0.0.1:{port}"
    with started("proxy", ready, upstream, "--errors") as url, account(SETTINGS[0], port) as fake:
        yield Play(fake, SETTINGS[0], url, witness, tmp_path)


@pytest.mark.process
@needs(FILE.exists(), "HubSpot's OpenAPI file for Prism is not beside this checkout")
@needs(is_installed(), "Prism is not installed (python -m tests.judge --install)")
def test_what_is_planted_in_an_answer_or_a_request_is_found(play: Play) -> None:
    hearing = play.http.hearing
    play.sink.owners()
    assert hearing.violations == {}

    play.fake.order_fault("answer", *OWNERS, status=200, body=b'{"results":[{"id":7}]}')
    with pytest.raises(SyncdError):
        play.sink.check()
    play.http.call("POST", play.url + UPSERT[1], what="bad", writes=False, json={"inputs": [{"properties": {"a": 1}}]},
                   headers={"authorization": f"Bearer {play.fake.token}"})  # fmt: skip

    told = "\n".join(hearing.violations)
    assert "GET /crm/owners/2026-03: response.body.results.0.id" in told
    assert "POST /crm/objects/2026-03/contacts/batch/upsert: body.inputs.0" in told
    assert verdict({"proxy": hearing}) == VIOLATED
