"""From a request to its answer: fault, login, limits, then the call itself."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.errors import Refusal, missing_scopes, too_many_calls
from tests.fakes.hubspot.faults import Fault, Faults
from tests.fakes.hubspot.routes import Match, is_known, matched

KEPT = 20_000  # entries of the log; the counts go on
LONGEST_PATH = 8_000
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One arrival, without its body. Status 0: no answer was given."""

    method: str
    path: str
    template: str
    status: int
    seconds: float


class Service:
    def __init__(self, account: Account) -> None:
        self.account = account
        self.faults = Faults()
        self.calls: Counter[tuple[str, str]] = Counter()
        self.log: deque[LoggedCall] = deque(maxlen=KEPT)

    def forget(self) -> None:
        with self.account.lock:
            self.faults.clear()
            self.calls.clear()
            self.log.clear()
            self.account.empty()

    def arrived(self, call: Call) -> tuple[Match | None, Fault | None]:
        """Counts the call, whatever becomes of it, and says which fault is due."""
        match = matched(call.method, call.path)
        template = match.template if match else call.path
        with self.account.lock:
            self.calls[call.method, template] += 1
        return match, self.faults.take(call.method, call.path)

    def log_call(self, call: Call, match: Match | None, began: float, status: int) -> None:
        template = match.template if match else call.path
        entry = LoggedCall(call.method, call.path, template, status, monotonic() - began)
        with self.account.lock:
            self.log.append(entry)

    def answer(self, call: Call, match: Match | None, headers: Mapping[str, str], fault: Fault | None) -> Answer:
        """Carries the call out, under the account's lock. Never raises a refusal."""
        with self.account.lock:
            now = self.account.now()
            try:
                answer = self._answer(call, match, headers, fault)
            except Refusal as refusal:
                extra = fault.headers if fault and fault.kind == "too_many" else {}
                answer = Answer(refusal.status, refusal.body(), extra)
            if match is None or match.route.is_search or match.route.scope is None:
                return answer
            rates = self.account.meter.headers(now)
            return Answer(answer.status, answer.body, {**answer.headers, **rates})

    def _answer(self, call: Call, match: Match | None, headers: Mapping[str, str], fault: Fault | None) -> Answer:
        account, now = self.account, self.account.now()
        if match is None:
            raise Refusal(405 if is_known(call.path) else 404, "resource not found")
        if len(call.path) > LONGEST_PATH:
            raise Refusal(414, "Request-URI Too Long")
        if fault and fault.kind == "unauthorized":
            raise Refusal(401, "The OAuth token is not valid.", category="INVALID_AUTHENTICATION")
        if match.route.scope is not None:
            account.tokens.check(headers.get("Authorization"), now)
            if fault and fault.kind == "too_many":
                raise too_many_calls(fault.policy)
            account.meter.count(now, search=match.route.is_search)
            _check_scope(account, match)
        _check_form(call, headers.get("Content-Type") or "", open_call=match.route.scope is None)
        return match.route.handler(account, Call(*_parts(call), args=match.args))


def _parts(call: Call) -> tuple[str, str, Mapping[str, list[str]], bytes]:
    return call.method, call.path, call.query, call.body


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
