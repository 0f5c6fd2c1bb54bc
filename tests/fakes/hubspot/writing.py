"""What HubSpot does by itself when a record is made or changed."""

import re
from collections.abc import Mapping

from tests.fakes.hubspot.catalogue import STAGES
from tests.fakes.hubspot.errors import missing_values
from tests.fakes.hubspot.kinds import Kind
from tests.fakes.hubspot.records import Record, Table

_NO_DIGIT = re.compile(r"\D")
_ORDER = {stage: place for place, stage in enumerate(STAGES.split())}
_DEFAULTS = {
    "contacts": {"lifecyclestage": "lead"},
    "tasks": {
        "hs_task_status": "NOT_STARTED",
        "hs_task_priority": "NONE",
        "hs_task_type": "TODO",
    },
}


def require(kind: Kind, values: Mapping[str, str]) -> None:
    """400 when a record of this kind cannot be made from these values."""
    if not all(map(values.get, kind.needs)):
        raise missing_values(kind.word, [name for name in kind.needs if not values.get(name)])
    if kind.needs_any and not any(map(values.get, kind.needs_any)):
        raise missing_values(kind.word, kind.needs_any)


def make(
    table: Table,
    record_id: str,
    values: Mapping[str, str],
    at: str,
    source: str = "INTEGRATION",
) -> Record:
    """A contact made without a stage gets the account's default one, `lead`."""
    filled = {**_DEFAULTS.get(table.kind.name, {}), **values}
    filled.update(_derived({}, filled, at))
    return table.insert(record_id, filled, at, source)


def change(
    table: Table,
    record: Record,
    values: Mapping[str, str],
    at: str,
    source: str = "INTEGRATION",
) -> None:
    kept = {**values, **_kept_address(record, values)}
    if "lifecyclestage" in kept and _goes_back(record, kept["lifecyclestage"]):
        del kept["lifecyclestage"]
    kept.update(_derived(record.properties, kept, at))
    table.put(record, kept, at, source)


def _goes_back(record: Record, wanted: str) -> bool:
    """A stage is never lowered, silently; it has to be cleared first."""
    old = record.properties.get("lifecyclestage")
    return bool(old and wanted) and _ORDER.get(wanted, 99) < _ORDER.get(old or "", 0)


def _kept_address(record: Record, values: Mapping[str, str]) -> dict[str, str]:
    """A write of an address the contact already has as an additional one leaves both in place."""
    address = values.get("email")
    if address and address in record.additional_emails():
        return {"email": record.properties.get("email", "")}
    return {}


def _derived(held: Mapping[str, str], values: Mapping[str, str], at: str) -> dict[str, str]:
    derived: dict[str, str] = {}
    owner = values.get("hubspot_owner_id")
    if owner is not None and owner != held.get("hubspot_owner_id", ""):
        derived["hubspot_owner_assigneddate"] = at if owner else ""
    status = values.get("hs_task_status")
    if status is not None and status != held.get("hs_task_status"):
        done = status == "COMPLETED"
        derived["hs_task_is_completed"] = "1" if done else "0"
        derived["hs_task_completion_date"] = at if done else ""
    if "email" in values:
        derived["hs_email_domain"] = values["email"].partition("@")[2]
    if "phone" in values:
        derived["hs_searchable_calculated_phone_number"] = _NO_DIGIT.sub("", values["phone"])[-10:]
    return derived
