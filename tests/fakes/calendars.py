"""Calendly, Cal.com, Zoom, GoToWebinar and Intercom as real HTTP servers that list what people booked and asked."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from syncd.testing import Answer, Call, FakeServer, Fault, Refusal

API_TOKEN = "canary-calendar-token"
CLIENT = ("client-1", "canary-client-secret")


class FakeCalendar(FakeServer):
    """`items` in the service's own shape, oldest first."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        super().__init__()
        self.items = items
        self.tokens = {API_TOKEN}

    def answer(self, call: Call) -> Answer:
        if call.path == "/token":
            return self.granted(call)
        if call.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self.refusal(Fault("unauthorized"))
        return self.called(call)

    def called(self, call: Call) -> Answer:
        raise NotImplementedError

    def granted(self, call: Call) -> Answer:
        """An access token that runs out after an hour; those of before are good no more."""
        self.tokens = {f"{API_TOKEN}-{len(self.calls)}-{sum(self.calls.values())}"}
        (token,) = self.tokens
        return Answer(200, {"access_token": token, "token_type": "bearer", "expires_in": 3600})


class FakeCalendly(FakeCalendar):
    """https://developer.calendly.com/api-docs: an item is a booked event with its invitees."""

    ORGANIZATION = "https://api.calendly.com/organizations/ORG"

    def __init__(self, items: list[dict[str, Any]]) -> None:
        super().__init__(items)
        self.hooks: list[dict[str, Any]] = []

    def called(self, call: Call) -> Answer:
        match call.method, call.path.strip("/").split("/"):
            case "GET", ["users", "me"]:
                return Answer(200, {"resource": {"current_organization": self.ORGANIZATION}})
            case "GET", ["scheduled_events"]:
                return self._events(call)
            case "GET", ["scheduled_events", own, "invitees"]:
                found = [one for one in self.items if one["uri"].endswith(f"/{own}")]
                return _collection(found[0]["invitees"] if found else [], call)
            case "GET", ["webhook_subscriptions"]:
                return _collection([_without_key(hook) for hook in self.hooks], call)
            case "POST", ["webhook_subscriptions"]:
                return self._subscribed(call.json())
            case "DELETE", ["webhook_subscriptions", own]:
                self.hooks = [hook for hook in self.hooks if not hook["uri"].endswith(f"/{own}")]
                return Answer(204)
        return Answer(404, {"title": "Resource Not Found", "message": "The server could not find the resource."})

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"title": "Too Many Requests"}, {"X-RateLimit-Reset": "30"})
        return Answer(401, {"title": "Unauthenticated", "message": "The access token is invalid"})

    def _events(self, call: Call) -> Answer:
        if call.first("organization") != self.ORGANIZATION:
            return Answer(403, {"title": "Permission Denied", "message": "You do not have permission"})
        found = [one for one in self.items if one["start_time"] >= (call.first("min_start_time") or "")]
        return _collection([{name: one[name] for name in one if name != "invitees"} for one in found], call)

    def _subscribed(self, wanted: Mapping[str, Any]) -> Answer:
        if any(hook["callback_url"] == wanted["url"] and hook["scope"] == wanted["scope"] for hook in self.hooks):
            return Answer(409, {"title": "Already Exists", "message": "Hook with this url already exists"})
        own = f"https://api.calendly.com/webhook_subscriptions/H{len(self.hooks) + 1}"
        told = {"callback_url": wanted["url"], "events": wanted["events"], "scope": wanted["scope"]}
        self.hooks.append({"uri": own, "state": "active", "signing_key": wanted.get("signing_key"), **told})
        return Answer(201, {"resource": _without_key(self.hooks[-1])})


def _without_key(hook: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in hook.items() if name != "signing_key"}


def _collection(found: list[dict[str, Any]], call: Call) -> Answer:
    start, size = int(call.first("page_token") or 0), int(call.first("count") or 20)
    more = str(start + size) if start + size < len(found) else None
    return Answer(200, {"collection": found[start : start + size], "pagination": {"next_page_token": more}})


class FakeCalCom(FakeCalendar):
    """https://cal.com/docs/api-reference/v2: an item is a booking."""

    def called(self, call: Call) -> Answer:
        if call.path != "/bookings" or "cal-api-version" not in call.headers:
            return Answer(404, {"status": "error", "error": {"message": "Cannot GET"}})
        found = [one for one in self.items if one["createdAt"] >= (call.first("afterCreatedAt") or "")]
        start, size = int(call.first("skip") or 0), int(call.first("take") or 100)
        return Answer(200, {"status": "success", "data": found[start : start + size]})


class FakeZoom(FakeCalendar):
    """https://developers.zoom.us/docs/api: an item is a registrant of the one webinar."""

    WEBINAR = 84_392_028_671

    def called(self, call: Call) -> Answer:
        match call.path.strip("/").split("/"):
            case ["users", "me", "webinars"]:
                return self._listed("webinars", [{"id": self.WEBINAR, "topic": "Product tour"}], call)
            case ["webinars", own, "registrants"] if own == str(self.WEBINAR):
                found = [one for one in self.items if one["status"] == call.first("status", "approved")]
                return self._listed("registrants", found[::-1], call)
        return Answer(404, {"code": 3001, "message": "Webinar does not exist."})

    def _listed(self, name: str, found: list[dict[str, Any]], call: Call) -> Answer:
        start, size = int(call.first("next_page_token") or 0), int(call.first("page_size") or 30)
        more = str(start + size) if start + size < len(found) else ""
        return Answer(200, {name: found[start : start + size], "next_page_token": more})

    def granted(self, call: Call) -> Answer:
        wanted = {"grant_type": ["account_credentials"], "account_id": ["ACC"]}
        login = "Basic " + b64encode(":".join(CLIENT).encode()).decode()
        if parse_qs(call.body.decode()) != wanted or call.headers.get("authorization") != login:
            return Answer(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"})
        return super().granted(call)


class FakeGoToWebinar(FakeCalendar):
    """https://developer.goto.com/GoToWebinarV2: an item is a registrant of the one webinar."""

    WEBINAR = 4_511_665_432_126_123_457

    def called(self, call: Call) -> Answer:
        match call.path.strip("/").split("/"):
            case ["organizers", "77", "webinars"]:
                page = int(call.first("page") or 0)
                webinars = [{"webinarKey": str(self.WEBINAR), "subject": "Product tour"}] if page == 1 else []
                return Answer(200, {"_embedded": {"webinars": webinars}, "page": {"totalPages": 2, "number": page}})
            case ["organizers", "77", "webinars", own, "registrants"] if own == str(self.WEBINAR):
                return Answer(200, json.dumps(self.items[::-1]).encode())
        return Answer(404, {"errorCode": "NotFound", "description": "Webinar not found"})


class FakeIntercom(FakeCalendar):
    """https://developers.intercom.com/docs/references/rest-api: an item is a conversation."""

    def called(self, call: Call) -> Answer:
        if (call.method, call.path) != ("POST", "/conversations/search") or "intercom-version" not in call.headers:
            return Answer(404, {"type": "error.list", "errors": [{"code": "not_found", "message": "Not found"}]})
        asked = call.json()
        since, begun = asked["query"]["value"]
        if (since["field"], since["operator"], begun["value"]) != ("created_at", ">", "customer_initiated"):
            raise Refusal(Answer(400, {"errors": [{"message": "invalid query"}]}))
        found = [one for one in self.items if one["created_at"] > since["value"]][::-1]
        start, size = int(asked["pagination"].get("starting_after", 0)), asked["pagination"]["per_page"]
        more = {"next": {"starting_after": str(start + size)}} if start + size < len(found) else {}
        return Answer(200, {"type": "conversation.list", "conversations": found[start : start + size], "pages": more})


def stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
