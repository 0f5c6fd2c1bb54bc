"""The CRMs that a crash run can stand before: the fake of each as a process, its config, its calls, what it holds."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks import close, copper, hubspot, odoo, pipedrive, streak, zoho
from syncd.clock import SystemClock
from syncd.connector import HttpClient, Plugin, Tools
from tests.battery import crm_calls, crm_views, views
from tests.battery.evidence import Crm
from tests.connectors.http_world import FIND
from tests.connectors.http_world import config as template
from tests.e2e.processes import TOKEN, Fake, FakeProcess, HubSpot, Salesforce, Zoho
from tests.fakes.agency import KEY as AGENCY_KEY
from tests.fakes.close.service import KEY as CLOSE_KEY
from tests.fakes.copper.service import EMAIL as COPPER_USER
from tests.fakes.copper.service import KEY as COPPER_KEY
from tests.fakes.odoo.service import TOKEN as ODOO_TOKEN
from tests.fakes.pipedrive.service import TOKEN as PIPEDRIVE_TOKEN
from tests.fakes.streak.service import KEY as STREAK_KEY
from tests.fakes.sugar import Options as SugarOptions
from tests.fakes.zoho import Options

MANY, ONE_BY_ONE = 40.0, 8.0
"""Posts a second that a CRM keeps up with, in batches or one by one."""


@dataclass(frozen=True, slots=True)
class Account:
    """`calls`: patterns of paths, or of method and path, by what is done there; what a CRM has not has no name."""

    begin: Callable[[Path], FakeProcess]
    config: str  # with <url>
    secret: str  # that no log may hold
    view: Callable[[Mapping[str, Any]], Crm]
    calls: Mapping[str, str]
    pace: float = MANY
    patience: float = 240.0  # seconds in which what was lost has been looked for and made again

    def at(self, call: str) -> Mapping[str, str]:
        """Method and path, as a fault of the fake takes them."""
        method, _, path = self.calls[call].rpartition(" ")
        return {"method": method or "*", "path": path}


@dataclass(frozen=True, slots=True)
class _Kind:
    """A CRM in which `syncd prepare crm --apply` makes the fields."""

    plugin: Plugin[Any]
    login: Mapping[str, object]  # options of the sink, with <url>
    secret: str
    view: Callable[[Mapping[str, Any]], Crm]
    calls: Mapping[str, str]

    def account(self, kind: str, start: Callable[[Path], FakeProcess], *, pace: float, **options: object) -> Account:
        """`options`: of the sink, beside its login."""
        config = {"type": kind, **self.login, "patience": "5 s", **options}
        return Account(self._prepared(start), json.dumps(config), self.secret, self.view, self.calls, pace)

    def _prepared(self, start: Callable[[Path], FakeProcess]) -> Callable[[Path], FakeProcess]:
        def begin(folder: Path) -> FakeProcess:
            crm = start(folder)
            given = self.plugin.options.model_validate(json.loads(json.dumps(self.login).replace("<url>", crm.url)))
            sink = self.plugin.make(given, Tools("prepared", SystemClock(), HttpClient(), folder))
            sink.prepare(apply=True)
            sink.close()
            return crm

        return begin


def _fake(name: str, *options: str) -> Callable[[Path], FakeProcess]:
    return lambda folder: Fake(name, folder, *options)


def _sugar(kind: str, login: str, secret: str, calls: Mapping[str, str], pace: float) -> Account:
    config = f'{{{kind}, url: "<url>", {login}, patience: 5 s}}'
    return Account(_fake("sugar"), config, secret, crm_views.sugar, calls, pace)


_SUGAR = SugarOptions()
_USER = f"username: {_SUGAR.username}, password: {_SUGAR.password}"
_CLIENT = f"client: {{client_id: {_SUGAR.client_id}, client_secret: {_SUGAR.client_secret}}}"
_DYNAMICS = "tenant: fake-tenant, client_credentials: {client_id: fake-client-id, client_secret: fake-client-secret}"
_GRANT = {name: getattr(Options(), name) for name in ("client_id", "client_secret", "refresh_token")}
_CLOSE = _Kind(close.plugin, {"api_key": CLOSE_KEY, "base_url": "<url>"}, CLOSE_KEY, crm_views.close, crm_calls.CLOSE)
_COPPER = _Kind(
    copper.plugin,
    {"token": COPPER_KEY, "email": COPPER_USER, "base_url": "<url>", "per_minute": 6000},
    COPPER_KEY,
    crm_views.copper,
    crm_calls.COPPER,
)
_HUBSPOT = _Kind(hubspot.plugin, {"token": TOKEN, "base_url": "<url>"}, TOKEN, views.hubspot, crm_calls.HUBSPOT)
_ODOO = _Kind(odoo.plugin, {"token": ODOO_TOKEN, "url": "<url>"}, ODOO_TOKEN, crm_views.odoo, crm_calls.ODOO)
_PIPEDRIVE = _Kind(
    pipedrive.plugin,
    {"token": PIPEDRIVE_TOKEN, "base_url": "<url>"},
    PIPEDRIVE_TOKEN,
    crm_views.pipedrive,
    crm_calls.PIPEDRIVE,
)
_STREAK = _Kind(
    streak.plugin,
    {"api_key": STREAK_KEY, "pipeline": "Sales", "base_url": "<url>", "per_second": 100},
    STREAK_KEY,
    crm_views.streak,
    crm_calls.STREAK,
)
_ZOHO = _Kind(
    zoho.plugin,
    {"oauth": _GRANT, "accounts_url": "<url>", "api_url": "<url>"},
    _GRANT["client_secret"],
    crm_views.zoho,
    crm_calls.ZOHO,
)
_AGENCY = {"type": "http", "patience": "5 s", "owners": {"eva@example.com": "7", "tom@example.com": "8"}}
_LOGIN = "client_credentials: {client_id: fake-consumer-key, client_secret: fake-consumer-secret}"

ACCOUNTS: Mapping[str, Account] = {
    "close": _CLOSE.account("close", _fake("close", "--search-lag", "3"), pace=ONE_BY_ONE, search_lag=6),
    "copper": _COPPER.account("copper", _fake("copper", "--lag", "3"), pace=ONE_BY_ONE, settle=6),
    "dynamics": Account(
        _fake("dynamics", "--prepared"),
        f'{{type: dynamics, url: "<url>", login_url: "<url>", {_DYNAMICS}, patience: 5 s}}',
        "fake-client-secret",
        crm_views.dynamics,
        crm_calls.DYNAMICS,
    ),
    "http": Account(
        lambda folder: FakeProcess(folder, "tests.fakes.agency"),
        json.dumps({**_AGENCY, **template("<url>", idempotency_header="Idempotency-Key", look_up=False, find=FIND)}),
        AGENCY_KEY,
        crm_views.agency,
        crm_calls.AGENCY,
        pace=ONE_BY_ONE,
    ),
    "http-plain": Account(
        lambda folder: FakeProcess(folder, "tests.fakes.agency", "--keyless"),
        json.dumps({**_AGENCY, **template("<url>")}),
        AGENCY_KEY,
        crm_views.agency,
        crm_calls.AGENCY,
        pace=ONE_BY_ONE,
        patience=900.0,  # a look-up may be an index that runs behind: it is made again after twelve minutes
    ),
    "hubspot": _HUBSPOT.account("hubspot", HubSpot, pace=MANY, search_lag=0),
    "hubspot-plain": _HUBSPOT.account(
        "hubspot",
        lambda folder: HubSpot(folder, "--no-unique-task-properties", "--search-lag", "6"),
        pace=MANY,
        search_lag=6,
    ),
    "odoo": _ODOO.account("odoo", _fake("odoo"), pace=ONE_BY_ONE, settle=6),
    "pipedrive": _PIPEDRIVE.account(
        "pipedrive", _fake("pipedrive", "--search-lag", "3"), pace=ONE_BY_ONE, search_lag=6
    ),
    "salesforce": Account(
        Salesforce,
        f'{{type: salesforce, login_url: "<url>", {_LOGIN}, patience: 5 s}}',
        "fake-consumer-secret",
        crm_views.salesforce,
        crm_calls.SALESFORCE,
    ),
    "salesforce-plain": Account(
        lambda folder: Salesforce(folder, "--no-activity-fields"),
        f'{{type: salesforce, login_url: "<url>", {_LOGIN}, patience: 5 s}}',
        "fake-consumer-secret",
        crm_views.salesforce,
        {**crm_calls.SALESFORCE, "tasks": "*/composite/sobjects", "notes": "*/composite/sobjects"},
    ),
    "streak": _STREAK.account("streak", _fake("streak", "--list-lag", "3"), pace=ONE_BY_ONE, settle=6),
    "sugarcrm": _sugar("type: sugarcrm", _USER, _SUGAR.password, crm_calls.SUGARCRM, MANY),
    "suitecrm": _sugar("type: suitecrm", _CLIENT, _SUGAR.client_secret, crm_calls.SUITECRM, ONE_BY_ONE),
    "suitecrm-v4_1": _sugar("type: suitecrm, api: v4_1", _USER, _SUGAR.password, crm_calls.SUITECRM_V4_1, ONE_BY_ONE),
    "zoho": _ZOHO.account("zoho", Zoho, pace=MANY, read_lag=0),
    "zoho-plain": _ZOHO.account(
        "zoho", lambda folder: Zoho(folder, "--task-fields", "none", "--read-lag", "6"), pace=MANY, read_lag=6
    ),
}
"""The plain ones are accounts in which the mark of a task is not unique: a look must tell whether it is there. So is
the service by template that does not know a mark again.
"""
