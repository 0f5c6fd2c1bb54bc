"""Merging two records of one type into one.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide#merge-contacts
"""

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.associations import End, join, part
from tests.fakes.hubspot.errors import invalid, not_found
from tests.fakes.hubspot.records import Record, Table


def merge(account: Account, table: Table, primary_id: str, other_id: str) -> Record:
    """The survivor: the primary's values, gaps filled from the other, both sets of addresses.

    Both old ids keep resolving to it. Unique values of the other record become free, except
    its addresses.
    """
    primary, other = table.get(primary_id), table.get(other_id)
    if primary is None or other is None:
        raise not_found()
    if primary is other:
        raise invalid("Cannot merge a record with itself")
    values = _united(table, primary, other)
    links = [
        (kind, target, types)
        for record in (primary, other)
        for kind, targets in record.links.items()
        for target, types in targets.items()
    ]
    survivor = _survivor(account, table, primary, other, values)
    _move_links(account, (table, survivor), (primary, other), links)
    return survivor


def _survivor(account: Account, table: Table, primary: Record, other: Record, values: dict[str, str]) -> Record:
    at = account.at()
    table.archive(other, at)
    del table.by_id[other.id]
    if account.options.merge_gives_new_id:
        table.archive(primary, at)
        del table.by_id[primary.id]
        survivor = table.insert(account.next_id(), values, at)
        survivor.created_at = survivor.properties[table.kind.created] = primary.created_at
        survivor.changed = primary.changed
        table.merged[primary.id] = survivor.id
    else:
        survivor = primary
        table.put(survivor, values, at)
    table.merged[other.id] = survivor.id
    return survivor


def _united(table: Table, primary: Record, other: Record) -> dict[str, str]:
    ids = ";".join(dict.fromkeys([*_merged_ids(primary), primary.id, *_merged_ids(other), other.id]))
    values = {**other.properties, **primary.properties, "hs_merged_object_ids": ids}
    for name in (table.kind.modified, table.kind.created, "hs_object_id"):
        del values[name]
    if "email" in table.definitions.by_name:
        values["hs_additional_emails"] = ";".join(_addresses(primary, other)[1:])
        values["hs_calculated_merged_vids"] = ids
    return values


def _merged_ids(record: Record) -> list[str]:
    listed = record.properties.get("hs_merged_object_ids", "")
    return listed.split(";") if listed else []


def _addresses(primary: Record, other: Record) -> list[str]:
    """The primary's own first; a primary without one takes over the other's."""
    found = [
        address
        for record in (primary, other)
        for address in (record.properties.get("email", ""), *record.additional_emails())
    ]
    return list(dict.fromkeys(address for address in found if address))


def _move_links(
    account: Account,
    end: End,
    merged: tuple[Record, Record],
    links: list[tuple[str, str, set[int]]],
) -> None:
    for kind, target, types in links:
        table = account.tables[kind]
        there = table.by_id.get(target)
        if there is None or there is end[1]:
            continue
        for gone in merged:
            if gone is not end[1]:
                part((end[0], gone), (table, there))
        join(end, (table, there), sorted(types), None)
