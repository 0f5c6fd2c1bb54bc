"""The fake as a test in the same process uses it."""

import re
from datetime import datetime
from typing import Any

from syncd.testing import Answer, Call, FakeServer, Fault, Refusal, Steering
from tests.fakes.heard import heard
from tests.fakes.sugar import sugarcrm, suite_v4_1, suite_v8
from tests.fakes.sugar.account import Account, Record
from tests.fakes.sugar.humans import Humans
from tests.fakes.sugar.options import Options

_IDS = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}")


class FakeSugar(FakeServer):
    """`with FakeSugar(options) as fake:`; all three dialects answer under one address."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        super().__init__(self.options.port)
        self.account = Account(self.options)
        self.humans = Humans(self.account)
        self.start()

    def understood(self, call: Call) -> Call:
        return heard(call, _IDS)

    def arrived(self, call: Call) -> tuple[Call, Fault | None]:
        """Where one address does everything, what is asked for is put behind it, for faults and counts."""
        asked = ""
        if call.path == suite_v4_1.PATH:
            asked = f"/{suite_v4_1.method_of(call)}"
        elif call.path.endswith("/bulk"):
            asked = "/writes" if sugarcrm.writes(call) else "/reads"
        return super().arrived(Call(call.method, call.path + asked, call.query, call.body, call.headers))

    def answer(self, call: Call) -> Answer:
        if found := sugarcrm.PATH.fullmatch(call.path):
            return sugarcrm.answered(self.account, call, found["rest"])
        if found := suite_v8.PATH.fullmatch(call.path):
            return suite_v8.answered(self.account, call, found["rest"])
        if call.path.startswith(suite_v4_1.PATH) and call.method == "POST":
            return suite_v4_1.answered(self.account, call)
        raise Refusal(Answer(404, b"<h1>Not Found</h1>"))

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"error": "too_many_requests", "error_message": "slow down"})
        return Answer(401, {"error": "invalid_grant", "error_message": "The access token provided is invalid."})

    def steering(self) -> Steering:
        return {
            **super().steering(),
            ("GET", "state"): lambda _: self.state(),
            ("POST", "advance"): lambda body: self.advance(body["seconds"]),
            ("POST", "human"): self._act,
        }

    def _act(self, body: Any) -> object:
        """{"do": the name of a method of Humans, ...}; what it returns comes back as `id`."""
        given = {name: value for name, value in body.items() if name != "do"}
        with self.lock:
            made = getattr(self.humans, body["do"])(**given)
        return None if made is None else {"id": made}

    def state(self) -> dict[str, Any]:
        with self.lock:
            return {"objects": {module: self.rows(module) for module in self.account.rows}}

    def rows(self, module: str) -> list[dict[str, Any]]:
        """Live records in the order of their making."""
        with self.lock:
            return [sugarcrm.shown(self.account, module, record) for record in self.account.live(module)]

    def record(self, record_id: str) -> Record:
        return next(rows[record_id] for rows in self.account.rows.values() if record_id in rows)

    def now(self) -> datetime:
        return self.account.now()

    def advance(self, seconds: float) -> None:
        with self.lock:
            self.account.clock.advance(seconds)

    def revoke_tokens(self) -> None:
        """Tokens and sessions stop working; logging in still does."""
        self.account.tokens.revoke()

    def change_password(self) -> None:
        self.account.tokens.revoke()
        self.account.tokens.password = "another"
        self.account.tokens.client_valid = False

    def restore_password(self) -> None:
        self.account.tokens.password = self.options.password
        self.account.tokens.client_valid = True
