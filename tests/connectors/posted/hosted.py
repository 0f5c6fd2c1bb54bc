"""Hosted form builders, as they post."""

from datetime import UTC, datetime

from connectors.sources.posted import hosted
from syncd.connector import AnswerKind
from tests.connectors.posted.case import Case

CASES = (
    Case(
        "fillout",
        hosted.fillout,
        {
            "formId": "vso75CxxGV2K",
            "formName": "Offer",
            "submission": {
                "submissionId": "5af2e1",
                "submissionTime": "2026-03-02T10:15:00.000Z",
                "questions": [
                    {"id": "qName", "name": "Your name", "type": "ShortAnswer", "value": "Ines Brandão"},
                    {"id": "qMail", "name": "E-mail", "type": "EmailInput", "value": "ines@brandao.example"},
                    {"id": "qSeats", "name": "Seats", "type": "NumberInput", "value": 0},
                    {"id": "qSkipped", "name": "Budget", "type": "ShortAnswer", "value": None},
                    {"id": "qNeeds", "name": "Needs", "type": "Checkboxes", "value": ["Import", "Reports"]},
                ],
                "urlParameters": [{"id": "utm_source", "name": "utm_source", "value": "newsletter"}],
            },
        },
        key="5af2e1",
        at=datetime(2026, 3, 2, 10, 15, tzinfo=UTC),
        form=("vso75CxxGV2K", "Offer"),
        answers={
            "qName": "Ines Brandão",
            "qMail": ("ines@brandao.example", AnswerKind.EMAIL, "E-mail"),
            "qSeats": "0",
            "qNeeds": ("Import", "Reports"),
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
        },
    ),
)
