"""Duplicate rules: the one for leads and the one for contacts, each looking at both.

https://help.salesforce.com/s/articleView?id=sales.duplicate_rules_map_of_reference.htm
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.salesforce.errors import Problem
from tests.fakes.salesforce.org import Org, Record, Table

PEOPLE = ("Contact", "Lead")


def check_duplicates(org: Org, table: Table, values: Mapping[str, Any], *, allowed: bool) -> None:
    """DUPLICATES_DETECTED where somebody alike is there; an alert can be passed over, a block cannot."""
    rule = org.options.duplicate_rule
    if rule == "off" or table.name not in PEOPLE or (rule == "alert" and allowed):
        return
    found = [
        {
            "entityType": name,
            "errors": [],
            "matchEngine": "FuzzyMatchEngine",
            "matchRecords": [_told(record) for record in _alike(org, name, values)],
            "rule": f"Standard_{name}_Match_Rule_v1_0",
            "size": 1,
            "success": True,
        }
        for name in PEOPLE
    ]
    results = [each for each in found if each["matchRecords"]]
    if results:
        told = {"allowSave": rule == "alert", "duplicateRule": "Standard_Rule", "matchResults": results}
        raise Problem("DUPLICATES_DETECTED", "Use one of these records?", (), {org.options.duplicate_word: told})


def _alike(org: Org, name: str, values: Mapping[str, Any]) -> Iterator[Record]:
    """The same address; or the same full name and telephone number."""
    for record in org.tables[name].live():
        held = record.values
        if held.get("IsConverted"):
            continue
        email = str(values.get("Email", "")).casefold()
        named = [(str(values.get(each, "")).casefold(), str(held.get(each, "")).casefold()) for each in
                 ("FirstName", "LastName", "Phone")]  # fmt: skip
        if (email and email == str(held.get("Email", "")).casefold()) or all(a and a == b for a, b in named):
            yield record


def _told(record: Record) -> dict[str, Any]:
    url = f"/services/data/v59.0/sobjects/{record.object}/{record.id}"
    return {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": {"attributes": {"type": record.object, "url": url}, "Id": record.id},
    }
