"""What the organisation must have: told, made where it may be, and looked at again by `check`."""

from pathlib import Path

import pytest

from syncd.connector import AuthFailed, Finding
from tests.connectors.hubspot_world import record, refs
from tests.connectors.salesforce_world import ANNA, World, salesforce_world
from tests.fakes.salesforce.fields import Field


def bad(findings: list[Finding]) -> dict[str, str]:
    return {finding.what: finding.detail for finding in findings if not finding.ok}


def test_missing_fields_are_told_and_nothing_is_made(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, prepared=False) as world:
        findings = list(world.sink.prepare(apply=False))

        assert {"field Lead.Syncd_Key__c", "field Contact.Syncd_Key__c", "field Activity.Syncd_Mark__c"} <= bad(
            findings
        ).keys()
        assert all(finding.remedy for finding in findings if not finding.ok)
        assert not [name for name in world.fake.org.tables["Lead"].fields if name.endswith("__c")]


def test_fields_are_made_and_opened_to_us(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, prepared=False) as world:
        findings = list(world.sink.prepare(apply=True))

        assert bad(findings) == {}
        assert all(finding.changed for finding in findings)
        assert refs(world.sink.upsert([record(1, fields={"first_channel": "paid search"})]))
        assert world.fake.records("Lead")[0]["Syncd_First_Channel__c"] == "paid search"


def test_field_that_somebody_has_made_and_nobody_opened_is_opened(tmp_path: Path) -> None:
    with salesforce_world(tmp_path) as world:
        world.fake.org.tables["Lead"].hidden.add("Syncd_Key__c")
        for row in world.fake.records("FieldPermissions"):
            if row["Field"] == "Lead.Syncd_Key__c":
                world.fake.people.delete(row["Id"])

        (finding,) = [each for each in world.sink.prepare(apply=True) if each.what == "field Lead.Syncd_Key__c"]

        assert (finding.ok, finding.changed) == (True, True)


def test_what_may_not_be_made_says_how_to_make_it(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, prepared=False, can_customise=False) as world:
        findings = {finding.what: finding for finding in world.sink.prepare(apply=True)}

        assert not findings["field Lead.Syncd_Key__c"].ok
        assert "Text(80), external id, unique" in findings["field Lead.Syncd_Key__c"].remedy


def test_organisation_that_refuses_a_mark_is_told_what_that_means(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, activity_fields=False) as world:
        (mark,) = [
            finding for finding in world.sink.prepare(apply=True) if finding.what == "field Activity.Syncd_Mark__c"
        ]

        assert mark.ok
        assert "FIELD_INTEGRITY_EXCEPTION" in mark.detail
        assert bad(list(world.sink.check())) == {}


def test_check_tells_version_limits_and_rules(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, duplicate_rule="alert", daily_limit=5000) as world:
        told = {finding.what: finding.detail for finding in world.sink.check()}

        assert told["API version 66.0"] == "kept until February 2029 at least; newest is 68.0"
        assert told["calls of the last 24 hours"].endswith(" of 5000")
        assert "Standard_Lead_Duplicate_Rule (Lead)" in told["duplicate rules"]


def test_check_finds_what_was_planted(tmp_path: Path) -> None:
    """A field that vanished, two values that no list has, a required field, a queue and an owner that are not there,
    a key that conversion loses, and a day that is almost spent.
    """
    options = {
        "status": "Brand new",
        "lead_sources": {"Fair": "Messe"},
        "queues": {"inbound@sales.example": "No_Queue"},
        "task_owner": "005000000000099AAA",
    }
    with salesforce_world(tmp_path, maps_keys=False, daily_limit=200) as world:
        (ref,) = refs(world.sink.upsert([record(1)]))
        world.fake.people.convert(ref.id)
        org = world.fake.org
        del org.tables["Lead"].fields["Syncd_Inquiries__c"]
        org.tables["Lead"].fields["Region__c"] = Field("Region__c", "string", 40, "cuF")
        while org.meter.left(org.now())[0] > 21:
            org.meter.count(org.now())

        sink = world.another_sink(**options)
        found = bad([*sink.check(), *sink.prepare(apply=False)])

        assert found.keys() == {
            "field Lead.Syncd_Inquiries__c",
            "values of Lead.Status",
            "values of Lead.LeadSource",
            "required field Lead.Region__c",
            "queue No_Queue",
            "task_owner",
            "key after conversion",
            "calls of the last 24 hours",
        }


def test_version_that_has_ended_or_will_is_told(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, versions=("30.0", "56.0", "66.0")) as world:
        ended = {f.what: f for f in world.another_sink(api_version="30.0").check()}["API version 30.0"]
        ending = {f.what: f for f in world.another_sink(api_version="56.0").check()}["API version 56.0"]

        assert (ended.ok, ended.remedy) == (False, "set api_version: 66.0")
        assert ending.ok
        assert "set api_version: 66.0" in ending.detail


def test_refused_login_ends_a_check_with_its_words(tmp_path: Path) -> None:
    with salesforce_world(tmp_path) as world:
        world.fake.refuse_login()

        with pytest.raises(AuthFailed, match="invalid_grant"):
            world.another_sink().check()


def test_version_that_the_organisation_does_not_know_stops_the_sink_and_parks_nothing(tmp_path: Path) -> None:
    with salesforce_world(tmp_path) as world, pytest.raises(AuthFailed, match="UNSUPPORTED_API_VERSION"):
        world.another_sink(api_version="20.0").upsert([record(1)])


def test_login_by_password_is_warned_of(tmp_path: Path) -> None:
    with salesforce_world(tmp_path) as world:
        sink = world.another_sink(**by_password(world))

        told = {finding.what: finding.detail for finding in sink.check()}

        assert "November 2026" in told["login by password"]
        assert sink.owners()[ANNA].active


def by_password(world: World) -> dict[str, object]:
    own = world.fake.options
    login = {
        "client_id": own.client_id,
        "client_secret": own.client_secret,
        "username": own.username,
        "password": own.password,
    }
    return {"password": login, "legacy": True}
