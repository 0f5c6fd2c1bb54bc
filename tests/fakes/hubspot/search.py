"""POST .../search: the limits on the request, the page, and the order.

https://developers.hubspot.com/docs/api-reference/search/guide
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.calls import Answer, Call, object_of, strings_of
from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.filters import Group, comparable, compiled
from tests.fakes.hubspot.kinds import kind_called
from tests.fakes.hubspot.records import Record, Table, body_of

MOST = 200
USUAL = 10
REACH = 10_000
LONGEST_BODY = 3_000  # characters
MOST_GROUPS = 5
MOST_FILTERS = 18
_KEYS = {
    "filterGroups": list,
    "properties": list,
    "sorts": list,
    "limit": int,
    "after": str,
    "query": str,
}
_QUERIED = (
    *("firstname", "lastname", "email", "phone", "mobilephone", "company", "hs_additional_emails"),
    *("name", "domain", "website", "hs_task_subject", "hs_task_body", "hs_note_body"),
)

Found = tuple[Record, Mapping[str, str]]


def search(account: Account, call: Call) -> Answer:
    """Only what the index has taken up; what was written a moment ago may be missing or old."""
    table = account.table(kind_called(call.args["kind"]))
    if len(call.body.decode(errors="replace")) > LONGEST_BODY:
        raise invalid(f"The request body may have at most {LONGEST_BODY} characters")
    body = object_of(call, {}, _KEYS)
    limit, after = _page(body)
    groups = _groups(table, body.get("filterGroups", []))
    order = _order(table, body.get("sorts", []))
    found = [
        (record, held)
        for record, held in _candidates(table, groups, account.now().timestamp())
        if _fits(groups, body.get("query", ""), held)
    ]
    found = _sorted(table, found, order)
    names = table.readable(strings_of(body, "properties"))
    rows = [_row(table, each, names) for each in found[after : after + limit]]
    answer: dict[str, Any] = {"total": len(found), "results": rows}
    if after + limit < len(found):
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return Answer(200, answer)


def _page(body: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit", USUAL), body.get("after") or "0"
    if not 1 <= limit <= MOST:
        raise invalid(f"limit must be between 1 and {MOST}")
    if not after.isdigit():
        raise invalid("after must be an integer")
    if int(after) >= REACH:
        raise invalid(f"Paging beyond {REACH} results is not supported")
    return limit, int(after)


def _groups(table: Table, given: list[Any]) -> list[Group]:
    if len(given) > MOST_GROUPS:
        raise invalid(f"A search may have at most {MOST_GROUPS} filter groups")
    groups = [compiled(table.definitions, each) for each in given]
    if sum(len(group.filters) for group in groups) > MOST_FILTERS:
        raise invalid(f"A search may have at most {MOST_FILTERS} filters")
    return groups


def _order(table: Table, given: list[Any]) -> tuple[str, bool] | None:
    """The property and whether descending; `-name`, `name` or {propertyName, direction}."""
    if len(given) > 1:
        raise invalid("Only one sort is supported")
    if not given:
        return None
    rule = given[0]
    if isinstance(rule, dict):
        name, down = str(rule.get("propertyName")), rule.get("direction") == "DESCENDING"
    else:
        name, down = str(rule).removeprefix("-"), str(rule).startswith("-")
    if name not in table.definitions.by_name:
        raise invalid(f"Property {name} does not exist")
    return name, down


def _candidates(table: Table, groups: list[Group], now: float) -> Iterable[Found]:
    """The records the index has; of a search for recent changes only the recent ones."""
    since = groups[0].changed_since(table.kind.modified) if len(groups) == 1 else None
    floor = "" if since is None else datetime.fromtimestamp(since, UTC).isoformat()[:19]
    for record in reversed(table.by_change.values()):
        if record.updated_at < floor:
            return
        held = table.visible(record, now)
        if held is not None:
            yield record, held


def _fits(groups: list[Group], query: str, held: Mapping[str, str]) -> bool:
    if query:
        text = " ".join(held.get(name, "") for name in _QUERIED).lower()
        if not all(word in text for word in query.lower().split()):
            return False
    return not groups or any(group.fits(held) for group in groups)


def _sorted(table: Table, found: list[Found], order: tuple[str, bool] | None) -> list[Found]:
    """Oldest first unless asked otherwise; a record without the property comes last."""
    found.sort(key=lambda each: int(each[0].id))
    if order is None:
        return found
    name, down = order
    form = table.definitions.by_name[name].type
    with_value = [(comparable(form, each[1][name]), each) for each in found if name in each[1]]
    with_value.sort(key=itemgetter(0), reverse=down)
    return [each for _, each in with_value] + [each for each in found if name not in each[1]]


def _row(table: Table, found: Found, names: Sequence[str]) -> dict[str, Any]:
    record, held = found
    body = body_of(table, record, names)
    body["properties"] = {name: held.get(name) for name in body["properties"]}
    body["updatedAt"] = held[table.kind.modified]
    return body
