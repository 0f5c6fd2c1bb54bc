"""The dashboard and the alerts name nothing that the daemon does not tell."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from syncd.run import replies, web
from syncd.run.gauges import Gauges
from tests.cli.office import ANNA, Office, keep, settle

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
GROUPS = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text("utf-8"))["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]
OF_PROMETHEUS = {"job", "instance", "le"}


@pytest.fixture
def told(tmp_path: Path) -> dict[str, set[str]]:
    """Sample -> names of its labels, after a lead has landed and the promises have been counted."""
    with Office(tmp_path).app() as built:
        gauges = Gauges(built.store, built.health, built.auditor, lambda: list(built.crew.lines))
        built.metrics.watch(gauges.of_daemon)
        built.metrics.watch(gauges.of_store)
        built.metrics.received.labels("contact", "accepted").inc()
        keep(built, **ANNA)
        keep(built, message="There is no way to reach me")
        settle(built)
        keep(built, name="Bob Muster", email="bob@muster-bau.com")
        for loop in built.crew.loops:
            if loop.name.startswith(("planner", "follower")):  # no dispatcher: something stays to be sent
                loop.turn()
        built.auditor.audit()
        built.keepers.listen()
        text = generate_latest(built.metrics.registry).decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        found.setdefault(f"{family.name}_total" if family.type == "counter" else family.name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_every_metric_of_the_dashboard_and_the_alerts_is_told_by_the_daemon(told: dict[str, set[str]]) -> None:
    named = {name for expression in EXPRESSIONS for name in re.findall(r"\bsyncd_\w+", expression)}

    assert len(named) > 15
    assert named - told.keys() == set()


def test_every_metric_that_the_daemon_tells_is_shown_or_watched(told: dict[str, set[str]]) -> None:
    plain = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in told}

    shown = {re.sub(r"_bucket$", "", name) for e in EXPRESSIONS for name in re.findall(r"\bsyncd_\w+", e)}
    assert {name for name in plain if f"{name}_total" not in plain} - shown == {
        "syncd_version",
        "syncd_waiting_submissions",
        "syncd_announced_submissions",
    }


def test_every_label_that_is_asked_for_is_one_of_its_metric(told: dict[str, set[str]]) -> None:
    for expression in EXPRESSIONS:
        for name, matchers in re.findall(r"\b(syncd_\w+)\{([^}]*)\}", expression):
            labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
            assert labels <= told[name] | OF_PROMETHEUS, expression


def test_every_result_that_is_watched_is_one_that_the_front_door_gives() -> None:
    given = {result for _, _, result in replies.REFUSALS} | set(
        re.findall(r'plain\(\d+, [^\n]*, "([\w ]+)"', Path(web.__file__).read_text("utf-8"))
    )

    watched = {word for e in EXPRESSIONS for words in re.findall(r'result=~?"([^"]+)"', e) for word in words.split("|")}
    assert len(watched) >= 3
    assert watched <= given


def test_each_promise_has_an_alert_and_a_panel() -> None:
    promises = {"nothing lost", "nothing doubled", "nobody forgotten", "nothing unexplained"}

    for among in (EXPRESSIONS[: len(RULES)], EXPRESSIONS[len(RULES) :]):
        assert {word for e in among for word in re.findall(r'promise="([^"]+)"', e)} == promises


def test_panels_stand_beside_each_other_and_have_numbers_of_their_own() -> None:
    panels = DASHBOARD["panels"]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert not [(a["title"], b["title"]) for a, b in combinations(panels, 2) if set(_cells(a)) & set(_cells(b))]
    assert {source["uid"] for panel in panels for source in [panel["datasource"]]} == {"${datasource}"}


def _cells(panel: Any) -> Iterator[tuple[int, int]]:
    at = panel["gridPos"]
    return ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"]))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (apt install prometheus)")
def test_the_alerts_fire_when_they_should_and_not_before() -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", "alerts.test.yaml"],
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
