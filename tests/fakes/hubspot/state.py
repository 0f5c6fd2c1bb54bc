"""The account as JSON: for a test to look at, and to go on from after a restart."""

from typing import Any

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.owners import Owner
from tests.fakes.hubspot.records import Record, Table
from tests.fakes.hubspot.values import Property


def dump(account: Account) -> dict[str, Any]:
    """All but property histories, tokens and rate counters."""
    with account.lock:
        return {
            "objects": {name: [view(each) for each in table.by_id.values()] for name, table in account.tables.items()},
            "merged": {name: dict(table.merged) for name, table in account.tables.items()},
            "properties": {
                name: [prop.body() for prop in table.definitions.custom()] for name, table in account.tables.items()
            },
            "owners": [owner.body() for owner in account.owners.by_id.values()],
            "last_id": account.last_id,
        }


def load(account: Account, state: dict[str, Any]) -> None:
    """Puts a dumped state in the place of everything the account held."""
    with account.lock:
        account.empty()
        account.last_id = state["last_id"]
        account.owners.by_id = {each["id"]: _owner(each) for each in state["owners"]}
        for name, table in account.tables.items():
            for prop in state["properties"][name]:
                table.definitions.keep(_property(prop))
            table.merged = dict(state["merged"][name])
            for each in sorted(state["objects"][name], key=lambda each: str(each["updatedAt"])):
                table.restore(_record(table, each))


def view(record: Record) -> dict[str, Any]:
    """A record with its properties and, by type and id, the type ids of its associations."""
    return {
        "id": record.id,
        "properties": dict(record.properties),
        "associations": {
            kind: {target: sorted(types) for target, types in targets.items()} for kind, targets in record.links.items()
        },
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "archived": record.archived_at is not None,
    }


def _record(table: Table, given: dict[str, Any]) -> Record:
    record = Record(given["id"], given["properties"], given["createdAt"], given["updatedAt"])
    record.archived_at = given["updatedAt"] if given["archived"] else None
    record.links = {
        kind: {target: set(types) for target, types in targets.items()}
        for kind, targets in given["associations"].items()
    }
    record.seen = record.properties if table.search_lag else None
    return record


def _owner(given: dict[str, Any]) -> Owner:
    return Owner(
        given["id"],
        given["email"],
        given["firstName"],
        given["lastName"],
        given["createdAt"],
        given["archived"],
        given["type"],
    )


def _property(given: dict[str, Any]) -> Property:
    return Property(
        name=given["name"],
        label=given["label"],
        type=given["type"],
        field_type=given["fieldType"],
        group=given["groupName"],
        options=tuple((each["label"], each["value"]) for each in given["options"]),
        unique=given["hasUniqueValue"],
        description=given["description"],
    )
