"""Leads that the webhook of Google Ads missed, from the Google Ads API."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.sources.posted import google_ads
from syncd.connector import AnswerKind, RateLimited, Unauthenticated
from syncd.testing import NOON, FakeClock, PolledSourceContract, ServerTrouble, lent_tools
from tests.connectors.posted.ads import CASES
from tests.connectors.posted.case import SECRET, Case
from tests.fakes.google_ads import DEVELOPER_TOKEN, LOGIN, FakeGoogleAds

MINUTE = timedelta(minutes=1)


def options(fake: FakeGoogleAds, **more: Any) -> google_ads.Options:
    account = {"customer_id": "123-456-7890", "manager_id": "987-654-3210", "developer_token": DEVELOPER_TOKEN}
    where = {"base_url": fake.url, "token_url": f"{fake.url}/token", "login": LOGIN}
    return google_ads.Options.model_validate({**account, **where, "history": "all", **more})


def webhook() -> Case:
    return next(case for case in CASES if case.name == "google_ads")


class TestGoogleAds(ServerTrouble, PolledSourceContract):
    plugin = google_ads.plugin
    secrets = (DEVELOPER_TOKEN, SECRET, LOGIN["client_secret"], LOGIN["refresh_token"])

    @pytest.fixture
    def source(self) -> Iterator[Any]:
        with FakeGoogleAds() as self.fake:
            for number in range(8):
                at = NOON - (30 - number) * MINUTE
                self.fake.submit(at, number, {"EMAIL": f"ines{number}@brandao.example"})
            self.tools = lent_tools("ads", FakeClock(NOON), patience=1)
            yield self.plugin.make(options(self.fake, secret=SECRET), self.tools)
            self.tools.http.close()

    def test_a_lead_reads_as_the_webhook_brings_it(self, source: Any) -> None:
        told = {"FULL_NAME": "Ines Brandão", "EMAIL": "ines@brandao.example", "PHONE_NUMBER": "+351210000000"}
        self.fake.submit(NOON - MINUTE, 9, told, **{"How many seats?": "40"})

        found = {one.key: one for one in self.fetched(source)[0]}["lead-9"]

        assert found.submitted_at == NOON - MINUTE
        assert found.context.form_id == "7009"
        assert {answer.id: answer.value for answer in found.answers} == {
            **told,
            "How many seats?": "40",
            "gclid": "EAIaIQob-9",
            "campaign_id": "800",
            "adgroup_id": "900",
            "creative_id": "1000",
        }
        kinds = {answer.id: answer.kind for answer in found.answers}
        assert (kinds["EMAIL"], kinds["gclid"]) == (AnswerKind.EMAIL, AnswerKind.HIDDEN)

    def test_webhook_and_list_meet_under_one_key(self, source: Any) -> None:
        body = {**webhook().body, "lead_id": "lead-3"}
        case = Case("google_ads", self.plugin, body, key="lead-3", answers={})

        (posted,) = source.receive(case.request()).submissions

        assert posted.key in {one.key for one in self.fetched(source)[0]}

    def test_a_day_is_the_accounts_own_so_none_is_missed_at_its_edges(self, source: Any) -> None:
        midnight_there = NOON.replace(hour=8, minute=0) - timedelta(days=1)
        self.fake.submit(midnight_there + MINUTE, 20, {"EMAIL": "early@acme.example"})

        found = {one.key for one in self.fetched(source, (midnight_there + 2 * MINUTE).isoformat())[0]}

        assert "lead-20" in found

    def test_nothing_is_asked_for_that_google_does_not_keep_any_more(self, source: Any) -> None:
        self.fake.submit(NOON - timedelta(days=59), 30, {"EMAIL": "kept@acme.example"})
        self.fake.submit(NOON - timedelta(days=62), 31, {"EMAIL": "gone@acme.example"})

        found = {one.key for one in self.fetched(source)[0]}

        assert "lead-30" in found
        assert "lead-31" not in found

    def test_how_long_to_wait_is_read_from_the_error(self, source: Any) -> None:
        self.fake.order_fault("too_many", path=self.fake.SEARCH, count=None)

        with pytest.raises(RateLimited) as raised:
            self.fetched(source)

        assert raised.value.after == timedelta(seconds=901)

    def test_a_token_that_is_withdrawn_before_its_time_is_renewed_at_once(self, source: Any) -> None:
        before, _ = self.fetched(source)
        self.fake.token = "another"

        assert self.fetched(source)[0] == before

    def test_what_google_says_of_an_account_that_is_not_reached_is_told(self, source: Any) -> None:
        built = self.plugin.make(options(self.fake, manager_id="", secret=SECRET), self.tools)

        finding = built.check()[-1]

        assert not finding.ok
        assert "without login-customer-id" in finding.detail


def test_who_only_fetches_takes_no_posts() -> None:
    with FakeGoogleAds() as fake:
        source = google_ads.plugin.make(options(fake), lent_tools("ads", FakeClock(NOON)))

        with pytest.raises(Unauthenticated):
            source.receive(webhook().request())


@pytest.mark.parametrize("missing", ["customer_id", "developer_token"])
def test_a_login_needs_an_account_and_a_developer_token(missing: str) -> None:
    given = {"customer_id": "123-456-7890", "developer_token": DEVELOPER_TOKEN, "login": LOGIN}

    with pytest.raises(ValueError, match="customer_id and developer_token"):
        google_ads.Options.model_validate({name: value for name, value in given.items() if name != missing})
