"""Calls about one record, one object, one query, and what the organisation says of itself.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_list.htm
"""

from urllib.parse import parse_qs

from syncd.testing import Answer, Refusal
from tests.fakes.salesforce import customising, querying
from tests.fakes.salesforce.batches import upserted
from tests.fakes.salesforce.calls import Call, body_of, object_of
from tests.fakes.salesforce.catalogue import PREFIXES
from tests.fakes.salesforce.errors import Problem, Refused, malformed
from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.saving import insert, update

MOST_REQUESTS, MOST_QUERIES = 25, 5
LONGEST_URL = 16_384


def create(org: Org, call: Call) -> Answer:
    try:
        given = body_of(call)
        if call.args["kind"] == "FieldPermissions":
            customising.check_permission(org, given)
        record = insert(org, org.table(call.args["kind"]), given, call.manner)
    except Problem as problem:
        raise problem.refused() from problem
    customising.granted(org, record)
    return Answer(201, {"id": record.id, "success": True, "errors": []})


def change(org: Org, call: Call) -> Answer:
    record = org.table(call.args["kind"]).by_id.get(call.args["id"])
    if record is None:
        raise Refused(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible")
    try:
        update(org, record, body_of(call), call.manner)
    except Problem as problem:
        raise problem.refused(404 if problem.code == "ENTITY_IS_DELETED" else 400) from problem
    return Answer(204)


def upsert(org: Org, call: Call) -> Answer:
    """201, or 200; 300 with the addresses of all that hold the key."""
    kind, key, value = call.args["kind"], call.args["key"], call.args["value"]
    table, given = org.tables.get(kind), body_of(call)
    if table is None or key not in table.visible() or not table.fields[key].lookup:
        said = f"Provided external ID field does not exist or is not accessible: {key}"
        raise Refused(404, "NOT_FOUND", said)
    if key in given:
        said = f"The {key} field should not be specified in the sobject data."
        raise Refused(400, "INVALID_FIELD", said, fields=[key])
    found = table.matching(key, value)
    if len(found) > 1:
        raise Refusal(Answer(300, [f"/services/data/v59.0/sobjects/{kind}/{each.id}" for each in found]))
    try:
        item = upserted(org, table, key, value, given, call)
    except Problem as problem:
        raise problem.refused() from problem
    return Answer(201 if item["created"] else 200, item)


def describe(org: Org, call: Call) -> Answer:
    try:
        table = org.table(call.args["kind"])
    except Problem as problem:
        raise problem.refused(404) from problem
    fields = [field.described() for field in table.visible().values()]
    return Answer(200, {"name": table.name, "keyPrefix": PREFIXES[table.name], "fields": fields})


def query(org: Org, call: Call) -> Answer:
    return querying.answered(org, call.first("q") or "", deleted=False)


def query_all(org: Org, call: Call) -> Answer:
    return querying.answered(org, call.first("q") or "", deleted=True)


def query_more(org: Org, call: Call) -> Answer:
    return querying.more(org, call.args["cursor"])


def composite(org: Org, call: Call) -> Answer:
    """Queries alone; each answers with a status of its own under one 200."""
    requests = object_of(call, {"compositeRequest": list}, {"allOrNone": bool})["compositeRequest"]
    if not 0 < len(requests) <= MOST_REQUESTS:
        raise Refused(400, "LIMIT_EXCEEDED", f"The limit of {MOST_REQUESTS} requests is exceeded")
    if len(requests) > MOST_QUERIES:
        raise Refused(400, "LIMIT_EXCEEDED", f"The limit of {MOST_QUERIES} queries is exceeded")
    names = [each.get("referenceId") for each in requests]
    if len(set(names)) != len(names) or not all(names):
        raise Refused(400, "INVALID_INPUT", "referenceId is missing or not unique")
    return Answer(200, {"compositeResponse": [_part(org, each) for each in requests]})


def _part(org: Org, request: dict[str, str]) -> dict[str, object]:
    path, _, asked = request["url"].partition("?")
    every = path.rstrip("/").endswith("/queryAll")
    if request.get("method") != "GET" or not path.startswith("/services/data/v") or "/query" not in path:
        raise malformed("the fake answers queries alone in a composite request")
    try:
        if len(request["url"]) > LONGEST_URL:
            raise Refused(414, "URI_TOO_LONG", "The URI is too long")
        answer = querying.answered(org, parse_qs(asked).get("q", [""])[0], deleted=every)
    except Refusal as refusal:
        answer = refusal.answer
    return {
        "body": answer.body,
        "httpHeaders": {},
        "httpStatusCode": answer.status,
        "referenceId": request["referenceId"],
    }


def limits(org: Org, _: Call) -> Answer:
    left, most = org.meter.left(org.now())
    return Answer(200, {"DailyApiRequests": {"Max": most, "Remaining": left}})


def versions(org: Org, _: Call) -> Answer:
    told = [{"label": f"v{each}", "url": f"/services/data/v{each}", "version": each} for each in org.options.versions]
    return Answer(200, told)


def grant(org: Org, call: Call) -> Answer:
    return org.tokens.grant(call, org.now(), org.url, org.me)
