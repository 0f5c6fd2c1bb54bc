"""siteverify of Turnstile, hCaptcha and reCAPTCHA as a real HTTP server: each token is good once, for its own secret.

https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
"""

from typing import Any
from urllib.parse import parse_qs

from syncd.testing import Answer, Call, FakeServer

SECRET = "captcha-canary-secret"


class FakeCaptcha(FakeServer):
    """`solved`: token -> what is said of it the first time; the same idempotency key gets the same answer again."""

    def __init__(self) -> None:
        super().__init__()
        self.solved: dict[str, dict[str, Any]] = {}
        self._spent: dict[str, tuple[str, dict[str, Any]]] = {}

    def answer(self, call: Call) -> Answer:
        asked = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if asked.get("secret") != SECRET:
            return _no("invalid-input-secret")
        token, key = asked.get("response", ""), asked.get("idempotency_key", "")
        if token in self._spent:
            before, said = self._spent[token]
            return Answer(200, said) if key and key == before else _no("timeout-or-duplicate")
        if token not in self.solved:
            return _no("invalid-input-response")
        said = {"success": True, "challenge_ts": "2026-11-23T09:00:00Z", "error-codes": [], **self.solved[token]}
        self._spent[token] = key, said
        return Answer(200, said)


def _no(code: str) -> Answer:
    return Answer(200, {"success": False, "error-codes": [code]})
