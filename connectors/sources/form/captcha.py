"""Whether a visitor has solved a captcha: asked of the service when the post is kept already, never before its answer.

https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
https://docs.hcaptcha.com/#verify-the-user-response-server-side
https://developers.google.com/recaptcha/docs/verify
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Literal

from syncd.connector import (
    Ambiguous,
    Clock,
    ConnectorOptions,
    Field,
    HttpClient,
    HttpReply,
    Lately,
    RateLimited,
    Refused,
    Retryable,
    SecretStr,
)

Verdict = Literal["passed", "failed", "unchecked"]

FIELDS = ("cf-turnstile-response", "h-captcha-response", "g-recaptcha-response")
ADDRESSES: Mapping[str, str] = {
    "turnstile": "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    "hcaptcha": "https://api.hcaptcha.com/siteverify",
    "recaptcha": "https://www.google.com/recaptcha/api/siteverify",
}
PATIENCE = timedelta(seconds=20)
"""So long a post may wait for a service that is away; then it is decided without."""

SPENT = frozenset({"timeout-or-duplicate", "already-seen-response", "expired-input-response"})
OURS = frozenset(
    {
        "missing-input-secret", "invalid-input-secret", "bad-request", "internal-error", "sitekey-secret-mismatch",
        "invalid-keys", "not-using-dummy-passcode",
    }
)  # fmt: skip
"""What says nothing about the visitor: the config is wrong, or the service is."""

TIMEOUT = (3.0, 5.0)
_LATE = timedelta(seconds=60)  # by then a token may have run out while we were not running
_BREAK = timedelta(seconds=30)


class CaptchaOptions(ConnectorOptions):
    """Which service asks the visitor, and what it means when it cannot be asked."""

    type: Literal["turnstile", "hcaptcha", "recaptcha"] = Field(description="whose captcha the page shows")
    secret: SecretStr = Field(min_length=8, description="secret key of the site")
    fail: Literal["open", "closed"] = Field(
        "open", description="when the service cannot be asked: open lets the post go on, closed counts it as failed"
    )
    least_score: float = Field(0.5, ge=0, le=1, description="reCAPTCHA v3: below this score it is failed")
    url: str = Field("", description="another address to ask at, as https://www.recaptcha.net/recaptcha/api/siteverify")


class Captcha:
    """Not thread-safe: one loop asks. While the service is away it is asked now and then, not for every post."""

    def __init__(self, options: CaptchaOptions, http: HttpClient, clock: Clock, hosts: Collection[str]) -> None:
        self.options, self.http, self.clock, self.hosts = options, http, clock, hosts
        http.timeout = TIMEOUT
        self._asked: Lately[str] = Lately(clock, timedelta(minutes=10))
        self._away, self._away_until = "", 0.0  # in whose words, and until when by the monotonic clock

    def judge(self, token: str, age: timedelta) -> Verdict:
        """Raises Retryable while the post is young enough to ask again a little later."""
        try:
            return self._read(self._ask(token), token, age)
        except (Ambiguous, RateLimited, Refused, Retryable) as error:
            if age < PATIENCE:
                raise Retryable(f"captcha: {error}") from error
            return "unchecked"

    def secret_is_known(self) -> bool:
        """Asks about no token at all. Raises what `judge` hides."""
        return not _codes(self._ask("none")) & {"invalid-input-secret", "invalid-keys"}

    def _ask(self, token: str) -> dict[str, Any]:
        if self.clock.monotonic() < self._away_until:
            raise Retryable(self._away)
        kind, what = self.options.type, f"{self.options.type}: siteverify"
        form = {"secret": self.options.secret.get_secret_value(), "response": token}
        if kind == "turnstile":  # the same question again gets the same answer
            form["idempotency_key"] = str(uuid.uuid5(uuid.NAMESPACE_URL, token))
        try:
            reply = self.http.call("POST", self.options.url or ADDRESSES[kind], what=what, writes=False, form=form)
            said = _answer(reply, what)
        except (Ambiguous, RateLimited, Refused, Retryable) as error:
            self._asked.saw(token)
            self._away, self._away_until = str(error), self.clock.monotonic() + _BREAK.total_seconds()
            raise
        return said

    def _read(self, said: Mapping[str, Any], token: str, age: timedelta) -> Verdict:
        codes = _codes(said)
        if said["success"]:
            elsewhere = self.hosts and said.get("hostname") and said["hostname"] not in self.hosts
            score = said.get("score")
            poor = isinstance(score, int | float) and score < self.options.least_score
            return "failed" if elsewhere or poor else "passed"
        if codes & OURS:
            return "unchecked"
        if codes & SPENT and (age > _LATE or self._asked.has(token)):
            return "unchecked"  # our own first question may have used it up
        return "failed"


def _answer(reply: HttpReply, what: str) -> dict[str, Any]:
    """Raises Retryable for anything but the service's own word."""
    said = reply.json() if reply.status < 500 else None
    if not isinstance(said, dict) or not isinstance(said.get("success"), bool):
        raise Retryable(f"{what} answered {reply.status}, and not whether it was solved")
    return said


def _codes(said: Mapping[str, Any]) -> set[str]:
    given = said.get("error-codes")
    return {str(code) for code in given} if isinstance(given, list) else set()
