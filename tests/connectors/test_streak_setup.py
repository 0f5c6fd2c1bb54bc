"""What a Streak pipeline must have, what its refusals mean, and the five faults that the doctor finds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sinks.streak import Streak, StreakOptions
from connectors.sinks.streak.failures import exceptions_for, is_of_the_key
from connectors.sinks.streak.pipeline import BoxField
from syncd.connector import AuthFailed, Refused, Retryable
from syncd.testing import NOON, FakeClock, lent_tools
from tests.connectors.orders import record
from tests.connectors.streak_world import World, streak_world
from tests.fakes.streak import FakeStreak
from tests.fakes.streak.service import KEY


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with streak_world(tmp_path) as world:
        yield world


def bare(folder: Path, fake: FakeStreak, **options: Any) -> Streak:
    given = {"api_key": KEY, "base_url": fake.url, "pipeline": "Sales", **options}
    return Streak(StreakOptions.model_validate(given), lent_tools("streak", FakeClock(NOON), folder))


def test_a_new_pipeline_lacks_every_field_and_gets_them_once(tmp_path: Path) -> None:
    with FakeStreak() as fake:
        before = bare(tmp_path, fake).prepare(apply=False)
        made = bare(tmp_path, fake).prepare(apply=True)
        after = bare(tmp_path, fake).prepare(apply=True)

    assert [finding.ok for finding in before] == [False] * 10
    assert all(finding.remedy for finding in before)
    assert [finding.changed for finding in made] == [True] * 10
    assert [(finding.ok, finding.changed) for finding in after] == [(True, False)] * 10


def test_a_check_names_each_of_five_faults_and_its_remedy(world: World) -> None:
    world.fake.fields = [field for field in world.fake.fields if field["name"] != "Company"]
    next(field for field in world.fake.fields if field["name"] == "syncd_key")["type"] = "FORMULA"
    next(field for field in world.fake.fields if field["name"] == "Phone")["type"] = "TEAM_CONTACT"
    sink = world.another_sink(stage="Anfrage", won=["Gewonnen"])

    wrong = {finding.what: finding for finding in sink.check() if not finding.ok}

    assert set(wrong) == {
        "box field Company", "box field syncd_key", "box field Phone", "stage Anfrage", "stage Gewonnen",
    }  # fmt: skip
    assert wrong["box field syncd_key"].detail == "is of type FORMULA, not TEXT_INPUT"
    assert "Lead, Contacted, Won, Lost" in wrong["stage Anfrage"].remedy
    assert all(finding.remedy for finding in wrong.values())


def test_a_pipeline_that_is_not_there_is_told_alone(world: World) -> None:
    (finding,) = [one for one in world.another_sink(pipeline="Vertrieb").check() if not one.ok]

    assert finding.what == "pipeline Vertrieb"
    assert finding.remedy


def test_a_pipeline_without_a_team_has_nobody_to_assign(world: World) -> None:
    world.fake.team = ""
    sink = world.another_sink()

    (finding,) = [one for one in sink.check() if not one.ok]

    assert (finding.what, finding.remedy) == ("team", "share the pipeline with your team")
    with pytest.raises(Refused):
        sink.owners()


def test_the_pipeline_may_be_named_by_its_key(world: World) -> None:
    assert [finding for finding in world.another_sink(pipeline="pipe-1").check() if not finding.ok] == []


def test_a_check_needs_a_good_key(world: World) -> None:
    world.fake.key = "another"

    with pytest.raises(AuthFailed):
        world.sink.check()


def test_a_stage_means_one_thing() -> None:
    with pytest.raises(ValidationError, match="Closed is named twice"):
        StreakOptions.model_validate({"api_key": "k", "pipeline": "p", "won": ["Closed"], "lost": ["Closed"]})


@pytest.mark.parametrize(
    ("said", "key"),
    [({"error": "invalid api key"}, True), ({"error": "Authentication required"}, True), (None, True), ({}, True),
     ({"error": "You cannot see this box"}, False)],
)  # fmt: skip
def test_a_wrong_key_is_told_from_a_box_that_is_not_shared(said: Any, key: bool) -> None:
    assert is_of_the_key(said) is key
    assert (exceptions_for(401, said).get(401, AuthFailed) is AuthFailed) is key


def test_an_answer_that_is_no_list_is_none(world: World) -> None:
    world.fake.order_fault("answer", "GET", "/api/v1/search", status=200, body=b'{"results": []}', count=None)

    with pytest.raises(Retryable):
        world.sink.find([record().keys])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("TEXT_INPUT", "Some text", "Some text"),
        ("DATE", "2026-03-02T10:00:00Z", 1_772_409_600_000),
        ("DATE", "soon", None),
        ("CHECKBOX", "yes", True),
        ("CHECKBOX", "perhaps", None),
        ("DROPDOWN", "large", "9001"),
        ("DROPDOWN", "gigantic", None),
        ("TAG", "Large", ["9001"]),
        ("FORMULA", "x", None),
    ],
)
def test_a_value_goes_out_as_its_field_holds_it_and_comes_back(kind: str, text: str, value: Any) -> None:
    field = BoxField("1001", kind, {"9001": "Large"})

    assert field.value_of(text) == value
    if value is not None:
        assert field.text_of(value).casefold() == text[:10].casefold()
