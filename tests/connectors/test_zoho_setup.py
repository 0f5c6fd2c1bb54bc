"""What an account lacks is named with its remedy, and made where it can be."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from syncd.connector import AuthFailed, Finding, RateLimited, Retryable
from tests.connectors.zoho_world import World, keys, record, refs, zoho_world
from tests.fakes.zoho import Limits
from tests.fakes.zoho.fields import FieldDef


def wrong(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.what: finding.detail for finding in findings if not finding.ok}


def test_missing_fields_are_named_and_made(tmp_path: Path) -> None:
    with zoho_world(tmp_path, prepared=False) as world:
        before = wrong(world.sink.prepare(apply=False))
        made = world.sink.prepare(apply=True)

        assert before["field Leads.Syncd_Key"] == before["field Tasks.Syncd_Mark"] == "missing"
        assert "field Contacts.Syncd_Inquiries" in before
        assert wrong(made) == {}
        assert sum(finding.changed for finding in made) == len(before)
        fields = world.fake.account.modules["Leads"].fields
        assert fields["Syncd_Key"].unique
        assert fields["Syncd_First_Touch_At"].type == "datetime"


@pytest.mark.parametrize(("kind", "said"), [("plain", "not unique"), ("none", "in the text of the task")])
def test_mark_makes_do_with_what_the_account_allows_and_says_what_that_costs(
    tmp_path: Path, kind: str, said: str
) -> None:
    with zoho_world(tmp_path, prepared=False, task_fields=kind) as world:
        findings = {finding.what: finding for finding in world.sink.prepare(apply=True)}

        assert findings["field Tasks.Syncd_Mark"].ok
        assert said in findings["field Tasks.Syncd_Mark"].detail


def test_five_planted_faults_are_found(tmp_path: Path) -> None:
    sink = {
        "lead_status": "Brand New", "fixed": {"Colour": "red"}, "map": {"how_heard": "Nowhere"},
        "statuses": {"Contacted": "answered", "Rung Up": "answered"},
    }  # fmt: skip
    scopes = "ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.settings.fields.ALL"
    with zoho_world(tmp_path, prepared=False, sink=sink, scopes=scopes) as world:
        leads = world.fake.account.modules["Leads"].fields
        leads["Budget"] = FieldDef("Budget", "text", mandatory=True)
        leads["Syncd_Key"] = FieldDef("Syncd_Key", custom=True)

        found = wrong(world.sink.prepare(apply=True))

        assert found == {
            "field Leads.Syncd_Key": "its values are not unique",
            "values of Leads.Colour": "not in the account: the field itself",
            "values of Leads.Lead_Status": "not in the account: Brand New, Rung Up",
            "map.how_heard": "no field Leads.Nowhere",
            "field Leads.Budget": "Zoho demands it",
            "scopes": "missing: ZohoCRM.coql.READ",
        }


def test_check_tells_users_version_and_credits(tmp_path: Path) -> None:
    with zoho_world(tmp_path, limits=Limits(credits=5000)) as world:
        findings = {finding.what: finding for finding in world.sink.check()}

        assert findings["login and list of users"].detail == "3 active users, API v8"
        assert findings["credits of today"].detail.endswith(" left")
        assert findings["scopes"].ok
        assert findings["lead sources in Lead_Source"].detail.startswith("not on the list: Website;")


def test_credits_are_an_allowance_and_their_end_is_a_pause(tmp_path: Path) -> None:
    with zoho_world(tmp_path, limits=Limits(credits=60)) as world:
        allowance = world.sink.allowance()
        assert allowance is not None
        assert (allowance.per_day, allowance.left_today) == (60, 60 - world.fake.account.spent)

        with pytest.raises(RateLimited) as limited:
            ask(world, 60)

        assert limited.value.after.total_seconds() == 900
        assert "answered 429: LIMIT_EXCEEDED" in str(limited.value)


def test_missing_scope_is_a_failed_login_that_costs_no_token(tmp_path: Path) -> None:
    with zoho_world(tmp_path, prepared=False, scopes="ZohoCRM.users.READ ZohoCRM.settings.fields.ALL") as world:
        world.sink.owners()

        with pytest.raises(AuthFailed, match="OAUTH_SCOPE_MISMATCH"):
            world.sink.find([keys(1)])

        assert tokens(world) == 1


def ask(world: World, times: int, *, renewed: bool = False) -> None:
    """`renewed`: each time with a token that has just been revoked."""
    for number in range(times):
        if renewed:
            world.fake.revoke_token()
        world.sink.find([keys(number)])


def tokens(world: World) -> int:
    return world.fake.calls["POST", "/oauth/v2/token"]


def test_token_outlives_restarts_and_daemons_share_it(tmp_path: Path) -> None:
    with zoho_world(tmp_path) as world:
        for number in range(12):
            refs(world.another_sink().upsert([record(number)]))

        assert tokens(world) == 1


def test_token_that_ends_in_the_middle_is_renewed_and_the_call_replayed_once(tmp_path: Path) -> None:
    with zoho_world(tmp_path) as world:
        world.fake.revoke_token()

        refs(world.sink.upsert([record(1)]))

        assert tokens(world) == 2
        assert len(world.fake.rows("Leads")) == 1


def test_tokens_are_never_asked_for_beyond_the_ration(tmp_path: Path) -> None:
    with zoho_world(tmp_path) as world:
        with pytest.raises(RateLimited, match="8 tokens"):
            ask(world, 20, renewed=True)

        assert tokens(world) == 8


def test_token_of_another_data_center_is_a_failed_login(tmp_path: Path) -> None:
    with zoho_world(tmp_path, prepared=False) as world, zoho_world(tmp_path / "eu", prepared=False) as elsewhere:
        sink = world.another_sink(api_url=elsewhere.fake.url)

        with pytest.raises(AuthFailed, match="INVALID_TOKEN"):
            sink.find([keys(1)])


def test_list_of_users_that_does_not_end_is_not_read_for_ever(tmp_path: Path) -> None:
    with zoho_world(tmp_path, prepared=False) as world:
        body = b'{"users":[{"id":"1","email":"a@x.example","status":"active"}],"info":{"more_records":true}}'
        world.fake.order_fault("answer", "GET", "/crm/v8/users", status=200, body=body, count=None)

        with pytest.raises(Retryable, match="does not end"):
            world.sink.owners()
