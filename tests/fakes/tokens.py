"""A token service (RFC 6749) and the page that tells whose a token is, as Google and Microsoft 365 have them."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from syncd.testing import Answer, Call, FakeServer


@dataclass(slots=True)
class App:
    """What is registered at the service."""

    client_id: str = "app-1"
    client_secret: str = "client-secret-canary"
    refresh_token: str = "refresh-canary-1"
    rotates: bool = False
    lasts: int = 3600
    good: set[str] = field(default_factory=set)  # access tokens that work


class FakeTokens(FakeServer):
    """POST /token gives them, GET /info?token= tells whose they are."""

    def __init__(self, user: str) -> None:
        super().__init__()
        self.app, self.user, self.asked = App(), user, list[dict[str, str]]()

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    def withdraw(self) -> None:
        """As when the owner's password is changed: what was given out does not work any more."""
        with self.lock:
            self.app.good.clear()

    def answer(self, call: Call) -> Answer:
        if (call.method, call.path) == ("POST", "/token"):
            form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
            self.asked.append(form)
            return self._given(form)
        if (call.method, call.path) == ("GET", "/info"):
            token = call.query.get("token", [""])[0]
            return Answer(200, {"email": self.user, "active": token in self.app.good})
        return Answer(404, {"error": "not_found"})

    def _given(self, form: dict[str, str]) -> Answer:
        app = self.app
        if (form.get("client_id"), form.get("client_secret")) != (app.client_id, app.client_secret):
            return Answer(401, {"error": "invalid_client"})
        refreshed = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == app.refresh_token
        if not refreshed and form.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "invalid_grant"})
        token = f"access-canary-{len(self.asked)}"
        app.good.add(token)
        said = {"access_token": token, "expires_in": app.lasts, "token_type": "Bearer"}
        if refreshed and app.rotates:
            app.refresh_token = f"refresh-canary-{len(self.asked) + 1}"
            said["refresh_token"] = app.refresh_token
        return Answer(200, said)
