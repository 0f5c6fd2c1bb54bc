"""Ad platforms that post the answers themselves, as they post."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.sources.posted import google_ads, tiktok
from syncd.connector import AnswerKind
from tests.connectors.posted.case import SECRET, SIGNED, STAMP, Case, hmac_hex


def tiktok_proof(body: bytes, secret: str, stamp: str = STAMP) -> Mapping[str, str]:
    return {"tiktok-signature": f"t={stamp},s={hmac_hex(secret, stamp.encode(), b'.', body)}"}


CASES = (
    Case(
        "google_ads",
        google_ads.plugin,
        {
            "google_key": SECRET,
            "lead_id": "TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "api_version": "1.0",
            "form_id": 9_007_199_254_740_993,
            "campaign_id": "20000000000",
            "gcl_id": "EAIaIQobChMI-x",
            "is_test": False,
            "lead_submit_time": "2026-03-02T10:15:00Z",
            "user_column_data": [
                {"column_id": "FULL_NAME", "column_name": "Nome completo", "string_value": "Ines Brandão"},
                {"column_id": "EMAIL", "string_value": "ines@brandao.example"},
                {"column_id": "PHONE_NUMBER", "string_value": "+351210000000"},
                {"column_name": "How many seats?", "string_value": "40"},
                {"column_id": "CITY", "string_value": ""},
            ],
        },
        key="TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        at=datetime(2026, 3, 2, 10, 15, tzinfo=UTC),
        form=("9007199254740993", ""),
        options=SIGNED,
        key_inside="google_key",
        answers={
            "FULL_NAME": ("Ines Brandão", AnswerKind.NAME, "Nome completo"),
            "EMAIL": ("ines@brandao.example", AnswerKind.EMAIL, "EMAIL"),
            "PHONE_NUMBER": ("+351210000000", AnswerKind.PHONE, "PHONE_NUMBER"),
            "How many seats?": "40",
            "gclid": ("EAIaIQobChMI-x", AnswerKind.HIDDEN, "gclid"),
            "campaign_id": ("20000000000", AnswerKind.HIDDEN, "campaign_id"),
        },
    ),
    Case(
        "tiktok",
        tiktok.plugin,
        {
            "object": "lead",
            "entry": [
                {
                    "lead_id": 7_180_000_000_000_000_001,
                    "page_id": "71",
                    "changes": [
                        {"field": "name", "value": "Ines Brandão"},
                        {"field": "email", "value": "ines@brandao.example"},
                    ],
                }
            ],
        },
        key="7180000000000000001",
        form=("71", ""),
        options={**SIGNED, "unpublished": True},
        proof=tiktok_proof,
        old=tiktok_proof(b"", SECRET, str(int(STAMP) - 301)),
        answers={
            "name": ("Ines Brandão", AnswerKind.NAME, "name"),
            "email": ("ines@brandao.example", AnswerKind.EMAIL, "email"),
        },
    ),
)
