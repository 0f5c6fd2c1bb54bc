"""The batch calls: all or nothing, unless every input of a write carries its own trace id.

https://developers.hubspot.com/docs/api-reference/error-handling#multi-status-errors
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.associations import Link, checked_links, join_all
from tests.fakes.hubspot.calls import Answer, Call, inputs_of, object_of, strings_of
from tests.fakes.hubspot.errors import Refusal, duplicate_ids, invalid, missing_fields, some_missing
from tests.fakes.hubspot.kinds import kind_called
from tests.fakes.hubspot.records import Record, Table, body_of
from tests.fakes.hubspot.writing import change, make, require

MOST_WITH_HISTORY = 50
CONFLICT = 409
_TRACE = {"objectWriteTraceId": str}


@dataclass(slots=True)
class Wish:
    """One checked input of a write."""

    values: dict[str, str]
    record: Record | None = None  # None: to be made
    missing: str | None = None  # the id under which nothing was found
    links: tuple[Link, ...] = ()
    trace: str | None = None


def batch_create(account: Account, call: Call) -> Answer:
    table = _table(account, call)
    inputs = inputs_of(object_of(call, {"inputs": list}), {"properties": dict}, {"associations": list, **_TRACE})
    wishes = [_to_make(account, table, each) for each in inputs]
    return _carry_out(account, table, wishes, made=201)


def batch_update(account: Account, call: Call) -> Answer:
    table = _table(account, call)
    inputs = _keyed(call)
    keys = _keys(table, inputs)
    wishes = [_to_update(table, each, *key) for each, key in zip(inputs, keys, strict=True)]
    _refuse_twice([wish.record for wish in wishes])
    return _carry_out(account, table, wishes)


def batch_upsert(account: Account, call: Call) -> Answer:
    """Keyed by e-mail it stays all or nothing: partial upserts need a key of one's own.

    https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide#upsert-contacts
    """
    table = _table(account, call)
    inputs = _keyed(call)
    if any("idProperty" not in each for each in inputs):
        raise missing_fields(["idProperty"])
    keys = _keys(table, inputs)
    wishes = [_to_upsert(table, each, *key) for each, key in zip(inputs, keys, strict=True)]
    _refuse_twice([wish.record for wish in wishes])
    partly = keys[0][0] != "email"
    return _carry_out(account, table, wishes, partly=partly, upsert=keys[0][0])


def batch_read(account: Account, call: Call) -> Answer:
    """200, or 207 with one entry that lists the ids not found."""
    table = _table(account, call)
    body = object_of(
        call,
        {"inputs": list},
        {"idProperty": str, "properties": list, "propertiesWithHistory": list},
    )
    history = strings_of(body, "propertiesWithHistory")
    inputs = inputs_of(body, {"id": str}, limit=MOST_WITH_HISTORY if history else 100)
    id_property = body.get("idProperty")
    table.check_id_property(id_property)
    ids = [table.normal(id_property, each["id"]) for each in inputs]
    _refuse_duplicates(ids)
    found = {each: table.find(id_property, each) for each in ids}
    records = {record.id: record for record in found.values() if record}
    names = table.readable(strings_of(body, "properties"))
    rows = [body_of(table, record, names, table.readable(history) if history else ()) for record in records.values()]
    missing = [each for each, record in found.items() if record is None]
    errors = [some_missing(table.kind.word, missing).item()] if missing else []
    return _answer(account, 200, rows, errors)


def batch_archive(account: Account, call: Call) -> Answer:
    table = _table(account, call)
    inputs = inputs_of(object_of(call, {"inputs": list}), {"id": str})
    for each in inputs:
        record = table.get(each["id"])
        if record is not None:
            table.archive(record, account.at())
    return Answer(204)


def _to_make(account: Account, table: Table, given: Mapping[str, Any]) -> Wish:
    values = table.definitions.clean(given["properties"])
    require(table.kind, values)
    links = checked_links(account, table.kind, given.get("associations", []))
    return Wish(values, links=tuple(links), trace=given.get("objectWriteTraceId"))


def _to_update(table: Table, given: Mapping[str, Any], id_property: str, key: str) -> Wish:
    values, record = table.definitions.clean(given["properties"]), table.find(id_property, key)
    missing = None if record else key
    return Wish(values, record, missing, trace=given.get("objectWriteTraceId"))


def _to_upsert(table: Table, given: Mapping[str, Any], id_property: str, key: str) -> Wish:
    record = table.find(id_property, key)
    values = table.definitions.clean({id_property: key, **given["properties"]})
    if record is None:
        require(table.kind, values)
    return Wish(values, record, trace=given.get("objectWriteTraceId"))


def _carry_out(
    account: Account,
    table: Table,
    wishes: list[Wish],
    *,
    made: int = 200,
    partly: bool = True,
    upsert: str | None = None,
) -> Answer:
    traces = [wish.trace for wish in wishes]
    partly = partly and None not in traces and len(set(traces)) == len(traces)
    if not partly:
        _refuse_any(table, wishes)
    rows: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    at = account.at()
    for wish in wishes:
        refused = _refused(table, wish, {}, named=True)
        if refused is None:
            rows.append(_write(account, table, wish, upsert, at))
        else:
            errors.append(_traced(table, wish, refused))
    return _answer(account, made, rows, errors)


def _refuse_any(table: Table, wishes: list[Wish]) -> None:
    """The whole call fails with the first offender; nothing has been written yet."""
    missing = [wish.missing for wish in wishes if wish.missing is not None]
    if missing:
        raise some_missing(table.kind.word, missing)
    claimed: dict[tuple[str, str], str] = {}
    for place, wish in enumerate(wishes):
        refused = _refused(table, wish, claimed, named=False)
        if refused is not None:
            raise refused
        owner = wish.record.id if wish.record else f"input {place}"
        claimed |= dict.fromkeys(wish.values.items(), owner)


def _refused(table: Table, wish: Wish, claimed: Mapping[tuple[str, str], str], *, named: bool) -> Refusal | None:
    if wish.missing is not None:
        return some_missing(table.kind.word, [wish.missing])
    taken = table.conflict(wish.record, wish.values, claimed)
    if taken is None:
        return None
    return table.clash(taken, wish.record.id if wish.record else "new", named=named)


def _traced(table: Table, wish: Wish, refused: Refusal) -> dict[str, Any]:
    context = {"objectWriteTraceId": [wish.trace or ""]}
    taken = None if wish.missing else table.conflict(wish.record, wish.values)
    if taken and refused.status == CONFLICT:
        context["existingId"] = [taken[2]]
    return refused.item(**context)


def _write(account: Account, table: Table, wish: Wish, upsert: str | None, at: str) -> dict[str, Any]:
    record = wish.record
    if record is None:
        record = make(table, account.next_id(), wish.values, at)
    else:
        change(table, record, wish.values, at)
    join_all(account, (table, record), wish.links, at)
    row = body_of(table, record, [*wish.values])
    if upsert is not None:
        row["new"] = wish.record is None
    if wish.trace is not None and account.options.echo_trace_ids:
        row["objectWriteTraceId"] = wish.trace
    return row


def _answer(account: Account, status: int, rows: list[dict[str, Any]], errors: list[dict[str, Any]]) -> Answer:
    at = account.at()
    body = {
        "status": "COMPLETE",
        "results": account.shuffled(rows),
        "startedAt": at,
        "completedAt": at,
    }
    if errors:
        return Answer(207, {**body, "errors": errors, "numErrors": len(errors)})
    return Answer(status, body)


def _keyed(call: Call) -> list[dict[str, Any]]:
    return inputs_of(
        object_of(call, {"inputs": list}),
        {"id": str, "properties": dict},
        {"idProperty": str, **_TRACE},
    )


def _keys(table: Table, inputs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The id property (all inputs share one) and each normalised key; no key twice."""
    id_properties = {each.get("idProperty", "hs_object_id") for each in inputs}
    if len(id_properties) > 1:
        raise invalid("All inputs must use the same idProperty")
    id_property = id_properties.pop()
    table.check_id_property(id_property)
    keys = [(id_property, table.normal(id_property, each["id"])) for each in inputs]
    _refuse_duplicates([key for _, key in keys])
    return keys


def _refuse_duplicates(ids: list[str]) -> None:
    twice = sorted({each for each in ids if ids.count(each) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise duplicate_ids(twice)


def _refuse_twice(records: list[Record | None]) -> None:
    """Two inputs that resolve to one record, by different keys or merged ids."""
    _refuse_duplicates([record.id for record in records if record])


def _table(account: Account, call: Call) -> Table:
    return account.table(kind_called(call.args["kind"]))
