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

ONE_BY_ONE = 8.0


@dataclass(frozen=True, slots=True)
class Account:
    """`calls`: patterns of paths, or of method and path, by what is done there; what a CRM has not has no name."""

    begin: Callable[[Path], FakeProcess]
    config: str  # with <url>
    secret: str  # that no log may hold
    view: Callable[[Mapping[str, Any]], Crm]
    calls: Mapping[str, str]
    pace: float = 40.0  # posts a second that it keeps up with
    patience: float = 240.0  # seconds in which what was lost has been looked for and made again

    def at(self, call: str) -> Mapping[str, str]:
        """Method and path, as a fault of the fake takes them."""
        method, _, path = self.calls[call].rpartition(" ")
        return {"method": method or "*", "path": path}


def _prepared(start: Callable[[Path], FakeProcess], plugin: Plugin[Any], login: str) -> Callable[[Path], FakeProcess]:
    """With the fields that `syncd prepare crm --apply` makes. `login`: options of the sink, with <url>."""

    def begin(folder: Path) -> FakeProcess:
        crm = start(folder)
        given = plugin.options.model_validate(json.loads(login.replace("<url>", crm.url)))
        sink = plugin.make(given, Tools("prepared", SystemClock(), HttpClient(), folder))
        sink.prepare(apply=True)
        sink.close()
        return crm

    return begin


def _fake(name: str, *options: str) -> Callable[[Path], FakeProcess]:
    return lambda folder: Fake(name, folder, *options)


def _config(kind: str, login: str, **more: object) -> str:
    return json.dumps({"type": kind, **json.loads(login), "patience": "5 s", **more})


_SUGAR = SugarOptions()
_USER = f"username: {_SUGAR.username}, password: {_SUGAR.password}"
_CLIENT = f"client: {{client_id: {_SUGAR.client_id}, client_secret: {_SUGAR.client_secret}}}"
_DYNAMICS = "tenant: fake-tenant, client_credentials: {client_id: fake-client-id, client_secret: fake-client-secret}"
_GRANT = {name: getattr(Options(), name) for name in ("client_id", "client_secret", "refresh_token")}
_HUBSPOT_LOGIN = json.dumps({"token": TOKEN, "base_url": "<url>"})
_CLOSE_LOGIN = json.dumps({"api_key": CLOSE_KEY, "base_url": "<url>"})
_COPPER_LOGIN = json.dumps({"token": COPPER_KEY, "email": COPPER_USER, "base_url": "<url>", "per_minute": 6000})
_ODOO_LOGIN = json.dumps({"token": ODOO_TOKEN, "url": "<url>"})
_PIPEDRIVE_LOGIN = json.dumps({"token": PIPEDRIVE_TOKEN, "base_url": "<url>"})
_STREAK_LOGIN = json.dumps({"api_key": STREAK_KEY, "pipeline": "Sales", "base_url": "<url>", "per_second": 100})
_ZOHO_LOGIN = json.dumps({"oauth": _GRANT, "accounts_url": "<url>", "api_url": "<url>"})
_AGENCY = {"type": "http", "patience": "5 s", "owners": {"eva@example.com": "7", "tom@example.com": "8"}}
_LOGIN = "client_credentials: {client_id: fake-consumer-key, client_secret: fake-consumer-secret}"

ACCOUNTS: Mapping[str, Account] = {
    "close": Account(
        _prepared(_fake("close", "--search-lag", "3"), close.plugin, _CLOSE_LOGIN),
        _config("close", _CLOSE_LOGIN, search_lag=6),
        CLOSE_KEY,
        crm_views.close,
        crm_calls.CLOSE,
        pace=ONE_BY_ONE,
    ),
    "copper": Account(
        _prepared(_fake("copper", "--lag", "3"), copper.plugin, _COPPER_LOGIN),
        _config("copper", _COPPER_LOGIN, settle=6),
        COPPER_KEY,
        crm_views.copper,
        crm_calls.COPPER,
        pace=ONE_BY_ONE,
    ),
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
    "hubspot": Account(
        _prepared(HubSpot, hubspot.plugin, _HUBSPOT_LOGIN),
        _config("hubspot", _HUBSPOT_LOGIN, search_lag=0),
        TOKEN,
        views.hubspot,
        crm_calls.HUBSPOT,
    ),
    "hubspot-plain": Account(
        _prepared(
            lambda folder: HubSpot(folder, "--no-unique-task-properties", "--search-lag", "6"),
            hubspot.plugin,
            _HUBSPOT_LOGIN,
        ),
        _config("hubspot", _HUBSPOT_LOGIN, search_lag=6),
        TOKEN,
        views.hubspot,
        crm_calls.HUBSPOT,
    ),
    "odoo": Account(
        _prepared(_fake("odoo"), odoo.plugin, _ODOO_LOGIN),
        _config("odoo", _ODOO_LOGIN, settle=6),
        ODOO_TOKEN,
        crm_views.odoo,
        crm_calls.ODOO,
        pace=ONE_BY_ONE,
    ),
    "pipedrive": Account(
        _prepared(_fake("pipedrive", "--search-lag", "3"), pipedrive.plugin, _PIPEDRIVE_LOGIN),
        _config("pipedrive", _PIPEDRIVE_LOGIN, search_lag=6),
        PIPEDRIVE_TOKEN,
        crm_views.pipedrive,
        crm_calls.PIPEDRIVE,
        pace=ONE_BY_ONE,
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
    "streak": Account(
        _prepared(_fake("streak", "--list-lag", "3"), streak.plugin, _STREAK_LOGIN),
        _config("streak", _STREAK_LOGIN, settle=6),
        STREAK_KEY,
        crm_views.streak,
        crm_calls.STREAK,
        pace=ONE_BY_ONE,
    ),
    "sugarcrm": Account(
        _fake("sugar"),
        f'{{type: sugarcrm, url: "<url>", {_USER}, patience: 5 s}}',
        _SUGAR.password,
        crm_views.sugar,
        crm_calls.SUGARCRM,
    ),
    "suitecrm": Account(
        _fake("sugar"),
        f'{{type: suitecrm, url: "<url>", {_CLIENT}, patience: 5 s}}',
        _SUGAR.client_secret,
        crm_views.sugar,
        crm_calls.SUITECRM,
        pace=ONE_BY_ONE,
    ),
    "suitecrm-v4_1": Account(
        _fake("sugar"),
        f'{{type: suitecrm, url: "<url>", api: v4_1, {_USER}, patience: 5 s}}',
        _SUGAR.password,
        crm_views.sugar,
        crm_calls.SUITECRM_V4_1,
        pace=ONE_BY_ONE,
    ),
    "zoho": Account(
        _prepared(Zoho, zoho.plugin, _ZOHO_LOGIN),
        _config("zoho", _ZOHO_LOGIN, read_lag=0),
        _GRANT["client_secret"],
        crm_views.zoho,
        crm_calls.ZOHO,
    ),
    "zoho-plain": Account(
        _prepared(lambda folder: Zoho(folder, "--task-fields", "none", "--read-lag", "6"), zoho.plugin, _ZOHO_LOGIN),
        _config("zoho", _ZOHO_LOGIN, read_lag=6),
        _GRANT["client_secret"],
        crm_views.zoho,
        crm_calls.ZOHO,
    ),
}
"""The plain ones are accounts in which the mark of a task is not unique: a look must tell whether it is there. So is
the service by template that does not know a mark again.
"""
