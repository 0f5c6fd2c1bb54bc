"""Meta Lead Ads: the handshake, ids by webhook, and leads as the Graph API gives them."""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.sources.meta import Options, plugin
from syncd.connector import AnswerKind, AuthFailed, Retryable, WebRequest
from syncd.testing import NOON
from tests.connectors.announced.contract import (
    SECRET,
    BackfillContract,
    CollectingContract,
    WebhookContract,
    Wired,
    get,
    post,
)
from tests.fakes.ad_platforms import FakeMeta, meta_error

WORD = "canary-verify-word"


def lead(number: int, form: str = "700", **more: Any) -> dict[str, Any]:
    at = NOON - timedelta(minutes=30 - number)
    return {
        "id": str(9_007_199_254_740_993 + number),
        "created_time": f"{at:%Y-%m-%dT%H:%M:%S}+0000",
        "form_id": form,
        "platform": "ig",
        "is_organic": False,
        "ad_id": "2384",
        "campaign_name": "Frühling",
        "field_data": [
            {"name": "full_name", "values": ["Ines Brandão"]},
            {"name": "email", "values": [f"ines{number}@brandao.example"]},
            {"name": "wie_viele_plätze?", "values": ["10", "20"]},
        ],
        "custom_disclaimer_responses": [
            {"checkbox_key": "news", "is_checked": "1"},
            {"checkbox_key": "partners", "is_checked": ""},
        ],
        **more,
    }


OLDEST = lead(0)


def event(*ids: object) -> dict[str, Any]:
    changes = [
        {
            "field": "leadgen",
            "value": {"leadgen_id": own, "page_id": 500, "form_id": 700, "created_time": 1_772_000_000},
        }
        for own in ids
    ]
    return {"object": "page", "entry": [{"id": 500, "time": 1_772_000_001, "changes": changes}]}


def signature(body: bytes) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()}


class OfMeta(Wired):
    plugin = plugin

    def made(self) -> FakeMeta:
        fake = FakeMeta()
        fake.subscribed = ["leadgen"]
        for one in (lead(number, "700" if number % 2 else "701") for number in range(1, 8)):
            fake.leads[one["id"]] = one
        fake.leads[OLDEST["id"]] = OLDEST
        return fake

    def options(self, _fake: Any) -> dict[str, Any]:
        return {"page_id": "500", "verify_token": WORD}

    def delivery(self) -> WebRequest:
        return self.signed(orjson.dumps(event(int(OLDEST["id"]))))

    def signed(self, body: bytes) -> WebRequest:
        return WebRequest("POST", {"content-type": "application/json", **signature(body)}, {}, body, NOON)

    def forget(self) -> None:
        self.fake.leads.clear()


class TestWebhook(OfMeta, WebhookContract):
    secrets = (*Wired.secrets, WORD)

    def test_several_leads_of_one_post_are_announced_each_by_itself(self, source: Any) -> None:
        body = orjson.dumps({**event(1, "2"), "entry": [*event(1, "2")["entry"], *event(3)["entry"]]})

        found = post(source, body, signature(body)).submissions

        assert [one.key for one in found] == ["1", "2", "3"]
        assert {one.context.form_id for one in found} == {"700"}

    def test_other_changes_of_the_page_are_let_go(self, source: Any) -> None:
        body = orjson.dumps({"object": "page", "entry": [{"id": 5, "changes": [{"field": "feed", "value": {}}]}]})

        assert post(source, body, signature(body)).submissions == []

    @pytest.mark.parametrize("own", ["", "me/accounts", "1?fields=x", None])
    def test_one_whose_id_is_none_is_parked_and_hides_no_other(self, source: Any, own: object) -> None:
        body = orjson.dumps(event(own, 7))

        first, second = post(source, body, signature(body)).submissions

        assert (first.problem, second.key) == ("meta: a lead without leadgen_id", "7")

    def test_the_older_signature_is_one_as_well(self, source: Any) -> None:
        body = orjson.dumps(event(7))
        proof = {"x-hub-signature": "sha1=" + hmac.digest(SECRET.encode(), body, "sha1").hex()}

        assert post(source, body, proof).submissions[0].key == "7"

    def test_the_handshake_says_the_challenge_to_who_knows_the_word(self, source: Any) -> None:
        asked = {"hub__mode": "subscribe", "hub__challenge": "1158201444"}

        assert get(source, **asked, hub__verify_token=WORD).body == b"1158201444"
        for wrong in (
            {**asked, "hub__verify_token": "another-word"},
            {**asked, "hub__verify_token": WORD, "hub__mode": "x"},
            {"hub__mode": "subscribe", "hub__verify_token": WORD, "hub__challenge": "<script>"},
            {},
        ):
            assert get(source, **wrong).status == 403


class TestCollecting(OfMeta, CollectingContract):
    def test_a_lead_is_told_with_its_consents_and_its_ad(self, source: Any) -> None:
        found = source.collect(self.announced(source))

        assert {answer.id: (answer.value, answer.kind) for answer in found.answers} == {
            "full_name": ("Ines Brandão", AnswerKind.NAME),
            "email": ("ines0@brandao.example", AnswerKind.EMAIL),
            "wie_viele_plätze?": (("10", "20"), AnswerKind.TEXT),
            "news": ("yes", AnswerKind.CONSENT),
            "partners": ("no", AnswerKind.CONSENT),
            "utm_source": ("instagram", AnswerKind.HIDDEN),
            "utm_medium": ("paid_social", AnswerKind.HIDDEN),
            "utm_campaign": ("Frühling", AnswerKind.HIDDEN),
            "ad_id": ("2384", AnswerKind.HIDDEN),
        }
        assert found.submitted_at == datetime.fromisoformat(OLDEST["created_time"]).astimezone(UTC)
        assert not found.context.test

    def test_what_the_testing_tool_fills_in_is_marked(self, source: Any, fake: Any) -> None:
        dummy = [{"name": "email", "values": ["<test lead: dummy data for email>"]}]
        fake.leads[OLDEST["id"]] = lead(0, field_data=dummy)

        assert source.collect(self.announced(source)).context.test

    def test_the_token_is_used_with_a_proof_of_the_app_secret(self, source: Any, fake: Any) -> None:
        source.collect(self.announced(source))

        assert len(fake.log[0].query["appsecret_proof"][0]) == 64

    @pytest.mark.parametrize(("code", "kind"), [(10, AuthFailed), (200, AuthFailed), (2, Retryable)])
    def test_error_codes_say_what_happens_next(self, source: Any, code: int, kind: type[Exception]) -> None:
        announced = self.announced(source)
        self.answer_with(400, orjson.dumps(meta_error(400, code, 0, "no").body))

        with pytest.raises(kind):
            source.collect(announced)


class TestBackfill(OfMeta, BackfillContract):
    def test_every_form_of_the_page_is_read_unless_some_are_named(self, source: Any, fake: Any) -> None:
        assert len(self.fetched(source)[0]) == 8
        assert {call.path for call in fake.log if call.path.endswith("/leads")} == {"/700/leads", "/701/leads"}

    def test_page_that_posts_no_leads_to_the_app_is_found(self, source: Any, fake: Any) -> None:
        fake.subscribed = []

        assert [finding.what for finding in source.check() if not finding.ok] == ["subscription"]


def test_without_a_token_nothing_could_ever_be_fetched() -> None:
    with pytest.raises(ValidationError, match="api_token"):
        Options.model_validate({"secret": SECRET})
