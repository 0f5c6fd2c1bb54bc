"""The calls that touch one record.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
"""

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.associations import checked_links, join_all
from tests.fakes.hubspot.calls import Answer, Call, object_of, page_of
from tests.fakes.hubspot.errors import not_found
from tests.fakes.hubspot.kinds import kind_called
from tests.fakes.hubspot.merging import merge
from tests.fakes.hubspot.records import Record, Table, body_of
from tests.fakes.hubspot.writing import change, make, require


def create(account: Account, call: Call) -> Answer:
    """201; 409 when the address is known, with or without saying whose it is."""
    table = _table(account, call)
    body = object_of(call, {"properties": dict}, {"associations": list})
    values = table.definitions.clean(body["properties"])
    require(table.kind, values)
    links = checked_links(account, table.kind, body.get("associations", []))
    taken = table.conflict(None, values)
    if taken:
        raise table.clash(taken, "new", named=account.options.conflicts_name_the_id)
    at = account.at()
    record = make(table, account.next_id(), values, at)
    join_all(account, (table, record), links, at)
    return Answer(201, body_of(table, record, [*values]))


def get_one(account: Account, call: Call) -> Answer:
    """The record of an id, a merged-away id or a value of a unique property."""
    table = _table(account, call)
    if call.flag("archived"):
        archived = table.by_id.get(call.args["id"])
        record = archived if archived and archived.archived_at else None
    else:
        record = _sought(table, call)
    if record is None:
        raise not_found()
    history = call.names("propertiesWithHistory")
    names = table.readable(call.names("properties"))
    body = body_of(table, record, names, table.readable(history) if history else ())
    joined = {name: _associated(account, record, name) for name in call.names("associations")}
    if any(joined.values()):
        body["associations"] = {name: rows for name, rows in joined.items() if rows}
    return Answer(200, body)


def list_all(account: Account, call: Call) -> Answer:
    table = _table(account, call)
    live = [record for record in table.by_id.values() if record.archived_at is None]
    page, paging = page_of(call, live, lambda record: record.id, usual=10, most=100)
    names = table.readable(call.names("properties"))
    return Answer(200, {"results": [body_of(table, each, names) for each in page], **paging})


def update(account: Account, call: Call) -> Answer:
    table = _table(account, call)
    body = object_of(call, {"properties": dict})
    values = table.definitions.clean(body["properties"])
    record = _sought(table, call)
    if record is None:
        raise not_found()
    taken = table.conflict(record, values)
    if taken:
        raise table.clash(taken, record.id, named=account.options.conflicts_name_the_id)
    change(table, record, values, account.at())
    return Answer(200, body_of(table, record, [*values]))


def archive(account: Account, call: Call) -> Answer:
    """204, also when there is nothing to delete."""
    table = _table(account, call)
    record = table.get(call.args["id"])
    if record is not None:
        table.archive(record, account.at())
    return Answer(204)


def merge_two(account: Account, call: Call) -> Answer:
    table = _table(account, call)
    body = object_of(call, {"primaryObjectId": str, "objectIdToMerge": str})
    survivor = merge(account, table, body["primaryObjectId"], body["objectIdToMerge"])
    return Answer(200, body_of(table, survivor, table.kind.shown))


def _table(account: Account, call: Call) -> Table:
    return account.table(kind_called(call.args["kind"]))


def _sought(table: Table, call: Call) -> Record | None:
    id_property = call.first("idProperty")
    table.check_id_property(id_property)
    return table.find(id_property, table.normal(id_property, call.args["id"]))


def _associated(account: Account, record: Record, name: str) -> dict[str, object]:
    kind = kind_called(name)
    live = [each for each in record.links.get(kind.name, {}) if account.table(kind).get(each)]
    rows = [{"id": each, "type": f"{kind.word.lower()}_association"} for each in live]
    return {"results": rows} if rows else {}
