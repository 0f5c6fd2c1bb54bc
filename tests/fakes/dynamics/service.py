"""Who may call, how often, and where a call goes."""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

from syncd.testing import Answer, Call, Refusal
from tests.fakes.dynamics import batch, errors, metadata, querying, writing
from tests.fakes.dynamics.errors import BAD_VALUE, refused
from tests.fakes.dynamics.options import WINDOW
from tests.fakes.dynamics.org import Org
from tests.fakes.dynamics.tables import Table

API = "/api/data/v9.2/"
MOST_REQUESTS, MOST_AT_ONCE, LONGEST_ADDRESS = 6_000, 52, 32_768
_NAMED = re.compile(r"(\w+)\((.*)\)")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PAIR = re.compile(r"(\w+)='((?:[^']|'')*)'")


def answered(org: Org, call: Call, url: str, query: str) -> Answer:
    if call.path == f"/{org.options.tenant}/oauth2/v2.0/token":
        return _token(org, call, url)
    if not call.path.startswith(API):
        return Answer(404, {"error": {"code": "0x8006088a", "message": "Resource not found for the segment"}})
    _check_token(org, call)
    told = _check_limits(org)
    if len(call.path) + len(query) > LONGEST_ADDRESS:
        raise refused(414, BAD_VALUE, "the address is too long")
    if call.path.startswith(f"{API}$batch"):
        answer = batch.answered(call, lambda part: _one(org, part, part.query[""][0], url))
    else:
        answer = _carried_out(org, call, query, url)
    return Answer(answer.status, answer.body, {**answer.headers, **told})


def too_many() -> Answer:
    message = f"Number of requests exceeded the limit of {MOST_REQUESTS} over time window of {WINDOW} seconds."
    return Answer(429, {"error": {"code": errors.TOO_MANY, "message": message}}, {"Retry-After": "47"})


def _one(org: Org, call: Call, query: str, url: str) -> Answer:
    try:
        return _carried_out(org, call, query, url)
    except Refusal as refusal:
        return refusal.answer


def _carried_out(org: Org, call: Call, query: str, url: str) -> Answer:
    base, headers = f"{url}{API}", dict(call.headers)
    path = unquote(call.path.removeprefix(base).removeprefix(API))
    if call.method in ("POST", "PATCH") and not headers.get("content-type", "").startswith("application/json"):
        raise refused(415, BAD_VALUE, "the body is not JSON")
    if path == "WhoAmI" and call.method == "GET":
        return Answer(200, {"UserId": org.robot, "BusinessUnitId": org.new_id(), "OrganizationId": org.new_id()})
    if path == "RetrieveVersion()" and call.method == "GET":
        return Answer(200, {"Version": "9.2.25111.00155"})
    if found := metadata.PATH.fullmatch(path):
        if call.method == "GET":
            return metadata.told(org, found[1], found[2], found[3])
        return metadata.made(org, found[1], found[2], _body(call), headers)
    return _on_rows(org, call, path, query, base)


def _on_rows(org: Org, call: Call, path: str, query: str, base: str) -> Answer:
    headers, named = dict(call.headers), _NAMED.fullmatch(path)
    table = org.table_of(named[1] if named else path)
    if table is None:
        raise refused(404, "0x8006088a", "Resource not found for the segment")
    if table.name in org.hidden:
        raise refused(403, errors.NO_RIGHT, f"Principal user is missing prvRead{table.name.title()} privilege")
    if named is None and call.method == "GET":
        return querying.collection(org, table, query, headers, base)
    if named is None and call.method == "POST":
        return writing.create(org, table, _body(call), query, headers, base)
    if named is None:
        raise refused(405, "0x8006088a", "not a method of a collection")
    keys = _keys(table, named[2])
    if call.method == "PATCH":
        return writing.upsert(org, table, keys, _body(call), query, headers, base)
    row = writing.there(org, table, keys)
    if row is None or call.method not in ("GET", "DELETE"):
        raise errors.no_record(table.name, ",".join(keys.values()))
    if call.method == "DELETE":
        return writing.delete(org, table, row)
    return querying.single(org, table, row, query, headers)


def _keys(table: Table, text: str) -> dict[str, str]:
    if _GUID.fullmatch(text):
        return {table.id: text}
    found = _PAIR.fullmatch(text)
    if found is None:
        raise refused(400, BAD_VALUE, "no key of a record")
    return {found[1]: found[2].replace("''", "'")}


def _body(call: Call) -> Mapping[str, Any]:
    try:
        body: Mapping[str, Any] = orjson.loads(call.body)
    except orjson.JSONDecodeError:
        raise refused(400, BAD_VALUE, "the body is not JSON") from None
    return body


def _token(org: Org, call: Call, url: str) -> Answer:
    options = org.options
    form = {name: values[-1] for name, values in parse_qs(call.body.decode(errors="replace")).items()}
    if form.get("grant_type") != "client_credentials":
        return Answer(400, {"error": "unsupported_grant_type", "error_description": "AADSTS70003"})
    if form.get("scope") != f"{url}/.default":
        return Answer(400, {"error": "invalid_scope", "error_description": "AADSTS70011"})
    login = (form.get("client_id"), form.get("client_secret"))
    if login != (options.client_id, options.client_secret) or not org.login_works:
        return Answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret"})
    token = f"eyJ.{secrets.token_urlsafe(24)}"
    org.tokens[token] = org.now() + timedelta(seconds=options.token_seconds)
    return Answer(200, {"token_type": "Bearer", "expires_in": options.token_seconds, "access_token": token})


def _check_token(org: Org, call: Call) -> None:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or org.tokens.get(token, org.now()) <= org.now():
        raise Refusal(Answer(401, None, {"WWW-Authenticate": "Bearer"}))


def _check_limits(org: Org) -> dict[str, str]:
    """A batch counts once. What is left is told with every answer."""
    now = org.now()
    org.asked = [at for at in org.asked if now - at < timedelta(seconds=WINDOW)] + [now] if org.options.limits else []
    if org.options.limits and org.running > MOST_AT_ONCE:
        message = f"Number of concurrent requests exceeded the limit of {MOST_AT_ONCE}."
        raise refused(429, errors.TOO_MANY_AT_ONCE, message, Retry_After="5")
    if len(org.asked) > MOST_REQUESTS:
        raise Refusal(too_many())
    return {"x-ms-ratelimit-burst-remaining-xrm-requests": str(MOST_REQUESTS - len(org.asked))}
