"""Everything our Salesforce client can do, in organisations in which people work too, heard by a judge."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.sinks.salesforce import Salesforce, SalesforceOptions
from syncd.connector import AuthFailed, HttpClient, HttpReply, Ref, Tools
from syncd.testing import FakeClock
from tests.connectors.hubspot_world import keys, note, record, refs, task
from tests.connectors.salesforce_world import ANNA, BEN, START
from tests.fakes.salesforce import FakeSalesforce, Options
from tests.judge.salesforce_describes import Describes, Manner

OPERATIONS = frozenset(
    [(manner, kind) for kind in ("Lead", "Contact", "Task") for manner in ("upsert", "update")]
    + [("create", "Task")]
    + [("query", kind) for kind in ("Lead", "Contact", "Task", "Event")]
)
"""What our client sends and asks of the objects that a describe knows."""
LONG = "Rather long " * 4_000
_COLLECTION = re.compile(r"/services/data/v[\d.]+/composite/sobjects(?:/(\w+)/(\w+))?")
_COMPOSITE = re.compile(r"/services/data/v[\d.]+/composite")


@dataclass(frozen=True, slots=True)
class Setting:
    """One kind of organisation, and what a stranger becomes there."""

    name: str
    kind: str
    marks: bool  # whether tasks have a field for them


SETTINGS = (Setting("leads", "Lead", marks=True), Setting("contacts without marks", "Contact", marks=False))


class Judge(HttpClient):
    """Between our client and the fake; changes nothing."""

    def __init__(self, describes: Describes) -> None:
        super().__init__(timeout=(2, 20))
        self.describes = describes
        self.calls: Counter[tuple[str, str]] = Counter()
        self.violations: Counter[str] = Counter()

    def call(self, method: str, url: str, **details: Any) -> HttpReply:  # type: ignore[override]  # passed on whole
        reply = super().call(method, url, **details)
        path, sent = urlsplit(url).path.rstrip("/"), details.get("json")
        if collection := _COLLECTION.fullmatch(path):
            self._hear_records(method, collection[2] or "", sent)
        elif _COMPOSITE.fullmatch(path):
            self._hear_questions(sent)
            if reply.status == 200:
                self._hear_rows(json.loads(reply.body))
        return reply

    def _hear_records(self, method: str, key: str, sent: Any) -> None:
        for row in sent["records"]:
            kind, values = row["attributes"]["type"], {n: v for n, v in row.items() if n not in ("attributes", "id")}
            manner: Manner = "upsert" if key else "create" if method == "POST" else "update"
            self.calls[manner, kind] += 1
            self.violations.update(self.describes.sent(kind, values, manner))
            if manner == "update":
                self.violations.update(self.describes.named(kind, row.get("id")))
            elif "id" in row:
                self.violations[f"{manner} of {kind}: it has an id"] += 1

    def _hear_questions(self, sent: Any) -> None:
        for part in sent["compositeRequest"]:
            (soql,) = parse_qs(urlsplit(part["url"]).query)["q"]
            self.calls["query", soql.partition(" FROM ")[2].split()[0]] += 1
            self.violations.update(self.describes.asked(soql))

    def _hear_rows(self, told: Mapping[str, Any]) -> None:
        for part in told["compositeResponse"]:
            for row in part["body"].get("records", ()) if part["httpStatusCode"] == 200 else ():
                self.violations.update(self.describes.answered(row["attributes"]["type"], row))


class Play:
    """One sink, and the organisation behind it."""

    def __init__(self, fake: FakeSalesforce, setting: Setting, http: HttpClient, folder: Path) -> None:
        self.fake, self.setting, self.clock = fake, setting, FakeClock(START)
        own = fake.options
        login = {"client_id": own.client_id, "client_secret": own.client_secret}
        given = {"login_url": fake.url, "client_credentials": login, "object": setting.kind, "reminder_minutes": 15}
        marks = {} if setting.marks else {"mark_field": ""}
        self.sink = Salesforce(
            SalesforceOptions.model_validate({**given, **marks}), Tools("crm", self.clock, http, folder)
        )

    def scenes(self) -> Iterator[Callable[[], object]]:
        """In order; each goes on from the one before it."""
        yield lambda: self.sink.prepare(apply=True)
        yield self.sink.check
        yield self._records
        yield self._whatever_is_typed
        yield self._tasks_and_notes
        yield self._doubts
        yield self._what_people_did
        yield self._refused

    def _records(self) -> None:
        anna = self.sink.owners()[ANNA]
        (one, two, _) = refs(self.sink.upsert([record(1, owner=anna), record(2), record(3, emails=())]))
        self.sink.find([keys(1), keys(3, emails=()), keys(9), keys(1, emails=(), ref=two)])
        fields = {"company": "Moved Ltd", "phone": "+49305550001", "inquiries": "3", "company_size": "20"}
        self.sink.upsert([record(1, ref=one, fields=fields), record(2, ref=two, fields={"last_name": "Lee"})])
        self.sink.upsert([record(5, emails=("no address",)), record(6, ref=Ref("person", "00Q000000000042AAA"))])
        for number, kind in enumerate(("Lead", "Contact"), 7):
            company = {"Company": "Known Ltd"} if kind == "Lead" else {}
            self.fake.people.add(kind, {"LastName": "Known", "Email": f"p{number}@firm.example", **company})
        found = self.sink.find([keys(7), keys(8)])
        assert all(found)
        self.sink.upsert([record(number, ref=known.ref) for number, known in enumerate(found, 7) if known])

    def _whatever_is_typed(self) -> None:
        """Values that no field of that type holds, that are on no list, and that are too long."""
        strange = ("lead_source", "industry", "country", "company_size", "first_touch_at", "inquiries", "website")
        refs(
            self.sink.upsert([record(10, fields={**dict.fromkeys(strange, "nothing of that kind"), "phone": "x" * 90})])
        )
        texts = ("first_name", "last_name", "company", "job_title", "message", "street", "city", "lead_source")
        refs(self.sink.upsert([record(11, fields=dict.fromkeys(texts, LONG))]))
        listed = {"lead_source": "Web", "industry": "Banking", "first_touch_at": "2026-03-02T09:00:00Z"}
        refs(self.sink.upsert([record(12, fields={**listed, "company_size": "20", "country": "Germany"})]))

    def _tasks_and_notes(self) -> None:
        (ref,) = refs(self.sink.upsert([record(1)]))
        ben = self.sink.owners()[BEN]
        (made, _) = refs(self.sink.add_tasks([task(1, ref, owner=ben), task(2, ref, kind="email", priority="high")]))
        refs(self.sink.add_tasks([task(3, ref, ref=made, priority="low", body=LONG, subject=LONG)]))
        refs(self.sink.add_notes([note(1, ref), note(2, ref, body=LONG)]))
        self.sink.add_tasks([task(4, Ref("person", "00Q000000004242AAA"))])

    def _doubts(self) -> None:
        """Sent once, and no answer came."""
        (ref,) = refs(self.sink.upsert([replace(record(1), sent_at=START)]))
        for _ in range(2):
            self.sink.add_tasks([task(20, ref, sent_at=START, looks=3)])
            self.sink.add_notes([note(20, ref, sent_at=START, looks=3)])

    def _what_people_did(self) -> None:
        (start,) = self.sink.changes(None)
        self._a_minute_passes()
        people, tasks, kind = self.fake.people, self.fake.records("Task"), self.setting.kind
        rows = self.fake.records(kind)
        people.edit(rows[0]["Id"], {"OwnerId": self.sink.owners()[BEN].id, "HasOptedOutOfEmail": True})
        people.complete(tasks[0]["Id"])
        people.log_activity(rows[1]["Id"], "meeting")
        people.merge(rows[0]["Id"], rows[2]["Id"])
        if kind == "Lead":
            people.edit(rows[1]["Id"], {"Status": "Working - Contacted"})
            people.convert(rows[1]["Id"])
            self.sink.find([keys(1, emails=(), ref=Ref("person", rows[1]["Id"]))])
        self._a_minute_passes()
        told = {signal.kind for page in self.sink.changes(start.cursor) for signal in page.signals}
        assert len(told) >= 5, told

    def _a_minute_passes(self) -> None:
        self.clock.advance(minutes=1)
        self.fake.advance(60)

    def _refused(self) -> None:
        self.fake.refuse_login()
        try:
            self.sink.find([keys(1)])
        except AuthFailed:
            return
        raise AssertionError("a refused login was not noticed")


def played(describes: Describes, folder: Path) -> Judge:
    """In an organisation of leads, and in one of contacts whose tasks have no mark."""
    judge = Judge(describes)
    for setting in SETTINGS:
        options = Options(users=(ANNA, BEN), start=START, activity_fields=setting.marks)
        with FakeSalesforce(options) as fake:
            for scene in Play(fake, setting, judge, folder / setting.kind).scenes():
                scene()
    return judge
