"""From a call to its answer: login, limits, then the call itself."""

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.errors import Refusal, missing_scopes, too_many_calls
from tests.fakes.hubspot.faults import Fault
from tests.fakes.hubspot.routes import Match, is_known

LONGEST_PATH = 8_000
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


def answered(account: Account, call: Call, fault: Fault | None) -> Answer:
    """Under the account's lock. Never raises a refusal."""
    now, match = account.now(), call.match
    try:
        answer = _answer(account, call, match, fault)
    except Refusal as refusal:
        extra = fault.sent_headers if fault and fault.kind == "too_many" else {}
        answer = Answer(refusal.status, refusal.body(), extra)
    if match is None or match.route.is_search or match.route.scope is None:
        return answer
    return Answer(answer.status, answer.body, {**answer.headers, **account.meter.headers(now)})


def _answer(account: Account, call: Call, match: Match | None, fault: Fault | None) -> Answer:
    now = account.now()
    if match is None:
        raise Refusal(405 if is_known(call.path) else 404, "resource not found")
    if len(call.path) > LONGEST_PATH:
        raise Refusal(414, "Request-URI Too Long")
    if fault and fault.kind == "unauthorized":
        raise Refusal(401, "The OAuth token is not valid.", category="INVALID_AUTHENTICATION")
    if match.route.scope is not None:
        account.tokens.check(call.headers.get("authorization"), now)
        if fault and fault.kind == "too_many":
            raise too_many_calls(fault.policy)
        account.meter.count(now, search=match.route.is_search)
        _check_scope(account, match)
    _check_form(call, call.headers.get("content-type") or "", open_call=match.route.scope is None)
    return match.route.handler(account, call)


def _check_scope(account: Account, match: Match) -> None:
    scope = match.scope()
    if scope and scope not in account.options.scopes:
        raise missing_scopes(scope)


def _check_form(call: Call, content_type: str, *, open_call: bool) -> None:
    """JSON everywhere but at the token endpoint, which takes a form."""
    if call.method not in {"POST", "PATCH"} and not call.body:
        return
    if content_type.partition(";")[0].strip().lower() != (_FORM if open_call else _JSON):
        raise Refusal(415, "Unsupported Media Type")
