"""Typeform's Responses API as a real HTTP server: paging, tokens, wrong logins, and asking for a pause.

https://www.typeform.com/developers/responses/reference/retrieve-responses/
"""

from collections.abc import Mapping
from typing import Any

from syncd.testing import Answer, Call, FakeServer, Refusal

API_TOKEN = "tfp_canary_token"
MOST = 1000
USUAL = 25


class FakeTypeform(FakeServer):
    """One account with one form. `responses` stand in the order in which the service processed them."""

    def __init__(self, form: dict[str, Any]) -> None:
        super().__init__()
        self.form = form
        self.responses: list[dict[str, Any]] = []
        self.hooks: dict[str, dict[str, Any]] = {}  # by tag

    def asked(self) -> list[Mapping[str, str]]:
        """The parameters of every call for responses."""
        return [params_of(call.query) for call in self.log if call.path.endswith("/responses")]

    def answer(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {API_TOKEN}":
            return refused(401, "AUTHENTICATION_FAILED", "Authentication credentials not found.")
        if (call.method, call.path) == ("GET", f"/forms/{self.form['id']}"):
            return Answer(200, self.form)
        if (call.method, call.path) == ("GET", f"/forms/{self.form['id']}/responses"):
            return Answer(200, self._page(params_of(call.query)))
        if call.path.startswith(f"/forms/{self.form['id']}/webhooks"):
            return self._hook(call)
        return refused(404, "FORM_NOT_FOUND", "Typeform not found.")

    def _hook(self, call: Call) -> Answer:
        """https://www.typeform.com/developers/webhooks/reference/create-or-update-webhook/"""
        tag = call.path.partition("/webhooks")[2].strip("/")
        if call.method == "GET" and not tag:
            told = [{name: hook[name] for name in hook if name != "secret"} for hook in self.hooks.values()]
            return Answer(200, {"items": told})
        if call.method != "PUT" or not tag:
            return refused(404, "WEBHOOK_NOT_FOUND", "Webhook not found.")
        self.hooks[tag] = {"tag": tag, "form_id": self.form["id"], "enabled": False, **call.json()}
        return Answer(200, {name: self.hooks[tag][name] for name in ("tag", "url", "enabled")})

    def _page(self, params: Mapping[str, str]) -> dict[str, Any]:
        size = int(params.get("page_size", USUAL))
        if size > MOST or ("sort" in params and params.keys() & {"after", "before"}):
            raise Refusal(refused(400, "VALIDATION_ERROR", "Invalid parameters."))
        wanted = params.get("response_type", "completed").split(",")
        given = [one for one in self.responses if one.get("response_type", "completed") in wanted]
        found = [one for one in given if _within(one, params)]
        tokens = [one.get("token") or one["response_id"] for one in found]
        if "after" in params:
            found = found[tokens.index(params["after"]) + 1 :] if params["after"] in tokens else []
        elif "before" in params:
            found = found[: tokens.index(params["before"])][::-1] if params["before"] in tokens else []
        else:
            newest_first = params.get("sort", "submitted_at,desc").endswith("desc")
            found = sorted(found, key=lambda one: str(one["submitted_at"]), reverse=newest_first)
        pages = -(-len(found) // size)
        return {"total_items": len(found), "page_count": pages, "items": found[:size]}


def params_of(query: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: values[0] for name, values in query.items()}


def refused(status: int, code: str, description: str) -> Answer:
    return Answer(status, {"code": code, "description": description})


def _within(response: Mapping[str, Any], params: Mapping[str, str]) -> bool:
    """`since` and `until` are inclusive, to the second, UTC."""
    at = str(response["submitted_at"]).removesuffix("Z")
    return params.get("since", "") <= at <= params.get("until", "9999")
