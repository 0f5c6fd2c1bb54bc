"""APIs that manage webhooks, of many providers: how each lists, makes and changes them, and whom it lets in.

A strict one: fields and parameters that a provider does not have, and those it wants and does not get, are refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from syncd.testing import Answer, Call, FakeServer, Refusal

KEY = "canary-key-for-the-api"
MADE_UP = "whsec_canary-that-the-provider-made-up"

Item = dict[str, Any]


def bearer(headers: Mapping[str, str]) -> bool:
    return headers.get("authorization") == f"Bearer {KEY}"


@dataclass(frozen=True)
class HookStyle:
    path: str
    wrap: Callable[[Sequence[Item]], Any]  # from a page to the answer
    wanted: frozenset[str]  # fields without which none is made
    allowed: frozenset[str] = frozenset()  # further fields
    fresh: Mapping[str, Any] = field(default_factory=dict)  # what a new one has beside that
    hidden: frozenset[str] = frozenset()  # fields that no list tells
    login: Callable[[Mapping[str, str]], bool] = bearer
    size: tuple[str, int] | None = None  # the parameter that says how many, and the most there may be
    page: str = ""  # the parameter that says which page ("page"), or how many came before
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)  # field -> what may stand in its list
    unique: str = ""  # the field of which there may be no second one
    form: bool = False  # made by urlencoded fields
    change: tuple[str, str] = ("", "")  # method and path, {id} in it
    change_wants: frozenset[str] = frozenset()
    change_status: int = 200
    beside: Mapping[str, Any] = field(default_factory=dict)  # other paths and what they answer


class FakeHooks(FakeServer):
    """`hooks`: all of the account, oldest first, with the names that the provider gives the fields."""

    def __init__(self, style: HookStyle) -> None:
        super().__init__()
        self.style = style
        self.hooks: list[Item] = []

    def answer(self, call: Call) -> Answer:
        style = self.style
        if not style.login(call.headers):
            return Answer(401, {"message": "the key is not known"})
        if call.method == "GET" and call.path in style.beside:
            return Answer(200, style.beside[call.path])
        match call.method, call.path:
            case "GET", style.path:
                return Answer(200, style.wrap([self._told(hook) for hook in self._page(call)]))
            case "POST", style.path:
                return self._made(self._fields(call, style.wanted))
        for hook in self.hooks:
            if (call.method, call.path) == (style.change[0], style.change[1].format(id=hook["id"])):
                hook.update(self._fields(call, style.change_wants))
                return Answer(style.change_status, None if style.change_status == 204 else self._told(hook))
        return Answer(404, {"message": "there is no such thing"})

    def _made(self, wanted: Item) -> Answer:
        unique = self.style.unique
        if unique and any(hook[unique] == wanted[unique] for hook in self.hooks):
            return Answer(409, {"message": "there is one for this address"})
        self.hooks.append({"id": f"h{len(self.hooks)}", **self.style.fresh, **wanted})
        return Answer(201, self.hooks[-1])

    def _told(self, hook: Item) -> Item:
        return {name: value for name, value in hook.items() if name not in self.style.hidden}

    def _fields(self, call: Call, wanted: frozenset[str]) -> Item:
        style, kind = self.style, call.headers.get("content-type", "")
        if style.form != kind.startswith("application/x-www-form-urlencoded"):
            raise Refusal(Answer(400, {"message": f"not a media type for this: {kind}"}))
        sent = dict(parse_qsl(call.body.decode())) if style.form else call.json()
        if missing := wanted - sent.keys():
            raise Refusal(Answer(400, {"message": f"missing: {', '.join(sorted(missing))}"}))
        if strange := sent.keys() - style.wanted - style.allowed:
            raise Refusal(Answer(400, {"message": f"unknown: {', '.join(sorted(strange))}"}))
        for name, known in style.values.items():
            if name in sent and (not sent[name] or not known.issuperset(sent[name])):
                raise Refusal(Answer(400, {"message": f"not a value of {name}"}))
        return dict(sent)

    def _page(self, call: Call) -> Sequence[Item]:
        size, params = self.style.size, {name: values[-1] for name, values in call.query.items()}
        if strange := params.keys() - ({size[0], self.style.page} if size else set()):
            raise Refusal(Answer(400, {"message": f"unknown: {', '.join(sorted(strange))}"}))
        if size is None:
            return self.hooks
        many, given = int(params.get(size[0], "20")), int(params.get(self.style.page, "0"))
        if not 1 <= many <= size[1]:
            raise Refusal(Answer(400, {"message": f"at most {size[1]} at a time"}))
        start = max(given - 1, 0) * many if self.style.page == "page" else given
        return self.hooks[start : start + many]


TALLY = HookStyle(
    "/webhooks",
    lambda items: {"webhooks": items, "page": 1, "limit": 100, "hasMore": False, "totalCount": len(items)},
    wanted=frozenset({"formId", "url", "eventTypes"}),
    allowed=frozenset({"signingSecret", "httpHeaders", "externalSubscriber", "isEnabled"}),
    fresh={"isEnabled": True, "lastSyncedAt": None},
    size=("limit", 100),
    page="page",
    values={"eventTypes": frozenset({"FORM_RESPONSE"})},
    change=("PATCH", "/webhooks/{id}"),
    change_wants=frozenset({"formId", "url", "eventTypes", "isEnabled"}),
    change_status=204,
)
JOTFORM = HookStyle(
    "/form/f1/webhooks",
    lambda items: {
        "responseCode": 200,
        "message": "success",
        "content": {str(number): item["webhookURL"] for number, item in enumerate(items)} or [],
    },
    wanted=frozenset({"webhookURL"}),
    login=lambda headers: headers.get("apikey") == KEY,
    form=True,
)
FORMBRICKS = HookStyle(
    "/webhooks",
    lambda items: {"data": items},
    wanted=frozenset({"url", "triggers", "environmentId"}),
    allowed=frozenset({"name", "source", "surveyIds"}),
    fresh={"source": "user", "surveyIds": [], "secret": MADE_UP},
    hidden=frozenset({"secret"}),
    login=lambda headers: headers.get("x-api-key") == KEY,
    values={"triggers": frozenset({"responseFinished", "responseCreated", "responseUpdated"})},
    beside={"/management/surveys/f1": {"data": {"id": "f1", "environmentId": "env1"}}},
)
PAPERFORM = HookStyle(
    "/forms/f1/webhooks",
    lambda items: {"status": "ok", "results": {"webhooks": items}, "total": len(items), "has_more": False},
    wanted=frozenset({"target_url", "triggers"}),
    size=("limit", 100),
    page="skip",
    values={"triggers": frozenset({"submission", "partial_submission"})},
    change=("PUT", "/webhooks/{id}"),
)
FORMSTACK = HookStyle(
    "/form/f1/webhook.json",
    lambda items: {"webhooks": items, "total": len(items)},
    wanted=frozenset({"url"}),
    allowed=frozenset({"handshake_key", "content_type", "include_field_type"}),
    change=("PUT", "/webhook/{id}.json"),
)
CALCOM = HookStyle(
    "/webhooks",
    lambda items: {"status": "success", "data": items},
    wanted=frozenset({"active", "subscriberUrl", "triggers"}),
    allowed=frozenset({"secret", "payloadTemplate"}),
    size=("take", 250),
    page="skip",
    values={
        "triggers": frozenset(
            {"BOOKING_CREATED", "BOOKING_REQUESTED", "BOOKING_PAID", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED"}
            | {"BOOKING_REJECTED", "FORM_SUBMITTED", "FORM_SUBMITTED_NO_EVENT", "MEETING_ENDED", "MEETING_STARTED"}
        )
    },
    unique="subscriberUrl",
    change=("PATCH", "/webhooks/{id}"),
)
WEBFLOW = HookStyle(
    "/sites/65427cf4/webhooks",
    lambda items: {"webhooks": items},
    wanted=frozenset({"triggerType", "url"}),
    allowed=frozenset({"filter"}),
    fresh={"siteId": "65427cf4", "secretKey": MADE_UP},
    hidden=frozenset({"secretKey"}),
)


class FakeNetlifyHooks(FakeServer):
    """https://open-api.netlify.com/#tag/hook: addresses stand within `data`, and a call switches on what is off."""

    SITE = "site-1"

    def __init__(self) -> None:
        super().__init__()
        self.hooks: list[Item] = []

    def answer(self, call: Call) -> Answer:
        if not bearer(call.headers):
            return Answer(401, {"code": 401, "message": "Access Denied"})
        if call.path == "/hooks":
            if call.first("site_id") != self.SITE:
                return Answer(404, {"code": 404, "message": "Not Found"})
            return Answer(201, self._made(call.json())) if call.method == "POST" else Answer(200, self.hooks)
        for hook in self.hooks:
            if (call.method, call.path) == ("POST", f"/hooks/{hook['id']}/enable"):
                hook["disabled"] = False
                return Answer(200, hook)
        return Answer(404, {"code": 404, "message": "Not Found"})

    def _made(self, wanted: Item) -> Item:
        strange = wanted.keys() - {"type", "event", "data", "site_id", "form_id"}
        if strange or wanted.get("type") != "url" or not wanted.get("data", {}).get("url"):
            raise Refusal(Answer(422, {"code": 422, "message": "data.url must be given"}))
        self.hooks.append({"id": f"h{len(self.hooks)}", "form_id": None, "disabled": False, **wanted})
        return self.hooks[-1]
