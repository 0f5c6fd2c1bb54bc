"""SurveyMonkey: the probe, ids by webhook, and responses with the texts of their survey."""

import base64
import hmac
from datetime import timedelta
from typing import Any

import orjson
import pytest

from connectors.sources.surveymonkey import plugin
from syncd.connector import AnswerKind, WebRequest
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
from tests.fakes.ad_platforms import FakeSurveyMonkey

KEY = "client-id-a"
SURVEY: dict[str, Any] = {
    "id": "105724755",
    "title": "Ask for an offer",
    "pages": [
        {
            "id": "1",
            "questions": [
                {"id": "11", "headings": [{"heading": "<b>Anything</b> else?"}], "family": "open_ended"},
                {
                    "id": "12",
                    "headings": [{"heading": "Plan"}],
                    "answers": {
                        "choices": [{"id": "121", "text": "Team"}, {"id": "122", "text": "Firm"}],
                        "other": {"id": "129", "text": "Other"},
                    },
                },
                {
                    "id": "13",
                    "headings": [{"heading": "Who are you?"}],
                    "answers": {
                        "rows": [
                            {"id": "131", "type": "name", "text": "Name"},
                            {"id": "132", "type": "email", "text": "E-mail"},
                        ]
                    },
                },
                {
                    "id": "14",
                    "headings": [{"heading": "Rate"}],
                    "answers": {
                        "rows": [{"id": "141", "text": "Price"}],
                        "cols": [{"id": "142", "text": "Now"}],
                        "choices": [{"id": "143", "text": "Fair"}],
                    },
                },
            ],
        }
    ],
}


def response(number: int) -> dict[str, Any]:
    at = NOON - timedelta(minutes=30 - number)
    return {
        "id": f"50071544{number:02}",
        "survey_id": "105724755",
        "response_status": "completed",
        "date_created": f"{at - timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}+00:00",
        "date_modified": f"{at:%Y-%m-%dT%H:%M:%S}+00:00",
        "custom_variables": {"utm_source": "newsletter"},
        "pages": [
            {
                "id": "1",
                "questions": [
                    {"id": "11", "answers": [{"text": "Call me"}]},
                    {"id": "12", "answers": [{"choice_id": "121"}, {"other_id": "129", "text": "A boat"}]},
                    {
                        "id": "13",
                        "answers": [
                            {"row_id": "131", "text": "Ines Brandão"},
                            {"row_id": "132", "text": f"ines{number}@brandao.example"},
                        ],
                    },
                    {"id": "14", "answers": [{"row_id": "141", "col_id": "142", "choice_id": "143"}]},
                    {"id": "99", "answers": [{"choice_id": "991"}]},
                ],
            }
        ],
    }


def event(own: str = "5007154400") -> bytes:
    return orjson.dumps(
        {
            "name": "Leads",
            "filter_type": "survey",
            "filter_id": "105724755",
            "event_type": "response_completed",
            "event_id": "123",
            "object_type": "response",
            "object_id": own,
            "event_datetime": "2026-03-02T10:15:00.182613+00:00",
            "resources": {"survey_id": "105724755", "collector_id": "9"},
        }
    )


def signature(body: bytes) -> dict[str, str]:
    proof = hmac.digest(f"{KEY}&{SECRET}".encode(), body, "sha1")
    return {"sm-signature": base64.b64encode(proof).decode(), "sm-apikey": KEY}


class OfSurveyMonkey(Wired):
    plugin = plugin

    def made(self) -> FakeSurveyMonkey:
        fake = FakeSurveyMonkey(SURVEY)
        for one in map(response, range(8)):
            fake.responses[one["id"]] = one
        return fake

    def options(self, _fake: Any) -> dict[str, Any]:
        return {"api_key": KEY, "survey_id": "105724755"}

    def delivery(self) -> WebRequest:
        return self.signed(event())

    def signed(self, body: bytes) -> WebRequest:
        kind = "application/vnd.surveymonkey.response.v1+json"
        return WebRequest("POST", {"content-type": kind, **signature(body)}, {}, body, NOON)

    def forget(self) -> None:
        self.fake.responses.clear()


class TestWebhook(OfSurveyMonkey, WebhookContract):
    def test_the_probe_is_answered(self, source: Any) -> None:
        assert get(source, "HEAD").status == 200

    def test_events_that_are_no_responses_are_let_go(self, source: Any) -> None:
        body = event().replace(b"response_completed", b"collector_created").replace(b'"response"', b'"collector"')

        assert post(source, body, signature(body)).submissions == []

    @pytest.mark.parametrize("kind", ["response_created", "response_disqualified", "response_deleted"])
    def test_a_response_that_is_not_finished_or_gone_does_not_take_the_place_of_a_lead(
        self, source: Any, kind: str
    ) -> None:
        body = event().replace(b"response_completed", kind.encode())

        assert post(source, body, signature(body)).submissions == []

    def test_an_id_that_could_be_a_path_is_parked(self, source: Any) -> None:
        body = event("1/../../users/me")

        assert post(source, body, signature(body)).submissions[0].problem


class TestCollecting(OfSurveyMonkey, CollectingContract):
    def test_ids_are_told_in_words(self, source: Any) -> None:
        found = source.collect(self.announced(source))

        assert {answer.id: (answer.value, answer.kind, answer.label) for answer in found.answers} == {
            "11": ("Call me", AnswerKind.TEXT, "Anything else?"),
            "12": (("Team", "A boat"), AnswerKind.TEXT, "Plan"),
            "13.131": ("Ines Brandão", AnswerKind.NAME, "Who are you?: Name"),
            "13.132": ("ines0@brandao.example", AnswerKind.EMAIL, "Who are you?: E-mail"),
            "14.141": ("Now: Fair", AnswerKind.TEXT, "Rate: Price"),
            "99": ("991", AnswerKind.TEXT, ""),
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
        }
        assert (found.context.form_id, found.context.form_name) == ("105724755", "Ask for an offer")

    def test_a_question_that_was_added_is_known_within_the_hour(self, source: Any, fake: Any) -> None:
        source.collect(self.announced(source))
        fake.survey = {**SURVEY, "title": "Ask for a demo"}
        source.clock.advance(hours=1)

        assert source.collect(self.announced(source)).context.form_name == "Ask for a demo"

    def test_the_survey_is_asked_for_once(self, source: Any, fake: Any) -> None:
        for _ in range(3):
            source.collect(self.announced(source))

        assert fake.calls["GET", "/surveys/105724755/details"] == 1


class TestBackfill(OfSurveyMonkey, BackfillContract):
    """As every list."""
