"""Services whose requests are filled in. What the config says goes before what a preset says.

None of these has a public contract of its fields: each is what the product's own pages let one expect, to be compared
with the account before it is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Preset:
    options: Mapping[str, Any]
    known: str  # what this rests on


def merged(preset: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` over the preset, section by section; a body or form that is given replaces the preset's whole."""
    both = dict(preset)
    for name, value in given.items():
        under = both.get(name)
        if isinstance(under, Mapping) and isinstance(value, Mapping) and name not in WHOLE:
            value = merged(under, value)  # noqa: PLW2901 - the same value, filled up
        both[name] = value
    return both


WHOLE = frozenset({"body", "form"})

_NAMES = {
    "FirstName": "{{ fields.first_name }}",
    "LastName": "{{ fields.last_name }}",
    "Company": "{{ fields.company }}",
    "Title": "{{ fields.job_title }}",
    "Email": "{{ fields.email }}",
    "Phone": "{{ fields.phone }}",
    "Address1": "{{ fields.street }}",
    "City": "{{ fields.city }}",
    "State": "{{ fields.state }}",
    "ZipCode": "{{ fields.postal_code }}",
    "Country": "{{ fields.country }}",
    "Website": "{{ fields.website }}",
    "LeadSource": "{{ fields.lead_source }}",
}

PRESETS: Mapping[str, Preset] = {
    "vanillasoft": Preset(
        {
            "records": {
                "form": {
                    **_NAMES,
                    "SyncdID": "{{ lead }}",
                    "Owner": "{{ owner_email }}",
                    "Comments": "{{ fields.message }}{% if due_at %} (answer by {{ due_at }}){% endif %}",
                },
            },
            "leave_out": ["tasks", "notes"],
        },
        "no public contract: the project's incoming-lead address (admin pages, Incoming Leads) takes the names "
        "that are mapped there; with SyncdID mapped as Update Key Field and updating switched on, "
        "set records.repeatable: yes",
    ),
    "membrain": Preset(
        {
            "login": {"header": "X-API-Key"},
            "records": {
                "path": "/api/v1/leads",
                "body": {
                    "externalId": "{{ lead }}",
                    "firstName": "{{ fields.first_name }}",
                    "lastName": "{{ fields.last_name }}",
                    "email": "{{ fields.email }}",
                    "phone": "{{ fields.phone }}",
                    "company": "{{ fields.company }}",
                    "source": "{{ fields.lead_source }}",
                    "description": "{{ fields.message }}",
                    "owner": "{{ owner_email }}",
                },
                "id": "id",
            },
            "leave_out": ["tasks", "notes"],
        },
        "no public contract: API keys and a host per customer are all that is known; path and names are a guess",
    ),
}
