"""The organisation as JSON: for a test to look at, and to go on from after a restart."""

from dataclasses import asdict
from typing import Any

from tests.fakes.salesforce.fields import Field
from tests.fakes.salesforce.org import Org, Record


def dump(org: Org) -> dict[str, Any]:
    """All but tokens and counters."""
    with org.lock:
        return {
            "objects": {
                name: [dict(each.values) for each in table.by_id.values()] for name, table in org.tables.items()
            },
            "fields": {name: [asdict(f) for f in table.fields.values()] for name, table in org.tables.items()},
            "hidden": {name: sorted(table.hidden) for name, table in org.tables.items()},
            "me": org.me,
            "last": org.last,
        }


def load(org: Org, state: dict[str, Any]) -> None:
    """Puts a dumped state in the place of everything the organisation held."""
    with org.lock:
        org.empty()
        org.me, org.last = state["me"], state["last"]
        for name, table in org.tables.items():
            table.fields = {each["name"]: _field(each) for each in state["fields"][name]}
            table.hidden = set(state["hidden"][name])
            table.by_id, table.index = {}, {}
            for each in state["objects"][name]:
                table.keep(Record(each["Id"], name, each))


def _field(told: dict[str, Any]) -> Field:
    return Field(**{**told, "references": tuple(told["references"]), "values": tuple(told["values"])})
