"""Only an answer about every locked package passes for an answer."""

import json
from pathlib import Path

import pytest

from tests.audit.verdict import HELD, NOT_LOOKED, VIOLATED, Said, locked, verdict

RECORDED = Path(__file__).parent / "recorded"
LOCKS = (Path(__file__).parents[2] / "requirements.lock", Path(__file__).parent / "requirements.lock")


def recorded(name: str) -> str:
    return (RECORDED / name).read_text("utf-8")


def answer(**versions: str) -> str:
    clean = [{"name": name, "version": version, "vulns": []} for name, version in versions.items()]
    return json.dumps({"dependencies": clean, "fixes": []})


def test_every_package_looked_up_and_none_vulnerable_holds() -> None:
    said = Said(0, answer(Jinja2="3.1.6", ruamel_yaml="1"), "")

    assert verdict(said, {"jinja2": "3.1.6", "ruamel-yaml": "1"}).code == HELD


def test_known_vulnerability_is_named_with_what_mends_it() -> None:
    found = verdict(Said(1, recorded("vulnerable.json"), "Found 2 known vulnerabilities in 1 package"), {})

    assert found.code == VIOLATED
    assert found.vulnerable == ["flask 0.5: PYSEC-2019-179, PYSEC-2018-66; fixed in 0.12.3, 1.0"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Said(1, "", recorded("strict-unreachable.stderr")), "could not be audited"),
        (Said(1, "", recorded("advisories-unreachable.stderr")), "ConnectionError"),
        (Said(0, recorded("skipped.json"), "No known vulnerabilities found"), "1 packages have no advisories: jinja2"),
        (Said(0, answer(other="1"), ""), "1 locked packages are not in the answer: jinja2"),
        (Said(0, answer(jinja2="3.0"), ""), "1 locked packages are not in the answer: jinja2"),
        (Said(0, '{"dependencies": [], "fixes": []}', ""), "no answer"),
        (Said(0, "", ""), "no answer"),
        (Said(0, "[]", ""), "no answer"),
        (Said(2, answer(jinja2="3.1.6"), ""), "ended with 2"),
    ],
)
def test_answer_that_saw_less_than_everything_is_not_taken_for_passed(said: Said, reason: str) -> None:
    found = verdict(said, {"jinja2": "3.1.6"})

    assert found.code == NOT_LOOKED
    assert reason in found.unseen[0]
    assert "advisories.example" not in found.unseen[0]


def test_vulnerability_counts_even_where_others_could_not_be_looked_up() -> None:
    mixed = json.loads(recorded("vulnerable.json"))
    mixed["dependencies"] += json.loads(recorded("skipped.json"))["dependencies"]

    found = verdict(Said(1, json.dumps(mixed), ""), {})

    assert (found.code, len(found.unseen)) == (VIOLATED, 1)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_pins_of_the_lock_files_are_read(lock: Path) -> None:
    text = lock.read_text("utf-8")

    pins = locked(text)

    assert len(pins) >= 20
    assert "pip-audit" in pins or pins["sqlalchemy"].startswith("2.")
    assert "--index-url" not in text
