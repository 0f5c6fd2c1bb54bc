"""What a CRM has lost since yesterday is told before the first lead fails on it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from syncd.connector import FieldState, Finding, OwnerRef
from syncd.errors import AuthFailed
from syncd.run.doctor import Doctor, examine
from syncd.run.health import Health
from syncd.run.last_look import LastLook
from syncd.store import cursors
from tests.fakes.crm import FakeCrm
from tests.world import World


class Patient(FakeCrm):
    """Has fields that may go away."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: list[str] = []
        self.refuses = False
        self.fields = {"Lead.Status": FieldState("picklist", ours=True, choices=("Cold", "Warm"))}

    def prepare(self, apply: bool) -> Sequence[Finding]:
        if self.refuses:
            raise AuthFailed("crm: answered 401")
        return [Finding(f"field {name}", ok=False, detail="missing", remedy="make it") for name in self.missing]

    def described(self) -> Mapping[str, FieldState]:
        return self.fields


@pytest.fixture
def patient(world: World) -> Patient:
    world.line.sink = Patient()
    return world.line.sink


@pytest.fixture
def doctor(world: World, patient: Patient) -> Doctor:
    health = Health(world.store, _Intake(), list)  # type: ignore[arg-type]  # of which nothing is asked
    return Doctor(world.line, world.store.database, lambda: world.playbook, health, "me")


class _Intake:
    trouble = closed_for = ""
    alive = True


def attended(doctor: Doctor) -> list[str]:
    with capture_logs() as told:
        doctor.turn()
    return [event["what"] for event in told if event["event"] == "sink needs attention"]


def test_everybody_of_the_config_is_looked_for(world: World, patient: Patient) -> None:
    patient.people["tom@example.com"] = OwnerRef("2", "tom@example.com", active=False)
    del patient.people["eva@example.com"]

    findings, _ = examine(patient, world.playbook, LastLook())
    found = {finding.what: finding.detail for finding in findings if not finding.ok}

    assert found == {"person eva": "no user there has their e-mail address", "person tom": "has left there"}


def test_login_that_is_refused_is_a_finding_and_no_crash(world: World, patient: Patient) -> None:
    patient.refuses = True

    (finding,), fields = examine(patient, world.playbook, LastLook())

    assert (finding.ok, finding.detail) == (False, "crm: answered 401")
    assert fields == {}


def test_sink_is_looked_at_once_a_day(world: World, doctor: Doctor, patient: Patient) -> None:
    assert attended(doctor) == []
    patient.missing = ["score"]

    world.clock.advance(hours=23)
    assert attended(doctor) == []
    world.clock.advance(hours=2)
    assert attended(doctor) == ["field score"]


def test_what_was_told_is_told_once_and_stands_in_the_report_until_it_is_fine(
    world: World, doctor: Doctor, patient: Patient
) -> None:
    patient.missing = ["score"]
    assert attended(doctor) == ["field score"]
    world.clock.advance(hours=2)
    assert attended(doctor) == []
    assert doctor.health.notes == {"sink:crm:doctor": "field score: missing"}

    patient.missing = []
    world.clock.advance(hours=2)

    assert attended(doctor) == []
    assert doctor.health.notes == {}


def test_of_two_daemons_one_looks(world: World, doctor: Doctor, patient: Patient) -> None:
    other = Doctor(world.line, world.store.database, lambda: world.playbook, doctor.health, "another")
    patient.missing = ["score"]

    assert attended(doctor) + attended(other) == ["field score"]


def test_choice_that_went_away_since_yesterday_is_told_once_and_stands_in_the_report_for_a_day(
    world: World, doctor: Doctor, patient: Patient
) -> None:
    assert attended(doctor) == []
    patient.fields = {"Lead.Status": FieldState("picklist", ours=True, choices=("Warm",))}

    world.clock.advance(hours=25)
    assert attended(doctor) == ["change of Lead.Status"]
    world.clock.advance(hours=2)
    assert attended(doctor) == []
    assert doctor.health.notes == {"sink:crm:doctor": "change of Lead.Status: no longer a choice: Cold"}

    for _ in range(2):
        world.clock.advance(hours=23)
        assert attended(doctor) == []
    assert doctor.health.notes == {}


def test_change_that_is_taken_back_is_no_change(world: World, doctor: Doctor, patient: Patient) -> None:
    before = patient.fields
    attended(doctor)
    patient.fields = {}
    world.clock.advance(hours=25)
    patient.fields = {"Lead.Region": FieldState("text", required=True)}
    assert attended(doctor) == ["change of Lead.Status", "change of Lead.Region"]

    patient.fields = before
    world.clock.advance(hours=2)

    assert attended(doctor) == []
    assert doctor.health.notes == {}


def test_night_without_an_answer_is_compared_with_nothing(world: World, doctor: Doctor, patient: Patient) -> None:
    attended(doctor)
    patient.refuses = True
    world.clock.advance(hours=25)
    assert attended(doctor) == ["connection"]

    patient.refuses = False
    patient.fields = {"Lead.Status": FieldState("picklist", ours=True, choices=("Warm",))}
    world.clock.advance(hours=2)

    assert attended(doctor) == ["change of Lead.Status"]


@pytest.mark.parametrize(
    "kept",
    [
        {"at": 1, "bad": []},
        {"at": 1, "bad": [], "more": 1, "fields": {"Lead.Status": {"type": "picklist", "ours": True, "more": 1}}},
    ],
)
def test_what_another_version_has_kept_can_be_read(
    world: World, doctor: Doctor, patient: Patient, kept: dict[str, Any]
) -> None:
    database = world.store.database
    with database.write() as tx:
        cursors.move(tx, "doctor:crm", json.dumps(kept), 1)
    patient.missing = ["score"]

    assert attended(doctor) == ["field score"]
