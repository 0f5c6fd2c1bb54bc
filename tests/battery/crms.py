"""The CRMs that a crash run can stand before: the fake of each as a process, its config, its calls, what it holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks.hubspot import plugin
from syncd.clock import SystemClock
from syncd.connector import HttpClient, Tools
from tests.battery import views
from tests.battery.evidence import Crm
from tests.e2e.processes import TOKEN, FakeProcess, HubSpot, Salesforce

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
        given = plugin.options(token=TOKEN, base_url=crm.url)
        sink = plugin.make(given, Tools("crm", SystemClock(), HttpClient(), folder))
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
}
"""The plain ones are accounts in which the mark of a task is not unique: a look must tell whether it is there."""
