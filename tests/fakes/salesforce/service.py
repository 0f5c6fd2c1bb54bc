"""From a call to its answer: login, limits, then the call itself."""

from dataclasses import replace

from syncd.testing import Answer, Fault, Refusal
from tests.fakes.salesforce.calls import Call
from tests.fakes.salesforce.errors import Problem, Refused, expired, limit_exceeded, no_such_call
from tests.fakes.salesforce.org import Org

LONGEST_URL = 16_384
WITH_BODY = frozenset({"POST", "PATCH"})


def answered(org: Org, call: Call, fault: Fault | None) -> Answer:
    """Under the organisation's lock. Never raises a refusal."""
    try:
        answer = _answer(org, call, fault)
    except Refusal as refusal:
        answer = refusal.answer
    except Problem as problem:
        answer = problem.refused().answer
    if call.match is None or call.match.route.open:
        return answer
    return Answer(answer.status, answer.body, {**answer.headers, **org.meter.header(org.now())})


def _answer(org: Org, call: Call, fault: Fault | None) -> Answer:
    match = call.match
    if match is None:
        raise no_such_call()
    if fault and fault.kind == "unauthorized":
        raise expired()
    if match.route.open:
        return match.route.handler(org, call)
    org.tokens.check(call.headers.get("authorization"), org.now())
    if fault and fault.kind == "too_many":
        raise limit_exceeded()
    org.meter.count(org.now())
    if match.args["version"] not in org.options.versions:
        raise Refused(410, "UNSUPPORTED_API_VERSION", "The requested resource is no longer available")
    if len(call.path) + sum(len(value) for values in call.query.values() for value in values) > LONGEST_URL:
        raise Refused(414, "URI_TOO_LONG", "The URI is too long")
    if call.method in WITH_BODY and not call.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type header specified in HTTP request is not supported")
    return match.route.handler(org, replace(call, by=org.me))
