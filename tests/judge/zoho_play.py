"""Everything our Zoho client can do, on an account in which people work too, heard by a judge."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.sinks.zoho import Zoho, ZohoOptions
from syncd.connector import AuthFailed, HttpClient, HttpReply, Ref, Tools
from syncd.testing import FakeClock
from tests.connectors.zoho_world import ANNA, BEN, START, keys, note, record, refs, task
from tests.fakes.zoho import FakeZoho, Options
from tests.judge.zoho_files import ZohoFiles

API = "/crm/v8"
COMPOSITE = "/__composite_requests"
OPERATIONS = frozenset(
    [(method, f"{API}/{{module_api_name}}") for method in ("GET", "POST", "PUT")]
    + [("POST", f"{API}/{{module_api_name}}/upsert"), ("GET", f"{API}/{{module_api_name}}/search")]
    + [("GET", f"{API}/{{module_api_name}}/deleted")]
    + [("POST", f"{API}/Notes"), ("POST", f"{API}/coql"), ("GET", f"{API}/users")]
    + [("GET", f"{API}/settings/fields"), ("POST", f"{API}/settings/fields"), ("POST", API + COMPOSITE)]
    + [("GET", f"{API}/{{module_api_name}}/{{record_id}}/{{related_list_api_name}}")]
    + [("GET", f"{API}/{{module}}/{{record_id}}/__timeline")]
)
"""All that our client calls; the token service has no file."""


class Judge(HttpClient):
    """Between our client and the fake; changes nothing."""

    def __init__(self, files: ZohoFiles) -> None:
        super().__init__(timeout=(2, 20))
        self.files = files
        self.calls: Counter[tuple[str, str]] = Counter()
        self.violations: Counter[str] = Counter()

    def call(self, method: str, url: str, **details: Any) -> HttpReply:  # type: ignore[override]  # passed on whole
        reply = super().call(method, url, **details)
        parts = urlsplit(url)
        if parts.path.startswith(API):
            query = dict(pair.partition("=")[::2] for pair in filter(None, parts.query.split("&")))
            self._hear(method, parts.path, {**query, **(details.get("params") or {})}, details.get("json"), reply)
        return reply

    def _hear(self, method: str, path: str, query: dict[str, str], sent: Any, reply: HttpReply) -> None:
        self.calls[self.files.operation(method, path) or (method, path)] += 1
        answered = json.loads(reply.body) if reply.body else None
        self.violations.update(self.files.judge(method, path, query, sent, reply.status, answered))
        if path.endswith(COMPOSITE) and reply.status // 100 == 2:
            for part, answer in zip(sent[COMPOSITE[1:]], answered[COMPOSITE[1:]], strict=True):
                told = answer["details"]["response"]
                judged = self.files.judge(
                    part["method"], part["uri"], part["params"], part["body"], told["status_code"], told["body"]
                )
                self.violations.update(judged)


class Play:
    """One sink, and the account behind it."""

    def __init__(self, fake: FakeZoho, http: HttpClient, folder: Path, **options: Any) -> None:
        self.fake, self.clock = fake, FakeClock(START)
        grant = {name: getattr(fake.options, name) for name in ("client_id", "client_secret", "refresh_token")}
        given = {"oauth": grant, "accounts_url": fake.url, "api_url": fake.url, "read_lag": 0, **options}
        self.sink = Zoho(ZohoOptions.model_validate(given), Tools("crm", self.clock, http, folder))

    def scenes(self) -> Iterator[Callable[[], object]]:
        """In order; each goes on from the one before it."""
        yield lambda: self.sink.prepare(apply=True)
        yield self.sink.check
        yield self._records
        yield self._tasks_and_notes
        yield self._doubts
        yield self._what_people_did
        yield self._refused

    def _records(self) -> None:
        anna = self.sink.owners()[ANNA]
        (one, two, three) = refs(self.sink.upsert([record(1, owner=anna), record(2), record(3, emails=())]))
        self.sink.find([keys(1), keys(3, emails=()), keys(9), keys(1, emails=(), ref=two)])
        self.sink.find([keys(8, emails=("o'brien@firm.example",))])
        fields = {
            "company": "Moved Ltd",
            "phone": "call me",
            "inquiries": "3",
            "first_touch_at": "2026-03-02T09:00:00Z",
        }
        self.sink.upsert([record(1, ref=one, fields=fields), record(2, ref=three, fields={"last_name": "Lee"})])
        bad = {"email": "no address"}
        self.sink.upsert(
            [record(4), record(5, fields=bad, emails=("no address",)), record(6, ref=Ref("record", "Leads/42"))]
        )
        self.fake.humans.add("Contacts", {"Last_Name": "Known", "Email": "p7@firm.example"})
        (known,) = self.sink.find([keys(7)])
        assert known is not None
        self.sink.upsert([record(7, ref=known.ref)])

    def _tasks_and_notes(self) -> None:
        (ref,) = refs(self.sink.upsert([record(1)]))
        ben = self.sink.owners()[BEN]
        (made, _) = refs(self.sink.add_tasks([task(1, ref, owner=ben), task(2, ref, priority="high")]))
        refs(self.sink.add_tasks([task(3, ref, ref=made, priority="low")]))
        refs(self.sink.add_notes([note(1, ref), note(2, ref)]))
        self.sink.add_tasks([task(4, Ref("record", "Leads/4242"))])

    def _doubts(self) -> None:
        """Sent once, and no answer came."""
        (ref,) = refs(self.sink.upsert([replace(record(1), sent_at=START)]))
        for _ in range(2):
            self.sink.add_tasks([task(20, ref, sent_at=START, looks=3)])
            self.sink.add_notes([note(20, ref, sent_at=START, looks=3)])

    def _what_people_did(self) -> None:
        (start,) = self.sink.changes(None)
        self._a_minute_passes()
        leads, tasks = self.fake.rows("Leads"), self.fake.rows("Tasks")
        self.fake.humans.edit(leads[0]["id"], {"Lead_Status": "Contacted", "Owner": {"id": self.sink.owners()[BEN].id}})
        self.fake.humans.complete(tasks[0]["id"])
        self.fake.humans.log_call(leads[0]["id"])
        contact = self.fake.humans.convert(leads[1]["id"])
        self.fake.humans.add("Deals", {"Deal_Name": "D", "Stage": "Closed Won", "Contact_Name": {"id": contact}})
        self.fake.humans.delete(leads[3]["id"])
        self.clock.advance(minutes=20)
        self.fake.advance(20 * 60)
        told = {signal.kind for page in self.sink.changes(start.cursor) for signal in page.signals}
        assert len(told) >= 6, told

    def _a_minute_passes(self) -> None:
        self.clock.advance(minutes=1)
        self.fake.advance(60)

    def _refused(self) -> None:
        self.fake.revoke_grant()
        try:
            self.sink.find([keys(1)])
        except AuthFailed:
            return
        raise AssertionError("a refused grant was not noticed")


def played(files: ZohoFiles, folder: Path) -> Judge:
    """On an account with fields of one's own on tasks, and on one without."""
    judge = Judge(files)
    for fields in ("unique", "none"):
        options = Options(owners=(ANNA, BEN), start=START, task_fields=fields, restricted_picklists=True)
        with FakeZoho(options) as fake:
            for scene in Play(fake, judge, folder / fields, lead_status="Not Contacted").scenes():
                scene()
    return judge
