"""The CRMs that a crash run can stand before: the fake of each as a process, its config, its calls, what it holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks import hubspot, streak, zoho
from syncd.clock import SystemClock
from syncd.connector import HttpClient, Tools
from tests.battery import views
from tests.battery.evidence import Crm
from tests.e2e.processes import TOKEN, Dynamics, FakeProcess, HubSpot, Salesforce, Streak, SugarCrm, Zoho
from tests.fakes.streak.service import KEY as STREAK_KEY
from tests.fakes.sugar import Options as SugarOptions
from tests.fakes.zoho import Options

CONTACTS, TASKS, NOTES, COMPANIES = (f"/crm/v3/objects/{kind}" for kind in ("contacts", "tasks", "notes", "companies"))


@dataclass(frozen=True, slots=True)
class Account:
    """`calls`: patterns of paths by what is done there; what a CRM has not stands under no name."""

    begin: Callable[[Path], FakeProcess]
    config: str  # with <url>
    secret: str  # that no log may hold
    view: Callable[[Mapping[str, Any]], Crm]
    calls: Mapping[str, str]


def _hubspot(*options: str) -> Callable[[Path], FakeProcess]:
    def begin(folder: Path) -> FakeProcess:
        """With the properties that `syncd prepare crm --apply` makes."""
        crm = HubSpot(folder, *options)
        given = hubspot.plugin.options(token=TOKEN, base_url=crm.url)
        sink = hubspot.plugin.make(given, Tools("crm", SystemClock(), HttpClient(), folder))
        sink.prepare(apply=True)
        sink.close()
        return crm

    return begin


def _zoho(*options: str) -> Callable[[Path], FakeProcess]:
    def begin(folder: Path) -> FakeProcess:
        """With the fields that `syncd prepare crm --apply` makes."""
        crm = Zoho(folder, *options)
        given = zoho.plugin.options.model_validate({"oauth": _GRANT, "accounts_url": crm.url, "api_url": crm.url})
        sink = zoho.plugin.make(given, Tools("prepared", SystemClock(), HttpClient(), folder))
        sink.prepare(apply=True)
        sink.close()
        return crm

    return begin


def _streak(*options: str) -> Callable[[Path], FakeProcess]:
    def begin(folder: Path) -> FakeProcess:
        """With the fields that `syncd prepare crm --apply` makes."""
        crm = Streak(folder, *options)
        given = streak.plugin.options.model_validate(
            {"api_key": STREAK_KEY, "pipeline": "Sales", "base_url": crm.url, "per_second": 20}
        )
        sink = streak.plugin.make(given, Tools("prepared", SystemClock(), HttpClient(), folder))
        sink.prepare(apply=True)
        sink.close()
        return crm

    return begin


_OF_HUBSPOT = {
    "find": f"{CONTACTS}/batch/read",
    "upsert": f"{CONTACTS}/batch/upsert",
    "tasks": f"{TASKS}/batch/create",
    "notes": f"{NOTES}/batch/create",
    "companies": f"{COMPANIES}/batch/create",
    "owners": "/crm/v3/owners*",
    "changes": f"{CONTACTS}/search",
}
_OF_SALESFORCE = {
    "find": "*/composite",  # all questions go there
    "upsert": "*/composite/sobjects/Lead/Syncd_Key__c",
    "tasks": "*/composite/sobjects/Task/Syncd_Mark__c",
    "notes": "*/composite/sobjects/Task/Syncd_Mark__c",
    "owners": "*/composite",
    "changes": "*/composite",
}
_OF_STREAK = {
    "find": "/api/v1/search",
    "upsert": "/api/v2/pipelines/*/boxes",
    "tasks": "/api/v2/boxes/*/tasks",
    "notes": "/api/v2/boxes/*/comments",
    "owners": "/api/v2/teams/*",
    "changes": "/api/v1/pipelines/*/boxes",
}
_OF_ZOHO = {
    "find": "/crm/v8/coql",
    "upsert": "/crm/v8/Leads/upsert",
    "tasks": "/crm/v8/Tasks",
    "notes": "/crm/v8/Notes",
    "owners": "/crm/v8/users",
    "changes": "/crm/v8/coql",
}
_OF_SUGARCRM = {
    "find": "*/bulk/reads",
    "upsert": "*/bulk/writes",  # all of them go there
    "tasks": "*/bulk/writes",
    "notes": "*/bulk/writes",
    "owners": "*/Users/filter",
    "changes": "*/Leads/filter",
}
_OF_SUITECRM = {
    "find": "/Api/V8/module/Leads",
    "upsert": "/Api/V8/module",
    "tasks": "/Api/V8/module",
    "notes": "/Api/V8/module",
    "owners": "/Api/V8/module/Users",
    "changes": "/Api/V8/module/Leads",
}
_OF_SUITECRM_V4_1 = {
    "find": "*/get_entry_list",
    "upsert": "*/set_entry",
    "tasks": "*/set_entry",
    "notes": "*/set_entry",
    "owners": "*/get_entry_list",
    "changes": "*/get_entry_list",
}
_SUGAR = SugarOptions()
_USER = f"username: {_SUGAR.username}, password: {_SUGAR.password}"
_CLIENT = f"client: {{client_id: {_SUGAR.client_id}, client_secret: {_SUGAR.client_secret}}}"
_OF_DYNAMICS = {
    "find": "*/$batch/GET/leads",
    "upsert": "*/$batch/PATCH/leads",
    "tasks": "*/$batch/POST/tasks",
    "notes": "*/$batch/POST/annotations",
    "owners": "*/$batch/GET/systemusers",
    "changes": "*/$batch/GET/leads",
}
_DYNAMICS = "tenant: fake-tenant, client_credentials: {client_id: fake-client-id, client_secret: fake-client-secret}"
_GRANT = {name: getattr(Options(), name) for name in ("client_id", "client_secret", "refresh_token")}
_ZOHO = f"type: zoho, oauth: {{{', '.join(f'{name}: {text}' for name, text in _GRANT.items())}}}"
_LOGIN = "client_credentials: {client_id: fake-consumer-key, client_secret: fake-consumer-secret}"

ACCOUNTS: Mapping[str, Account] = {
    "hubspot": Account(
        _hubspot(),
        f'{{type: hubspot, token: {TOKEN}, base_url: "<url>", search_lag: 0, patience: 5 s}}',
        TOKEN,
        views.hubspot,
        _OF_HUBSPOT,
    ),
    "hubspot-plain": Account(
        _hubspot("--no-unique-task-properties", "--search-lag", "6"),
        f'{{type: hubspot, token: {TOKEN}, base_url: "<url>", search_lag: 6, patience: 5 s}}',
        TOKEN,
        views.hubspot,
        _OF_HUBSPOT,
    ),
    "salesforce": Account(
        Salesforce,
        f'{{type: salesforce, login_url: "<url>", {_LOGIN}, patience: 5 s}}',
        "fake-consumer-secret",
        views.salesforce,
        _OF_SALESFORCE,
    ),
    "salesforce-plain": Account(
        lambda folder: Salesforce(folder, "--no-activity-fields"),
        f'{{type: salesforce, login_url: "<url>", {_LOGIN}, patience: 5 s}}',
        "fake-consumer-secret",
        views.salesforce,
        {**_OF_SALESFORCE, "tasks": "*/composite/sobjects", "notes": "*/composite/sobjects"},
    ),
    "streak": Account(
        _streak("--list-lag", "3"),
        f'{{type: streak, api_key: {STREAK_KEY}, pipeline: Sales, base_url: "<url>", settle: 6, patience: 5 s}}',
        STREAK_KEY,
        views.streak,
        _OF_STREAK,
    ),
    "sugarcrm": Account(
        SugarCrm,
        f'{{type: sugarcrm, url: "<url>", {_USER}, patience: 5 s}}',
        _SUGAR.password,
        views.sugar,
        _OF_SUGARCRM,
    ),
    "suitecrm": Account(
        SugarCrm,
        f'{{type: suitecrm, url: "<url>", {_CLIENT}, patience: 5 s}}',
        _SUGAR.client_secret,
        views.sugar,
        _OF_SUITECRM,
    ),
    "suitecrm-v4_1": Account(
        SugarCrm,
        f'{{type: suitecrm, url: "<url>", api: v4_1, {_USER}, patience: 5 s}}',
        _SUGAR.password,
        views.sugar,
        _OF_SUITECRM_V4_1,
    ),
    "zoho": Account(
        _zoho(),
        f'{{{_ZOHO}, accounts_url: "<url>", api_url: "<url>", read_lag: 0, patience: 5 s}}',
        _GRANT["client_secret"],
        views.zoho,
        _OF_ZOHO,
    ),
    "zoho-plain": Account(
        _zoho("--task-fields", "none", "--read-lag", "6"),
        f'{{{_ZOHO}, accounts_url: "<url>", api_url: "<url>", read_lag: 6, patience: 5 s}}',
        _GRANT["client_secret"],
        views.zoho,
        _OF_ZOHO,
    ),
    "dynamics": Account(
        Dynamics,
        f'{{type: dynamics, url: "<url>", login_url: "<url>", {_DYNAMICS}, patience: 5 s}}',
        "fake-client-secret",
        views.dynamics,
        _OF_DYNAMICS,
    ),
}
"""The plain ones are accounts in which the mark of a task is not unique: a look must tell whether it is there."""
