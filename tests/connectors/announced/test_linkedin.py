"""LinkedIn Lead Gen Forms: the challenge, ids by webhook, and responses as the API gives them."""

import hmac
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.sources.linkedin import plugin
from syncd.connector import AnswerKind, AuthFailed, WebRequest
from syncd.testing import NOON, lent_tools
from tests.connectors.announced.contract import (
    SECRET,
    BackfillContract,
    CollectingContract,
    WebhookContract,
    Wired,
    get,
    post,
)
from tests.fakes.ad_platforms import FakeLinkedIn
from tests.fakes.tokens import FakeTokens

FORM = {
    "id": 3162,
    "content": {
        "questions": [
            {"questionId": 1, "predefinedField": "EMAIL", "name": "email"},
            {"questionId": 2, "question": {"localized": {"de_DE": "Wie viele Plätze?"}}},
        ],
        "legalInfo": {"consents": [{"id": 1, "consent": {"localized": {"en_US": "Write to me about news"}}}]},
    },
}


def response(number: int, **more: Any) -> dict[str, Any]:
    at = NOON - timedelta(minutes=30 - number)
    return {
        "id": f"5f2b-{number}",
        "leadType": "SPONSORED",
        "submittedAt": int(at.timestamp() * 1000),
        "testLead": False,
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)",
        "leadMetadata": {"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:4711"}},
        "formResponse": {
            "answers": [
                {"questionId": 1, "answerDetails": {"textQuestionAnswer": {"answer": f"ines{number}@brandao.example"}}},
                {"questionId": 2, "accepted": {"multipleChoiceAnswer": {"options": ["10", "20"]}}},
                {"questionId": 3, "name": "firstName", "accepted": {"textQuestionAnswer": {"answer": "Ines"}}},
            ],
            "consentResponses": [{"consentId": 1, "accepted": False}],
        },
        **more,
    }


def event(own: str = "5f2b-0", action: str = "CREATED") -> bytes:
    return orjson.dumps(
        {
            "type": "LEAD_ACTION",
            "leadGenFormResponse": f"urn:li:leadGenFormResponse:{own}",
            "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162, 1)",
            "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:522529623"},
            "leadType": "SPONSORED",
            "leadAction": action,
            "occurredAt": 1_772_000_000_000,
        }
    )


def signature(body: bytes) -> dict[str, str]:
    return {"x-li-signature": hmac.digest(SECRET.encode(), b"hmacsha256=" + body, "sha256").hex()}


class OfLinkedIn(Wired):
    plugin = plugin

    def made(self) -> FakeLinkedIn:
        fake = FakeLinkedIn()
        fake.forms["3162"] = FORM
        for one in map(response, range(8)):
            fake.responses[one["id"]] = one
        return fake

    def options(self, fake: Any) -> dict[str, Any]:
        return {"owner": fake.owner}

    def delivery(self) -> WebRequest:
        return self.signed(event())

    def signed(self, body: bytes) -> WebRequest:
        return WebRequest("POST", {"content-type": "application/json", **signature(body)}, {}, body, NOON)

    def forget(self) -> None:
        self.fake.responses.clear()


class TestWebhook(OfLinkedIn, WebhookContract):
    def test_a_request_to_erase_makes_no_lead_and_is_parked_for_a_person(self, source: Any) -> None:
        (found,) = post(source, event(action="DELETED"), signature(event(action="DELETED"))).submissions

        assert (found.key, found.announced, found.answers) == ("5f2b-0:deleted", False, ())
        assert "asks to erase the lead of response 5f2b-0" in found.problem

    def test_the_challenge_is_answered_by_who_knows_the_secret(self, source: Any) -> None:
        code = "890e4665-4dfe-4ab1-b689-ed553bceeed0"

        answer = orjson.loads(get(source, challengeCode=code).body)

        assert answer == {
            "challengeCode": code,
            "challengeResponse": hmac.digest(SECRET.encode(), code.encode(), "sha256").hex(),
        }
        assert get(source, challengeCode="<script>") is None
        assert get(source) is None


class TestCollecting(OfLinkedIn, CollectingContract):
    def test_a_response_is_told_with_the_texts_of_its_form(self, source: Any) -> None:
        found = source.collect(self.announced(source))

        assert {answer.id: (answer.value, answer.kind, answer.label) for answer in found.answers} == {
            "1": ("ines0@brandao.example", AnswerKind.EMAIL, "email"),
            "2": (("10", "20"), AnswerKind.TEXT, "Wie viele Plätze?"),
            "3": ("Ines", AnswerKind.TEXT, "firstName"),
            "consent_1": ("no", AnswerKind.CONSENT, "Write to me about news"),
            "utm_source": ("linkedin", AnswerKind.HIDDEN, "utm_source"),
            "utm_medium": ("paid_social", AnswerKind.HIDDEN, "utm_medium"),
            "utm_campaign": ("4711", AnswerKind.HIDDEN, "utm_campaign"),
        }
        assert found.context.form_id == "3162"

    def test_a_form_that_cannot_be_read_costs_the_labels_and_not_the_lead(self, source: Any, fake: Any) -> None:
        fake.forms.clear()

        assert (
            next(answer.value for answer in source.collect(self.announced(source)).answers) == "ines0@brandao.example"
        )

    def test_a_form_is_asked_for_once(self, source: Any, fake: Any) -> None:
        for _ in range(3):
            source.collect(self.announced(source))

        assert fake.calls["GET", "/leadForms/3162"] == 1

    def test_a_question_that_was_added_is_known_within_the_hour(self, source: Any, fake: Any) -> None:
        fake.forms["3162"] = {}
        source.collect(self.announced(source))
        fake.forms["3162"] = FORM
        source.clock.advance(hours=1)

        assert "Wie viele Plätze?" in {answer.label for answer in source.collect(self.announced(source)).answers}

    def test_a_test_lead_is_marked(self, source: Any, fake: Any) -> None:
        fake.responses["5f2b-0"] = response(0, testLead=True)

        assert source.collect(self.announced(source)).context.test

    def test_a_version_that_has_ended_is_for_a_person(self, source: Any, fake: Any) -> None:
        fake.OLDEST_VERSION = "209901"

        with pytest.raises(AuthFailed, match="raise `version`"):
            source.collect(self.announced(source))


def test_a_login_with_a_refresh_token_outlives_its_access_tokens(tmp_path: Path) -> None:
    with OfLinkedIn().made() as fake, FakeTokens("nobody") as tokens:
        fake.tokens, app = tokens.app.good, tokens.app
        oauth = {"client_id": app.client_id, "client_secret": app.client_secret, "refresh_token": app.refresh_token}
        given = {"secret": SECRET, "base_url": fake.url, "oauth": {**oauth, "token_url": tokens.token_url}}
        source = plugin.make(plugin.options.model_validate(given), lent_tools("ads", data_dir=tmp_path))
        (announced,) = source.receive(OfLinkedIn().delivery()).submissions

        assert source.collect(announced).answers
        tokens.withdraw()
        assert source.collect(announced).answers
        assert len(tokens.asked) == 2


class TestBackfill(OfLinkedIn, BackfillContract):
    """As every list."""
