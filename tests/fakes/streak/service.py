"""The team: its pipeline, boxes, contacts and people, who may ask, how often, and which call is which."""

import base64
import re
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.testing import NOON, Answer, Call, FakeServer, Fault, OrderKind, Refusal, Steering
from tests.fakes.heard import heard
from tests.fakes.streak.calls import CALLS

KEY = "api-key-canary-of-streak"
START = NOON
WINDOW = timedelta(seconds=1)
_IDS = re.compile(r"/(?:box|task|contact|pipe|team)-\w+|(?<=/fields)/\d+")
Row = dict[str, Any]


class FakeStreak(FakeServer):
    """`clock`: "test" stands still but for `advance`, "real" goes with the machine's."""

    def __init__(
        self, *, users: Sequence[str] = (), lag: float = 0, list_lag: float = 0, burst: int | None = None,
        port: int = 0, real_clock: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(port)
        self.at, self.lag, self.list_lag, self.burst, self.key = START, lag, list_lag, burst, KEY
        self.real_clock, self.made = real_clock, 0
        # what Streak's pages leave open, or tell in two ways
        self.forgets_fields = self.oldest_first = self.finds_by_address_alone = self.ignores_words = False
        self.task_word = "assignedTo"
        self.me, self.team, self.pipeline = "user-0", "team-1", "pipe-1"
        self.stages = {"5001": "Lead", "5002": "Contacted", "5003": "Won", "5004": "Lost"}
        self.fields: list[Row] = []
        self.boxes: dict[str, Row] = {}
        self.contacts: dict[str, Row] = {}
        self.tasks: dict[str, Row] = {}
        self.comments: dict[str, Row] = {}
        self.members: dict[str, Row] = {}
        self._begun: deque[datetime] = deque()
        for email in users:
            self.add_user(email, email.partition("@")[0].title())

    # what a test does

    def add_user(self, email: str, name: str) -> str:
        """The id that syncd knows somebody by: the address."""
        self.members[email] = {"email": email, "fullName": name, "displayName": name, "userKey": self.new_key("user")}
        return email

    def maker(self) -> Row:
        """Whom a task is given to where nobody is named: the user of the key."""
        return {"userKey": self.me, "email": "api@acme.example", "fullName": "syncd"}

    def add_dropdown(self, name: str, *items: str) -> None:
        settings = {"items": [{"key": str(9001 + at), "name": item} for at, item in enumerate(items)]}
        self.keep_field(name, "DROPDOWN")["dropdownSettings"] = settings

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def count(self, kind: OrderKind) -> int:
        held = {OrderKind.RECORD: self.boxes, OrderKind.TASK: self.tasks}.get(kind, self.comments)
        return len(held)

    def value(self, box: str, name: str) -> Any:
        return self.boxes[box]["fields"].get(self.field(name))

    def field(self, name: str) -> str:
        return next(row["key"] for row in self.fields if row["name"] == name)

    def human_deletes(self, box: str) -> None:
        """With all that hangs on it."""
        del self.boxes[box]
        for held in (self.tasks, self.comments):
            for key in [key for key, row in held.items() if row["boxKey"] == box]:
                del held[key]

    def human_moves(self, box: str, stage: str) -> None:
        key = next(key for key, name in self.stages.items() if name == stage)
        self.change_box(box, stageKey=key, lastStageChangeTimestamp=self.stamp())

    def human_gives(self, box: str, email: str) -> None:
        self.change_box(box, assignedToSharingEntries=[self.members[email]])

    def human_completes(self, task: str) -> None:
        row = self.tasks[task]
        row.update(status="DONE", lastStatusChangeDate=self.stamp())
        done = sum(one["status"] == "DONE" for one in self.tasks.values() if one["boxKey"] == row["boxKey"])
        self.change_box(row["boxKey"], taskCompleteCount=done)

    def human_sends_mail(self, box: str) -> None:
        first = self.boxes[box].get("firstEmailSentTimestamp", self.stamp())
        self.change_box(box, firstEmailSentTimestamp=first, lastEmailSentTimestamp=self.stamp())

    def human_comments(self, box: str, message: str) -> None:
        self.keep_comment(box, message, self.new_key("user"))

    # what the calls share

    def keep_box(self, body: Row) -> Row:
        key, now = self.new_key("box"), self.stamp()
        self.boxes[key] = {
            "key": key, "boxKey": key, "pipelineKey": self.pipeline, "creatorKey": self.me, "creationTimestamp": now,
            "lastUpdatedTimestamp": now, "lastStageChangeTimestamp": now, "fields": {}, "emailAddresses": [],
            "assignedToSharingEntries": [], "taskCompleteCount": 0, "commentCount": 0, **body,
        }  # fmt: skip
        return self.boxes[key]

    def change_box(self, key: str, **values: Any) -> None:
        self.boxes[key].update(values, lastUpdatedTimestamp=self.stamp())

    def keep_comment(self, box: str, message: str, creator: str) -> Row:
        key = self.new_key("comment")
        self.comments[key] = {"key": key, "commentKey": key, "boxKey": box, "message": message,
                              "creatorKey": creator, "timestamp": self.stamp()}  # fmt: skip
        count = self.boxes[box]["commentCount"] + 1
        self.change_box(box, commentCount=count, lastCommentTimestamp=self.stamp())
        return self.comments[key]

    def keep_contact(self, body: Row) -> Row:
        key = self.new_key("contact")
        self.contacts[key] = {"key": key, "teamKey": self.team, "emailAddresses": [], **body}
        return self.contacts[key]

    def keep_field(self, name: str, kind: str) -> Row:
        self.fields.append({"key": str(1001 + len(self.fields)), "name": name, "type": kind})
        return self.fields[-1]

    def shown_pipeline(self) -> Row:
        stages = {key: {"key": key, "name": name} for key, name in self.stages.items()}
        return {"key": self.pipeline, "pipelineKey": self.pipeline, "name": "Sales", "teamKey": self.team,
                "fields": self.fields, "stages": stages, "stageOrder": list(self.stages)}  # fmt: skip

    def stamp(self) -> int:
        at = datetime.now(UTC) if self.real_clock else self.at
        return int(at.timestamp() * 1000)

    def new_key(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.made:08}"

    # what the service does

    def understood(self, call: Call) -> Call:
        return heard(call, _IDS, "/{key}")

    def steering(self) -> Steering:
        return {**super().steering(), ("GET", "state"): lambda _: self.state()}

    def state(self) -> Row:
        with self.lock:
            held = {name: list(getattr(self, name).values()) for name in ("boxes", "contacts", "tasks", "comments")}
            return {**held, "fields": self.fields, "members": list(self.members.values())}

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return Answer(429, {"success": False, "error": "rate limited"})
        return Answer(401, {"success": False, "error": "invalid api key"})

    def answer(self, call: Call) -> Answer:
        self._count()
        self._insist_on_login(call)
        for method, pattern, answer in CALLS:
            if method == call.method and (found := pattern.fullmatch(call.path)):
                return answer(self, call, *found.groups())
        raise Refusal(Answer(404, {"success": False, "error": "Invalid API path specified"}))

    def _insist_on_login(self, call: Call) -> None:
        pair = base64.b64encode(f"{self.key}:".encode()).decode()
        if "authorization" not in call.headers:
            raise Refusal(Answer(401, {"error": "Authentication required"}))
        if call.headers["authorization"] != f"Basic {pair}":
            raise Refusal(Answer(401, {"success": False, "error": "invalid api key"}))

    def _count(self) -> None:
        if self.burst is None:
            return
        now = datetime.now(UTC) if self.real_clock else self.at
        while self._begun and now - self._begun[0] >= WINDOW:
            self._begun.popleft()
        if len(self._begun) >= self.burst:
            raise Refusal(Answer(429, {"success": False, "error": "rate limited"}))
        self._begun.append(now)
