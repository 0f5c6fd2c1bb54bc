"""GoToWebinar's webhooks as a real HTTP server: one posts only when it is ACTIVE and its user is subscribed to it.

https://developer.goto.com/GoToWebinarV2/#tag/Webhooks
"""

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.testing import Answer, Call, FakeServer, Refusal

KEY = "canary-goto-token"
STATES = ("ACTIVE", "INACTIVE")

Item = dict[str, Any]


class FakeGoToHooks(FakeServer):
    """`hooks` and `subscriptions` of the one user. Empty lists are left out of answers, as HAL has it."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks: list[Item] = []
        self.subscriptions: list[Item] = []

    def switch_off(self) -> None:
        for hook in self.hooks:
            hook["state"] = "INACTIVE"

    def answer(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return Answer(403, {"errorCode": "InvalidToken", "description": "Access token is invalid"})
        match call.method, call.path:
            case "GET", "/webhooks":
                return self._listed(call, "webhooks", self.hooks)
            case "GET", "/userSubscriptions":
                return self._listed(call, "userSubscriptions", self.subscriptions)
            case "POST", "/webhooks":
                return Answer(200, {"_embedded": {"webhooks": [self._hook(one) for one in _list(call)]}})
            case "POST", "/userSubscriptions":
                return Answer(200, {"_embedded": {"userSubscriptions": [self._subscription(o) for o in _list(call)]}})
            case "PUT", "/webhooks":
                return self._changed(call, self.hooks, "webhookKey", "state")
            case "PUT", "/userSubscriptions":
                return self._changed(call, self.subscriptions, "userSubscriptionKey", "userSubscriptionState")
        return Answer(404, {"errorCode": "NotFound", "description": "no such resource"})

    def _listed(self, call: Call, name: str, items: Sequence[Item]) -> Answer:
        if call.first("product") != "g2w":
            return Answer(400, {"errorCode": "BadRequest", "description": "product must be provided"})
        return Answer(200, {"_embedded": {name: items}} if items else {})

    def _hook(self, wanted: Mapping[str, Any]) -> Item:
        _has(wanted, {"callbackUrl", "eventName", "eventVersion", "product"}, set())
        if not wanted["callbackUrl"].startswith("https://") or wanted["eventVersion"] != "1.0.0":
            raise Refusal(Answer(400, {"errorCode": "BadRequest", "description": "not a webhook"}))
        self.hooks.append({**wanted, "webhookKey": f"w{len(self.hooks)}", "state": "INACTIVE"})
        return self.hooks[-1]

    def _subscription(self, wanted: Mapping[str, Any]) -> Item:
        _has(wanted, {"webhookKey"}, {"callbackUrl", "userSubscriptionState"})
        if wanted["webhookKey"] not in [hook["webhookKey"] for hook in self.hooks]:
            raise Refusal(Answer(404, {"errorCode": "NotFound", "description": "no such webhook"}))
        fresh = {"userSubscriptionState": "INACTIVE", "userSubscriptionKey": f"s{len(self.subscriptions)}"}
        self.subscriptions.append({**fresh, **wanted})
        return self.subscriptions[-1]

    def _changed(self, call: Call, items: Sequence[Item], key: str, state: str) -> Answer:
        known = {item[key]: item for item in items}
        for wanted in _list(call):
            _has(wanted, {key, "webhookKey"}, {"callbackUrl", state})
            if wanted[key] not in known or wanted.get(state, "ACTIVE") not in STATES:
                raise Refusal(Answer(400, {"errorCode": "BadRequest", "description": "no such key or state"}))
            known[wanted[key]].update(wanted)
        return Answer(204)


def _list(call: Call) -> list[Item]:
    sent = call.json()
    if not isinstance(sent, list) or not sent:
        raise Refusal(Answer(400, {"errorCode": "BadRequest", "description": "a list is wanted"}))
    return sent


def _has(given: Mapping[str, Any], wanted: set[str], allowed: set[str]) -> None:
    if wanted - given.keys() or given.keys() - wanted - allowed:
        raise Refusal(Answer(400, {"errorCode": "BadRequest", "description": f"fields: {sorted(given)}"}))
