"""The account: its people and fields, who may ask, how often, and which call is which."""

import base64
import re
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from syncd.testing import NOON, Answer, Call, FakeServer, Fault, OrderKind, Refusal, Steering
from tests.fakes.heard import heard
from tests.fakes.pipedrive.calls import CALLS
from tests.fakes.pipedrive.rules import refused, rfc3339

TOKEN = "token-canary-of-pipedrive"
CLIENT, SECRET = "client-id", "secret-canary-of-pipedrive"
START = NOON
WINDOW = timedelta(seconds=2)
_IDS = re.compile(r"/(?:\d+|[0-9a-f]{8}-[0-9a-f-]+)(?=/|$)")
Row = dict[str, Any]
SCOPED = {"person": "contacts", "lead": "leads", "deal": "deals", "stages": "deals", "activit": "activities",
          "users": "users"}  # fmt: skip
"""Beginning of a part of a path -> first half of the scope that it asks of an app."""


class FakePipedrive(FakeServer):
    """`lag`: seconds until the search shows what was made. `burst`: calls in two seconds; None: no limit.

    `lists_deleted`: whether lists of what has changed have what was deleted, which Pipedrive's pages leave open.

    Its clock stands still but for `advance`, or is the machine's.
    """

    def __init__(
        self, *, lag: float = 0, burst: int | None = None, searches: int | None = None, users: Sequence[str] = (),
        port: int = 0, real_clock: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(port)
        self.real_clock = real_clock
        self.at, self.lag, self.burst, self.searches = START, lag, burst, searches
        self.token, self.refresh_token, self.access = TOKEN, "refresh-1", ""
        self.renewals = 0
        self.scopes = "base,contacts:full,leads:full,deals:full,activities:full,users:read,admin"
        self.lists_deleted = False
        self.left_today: int | None = None
        self.persons: dict[int, Row] = {}
        self.deals: dict[int, Row] = {}
        self.activities: dict[int, Row] = {}
        self.leads: dict[str, Row] = {}
        self.archived: dict[str, Row] = {}
        self.notes: dict[int, Row] = {}
        self.users: dict[int, Row] = {}
        self.fields: dict[str, list[Row]] = {"personFields": [], "dealFields": []}
        self.types = ["call", "meeting", "task", "deadline", "email", "lunch"]
        self.made = 0
        self._begun: deque[datetime] = deque()
        self._searched: deque[datetime] = deque()
        self.me = self.add_user("api@acme.example", "syncd")
        for email in users:
            self.add_user(email, email.partition("@")[0].title())

    # what a test does

    def add_user(self, email: str, name: str, *, active: bool = True) -> int:
        number = 100 + len(self.users)
        self.users[number] = {"id": number, "name": name, "email": email, "active_flag": active, "is_you": False}
        return number

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def count(self, kind: OrderKind) -> int:
        held: Mapping[Any, Row] = {OrderKind.RECORD: self.persons, OrderKind.TASK: self.activities}.get(
            kind, self.notes
        )
        return sum(1 for row in held.values() if not row.get("is_deleted"))

    def code(self, name: str, kind: str = "personFields") -> str:
        return next(str(row["field_code"]) for row in self.fields[kind] if row["field_name"] == name)

    def custom(self, person: int, name: str) -> Any:
        return self.persons[person]["custom_fields"].get(self.code(name))

    def human_edits(self, held: dict[Any, Row], key: Any, **values: Any) -> None:
        held[key].update(values, update_time=self.now())

    def human_deletes(self, person: int) -> None:
        self.human_edits(self.persons, person, is_deleted=True)

    def human_merges(self, into: int, lost: int) -> int:
        """Addresses and what hangs on the lost one go over; of its own fields only what the other lacks."""
        kept, gone = self.persons[into], self.persons.pop(lost)
        for name in ("emails", "phones"):
            kept[name] = [*kept[name], *({**one, "primary": False} for one in gone[name])]
        kept["custom_fields"] = {**gone["custom_fields"], **kept["custom_fields"]}
        kept["update_time"] = self.now()
        for held in (self.deals, self.activities, self.notes, self.leads):
            for row in held.values():  # type: ignore[attr-defined]
                if row.get("person_id") == lost:
                    row["person_id"] = into
        return into

    def now(self) -> str:
        return rfc3339(self.at)

    def number(self) -> int:
        self.made += 1
        return self.made

    # what the service does

    def understood(self, call: Call) -> Call:
        return heard(call, _IDS)

    def steering(self) -> Steering:
        return {**super().steering(), ("GET", "state"): lambda _: self.state()}

    def state(self) -> Row:
        with self.lock:
            held = {name: list(getattr(self, name).values()) for name in ("persons", "leads", "activities", "notes")}
            return {**held, "codes": {row["field_name"]: row["field_code"] for row in self.fields["personFields"]}}

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, _too_many(), {"x-ratelimit-reset": "2"})
        return Answer(401, {"success": False, "error": "unauthorized access", "errorCode": 401})

    def answer(self, call: Call) -> Answer:
        if self.real_clock:
            self.at = datetime.now(UTC)
        if call.path == "/oauth/token":
            return self._renew(call)
        headers = self._count(call)
        self._insist_on_login(call)
        for method, pattern, answer in CALLS:
            if method == call.method and (found := pattern.fullmatch(call.path)):
                given = answer(self, call, *found.groups())
                return Answer(given.status, given.body, headers)
        raise refused(404, "Unknown method.")

    def _insist_on_login(self, call: Call) -> None:
        bearer = call.headers.get("authorization", "").removeprefix("Bearer ")
        if call.headers.get("x-api-token") != self.token and (not self.access or bearer != self.access):
            raise Refusal(Answer(401, {"success": False, "error": "unauthorized access", "errorCode": 401}))
        if bearer and not self._may(call):
            raise Refusal(Answer(403, {"success": False, "error": "Scope and URL mismatch", "errorCode": 403}))

    def _may(self, call: Call) -> bool:
        """By the scopes of the app; notes go by what they hang on, and everybody may ask who they are."""
        of = next((scope for part, scope in SCOPED.items() if f"/{part}" in call.path), "")
        granted = set(self.scopes.split(","))
        makes_fields = call.method != "GET" and "Fields" in call.path
        if not of or call.path.endswith("/users/me"):
            return True
        return (
            "admin" in granted
            if makes_fields
            else bool(granted & ({f"{of}:full"} | ({f"{of}:read"} if call.method == "GET" else set())))
        )

    def _count(self, call: Call) -> dict[str, str]:
        """The headers that go with an answer, or a refusal when there were too many."""
        search = call.path.endswith("/search")
        begun, most = (self._searched, self.searches) if search else (self._begun, self.burst)
        while begun and self.at - begun[0] >= WINDOW:
            begun.popleft()
        shown = most or (10 if search else 80)
        headers = {"x-ratelimit-limit": str(shown), "x-ratelimit-reset": "2"}
        if self.left_today is not None:
            headers["x-daily-requests-left"] = str(self.left_today)
        if self.left_today == 0 or (most is not None and len(begun) >= most):
            raise Refusal(Answer(429, _too_many(), headers))
        begun.append(self.at)
        return {**headers, "x-ratelimit-remaining": str(max(0, shown - len(begun)))}

    def _renew(self, call: Call) -> Answer:
        """https://pipedrive.readme.io/docs/marketplace-oauth-authorization, step 7."""
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        form = {name: values[-1] for name, values in parse_qs(call.body.decode()).items()}
        if call.headers.get("authorization") != f"Basic {pair}":
            return Answer(401, {"success": False, "error": "invalid_client"})
        if form != {"grant_type": "refresh_token", "refresh_token": self.refresh_token}:
            return Answer(400, {"success": False, "error": "invalid_grant"})
        self.renewals += 1
        self.access = f"access-canary-{self.renewals}"
        told = {"access_token": self.access, "token_type": "Bearer", "refresh_token": self.refresh_token}
        return Answer(
            200, {**told, "scope": self.scopes, "expires_in": 3599, "api_domain": "https://acme.pipedrive.com"}
        )


def _too_many() -> dict[str, Any]:
    return {"success": False, "error": "request over limit", "errorCode": 429, "error_info": "", "data": None}
