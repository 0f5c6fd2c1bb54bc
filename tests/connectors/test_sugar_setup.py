"""What an installation lacks is named with its remedy."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from syncd.connector import AuthFailed, Finding
from syncd.testing import FakeClock
from tests.connectors.sugar_world import ANNA, DIALECTS, Dialect, sugar_world
from tests.fakes.sugar.fields import FieldDef

PLANTED = {
    "map": {"how_heard": "nowhere_c"},
    "fixed": {"colour_c": "red", "lead_source": "Telepathy"},
    "lead_status": "Brand New",
    "statuses": {"Dead": "lost", "Rung Up": "answered"},
}


def wrong(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.what: finding.detail for finding in findings if not finding.ok}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_planted_faults_are_found_each_with_a_remedy(tmp_path: Path, dialect: Dialect) -> None:
    with sugar_world(tmp_path, dialect, sink=PLANTED) as world:
        leads = world.fake.account.fields["Leads"]
        leads["budget_c"] = FieldDef("budget_c", "varchar", required=True)
        leads["syncd_key_c"] = FieldDef("syncd_key_c", "int")

        findings = list(world.sink.check())

        choices = {
            "values of Leads.lead_source": "not on the list: Telepathy",
            "values of Leads.status": "not on the list: Brand New, Rung Up",
        }
        assert wrong(findings) == {
            "field Leads.syncd_key_c": "is of type int",
            "map.how_heard": "no field Leads.nowhere_c",
            "fixed.colour_c": "no field Leads.colour_c",
            "field Leads.budget_c": "the CRM demands it",
            **({} if dialect == "v8" else choices),
        }
        assert all(finding.remedy for finding in findings if not finding.ok)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_fields_of_ours_are_no_need_and_their_want_is_told(tmp_path: Path, dialect: Dialect) -> None:
    with sugar_world(tmp_path, dialect, custom=False) as world:
        findings = {finding.what: finding for finding in world.sink.prepare(apply=True)}

        assert wrong(findings.values()) == {}
        assert findings["field Leads.syncd_inquiries_c"].detail.startswith("not there, so it is left out; make one")


def test_lead_sources_that_are_not_on_the_list_are_told(tmp_path: Path) -> None:
    with sugar_world(tmp_path, "sugarcrm") as world:
        findings = {finding.what: finding for finding in world.sink.prepare(apply=False)}

        assert findings["lead sources in lead_source"].detail == "not on the list, so left out: Chat"


def test_search_by_address_that_fails_in_older_versions_is_found(tmp_path: Path) -> None:
    with sugar_world(tmp_path, "v8", email_filter=False) as world:
        found = wrong(world.sink.check())

        assert "search by address" in found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_refused_login_is_a_failed_login(tmp_path: Path, dialect: Dialect) -> None:
    with sugar_world(tmp_path, dialect) as world:
        world.fake.change_password()

        with pytest.raises(AuthFailed):
            world.another_sink().check()


def test_platform_of_the_pages_is_kicked_by_a_person_and_one_of_our_own_is_not(tmp_path: Path) -> None:
    with sugar_world(tmp_path, "sugarcrm") as world:
        ours, theirs = world.sink, world.another_sink(platform="base")
        ours.owners(), theirs.owners()
        logins = "/rest/v11_10/oauth2/token"
        before = world.fake.calls["POST", logins]

        world.fake.account.tokens.log_in_by_hand()
        world.advance(minutes=15)
        ours.owners()
        kept = world.fake.calls["POST", logins]
        theirs.owners()

        assert kept == before
        assert world.fake.calls["POST", logins] == before + 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_fields_are_described_for_the_comparison_with_yesterday(tmp_path: Path, dialect: Dialect) -> None:
    with sugar_world(tmp_path, dialect) as world:
        described = world.sink.described()

        assert described["field Leads.last_name"].required
        assert described["field Leads.status"].ours
        assert not described["field Leads.deleted"].ours


@pytest.mark.parametrize("dialect", DIALECTS)
def test_users_are_told_with_whether_they_are_active(tmp_path: Path, dialect: Dialect) -> None:
    with sugar_world(tmp_path, dialect) as world:
        world.fake.humans.leave(world.owner(ANNA).id)
        world.advance(minutes=15)

        assert not world.sink.owners()[ANNA].active
        assert isinstance(world.clock, FakeClock)
