"""The association endpoints of v4 and of the date-versioned API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.associations import (
    CATEGORY,
    End,
    checked_types,
    join,
    label,
    part,
    plain_type,
)
from tests.fakes.hubspot.calls import Answer, Call, closed, inputs_of, object_of, page_of
from tests.fakes.hubspot.errors import Refusal, invalid, not_found
from tests.fakes.hubspot.kinds import kind_called
from tests.fakes.hubspot.records import Record, Table

MOST_CREATED = 2000
MOST_READ = 1000
MOST_LISTED = 500
_PAIR = {"from": dict, "to": dict}

Ends = tuple[End, End]


@dataclass(frozen=True, slots=True)
class Pair:
    of: Table
    to: Table

    def ends(self, ids: tuple[str, str]) -> Ends:
        return (self.of, _end(self.of, ids[0])), (self.to, _end(self.to, ids[1]))


def associate_default(account: Account, call: Call) -> Answer:
    """PUT without a body: the unlabelled type."""
    pair = _pair(account, call)
    ids = call.args["id"], call.args["to_id"]
    return Answer(200, _batch(account, _join_plainly(account, pair, ids)))


def associate(account: Account, call: Call) -> Answer:
    """PUT with a list of types."""
    pair = _pair(account, call)
    wrapped = Call(call.method, call.path, call.query, b'{"types":' + call.body + b"}")
    given = object_of(wrapped, {"types": list})["types"]
    types = checked_types(pair.of.kind, pair.to.kind, given)
    ids = call.args["id"], call.args["to_id"]
    return Answer(201, _join_labelled(account, pair, ids, types))


def dissociate(account: Account, call: Call) -> Answer:
    part(*_pair(account, call).ends((call.args["id"], call.args["to_id"])))
    return Answer(204)


def list_associations(account: Account, call: Call) -> Answer:
    pair = _pair(account, call)
    rows = _targets(pair, _end(pair.of, call.args["id"]))
    usual = MOST_LISTED
    page, paging = page_of(call, rows, lambda r: str(r["toObjectId"]), usual=usual, most=usual)
    return Answer(200, {"results": page, **paging})


def batch_create(account: Account, call: Call) -> Answer:
    """201, or 207 when some ids are unknown; a wrong type id fails the whole call."""
    pair = _pair(account, call)
    body = object_of(call, {"inputs": list})
    inputs = inputs_of(body, {**_PAIR, "types": list}, limit=MOST_CREATED)
    wanted = [(_ids(each), checked_types(pair.of.kind, pair.to.kind, each["types"])) for each in inputs]
    steps = [partial(_create_one, account, pair, *each) for each in wanted]
    return _each(account, 201, steps)


def batch_associate_default(account: Account, call: Call) -> Answer:
    pair = _pair(account, call)
    inputs = inputs_of(object_of(call, {"inputs": list}), _PAIR, limit=MOST_CREATED)
    ids = [_ids(each) for each in inputs]
    return _each(account, 200, [partial(_join_plainly, account, pair, each) for each in ids])


def batch_read(account: Account, call: Call) -> Answer:
    """A record without any comes as an error entry, so 207 is ordinary here."""
    pair = _pair(account, call)
    body = object_of(call, {"inputs": list})
    inputs = inputs_of(body, {"id": str}, {"after": str}, limit=MOST_READ)
    return _each(account, 200, [partial(_read_one, pair, each["id"]) for each in inputs])


def _create_one(account: Account, pair: Pair, ids: tuple[str, str], types: tuple[int, ...]) -> list[dict[str, Any]]:
    return [_join_labelled(account, pair, ids, types)]


def _read_one(pair: Pair, record_id: str) -> list[dict[str, Any]]:
    record = pair.of.get(record_id)
    rows = _targets(pair, record) if record else []
    if record is None or not rows:
        of, to = pair.of.kind.word.lower(), pair.to.kind.word.lower()
        raise not_found(
            f"No {to} is associated with {of} {record_id}.",
            subCategory="crm.associations.NO_ASSOCIATIONS_FOUND",
            context={
                "fromObjectId": [record_id],
                "fromObjectType": [of],
                "toObjectType": [to],
            },
        )
    return [{"from": {"id": record.id}, "to": rows}]


def _each(account: Account, status: int, steps: Sequence[Callable[[], list[dict[str, Any]]]]) -> Answer:
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for step in steps:
        try:
            results += step()
        except Refusal as refusal:
            errors.append(refusal.item())
    body = _batch(account, results)
    if not errors:
        return Answer(status, body)
    return Answer(207, {**body, "errors": errors, "numErrors": len(errors)})


def _batch(account: Account, results: list[dict[str, Any]]) -> dict[str, Any]:
    at = account.at()
    return {
        "status": "COMPLETE",
        "results": account.shuffled(results),
        "startedAt": at,
        "completedAt": at,
    }


def _pair(account: Account, call: Call) -> Pair:
    of, to = kind_called(call.args["kind"]), kind_called(call.args["to_kind"])
    plain_type(of, to)
    return Pair(account.table(of), account.table(to))


def _ids(given: dict[str, Any]) -> tuple[str, str]:
    of, to = (closed(given[name], {"id": str})["id"] for name in ("from", "to"))
    return of, to


def _end(table: Table, record_id: str) -> Record:
    record = table.get(record_id)
    if record is None:
        raise invalid(
            f"{record_id} is not a valid ID",
            subCategory="crm.associations.INVALID_IDENTIFIER",
            context={"id": [record_id]},
        )
    return record


def _join_plainly(account: Account, pair: Pair, ids: tuple[str, str]) -> list[dict[str, Any]]:
    plain, ends = plain_type(pair.of.kind, pair.to.kind), pair.ends(ids)
    join(*ends, (plain,), account.at())
    of, to = ends[0][1].id, ends[1][1].id
    back = plain_type(pair.to.kind, pair.of.kind)
    return [_plain(of, to, plain), _plain(to, of, back)]


def _plain(of: str, to: str, type_id: int) -> dict[str, Any]:
    spec = {"associationCategory": CATEGORY, "associationTypeId": type_id}
    return {"from": {"id": of}, "to": {"id": to}, "associationSpec": spec}


def _join_labelled(account: Account, pair: Pair, ids: tuple[str, str], types: tuple[int, ...]) -> dict[str, Any]:
    ends = pair.ends(ids)
    join(*ends, types, account.at())
    of, to = pair.of.kind, pair.to.kind
    return {
        "fromObjectTypeId": of.type_id,
        "fromObjectId": ends[0][1].id,
        "toObjectTypeId": to.type_id,
        "toObjectId": ends[1][1].id,
        "labels": [name for each in types if (name := label(of, to, each))],
    }


def _targets(pair: Pair, record: Record) -> list[dict[str, Any]]:
    of, to = pair.of.kind, pair.to.kind
    return [
        {
            "toObjectId": target,
            "associationTypes": [
                {"category": CATEGORY, "typeId": each, "label": label(of, to, each)} for each in sorted(types)
            ],
        }
        for target, types in record.links.get(to.name, {}).items()
        if pair.to.get(target)
    ]
