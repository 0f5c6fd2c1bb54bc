"""The fake as a test in the same process uses it."""

import re
from datetime import datetime
from typing import Any

from syncd.testing import Answer, Call, FakeServer, Fault, Steering
from tests.fakes.heard import heard
from tests.fakes.zoho.account import Account, Record
from tests.fakes.zoho.errors import error
from tests.fakes.zoho.humans import Humans
from tests.fakes.zoho.options import Options
from tests.fakes.zoho.service import answered, told
from tests.fakes.zoho.shapes import shown

_IDS = re.compile(r"/\d{6,}")


class FakeZoho(FakeServer):
    """`with FakeZoho(options) as fake:`; gives tokens and answers the API under one address."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        super().__init__(self.options.port)
        self.account = Account(self.options)
        self.humans = Humans(self.account)
        self.start()

    def understood(self, call: Call) -> Call:
        return heard(call, _IDS)

    def arrived(self, call: Call) -> tuple[Call, Fault | None]:
        with self.lock:
            self.account.running += 1
        return super().arrived(call)

    def ended(self, call: Call, status: int, seconds: float) -> None:
        with self.lock:
            self.account.running -= 1
        super().ended(call, status, seconds)

    def answer(self, call: Call) -> Answer:
        return answered(self.account, call, self.url)

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, error("TOO_MANY_REQUESTS"), told(self.account))
        return Answer(401, error("INVALID_TOKEN"))

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
            users = [{"id": user.id, "email": user.email} for user in self.account.users.values()]
            return {"users": users, "objects": {name: self.rows(name) for name in self.account.modules}}

    def rows(self, module: str) -> list[dict[str, Any]]:
        """Live records in the order of their making."""
        with self.lock:
            there = self.account.modules[module]
            return [shown(self.account, record, there.fields) for record in there.live()]

    def record(self, record_id: str) -> Record:
        return next(m.rows[record_id] for m in self.account.modules.values() if record_id in m.rows)

    def now(self) -> datetime:
        return self.account.now()

    def advance(self, seconds: float) -> None:
        with self.lock:
            self.account.advance(seconds)

    def revoke_token(self) -> None:
        """Access tokens stop working; refreshing still does."""
        self.account.tokens.revoke()

    def revoke_grant(self) -> None:
        self.account.tokens.revoke()
        self.account.tokens.refresh_valid = False

    def restore_grant(self) -> None:
        self.account.tokens.refresh_valid = True
