"""Reading records by id, by address, by what they hang on, and what has happened to them.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
https://www.zoho.com/crm/developer/docs/api/v8/search-records.html
https://www.zoho.com/crm/developer/docs/api/v8/timeline-of-a-record.html
"""

from datetime import datetime, timedelta
from typing import Any

from syncd.testing import Answer, Call
from tests.fakes.zoho.account import Account, Module, Record
from tests.fakes.zoho.errors import refused
from tests.fakes.zoho.shapes import shown, stamp

MOST_FIELDS, MOST_IDS, MOST_ROWS = 50, 100, 200


def get_records(account: Account, call: Call, module: Module) -> Answer:
    """Converted leads are left out unless they are asked for."""
    names = fields_asked(call, module)
    converted = call.first("converted", "false")
    rows = [record for record in module.rows.values() if not record.deleted]
    if converted != "both":
        rows = [record for record in rows if bool(record.contact) == (converted == "true")]
    ids = call.first("ids")
    if ids is not None:
        wanted = ids.split(",")
        if len(wanted) > MOST_IDS or not all(each.isdecimal() for each in wanted):
            raise refused(400, "INVALID_DATA", param_name="ids")
        rows = [record for record in rows if record.id in wanted]
    if call.first("sort_by") == "Modified_Time":
        rows.sort(key=lambda record: record.modified_at, reverse=call.first("sort_order") == "desc")
    return paged(account, call, rows, names)


def search(account: Account, call: Call, module: Module) -> Answer:
    """By an index that lags."""
    names = fields_asked(call, module)
    address = (call.first("email") or "").casefold()
    if not address:
        raise refused(400, "REQUIRED_PARAM_MISSING", param_name="email")
    seen = account.now() - timedelta(seconds=account.options.search_lag)
    rows = [
        record
        for record in module.live()
        if record.modified_at <= seen
        and address in (str(record.values.get(name, "")).casefold() for name in ("Email", "Secondary_Email"))
    ]
    return paged(account, call, rows, names)


def deleted(account: Account, call: Call, module: Module) -> Answer:
    """304 where nothing has gone since; the last first."""
    if call.first("type", "all") not in ("all", "recycle", "permanent"):
        raise refused(400, "INVALID_DATA", param_name="type")
    asked = call.headers.get("if-modified-since")
    since = datetime.fromisoformat(asked) if asked else None
    gone = [(record.deleted_at, record) for record in module.rows.values() if record.deleted and record.deleted_at]
    rows = [
        {
            "id": record.id,
            "display_name": str(record.values.get("Last_Name", "")),
            "type": "recycle",
            "created_by": record.created_by.small(),
            "deleted_by": record.modified_by.small(),
            "deleted_time": stamp(at),
        }
        for at, record in sorted(gone, key=lambda each: each[0], reverse=True)
        if since is None or at >= since
    ]
    if not rows:
        return Answer(304 if since else 204)
    info = {"per_page": MOST_ROWS, "count": len(rows), "page": 1, "more_records": False}
    return Answer(200, {"data": rows, "info": info})


def related(account: Account, call: Call, module: Module, record_id: str, listed: Module) -> Answer:
    """Tasks and notes that hang on a record."""
    names = fields_asked(call, listed)
    if account.record(module.name, record_id) is None:
        raise refused(400, "INVALID_DATA", "the id given seems to be invalid", resource_path_index=1)
    seen = account.now() - timedelta(seconds=account.options.read_lag)
    rows = [
        record
        for record in listed.live()
        if record.created_at <= seen
        and any((record.values.get(name) or {}).get("id") == record_id for name in ("What_Id", "Who_Id", "Parent_Id"))
    ]
    return paged(account, call, rows, names)


def timeline(account: Account, call: Call, module: Module, record_id: str) -> Answer:
    record = account.record(module.name, record_id)
    if record is None:
        raise refused(400, "INVALID_DATA", "the related id given seems to be invalid", resource_path_index=1)
    events: list[dict[str, Any]] = [
        {
            "id": f"{record_id}{place:03}",
            "audited_time": stamp(event.at),
            "action": "updated",
            "source": "crm_ui",
            "type": "field_history",
            "done_by": {"name": event.by.name, "id": event.by.id},
            "record": {"name": "", "id": record_id, "module": {"api_name": module.name, "id": "1"}},
            "field_history": [
                {"api_name": name, "field_label": name, "data_type": "text", "_value": {"old": old, "new": new}}
                for name, old, new in event.changes
            ],
        }
        for place, event in enumerate(record.events)
    ]
    events.reverse()
    info = {"per_page": MOST_ROWS, "page": 1, "count": len(events), "more_records": False}
    return Answer(200, {"__timeline": events[:MOST_ROWS], "info": info})


def fields_asked(call: Call, module: Module) -> list[str]:
    """They have to be named, fifty at most, and each has to be one."""
    given = call.first("fields")
    if not given:
        raise refused(400, "REQUIRED_PARAM_MISSING", param_name="fields")
    names = given.split(",")
    if len(names) > MOST_FIELDS:
        raise refused(400, "LIMIT_EXCEEDED", limit=MOST_FIELDS, param_name="fields")
    if strange := [name for name in names if name != "id" and name not in module.fields]:
        raise refused(400, "INVALID_DATA", api_name=strange[0], param_name="fields")
    return names


def paged(account: Account, call: Call, rows: list[Record], names: list[str]) -> Answer:
    """204 without a body where there is nothing."""
    page, size = int(call.first("page", "1") or 1), int(call.first("per_page", "200") or 200)
    if not 1 <= size <= MOST_ROWS or page < 1:
        raise refused(400, "INVALID_DATA", param_name="per_page")
    part = rows[(page - 1) * size : page * size]
    if not part:
        return Answer(204)
    info = {"per_page": size, "count": len(part), "page": page, "more_records": len(rows) > page * size}
    return Answer(200, {"data": [shown(account, record, names) for record in part], "info": info})
