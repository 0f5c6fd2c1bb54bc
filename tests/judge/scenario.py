"""Everything our HubSpot client can do, on an account in which people work too."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.hubspot import HubSpot, HubSpotOptions
from syncd.connector import AuthFailed, RateLimited, Ref, Tools
from syncd.errors import SyncdError
from syncd.testing import FakeClock
from tests.connectors.hubspot_world import ANNA, BEN, START, keys, note, record, refs, task
from tests.fakes.hubspot import FakeHubSpot, Options
from tests.judge.specification import Operation
from tests.judge.witness import Witness

_OBJECTS, _PROPERTIES = "/crm/objects/2026-03", "/crm/properties/2026-03/{objectType}"
OPERATIONS: frozenset[Operation] = frozenset(
    [("POST", f"{_OBJECTS}/contacts/batch/{call}") for call in ("read", "update", "upsert")]
    + [("POST", f"{_OBJECTS}/companies/batch/upsert")]
    + [("POST", f"{_OBJECTS}/{kind}/batch/{call}") for kind in ("tasks", "notes") for call in ("create", "read")]
    + [("POST", f"{_OBJECTS}/tasks/batch/update")]
    + [("POST", f"{_OBJECTS}/{kind}/search") for kind in ("contacts", "companies", "tasks", "notes")]
    + [("GET", _PROPERTIES), ("POST", _PROPERTIES), ("POST", f"{_PROPERTIES}/groups")]
    + [("POST", "/crm/associations/2026-03/{fromObjectType}/{toObjectType}/batch/associate/default")]
    + [("GET", "/crm/owners/2026-03"), ("GET", "/account-info/2026-03/details"), ("POST", "/oauth/v3/token")]
    + [("GET", "/account-info/2026-03/api-usage/daily/private-apps")]
)
"""All that our client calls, of the dated API. The numbered one is judged too, but need not be called whole."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One kind of account, and how our client logs in to it."""

    name: str
    unique_marks: bool
    oauth: bool
    api: str = "2026-03"


SETTINGS = (
    Setting("private app, unique marks", unique_marks=True, oauth=False),
    Setting("public app, plain marks", unique_marks=False, oauth=True),
    Setting("numbered API", unique_marks=True, oauth=False, api="v3"),
)


class Play:
    """One sink that speaks to `url`, and the account behind it."""

    def __init__(self, fake: FakeHubSpot, setting: Setting, url: str, http: Witness, folder: Path) -> None:
        self.fake, self.url, self.http, self.clock = fake, url, http, FakeClock(START)
        login: dict[str, Any] = {"token": fake.token}
        if setting.oauth:
            names = ("client_id", "client_secret", "refresh_token")
            login = {"oauth": {name: getattr(fake.options, name) for name in names}}
        given = {"base_url": url, "lead_status": "NEW", "search_lag": 0, "api": setting.api, **login}
        options = HubSpotOptions.model_validate(given)
        self.sink = HubSpot(options, Tools("crm", self.clock, http, folder))

    def scenes(self) -> Iterator[Callable[[], object]]:
        """In order; each goes on from the one before it."""
        yield lambda: self.sink.prepare(apply=True)
        yield self.sink.check
        yield self.sink.owners
        yield self._records
        yield self._doubts
        yield self._tasks_and_notes
        yield self._what_people_did
        yield self._refused

    def _records(self) -> None:
        anna, company = self.sink.owners()[ANNA], {"company_domain": "firm.example"}
        first = record(1, owner=anna, **company)
        (one, two, three) = refs(self.sink.upsert([first, record(2, **company), record(3, emails=())]))
        self.sink.find([keys(1), keys(3, emails=()), keys(9), keys(1, emails=(), ref=two)])
        self.sink.upsert([record(1, ref=one, fields={"company": "Moved Ltd", "phone": "+49305550001"})])
        self.sink.upsert([record(4), record(5, emails=("no address at all",)), record(2, ref=three, fields={
            "email": "p1@firm.example"})])  # fmt: skip
        self.sink.upsert([record(6, ref=Ref("contact", "424242"))])

    def _doubts(self) -> None:
        """Sent once, and no answer came."""
        (ref,) = refs(self.sink.upsert([replace(record(1), sent_at=START)]))
        for _ in range(2):
            self.sink.add_tasks([task(20, ref, sent_at=START, looks=3)])
            self.sink.add_notes([note(20, ref, sent_at=START, looks=3)])

    def _tasks_and_notes(self) -> None:
        (ref,) = refs(self.sink.upsert([record(1)]))
        ben = self.sink.owners()[BEN]
        (made, _) = refs(self.sink.add_tasks([task(1, ref, owner=ben), task(2, ref, kind="email", priority="high")]))
        refs(self.sink.add_tasks([task(1, ref)]))
        refs(self.sink.add_tasks([task(3, ref, ref=made, priority="high")]))
        refs(self.sink.add_notes([note(1, ref, owner=ben), note(2, ref)]))
        refs(self.sink.add_notes([note(1, ref)]))
        self.sink.add_tasks([task(4, Ref("contact", "424242"))])

    def _what_people_did(self) -> None:
        (start,) = self.sink.changes(None)
        self._time_passes()
        busy = bool(self.fake.tasks[:1] and self.fake.contacts[2:3]) and self._people_work()
        self._time_passes()
        pages = list(self.sink.changes(start.cursor))
        if busy and not any(page.signals for page in pages):
            raise AssertionError("people did things, and no signal tells of it")

    def _people_work(self) -> bool:
        contacts, tasks = self.fake.contacts, self.fake.tasks
        self.fake.human_edits(contacts[0]["id"], lifecyclestage="opportunity", hs_lead_status="CONNECTED")
        self.fake.human_logs_activity(contacts[1]["id"])
        self.fake.human_completes(tasks[0]["id"])
        self.fake.merge(contacts[0]["id"], contacts[2]["id"])
        return True

    def _refused(self) -> None:
        """The answers of an account that has enough of us."""
        self.fake.order_fault("too_many", count=None)
        _raises(RateLimited, lambda: self.sink.find([keys(1)]))
        self.fake.clear_faults()
        self.fake.order_fault("unauthorized", count=None)
        _raises(AuthFailed, lambda: self.sink.find([keys(1)]))
        self.fake.clear_faults()

    def _time_passes(self) -> None:
        self.clock.advance(minutes=2)
        self.fake.advance(timedelta(minutes=2).total_seconds())


def account(setting: Setting, port: int = 0) -> FakeHubSpot:
    return FakeHubSpot(Options(owners=(ANNA, BEN), unique_task_properties=setting.unique_marks, start=START, port=port))


def _raises(kind: type[SyncdError], call: Callable[[], object]) -> None:
    try:
        call()
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was due")
