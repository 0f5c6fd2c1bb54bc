"""The fake as a test in the same process uses it."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from syncd.testing import Answer, Call, FakeServer, Fault, Steering
from tests.fakes.dynamics.humans import Humans
from tests.fakes.dynamics.options import Options
from tests.fakes.dynamics.org import Org
from tests.fakes.dynamics.service import answered, too_many
from tests.fakes.dynamics.shapes import shown

_IDS = re.compile(r"\([^()]+\)")
_FIRST = re.compile(rb"\r\n\r\n([A-Z]+) \S*/v9\.2/(\w+)")


class Heard(Call):
    @property
    def template(self) -> str:
        return _IDS.sub("({id})", unquote(self.path))


class FakeDynamics(FakeServer):
    """`with FakeDynamics(options) as fake:`; gives tokens and answers the Web API under one address."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        super().__init__(self.options.port)
        self.org = Org(self.options)
        self.humans = Humans(self.org)

    def understood(self, call: Call) -> Call:
        """A batch by what its first request does to which rows: `/api/data/v9.2/$batch/PATCH/leads`."""
        path, first = call.path, _FIRST.search(call.body) if call.path.endswith("/$batch") else None
        if first:
            path += f"/{first[1].decode()}/{first[2].decode()}"
        return Heard(call.method, path, call.query, call.body, call.headers)

    def arrived(self, call: Call) -> tuple[Call, Fault | None]:
        with self.lock:
            self.org.running += 1
        return super().arrived(self.understood(call))

    def ended(self, call: Call, status: int, seconds: float) -> None:
        with self.lock:
            self.org.running -= 1
        super().ended(call, status, seconds)

    def answer(self, call: Call) -> Answer:
        query = "&".join(f"{name}={quote(text, safe='')}" for name, texts in call.query.items() for text in texts)
        return answered(self.org, call, self.url, query)

    def refusal(self, fault: Fault) -> Answer:
        return too_many() if fault.kind == "too_many" else Answer(401)

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
            return {"rows": {name: self.rows(name) for name in self.org.tables}}

    def rows(self, table: str) -> list[dict[str, Any]]:
        """In the order of their making, as the API shows them with the names of where lookups lead."""
        with self.lock:
            return [shown(self.org.tables[table], row, annotated=True) for row in self.org.live(table)]

    def row(self, row_id: str) -> dict[str, Any]:
        with self.lock:
            table, row = self.org.find(row_id)
            return shown(self.org.tables[table], row, annotated=True)

    def now(self) -> datetime:
        return self.org.now()

    def advance(self, seconds: float) -> None:
        with self.lock:
            self.org.advance(seconds)

    def end_tokens(self) -> None:
        """Access tokens stop working; new ones can be had."""
        self.org.tokens.clear()

    def refuse_login(self) -> None:
        self.org.tokens.clear()
        self.org.login_works = False

    def accept_login(self) -> None:
        self.org.login_works = True

    def refuse(self, column: str, value: str) -> None:
        """A plug-in of the environment is against this value."""
        self.org.rejected[column] = value
