"""The organization: its people, leads and fields, who may ask, how often, and which call is which."""

import base64
import re
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.testing import NOON, Answer, Call, FakeServer, Fault, OrderKind, Refusal, Steering
from tests.fakes.close.calls import CALLS
from tests.fakes.heard import heard

KEY = "api_key-canary-of-close"
START = NOON
WINDOW = timedelta(seconds=5)
_IDS = re.compile(r"/[a-z]+_\d{8}(?=/|$)")
Row = dict[str, Any]


class FakeClose(FakeServer):
    """`lag`: seconds until the search shows what was made. `burst`: calls in five seconds; None: no limit.

    Its clock stands still but for `advance`, or is the machine's.
    """

    def __init__(
        self, *, lag: float = 0, burst: int | None = None, users: Sequence[str] = (), port: int = 0,
        real_clock: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(port)
        self.real_clock = real_clock
        self.at, self.lag, self.burst, self.key = START, lag, burst, KEY
        self.leads: dict[str, Row] = {}
        self.contacts: dict[str, Row] = {}
        self.tasks: dict[str, Row] = {}
        self.notes: dict[str, Row] = {}
        self.users: dict[str, Row] = {}
        self.fields: dict[str, list[Row]] = {"lead": [], "contact": []}
        self.statuses = {"stat_new": "Potential", "stat_bad": "Bad Fit"}
        self.events: list[Row] = []
        self.made = 0
        self._begun: deque[datetime] = deque()
        self.me = self.add_user("api@acme.example", "syncd")
        for email in users:
            self.add_user(email, email.partition("@")[0].title())

    # what a test does

    def add_user(self, email: str, name: str) -> str:
        user = f"user_{len(self.users)}x{self.new_id('u')[2:]}"
        self.users[user] = {"id": user, "email": email, "first_name": name, "last_name": ""}
        return user

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def count(self, kind: OrderKind) -> int:
        held: Mapping[str, Row] = {OrderKind.RECORD: self.leads, OrderKind.TASK: self.tasks}.get(kind, self.notes)
        return len(held)

    def code(self, name: str, kind: str = "contact") -> str:
        return next(f"custom.{row['id']}" for row in self.fields[kind] if row["name"] == name)

    def human_changes_lead(self, lead: str, **values: Any) -> None:
        self.change_lead(lead, values, by=None)

    def human_deletes(self, lead: str, meta: Mapping[str, str] | None = None) -> None:
        self.delete_lead(lead, by=None, meta=meta)

    def delete_lead(self, lead: str, *, by: str | None, meta: Mapping[str, str] | None = None) -> None:
        """With all that hangs on it."""
        gone = self.leads.pop(lead)
        for held in (self.contacts, self.tasks, self.notes):
            for key in [key for key, row in held.items() if row["lead_id"] == lead]:
                del held[key]
        self.tell("lead", "deleted", gone, lead, by=by, meta=meta)

    def human_merges(self, into: str, lost: str) -> str:
        for held in (self.contacts, self.tasks, self.notes):
            for row in held.values():
                if row["lead_id"] == lost:
                    row["lead_id"] = into
        meta = {"merge_source_lead_id": lost, "merge_destination_lead_id": into}
        self.tell("lead", "merged", self.leads[into], into, by=None, meta=meta)
        self.human_deletes(lost, meta)
        return into

    # what the calls share

    def lead(self, lead: str) -> Row:
        row = self.leads[lead]
        contacts = [dict(one) for one in self.contacts.values() if one["lead_id"] == lead]
        display = row["name"] or (contacts[0].get("name", "") if contacts else "")
        status = self.statuses[row["status_id"]]
        return {**row, "display_name": display, "status_label": status, "contacts": contacts}

    def change_lead(self, lead: str, values: Row, by: str | None = "api_1") -> None:
        self.leads[lead].update(values, date_updated=self.now())
        self.tell("lead", "updated", self.lead(lead), lead, list(values), by=by)

    def keep_contact(self, lead: str, body: Row) -> Row:
        contact = {"id": self.new_id("cont"), "lead_id": lead, "emails": [], "phones": [], **body, **self.stamps()}
        self.contacts[contact["id"]] = contact
        self.tell("contact", "created", contact, lead)
        return dict(contact)

    def tell(
        self, kind: str, action: str, data: Row, lead: str, changed: list[str] | None = None, *,
        by: str | None = "api_1", meta: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """An entry of the event log."""
        now = self.now()
        self.events.append(
            {"id": self.new_id("ev"), "object_type": kind, "action": action, "object_id": data["id"], "lead_id": lead,
             "data": dict(data), "previous_data": {}, "changed_fields": changed or [], "meta": dict(meta or {}),
             "date_created": now, "date_updated": now, "api_key_id": by}
        )  # fmt: skip

    def stamps(self) -> Row:
        return {"date_created": self.now(), "date_updated": self.now()}

    def changed_at(self, row: Row) -> datetime:
        return datetime.fromisoformat(row["date_updated"])

    def now(self) -> str:
        return self.at.isoformat(timespec="microseconds")

    def new_id(self, kind: str) -> str:
        self.made += 1
        return f"{kind}_{self.made:08}"

    # what the service does

    def understood(self, call: Call) -> Call:
        return heard(call, _IDS)

    def steering(self) -> Steering:
        return {**super().steering(), ("GET", "state"): lambda _: self.state()}

    def state(self) -> Row:
        with self.lock:
            held = {name: list(getattr(self, name).values()) for name in ("leads", "contacts", "tasks", "notes")}
            return {**held, "codes": {row["name"]: f"custom.{row['id']}" for row in self.fields["contact"]}}

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"error": "rate limited"}, {"RateLimit": "limit=100, remaining=0, reset=2"})
        return Answer(401, {"error": "The server could not verify that you are authorized."})

    def answer(self, call: Call) -> Answer:
        if self.real_clock:
            self.at = datetime.now(UTC)
        headers = self._count()
        self._insist_on_login(call)
        for method, pattern, answer in CALLS:
            if method == call.method and (found := pattern.fullmatch(call.path)):
                given = answer(self, call, *found.groups())
                return Answer(given.status, given.body, headers)
        raise Refusal(Answer(404, {"error": "The requested URL was not found on the server."}))

    def _insist_on_login(self, call: Call) -> None:
        pair = base64.b64encode(f"{self.key}:".encode()).decode()
        if call.headers.get("authorization") != f"Basic {pair}":
            raise Refusal(Answer(401, {"error": "The server could not verify that you are authorized."}))

    def _count(self) -> dict[str, str]:
        """The headers that go with an answer, or a refusal when there were too many."""
        while self._begun and self.at - self._begun[0] >= WINDOW:
            self._begun.popleft()
        most = self.burst or 100
        left = max(0, most - len(self._begun) - 1)
        headers = {"RateLimit": f"limit={most}, remaining={left}, reset={int(WINDOW.total_seconds())}"}
        if self.burst is not None and len(self._begun) >= self.burst:
            raise Refusal(Answer(429, {"error": "rate limited"}, {**headers, "Retry-After": "5"}))
        self._begun.append(self.at)
        return headers
