"""From a call to its answer: login, limits, scope, then the call itself."""

import re

from syncd.testing import Answer, Call
from tests.fakes.zoho import composite, coql, reading, settings, writing
from tests.fakes.zoho.account import Account, Module
from tests.fakes.zoho.errors import refused

API = "/crm/v8"
TOKENS = "/oauth/v2/token"
_RECORDS = re.compile(r"/(?P<module>\w+)")
_PART = re.compile(r"/(?P<module>\w+)/(?P<part>upsert|search|deleted)")
_BELOW = re.compile(r"/(?P<module>\w+)/(?P<id>\d+)/(?P<listed>\w+)")


def answered(account: Account, call: Call, domain: str) -> Answer:
    """Under the fake's lock. Raises Refusal."""
    now = account.now()
    if call.path == TOKENS and call.method == "POST":
        return account.tokens.refresh(call, now, domain)
    if not call.path.startswith(API + "/"):
        raise refused(404, "INVALID_URL_PATTERN")
    account.tokens.check(call.headers.get("authorization"), now)
    _count(account, call)
    answer = _called(account, call, call.path.removeprefix(API))
    return Answer(answer.status, answer.body, {**answer.headers, **told(account)})


def told(account: Account) -> dict[str, str]:
    most = account.options.limits.credits
    if most is None:
        return {}
    left = str(max(0, most - account.spent))
    return {"X-API-CREDITS-REMAINING": left, "X-RATELIMIT-LIMIT": str(most), "X-RATELIMIT-REMAINING": left}


def _count(account: Account, call: Call) -> None:
    limits = account.options.limits
    if limits.concurrency is not None and account.running > limits.concurrency:
        raise refused(429, "TOO_MANY_REQUESTS")
    if limits.credits is not None and account.spent >= limits.credits:
        raise refused(429, "LIMIT_EXCEEDED")
    account.spent += _credits(call)


def _credits(call: Call) -> int:
    """Most calls cost one; a write one for every ten records, a query by its limit, a composite what its parts do."""
    if call.path == API + composite.PATH:
        return sum(map(_credits, composite.parts_of(call)))
    if call.path == f"{API}/coql":
        return coql.credits_of(call.body.decode(errors="replace"))
    if call.method in ("POST", "PUT"):
        rows = (call.json() or {}).get("data") if isinstance(call.json(), dict) else None
        return max(1, -(-len(rows) // 10)) if isinstance(rows, list) else 1
    return 1


def _called(account: Account, call: Call, path: str) -> Answer:
    match call.method, path:
        case "POST", composite.PATH:
            _scope(account, composite.SCOPE)
            return composite.answered(composite.parts_of(call), lambda part: _queried(account, part))
        case "POST", "/coql":
            _scope(account, "ZohoCRM.coql.READ")
            return coql.query(account, call)
        case "GET", "/users":
            _scope(account, "ZohoCRM.users.READ")
            return settings.list_users(account, call)
        case "GET" | "POST", "/settings/fields":
            verb = "READ" if call.method == "GET" else "CREATE"
            _scope(account, f"ZohoCRM.settings.fields.{verb}", "ZohoCRM.settings.fields.ALL")
            module = _module(account, call.first("module") or "")
            return (settings.list_fields if verb == "READ" else settings.create_field)(account, call, module)
    return _of_records(account, call, path)


def _queried(account: Account, part: Call) -> Answer:
    if part.path != f"{API}/coql":
        raise refused(400, "INVALID_DATA", api_name="uri", allowed_services=["coql"])
    return _called(account, part, "/coql")


def _of_records(account: Account, call: Call, path: str) -> Answer:
    _scope(account, "ZohoCRM.modules.ALL")
    if found := _RECORDS.fullmatch(path):
        module = _module(account, found["module"])
        acts = {
            "GET": reading.get_records, "POST": writing.insert, "PUT": writing.update, "DELETE": writing.delete,
        }  # fmt: skip
        if call.method not in acts:
            raise refused(405, "INVALID_REQUEST_METHOD")
        return acts[call.method](account, call, module)
    if found := _PART.fullmatch(path):
        module = _module(account, found["module"])
        if found["part"] == "upsert" and call.method == "POST":
            return writing.upsert(account, call, module)
        if found["part"] == "search" and call.method == "GET":
            _scope(account, "ZohoSearch.securesearch.READ")
            return reading.search(account, call, module)
        if found["part"] == "deleted" and call.method == "GET":
            return reading.deleted(account, call, module)
    if (found := _BELOW.fullmatch(path)) and call.method == "GET":
        module = _module(account, found["module"])
        if found["listed"] == "__timeline":
            return reading.timeline(account, call, module, found["id"])
        return reading.related(account, call, module, found["id"], _module(account, found["listed"]))
    raise refused(404, "INVALID_URL_PATTERN")


def _module(account: Account, name: str) -> Module:
    if name not in account.modules:
        raise refused(400, "INVALID_MODULE", resource_path_index=0)
    return account.modules[name]


def _scope(account: Account, *any_of: str) -> None:
    if not set(any_of) & set(account.options.scopes.split()):
        raise refused(401, "OAUTH_SCOPE_MISMATCH")
