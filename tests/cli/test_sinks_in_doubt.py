"""Whichever answer is lost on the way of a lead, through the whole core and over restarts: everything is there once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.model import OrderKind
from syncd.testing import FakeServer
from tests.cli.office import ANNA, Office, keep, settle
from tests.connectors.http_world import config
from tests.connectors.sugar_world import DIALECTS, WRITES, Dialect, login
from tests.fakes.agency import FakeAgency
from tests.fakes.close import FakeClose
from tests.fakes.close.service import KEY
from tests.fakes.copper import FakeCopper
from tests.fakes.copper.service import EMAIL as COPPER_USER
from tests.fakes.copper.service import KEY as COPPER_KEY
from tests.fakes.dynamics import FakeDynamics
from tests.fakes.dynamics import Options as DynamicsOptions
from tests.fakes.odoo import FakeOdoo
from tests.fakes.odoo.service import TOKEN as ODOO_TOKEN
from tests.fakes.pipedrive import FakePipedrive
from tests.fakes.pipedrive.service import TOKEN
from tests.fakes.streak import FakeStreak
from tests.fakes.streak.service import KEY as STREAK_KEY
from tests.fakes.sugar import FakeSugar
from tests.fakes.sugar import Options as SugarOptions
from tests.fakes.zoho import FakeZoho, Options

ROUNDS = 6
OWNERS = {"eva@example.com": "7", "tom@example.com": "8"}


class Hands:
    """Runs as the machine's clock, for who waits for a call's turn; the test puts it forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(seconds=5)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return self.now().timestamp()


@contextmanager
def agency(office: Office, **options: Any) -> Iterator[FakeAgency]:
    with FakeAgency(keyed="idempotency_header" in options) as fake:
        settings = {"type": "http", **config(fake.url, owners=OWNERS, **options)}
        office.change("{type: local}", json.dumps(settings))
        yield fake


@contextmanager
def pipedrive(office: Office, **options: Any) -> Iterator[FakePipedrive]:
    with FakePipedrive(lag=20) as fake:
        office.change(
            "{type: local}", json.dumps({"type": "pipedrive", "token": TOKEN, "base_url": fake.url, **options})
        )
        for name in ("eva", "tom"):
            fake.add_user(f"{name}@example.com", name.title())
        office.run("prepare", "--apply")
        yield fake


@contextmanager
def close(office: Office) -> Iterator[FakeClose]:
    with FakeClose(lag=20) as fake:
        office.change("{type: local}", json.dumps({"type": "close", "api_key": KEY, "base_url": fake.url}))
        for name in ("eva", "tom"):
            fake.add_user(f"{name}@example.com", name.title())
        office.run("prepare", "--apply")
        yield fake


@contextmanager
def zoho(office: Office, **options: Any) -> Iterator[FakeZoho]:
    with FakeZoho(Options(owners=tuple(OWNERS), **options)) as fake:
        grant = {name: getattr(fake.options, name) for name in ("client_id", "client_secret", "refresh_token")}
        settings = {"type": "zoho", "oauth": grant, "accounts_url": fake.url, "api_url": fake.url}
        office.change("{type: local}", json.dumps(settings))
        office.run("prepare", "--apply")
        yield fake


@contextmanager
def odoo(office: Office) -> Iterator[FakeOdoo]:
    with FakeOdoo() as fake:
        office.change("{type: local}", json.dumps({"type": "odoo", "token": ODOO_TOKEN, "url": fake.url}))
        for name in ("eva", "tom"):
            fake.add_user(f"{name}@example.com", name.title())
        office.run("prepare", "--apply")
        yield fake


@contextmanager
def copper(office: Office) -> Iterator[FakeCopper]:
    with FakeCopper(users=tuple(OWNERS), lag=20) as fake:
        settings = {"type": "copper", "token": COPPER_KEY, "email": COPPER_USER, "base_url": fake.url}
        office.change("{type: local}", json.dumps(settings))
        office.run("prepare", "--apply")
        yield fake


@contextmanager
def streak(office: Office) -> Iterator[FakeStreak]:
    with FakeStreak(users=tuple(OWNERS), lag=60, list_lag=20) as fake:
        settings = {"type": "streak", "api_key": STREAK_KEY, "pipeline": "Sales", "base_url": fake.url}
        office.change("{type: local}", json.dumps(settings))
        office.run("prepare", "--apply")
        yield fake


@contextmanager
def sugar(office: Office, dialect: Dialect) -> Iterator[FakeSugar]:
    with FakeSugar(SugarOptions(users=tuple(OWNERS))) as fake:
        kind = "sugarcrm" if dialect == "sugarcrm" else "suitecrm"
        office.change("{type: local}", json.dumps({"type": kind, **login(fake, dialect)}))
        office.run("prepare", "--apply")
        yield fake


@contextmanager
def dynamics(office: Office) -> Iterator[FakeDynamics]:
    with FakeDynamics(DynamicsOptions(users=tuple(OWNERS), prepared=True)) as fake:
        login = {name: getattr(fake.options, name) for name in ("client_id", "client_secret")}
        where = {"url": fake.url, "login_url": fake.url, "tenant": fake.options.tenant}
        settings = {"type": "dynamics", **where, "client_credentials": login}
        office.change("{type: local}", json.dumps(settings))
        yield fake


def land_over_restarts(office: Office, fake: FakeServer) -> None:
    """A new daemon for every round, eleven minutes apart: longer than any look is put off."""
    clock = Hands()
    for at in range(ROUNDS):
        if isinstance(fake, FakePipedrive | FakeClose | FakeOdoo | FakeStreak | FakeCopper):
            fake.at = clock.now()
        if isinstance(fake, FakeZoho | FakeSugar | FakeDynamics):
            fake.advance((clock.now() - fake.now()).total_seconds())
        with office.app(clock) as built:
            if at == 0:
                keep(built, **ANNA)
            settle(built)
        clock.ahead += timedelta(minutes=11)


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("options", [{"idempotency_header": "Idempotency-Key"}, {}], ids=["by key", "by look-up"])
def test_a_service_by_template_has_everything_once(office: Office, options: Any, nth: int, kind: Any) -> None:
    with agency(office, **options) as fake:
        fake.order_fault(kind, "POST", nth=nth)

        land_over_restarts(office, fake)

        assert [fake.count(one) for one in OrderKind] == [1, 1, 1]


@pytest.mark.parametrize("kind", ["commit_then_drop", "half_body"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_pipedrive_has_everything_once(office: Office, method: str, nth: int, kind: Any) -> None:
    with pipedrive(office) as fake:
        fake.order_fault(kind, method, nth=nth)

        land_over_restarts(office, fake)

        assert [fake.count(one) for one in OrderKind] == [1, 1, 1]
        assert len(fake.leads) == 1


@pytest.mark.parametrize("kind", ["commit_then_drop", "half_body"])
@pytest.mark.parametrize("call", ["Leads/upsert", "Tasks", "Notes"])
@pytest.mark.parametrize("options", [{}, {"task_fields": "none", "read_lag": 20}], ids=["by mark", "by look"])
def test_zoho_has_everything_once(office: Office, options: Any, call: str, kind: Any) -> None:
    with zoho(office, **options) as fake:
        fake.order_fault(kind, "POST", f"/crm/v8/{call}")

        land_over_restarts(office, fake)

        assert [len(fake.rows(module)) for module in ("Leads", "Tasks", "Notes")] == [1, 1, 1]


@pytest.mark.parametrize("path", ["lead", "task", "activity/note"])
def test_close_has_everything_once(office: Office, path: str) -> None:
    with close(office) as fake:
        fake.order_fault("commit_then_drop", "POST", f"/api/v1/{path}/")

        land_over_restarts(office, fake)

        assert [fake.count(one) for one in OrderKind] == [1, 1, 1]
        assert len(fake.contacts) == 1


@pytest.mark.parametrize("kind", ["commit_then_drop", "half_body"])
@pytest.mark.parametrize("call", ["crm.lead/create", "mail.activity/create", "message_post"])
def test_odoo_has_everything_once(office: Office, call: str, kind: Any) -> None:
    with odoo(office) as fake:
        fake.order_fault(kind, "POST", f"*{call}")

        land_over_restarts(office, fake)

        assert [fake.count(one) for one in OrderKind] == [1, 1, 1]


@pytest.mark.parametrize(
    "call", ["v2/teams/*", "v2/pipelines/*", "v1/boxes/*", "v2/boxes/*/tasks", "v2/boxes/*/comments"]
)
def test_streak_has_everything_once(office: Office, call: str) -> None:
    with streak(office) as fake:
        fake.order_fault("commit_then_drop", "POST", f"/api/{call}")

        land_over_restarts(office, fake)

        assert [fake.count(one) for one in OrderKind] == [1, 1, 1]
        assert len(fake.contacts) == 1


@pytest.mark.parametrize("kind", ["commit_then_drop", "half_body"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_sugarcrm_and_suitecrm_have_everything_once(office: Office, dialect: Dialect, nth: int, kind: Any) -> None:
    with sugar(office, dialect) as fake:
        method, path = WRITES[dialect][0]
        fake.order_fault(kind, method, path, nth=nth)

        land_over_restarts(office, fake)

        assert [len(fake.rows(module)) for module in ("Leads", "Tasks", "Notes")] == [1, 1, 1]


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body"])
@pytest.mark.parametrize("call", ["PATCH/leads", "POST/tasks", "POST/annotations"])
def test_dynamics_has_everything_once(office: Office, call: str, kind: Any) -> None:
    with dynamics(office) as fake:
        fake.order_fault(kind, "POST", f"*/$batch/{call}")

        land_over_restarts(office, fake)

        assert [len(fake.rows(table)) for table in ("lead", "task", "annotation")] == [1, 1, 1]


@pytest.mark.parametrize("call", ["leads/upsert", "tasks", "activities"])
def test_copper_has_everything_once(office: Office, call: str) -> None:
    with copper(office) as fake:
        fake.order_fault("commit_then_drop", "*", f"/developer_api/v1/{call}")

        land_over_restarts(office, fake)

        assert [fake.count(one) for one in OrderKind] == [1, 1, 1]
