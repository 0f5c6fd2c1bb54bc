"""Preparing an account: what it must have, what syncd makes, what only a person can mend."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from connectors.sinks.hubspot.versions import version_finding
from syncd.connector import AuthFailed, Finding
from tests.connectors.hubspot_world import World, hubspot_world
from tests.fakes.hubspot.options import ALL_SCOPES


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, prepared=False) as world:
        yield world


def by_name(world: World, *, apply: bool) -> dict[str, Finding]:
    return {finding.what: finding for finding in world.sink.prepare(apply=apply)}


def test_looking_makes_nothing(world: World) -> None:
    findings = by_name(world, apply=False)

    missing = {what for what, finding in findings.items() if not finding.ok}
    assert {"property contacts.syncd_key", "property tasks.syncd_mark", "property notes.syncd_mark"} <= missing
    assert {"property contacts.syncd_lead_source", "property companies.syncd_company_domain"} <= missing
    assert all(findings[what].remedy for what in missing)
    assert by_name(world, apply=False) == findings


def test_applying_makes_what_is_missing(world: World) -> None:
    made = by_name(world, apply=True)

    assert all(finding.ok for finding in made.values())
    assert made["property contacts.syncd_key"].changed
    assert [finding for finding in by_name(world, apply=True).values() if finding.changed] == []


def test_keys_and_marks_are_unique_where_the_account_allows(world: World) -> None:
    by_name(world, apply=True)

    assert world.definition("contacts", "syncd_key")["hasUniqueValue"]
    assert world.definition("tasks", "syncd_mark")["hasUniqueValue"]
    assert world.definition("companies", "syncd_company_domain")["hasUniqueValue"]
    assert not world.definition("contacts", "syncd_lead_source")["hasUniqueValue"]


def test_mark_that_cannot_be_unique_is_made_plain_and_says_what_that_costs(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, unique_task_properties=False) as world:
        made = by_name(world, apply=True)["property tasks.syncd_mark"]
        later = by_name(world, apply=False)["property tasks.syncd_mark"]

    assert made.ok
    assert made.changed
    assert "search" in made.detail
    assert (later.ok, later.detail) == (True, made.detail)


def test_key_that_is_not_unique_needs_a_person(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, sink={"key_property": "message"}) as world:
        finding = by_name(world, apply=True)["property contacts.message"]

    assert not finding.ok
    assert "delete" in finding.remedy


def test_missing_scope_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    scopes = ALL_SCOPES - {"crm.schemas.contacts.write", "crm.objects.companies.write"}
    with hubspot_world(tmp_path, prepared=False, scopes=scopes) as world:
        findings = by_name(world, apply=True)

    assert "crm.schemas.contacts.write" in findings["property contacts.syncd_key"].detail
    assert findings["property companies.syncd_company_domain"].changed
    assert not findings["scope crm.objects.companies.write"].ok
    assert findings["scope crm.objects.contacts.write"].ok


def test_values_that_the_account_does_not_know_are_told(tmp_path: Path) -> None:
    sink = {"lead_status": "FRESH", "stages": {"sale": "won"}, "fixed": {"hs_language": "de", "no_such": "x"}}
    with hubspot_world(tmp_path, sink=sink) as world:
        findings = by_name(world, apply=False)

    assert "FRESH" in findings["values of contacts.hs_lead_status"].detail
    assert "NEW" in findings["values of contacts.hs_lead_status"].remedy
    assert "sale" in findings["values of contacts.lifecyclestage"].detail
    assert not findings["values of contacts.no_such"].ok
    assert "values of contacts.hs_language" not in findings


def test_field_that_a_person_mapped_elsewhere_is_not_made(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, sink={"map": {"lead_source": "message"}}) as world:
        assert "property contacts.syncd_lead_source" not in by_name(world, apply=True)


def test_account_without_companies_needs_nothing_for_them(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, sink={"company": False}) as world:
        assert [what for what in by_name(world, apply=True) if "compan" in what] == []


def test_refused_token_is_no_finding(world: World) -> None:
    world.fake.revoke_token()

    with pytest.raises(AuthFailed):
        world.sink.prepare(apply=False)


def test_check_tells_the_calls_of_today(world: World) -> None:
    login, calls, _ = world.sink.check()

    assert login.ok
    assert "of 1000000" in calls.detail


def test_check_without_the_usage_call_is_still_fine(world: World) -> None:
    world.fake.order_fault("unauthorized", path="*/api-usage/*")

    _, calls, _ = world.sink.check()

    assert calls.ok
    assert "not told" in calls.detail


@pytest.mark.parametrize(
    ("api", "day", "ok", "said"),
    [
        ("v3", "2026-12-01", True, "supported until 30 March 2027"),
        ("v3", "2027-01-15", False, "supported until 30 March 2027, no longer"),
        ("v3", "2027-04-01", False, "unsupported since 30 March 2027"),
        ("2026-03", "2027-04-01", True, "supported until 30 September 2027"),
        ("2026-03", "2027-09-01", False, "supported until 30 September 2027, no longer"),
    ],
)
def test_end_of_an_api_version_is_told_three_months_before(api: str, day: str, ok: bool, said: str) -> None:
    finding = version_finding(api, datetime.fromisoformat(f"{day}T08:00:00+00:00"))

    assert (finding.what, finding.ok, finding.detail) == (f"API {api}", ok, said)
    assert finding.ok or finding.remedy
