"""Reading: rows by their id, and collections with filter, order and pages.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from syncd.testing import Answer
from tests.fakes.dynamics.errors import no_record, refused
from tests.fakes.dynamics.odata import Filter
from tests.fakes.dynamics.org import EMAILS, Org, Row
from tests.fakes.dynamics.shapes import FORMATTED, LOGICAL_NAME, expanded, shown
from tests.fakes.dynamics.tables import Table

_ASKED = frozenset({"$select", "$filter", "$orderby", "$top", "$expand", "$skiptoken"})
_EXPANDED = re.compile(r"(\w+)\(\$select=([\w,]+)\)")


def single(org: Org, table: Table, row: Row, query: str, headers: dict[str, str]) -> Answer:
    asked = parameters(query)
    select, expand = _names(asked.get("$select", "")), _expansions(asked.get("$expand", ""))
    body = {**shown(table, row, select, annotated=_annotated(headers)), **expanded(org, table, row, expand)}
    return Answer(200, {"@odata.context": f"$metadata#{table.set}/$entity", **body}, {"ETag": body["@odata.etag"]})


def row_at(org: Org, table: Table, row_id: str) -> Row:
    found = org.rows[table.name].get(row_id.lower())
    if found is None:
        raise no_record(table.name, row_id)
    return found


def collection(org: Org, table: Table, query: str, headers: dict[str, str], url: str) -> Answer:
    asked = parameters(query)
    if "odata.track-changes" in headers.get("prefer", "") or "$deltatoken" in asked:
        return _tracked(org, table, asked, headers, url)
    if not asked.keys() <= _ASKED:
        raise refused(400, "0x80060888", f"The query parameter {min(asked.keys() - _ASKED)} is not supported")
    select, expand = _names(asked.get("$select", "")), _expansions(asked.get("$expand", ""))
    rows = _ordered(table, list(_chosen(org, table, asked.get("$filter", ""))), asked.get("$orderby", ""))
    size = min(_page_size(headers), org.options.page_size)
    if asked.get("$top"):
        rows = rows[: int(asked["$top"])]
    start = int(asked.get("$skiptoken", "0"))
    page = rows[start : start + size]
    annotated = _annotated(headers)
    body: dict[str, Any] = {
        "@odata.context": f"{url}$metadata#{table.set}",
        "value": [
            {**shown(table, row, select, annotated=annotated), **expanded(org, table, row, expand)} for row in page
        ],
    }
    if len(rows) > start + size:
        kept = "&".join(f"{name}={quote(text)}" for name, text in asked.items() if name != "$skiptoken")
        body["@odata.nextLink"] = f"{url}{table.set}?{kept}&$skiptoken={start + size}"
    return Answer(200, body)


def _tracked(org: Org, table: Table, asked: dict[str, str], headers: dict[str, str], url: str) -> Answer:
    """https://learn.microsoft.com/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems"""
    if not asked.keys() <= {"$select", "$deltatoken", "$skiptoken"}:
        raise refused(400, "0x80060888", "Change tracking goes with no filter, order or expansion")
    if not org.options.tracked or table.name not in ("lead", "contact"):
        raise refused(400, "0x80048d1a", f"Change tracking is not enabled for {table.name}")
    since, start = int(asked.get("$deltatoken", "0")), int(asked.get("$skiptoken", "0"))
    select = _names(asked.get("$select", ""))
    rows = [shown(table, row, select) for row in org.live(table.name) if row.version > since]
    gone = f"{url}$metadata#{table.set}/$deletedEntity"
    rows += [
        {"@odata.context": gone, "id": row_id, "reason": "deleted"}
        for version, name, row_id in (org.deleted if since else ())
        if name == table.name and version > since
    ]
    size = min(_page_size(headers), org.options.page_size)
    body: dict[str, Any] = {"value": rows[start : start + size]}
    link = f"{url}{table.set}?$select={','.join(select)}"
    if len(rows) > start + size:
        body["@odata.nextLink"] = f"{link}&$deltatoken={since}&$skiptoken={start + size}"
    else:
        body["@odata.deltaLink"] = f"{link}&$deltatoken={org.version}"
    return Answer(200, body)


def parameters(query: str) -> dict[str, str]:
    """A plus stays a plus, as in the path of an address."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {unquote(name): unquote(text) for name, _, text in pairs}


def _chosen(org: Org, table: Table, text: str) -> Iterator[Row]:
    if not text:
        return org.live(table.name)
    asked = Filter(table, text)
    test, wanted = asked.test(), asked.either
    indexed = {table.id, *EMAILS, *(name for key in table.keys for name in key.columns)}
    if wanted is None or any(column not in indexed for column, _ in wanted):
        return (row for row in org.live(table.name) if test(row))
    found: dict[str, Row] = {}
    for column, value in wanted:
        rows = org.rows[table.name]
        there = [rows[value]] if column == table.id and value in rows else org.held(table.name, column, value)
        found |= {row.id: row for row in there}
    return (row for row in found.values() if test(row))


def _ordered(table: Table, rows: list[Row], order: str) -> list[Row]:
    for part in reversed([part.strip() for part in order.split(",") if part.strip()]):
        name, _, way = part.partition(" ")
        if name not in table.shown() or way not in ("", "asc", "desc"):
            raise refused(400, "0x80060888", f"Syntax error in the order '{part}'")
        rows.sort(key=lambda row: str(row.values.get(name) or ""), reverse=way == "desc")
    return rows


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _expansions(text: str) -> dict[str, list[str]]:
    if text and not re.fullmatch(rf"{_EXPANDED.pattern}(,{_EXPANDED.pattern})*", text):
        raise refused(400, "0x80060888", f"Syntax error in the expansion '{text}'")
    return {name: _names(select) for name, select in _EXPANDED.findall(text)}


def _page_size(headers: dict[str, str]) -> int:
    found = re.search(r"odata\.maxpagesize=(\d+)", headers.get("prefer", ""))
    return min(int(found[1]), 5_000) if found else 5_000


def _annotated(headers: dict[str, str]) -> bool:
    found = re.search(r'odata\.include-annotations="([^"]*)"', headers.get("prefer", ""))
    return bool(found) and {LOGICAL_NAME, FORMATTED} <= set(str(found and found[1]).split(","))
