"""The Google Ads API as a real HTTP server: one account, asked in the Google Ads Query Language for its form leads.

https://developers.google.com/google-ads/api/rest/common/search
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from syncd.testing import Answer, Call, FakeServer, Fault, Refusal

DEVELOPER_TOKEN = "canary-developer-token"
LOGIN = {"client_id": "app-1", "client_secret": "canary-app-secret", "refresh_token": "canary-refresh-token"}
ZONE = ZoneInfo("America/Los_Angeles")
_QUERY = re.compile(
    r"SELECT (?P<fields>[a-z_., ]+) FROM lead_form_submission_data "
    r"WHERE lead_form_submission_data\.submission_date_time >= '(?P<day>\d{4}-\d\d-\d\d)' "
    r"ORDER BY lead_form_submission_data\.submission_date_time"
)
_FIELDS = {
    "id": "id",
    "asset": "asset",
    "campaign": "campaign",
    "ad_group": "adGroup",
    "ad_group_ad": "adGroupAd",
    "gclid": "gclid",
    "submission_date_time": "submissionDateTime",
    "lead_form_submission_fields": "leadFormSubmissionFields",
    "custom_lead_form_submission_fields": "customLeadFormSubmissionFields",
}


class FakeGoogleAds(FakeServer):
    """Pages are as long as Google makes them, not as long as somebody wants."""

    ACCOUNT, MANAGER = "1234567890", "9876543210"
    SEARCH = f"/v26/customers/{ACCOUNT}/googleAds:search"

    def __init__(self, page: int = 3) -> None:
        super().__init__()
        self.page, self.token, self.given = page, "", 0
        self.leads: list[tuple[datetime, dict[str, Any]]] = []

    def submit(self, at: datetime, number: int, fields: dict[str, str], **own_questions: str) -> None:
        """Google keeps the time in the zone of the account."""
        lead = {
            "id": f"lead-{number}",
            "asset": f"customers/{self.ACCOUNT}/assets/700{number}",
            "campaign": f"customers/{self.ACCOUNT}/campaigns/800",
            "adGroup": f"customers/{self.ACCOUNT}/adGroups/900",
            "adGroupAd": f"customers/{self.ACCOUNT}/adGroupAds/900~1000",
            "gclid": f"EAIaIQob-{number}",
            "submissionDateTime": at.astimezone(ZONE).isoformat(sep=" ", timespec="seconds"),
            "leadFormSubmissionFields": [{"fieldType": kind, "fieldValue": text} for kind, text in fields.items()],
        }
        if own_questions:
            asked = [{"questionText": text, "fieldValue": value} for text, value in own_questions.items()]
            lead["customLeadFormSubmissionFields"] = asked
        with self.lock:
            self.leads.append((at, lead))

    def answer(self, call: Call) -> Answer:
        if (call.method, call.path) == ("POST", "/token"):
            return self._granted(call)
        if not self.token or call.headers.get("authorization") != f"Bearer {self.token}":
            return self.refusal(Fault("unauthorized"))
        if call.headers.get("developer-token") != DEVELOPER_TOKEN:
            return failure(403, "PERMISSION_DENIED", "authenticationError", "The developer token is not valid.")
        if call.headers.get("login-customer-id") != self.MANAGER:
            words = "The user has no permission: without login-customer-id the account is not reached."
            return failure(403, "PERMISSION_DENIED", "authorizationError", words)
        if (call.method, call.path) != ("POST", self.SEARCH):
            return Answer(404, b"<html>The requested URL was not found on this server.</html>")
        return self._searched(call.json())

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            quota = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": "901s"}}
            return failure(429, "RESOURCE_EXHAUSTED", "quotaError", "Too many requests.", details=quota)
        return failure(401, "UNAUTHENTICATED", "authenticationError", "Request had invalid credentials.")

    def _granted(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form != {"grant_type": "refresh_token", **LOGIN}:
            return Answer(400, {"error": "invalid_grant"})
        self.given += 1
        self.token = f"access-{self.given}"
        return Answer(200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"})

    def _searched(self, asked: dict[str, Any]) -> Answer:
        if strange := asked.keys() - {"query", "pageToken"}:
            raise Refusal(failure(400, "INVALID_ARGUMENT", "requestError", f"not supported: {sorted(strange)}"))
        query = _QUERY.fullmatch(asked["query"])
        fields = [name.partition(".")[2] for name in query["fields"].split(", ")] if query else []
        if query is None or not _FIELDS.keys() >= set(fields):
            raise Refusal(failure(400, "INVALID_ARGUMENT", "queryError", "Error in query: unexpected input."))
        begin = datetime.fromisoformat(query["day"]).replace(tzinfo=ZONE)
        found = [lead for at, lead in sorted(self.leads, key=lambda one: one[0]) if at >= begin]
        start = int(asked.get("pageToken") or 0)
        names = {_FIELDS[name] for name in fields} | {"resourceName"}
        rows = [{name: value for name, value in lead.items() if name in names} for lead in found]
        results = [{"leadFormSubmissionData": row} for row in rows[start : start + self.page]]
        more = {"nextPageToken": str(start + self.page)} if start + self.page < len(rows) else {}
        return Answer(200, {"results": results, **more} if results else {})


def failure(status: int, word: str, kind: str, message: str, details: dict[str, Any] | None = None) -> Answer:
    error = {"errorCode": {kind: word}, "message": message, **({"details": details} if details else {})}
    failed = {"@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure", "errors": [error]}
    said = {"code": status, "message": "Request contains an error.", "status": word, "details": [failed]}
    return Answer(status, {"error": said})
