"""The account: its people and records, who may ask, how often, and which call is which."""

import re
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.testing import NOON, Answer, Call, FakeServer, Fault, OrderKind, Refusal, Steering
from tests.fakes.copper.calls import CALLS
from tests.fakes.heard import heard

KEY, EMAIL = "access-token-canary-of-copper", "api@acme.example"
START = NOON
WINDOW = timedelta(minutes=1)
_IDS = re.compile(r"/\d+")
Row = dict[str, Any]
BLANK_LEAD: Row = {"name": "", "email": None, "phone_numbers": [], "websites": [], "address": None, "title": None,
                   "company_name": None, "assignee_id": None, "customer_source_id": None, "details": None,
                   "status_id": 1, "custom_fields": [], "converted_contact_id": None, "converted_opportunity_id": None,
                   "converted_at": None}  # fmt: skip
BLANK_PERSON: Row = {"name": "", "emails": [], "phone_numbers": [], "websites": [], "address": None, "title": None,
                     "company_name": None, "assignee_id": None, "details": None, "custom_fields": []}  # fmt: skip


class FakeCopper(FakeServer):
    """`real_clock`: goes with the machine's; else it stands still but for `advance`."""

    def __init__(
        self, *, users: Sequence[str] = (), lag: float = 0, per_minute: int | None = None, port: int = 0,
        real_clock: bool = False, sources: Sequence[str] = ("Website", "Referral"),
    ) -> None:  # fmt: skip
        super().__init__(port)
        self.at, self.lag, self.per_minute, self.key = START, lag, per_minute, KEY
        self.real_clock, self.made = real_clock, 1000
        self.statuses = {1: "New", 2: "Contacted", 3: "Unqualified"}
        self.sources = dict(enumerate(sources, 11))
        self.activity_types = [
            {"id": 0, "category": "user", "name": "Note", "is_disabled": False},
            {"id": 21, "category": "user", "name": "Phone Call", "is_disabled": False},
        ]
        self.definitions: list[Row] = []
        self.users: dict[int, Row] = {}
        self.leads: dict[int, Row] = {}
        self.people: dict[int, Row] = {}
        self.opportunities: dict[int, Row] = {}
        self.tasks: dict[int, Row] = {}
        self.activities: dict[int, Row] = {}
        self._begun: deque[datetime] = deque()
        self.me = self.add_user(EMAIL, "syncd")
        for email in users:
            self.add_user(email, email.partition("@")[0].title())

    # what a test does

    def add_user(self, email: str, name: str) -> int:
        user = self.new_id()
        self.users[user] = {"id": user, "email": email, "name": name, "groups": []}
        return user

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def count(self, kind: OrderKind) -> int:
        held = {OrderKind.RECORD: self.leads, OrderKind.TASK: self.tasks}.get(kind, self.activities)
        return len(held) + (len(self.people) if kind is OrderKind.RECORD else 0)

    def definition(self, name: str) -> Row:
        return next(row for row in self.definitions if row["name"] == name)

    def value(self, row: Row, name: str) -> Any:
        return self.custom_of(row, self.definition(name)["id"])

    def custom_of(self, row: Row, field: int) -> Any:
        held = (one["value"] for one in row["custom_fields"] if one["custom_field_definition_id"] == field)
        return next(held, None)

    def human_edits(self, held: dict[int, Row], key: int, **values: Any) -> None:
        self.change(held, key, values)

    def human_deletes(self, lead: int) -> None:
        del self.leads[lead]

    def human_converts(self, lead: int, *, carries: bool = True) -> int:
        """The lead's person; `carries`: fields of one's own that both have go over."""
        row = self.leads[lead]
        shared = {"name", "phone_numbers", "websites", "address", "title", "company_name", "assignee_id"}
        kept = {name: row[name] for name in shared}
        customs = [
            one
            for one in row["custom_fields"]
            if carries and "person" in self._by_id(one["custom_field_definition_id"])["available_on"]
        ]
        emails = [row["email"]] if row["email"] else []
        person = self.keep(self.people, {**BLANK_PERSON, **kept, "emails": emails, "custom_fields": customs})["id"]
        self.change(self.leads, lead, {"converted_contact_id": person, "converted_at": self.seconds()})
        for task in self.tasks.values():
            if task.get("related_resource") == {"id": lead, "type": "lead"}:
                task["related_resource"] = {"id": person, "type": "person"}
        return int(person)

    def human_closes(self, person: int, status: str, value: int) -> None:
        body = {"name": "A deal", "status": status, "monetary_value": value, "primary_contact_id": person}
        self.keep(self.opportunities, body)

    def human_completes(self, task: int) -> None:
        self.change(self.tasks, task, {"status": "Completed", "completed_date": self.seconds()})

    def human_logs(self, parent: Row, details: str, kind: int = 21) -> None:
        self.keep_activity(parent, details, kind=kind, at=None, user=self.new_id())

    # what the calls share

    def live_leads(self) -> dict[int, Row]:
        """A converted lead is removed."""
        return {key: row for key, row in self.leads.items() if not row["converted_at"]}

    def keep_lead(self, body: Row) -> Row:
        return self.keep(self.leads, {**BLANK_LEAD, "custom_fields": [], **body})

    def keep(self, held: dict[int, Row], body: Row) -> Row:
        key, now = self.new_id(), self.seconds()
        held[key] = self._named({"id": key, **body, "date_created": now, "date_modified": now})
        return held[key]

    def change(self, held: dict[int, Row], key: int, body: Row) -> Row:
        """Fields of one's own that are not named stay."""
        customs = body.pop("custom_fields", None) or []
        row = held[key]
        row.update(body, date_modified=self.seconds())
        for one in customs:
            self.set_custom(row, one)
        return self._named(row)

    def set_custom(self, row: Row, one: Row) -> None:
        field = one["custom_field_definition_id"]
        rest = [each for each in row["custom_fields"] if each["custom_field_definition_id"] != field]
        row["custom_fields"] = [*rest, {"custom_field_definition_id": field, "value": one["value"]}]

    def keep_activity(self, parent: Row, details: str, *, kind: int, at: int | None, user: int) -> Row:
        body = {"parent": parent, "details": details, "type": {"id": kind, "category": "user"}, "user_id": user,
                "activity_date": at or self.seconds()}  # fmt: skip
        return self.keep(self.activities, body)

    def keep_field(
        self, name: str, data_type: str, available_on: Sequence[str] = ("lead", "person"), *,
        is_filterable: bool = False, options: Sequence[Row] = (),
    ) -> Row:  # fmt: skip
        listed = [{"id": self.new_id(), "name": one["name"]} for one in options]
        row = {"id": self.new_id(), "name": name, "data_type": data_type, "available_on": list(available_on),
               "is_filterable": is_filterable, "options": listed}  # fmt: skip
        self.definitions.append(row)
        return row

    def seconds(self) -> int:
        return int((datetime.now(UTC) if self.real_clock else self.at).timestamp())

    def new_id(self) -> int:
        self.made += 1
        return self.made

    def _named(self, row: Row) -> Row:
        """A name is taken apart; a status has its word."""
        if "phone_numbers" in row:
            row["first_name"], _, row["last_name"] = str(row["name"]).partition(" ")
        if "status_id" in row:
            row["status"] = self.statuses[row["status_id"]]
        return row

    def _by_id(self, field: int) -> Row:
        return next(row for row in self.definitions if row["id"] == field)

    # what the service does

    def understood(self, call: Call) -> Call:
        return heard(call, _IDS)

    def steering(self) -> Steering:
        return {**super().steering(), ("GET", "state"): lambda _: self.state()}

    def state(self) -> Row:
        kinds = ("leads", "people", "tasks", "activities")
        with self.lock:
            return {**{kind: list(getattr(self, kind).values()) for kind in kinds}, "fields": self.definitions}

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"success": False, "status": 429, "message": "Too many requests"})
        return Answer(401, {"success": False, "status": 401, "message": "Invalid token"})

    def answer(self, call: Call) -> Answer:
        self._count()
        self._insist_on_login(call)
        for method, pattern, answer in CALLS:
            if method == call.method and (found := pattern.fullmatch(call.path)):
                return answer(self, call, *found.groups())
        raise Refusal(Answer(404, {"error": "not_found"}))

    def _insist_on_login(self, call: Call) -> None:
        given = [call.headers.get(f"x-pw-{name}") for name in ("accesstoken", "application", "useremail")]
        if given != [self.key, "developer_api", EMAIL]:
            raise Refusal(Answer(401, {"success": False, "status": 401, "message": "Invalid token"}))

    def _count(self) -> None:
        """A rolling window."""
        if self.per_minute is None:
            return
        now = datetime.now(UTC) if self.real_clock else self.at
        while self._begun and now - self._begun[0] >= WINDOW:
            self._begun.popleft()
        if len(self._begun) >= self.per_minute:
            raise Refusal(Answer(429, {"success": False, "status": 429, "message": "Too many requests"}))
        self._begun.append(now)
