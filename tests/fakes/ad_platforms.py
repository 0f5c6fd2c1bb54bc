"""Meta, LinkedIn and SurveyMonkey as real HTTP servers: what they post are ids, what they are asked for is here."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from syncd.testing import Answer, Call, FakeServer, Fault, Refusal

API_TOKEN = "canary-platform-token"


class FakePlatform(FakeServer):
    """Whoever comes with another token is refused in the platform's own words."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = {API_TOKEN}

    def answer(self, call: Call) -> Answer:
        if call.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self.refusal(Fault("unauthorized"))
        return self.called(call)

    def called(self, call: Call) -> Answer:
        raise NotImplementedError


class FakeMeta(FakePlatform):
    """The Graph API: a page, its forms, their leads, and which apps the page posts to.

    https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
    """

    def __init__(self, page: str = "500", forms: tuple[str, ...] = ("700", "701")) -> None:
        super().__init__()
        self.page, self.forms = page, forms
        self.leads: dict[str, dict[str, Any]] = {}
        self.subscribed: list[str] = []

    def called(self, call: Call) -> Answer:
        match call.method, call.path.strip("/").split("/"):
            case "GET", [lead] if lead in self.leads:
                return Answer(200, self._fields(self.leads[lead], call))
            case "GET", [form, "leads"] if form in self.forms:
                return Answer(200, self._page([one for one in self._since(call) if one["form_id"] == form], call))
            case "GET", [self.page, "leadgen_forms"]:
                return Answer(200, self._page([{"id": form} for form in self.forms], call))
            case "GET", [self.page, "subscribed_apps"]:
                apps = [{"id": "1", "subscribed_fields": self.subscribed}] if self.subscribed else []
                return Answer(200, {"data": apps})
            case "POST", [self.page, "subscribed_apps"]:
                self.subscribed = call.json().get("subscribed_fields", "").split(",")
                return Answer(200, {"success": True})
        return meta_error(400, 100, 33, "Unsupported get request. Object does not exist.")

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return meta_error(400, 80005, 0, "There have been too many leadgen api calls.")
        return meta_error(400, 190, 463, "Error validating access token: Session has expired.")

    def _fields(self, lead: Mapping[str, Any], call: Call) -> dict[str, Any]:
        """Nothing but the id and what was asked for."""
        wanted = {"id", *(call.first("fields") or "").split(",")}
        return {name: value for name, value in lead.items() if name in wanted}

    def _since(self, call: Call) -> list[dict[str, Any]]:
        """The newest first, as the API gives them."""
        (rule,) = json.loads(call.first("filtering") or "[]")
        if (rule["field"], rule["operator"]) != ("time_created", "GREATER_THAN"):
            raise Refusal(meta_error(400, 100, 0, "Filtering is not supported"))
        times = {own: datetime.fromisoformat(one["created_time"]).timestamp() for own, one in self.leads.items()}
        found = [one for own, one in self.leads.items() if times[own] > rule["value"]]
        return sorted(found, key=lambda one: -times[one["id"]])

    def _page(self, found: list[dict[str, Any]], call: Call) -> dict[str, Any]:
        start, size = int(call.first("after") or 0), int(call.first("limit") or 25)
        data = [self._fields(one, call) for one in found[start : start + size]]
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + size)}}
        if start + size < len(found):
            paging["next"] = f"{self.url}/next"
        return {"data": data, "paging": paging}


def meta_error(status: int, code: int, subcode: int, message: str) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}
    return Answer(status, {"error": error})


class FakeLinkedIn(FakePlatform):
    """The Lead Sync API. https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync"""

    OLDEST_VERSION = "202501"

    def __init__(self, owner: str = "urn:li:sponsoredAccount:522529623") -> None:
        super().__init__()
        self.owner = owner
        self.responses: dict[str, dict[str, Any]] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.hooks: list[dict[str, Any]] = []

    def called(self, call: Call) -> Answer:
        if call.headers.get("linkedin-version", "") < self.OLDEST_VERSION:
            return Answer(426, {"status": 426, "code": "NONEXISTENT_VERSION", "message": "is not active"})
        if call.headers.get("x-restli-protocol-version") != "2.0.0":
            return Answer(400, {"status": 400, "message": "Rest.li 2.0.0 is required"})
        match call.method, call.path.strip("/").split("/"):
            case "GET", ["leadFormResponses"]:
                return Answer(200, self._listed(call))
            case "GET", ["leadFormResponses", own] if unquote(own) in self.responses:
                return Answer(200, self.responses[unquote(own)])
            case "GET", ["leadForms", own] if own in self.forms:
                return Answer(200, self.forms[own])
            case "GET", ["leadNotifications"]:
                kind = (call.first("leadType") or "").strip("()").removeprefix("leadType:")
                return Answer(200, {"elements": [hook for hook in self.hooks if hook["leadType"] == kind]})
            case "POST", ["leadNotifications"]:
                self.hooks.append({"id": len(self.hooks) + 1, **call.json()})
                return Answer(201)
        return Answer(404, {"status": 404, "message": "Not found"})

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"status": 429, "message": "Resource level throttle limit for calls is reached"})
        return Answer(401, {"status": 401, "code": "EXPIRED_ACCESS_TOKEN", "message": "The token has expired"})

    def _listed(self, call: Call) -> dict[str, Any]:
        kind, _, urn = (call.first("owner") or "").strip("()").partition(":")
        time_range = re.fullmatch(r"\(start:([0-9]+)\)", call.first("submittedAtTimeRange") or "")
        if time_range is None or kind != "sponsoredAccount" or call.first("q") != "owner":
            raise Refusal(Answer(400, {"status": 400, "message": "Invalid query parameters"}))
        found = [one for one in self.responses.values() if one["submittedAt"] >= int(time_range[1])]
        mine = [one for one in found if unquote(urn) == self.owner]
        start, count = int(call.first("start") or 0), int(call.first("count") or 10)
        return {"elements": mine[start : start + count], "paging": {"start": start, "count": count, "total": len(mine)}}


class FakeSurveyMonkey(FakePlatform):
    """Surveys and their responses. https://api.surveymonkey.com/v3/docs"""

    def __init__(self, survey: dict[str, Any]) -> None:
        super().__init__()
        self.survey = survey
        self.hooks: dict[str, dict[str, Any]] = {}
        self.responses: dict[str, dict[str, Any]] = {}

    def called(self, call: Call) -> Answer:
        own = self.survey["id"]
        match call.method, call.path.strip("/").split("/"):
            case "GET", ["surveys", survey, "details"] if survey == own:
                return Answer(200, self.survey)
            case "GET", ["surveys", survey, "responses", "bulk"] if survey == own:
                return Answer(200, self._bulk(call))
            case "GET", ["surveys", survey, "responses", response, "details"] if response in self.responses:
                return Answer(200, self.responses[response]) if survey == own else _missing()
            case "GET", ["webhooks"]:
                return Answer(200, {"data": [{"id": own, "name": hook["name"]} for own, hook in self.hooks.items()]})
            case "GET", ["webhooks", own] if own in self.hooks:
                return Answer(200, {"id": own, **self.hooks[own]})
            case "POST", ["webhooks"]:
                self.hooks[str(len(self.hooks) + 1)] = call.json()
                return Answer(201, {"id": str(len(self.hooks))})
        return _missing()

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            words = {"error": {"id": "1040", "http_status_code": 429, "name": "Rate limit reached"}}
            spent = {"X-Ratelimit-App-Global-Minute-Remaining": "0", "X-Ratelimit-App-Global-Minute-Reset": "31"}
            return Answer(429, words, spent)
        return Answer(401, {"error": {"id": "1013", "message": "The authorization token was not provided"}})

    def _bulk(self, call: Call) -> dict[str, Any]:
        size, page = int(call.first("per_page") or 50), int(call.first("page") or 1)
        if size > 100 or call.first("sort_order") != "ASC":
            raise Refusal(Answer(400, {"error": {"message": "Invalid parameters"}}))
        since = call.first("start_modified_at") or ""
        found = sorted(
            (one for one in self.responses.values() if one["date_modified"] >= since),
            key=lambda one: str(one["date_modified"]),
        )
        return {"data": found[(page - 1) * size : page * size], "per_page": size, "page": page, "total": len(found)}


def _missing() -> Answer:
    return Answer(404, {"error": {"id": "1020", "message": "There was an error retrieving the requested resource."}})
