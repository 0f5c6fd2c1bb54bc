"""Which call is which: paths of v3/v4 and of the date-versioned API, and the scope each needs."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from tests.fakes.hubspot import (
    association_calls,
    batches,
    limits,
    objects,
    owners,
    properties,
    search,
    tokens,
)
from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.kinds import kind_called
from tests.fakes.hubspot.options import PORTAL
from tests.fakes.hubspot.properties import PropertyTable

Handler = Callable[[Account, Call], Answer]

_DATED = r"\d{4}-\d{2}"
_OBJECTS = rf"/crm/(?:v3/objects|objects/{_DATED})"
_JOINED = rf"/crm/(?:v4/objects|objects/{_DATED})"
_ASSOCIATIONS = rf"/crm/(?:v4/associations|associations/{_DATED})"
_PROPERTIES = rf"/crm/(?:v3/properties|properties/{_DATED})"
_ACCOUNT = rf"/account-info/(?:v3|{_DATED})"
_OWNERS = rf"/crm/(?:v3/owners|owners/{_DATED})"
_LITERAL_ARGS = {"kind", "to_kind"}  # kept as they are in a template


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    scope: str | None  # None: open to everybody, "": to every token

    @property
    def is_search(self) -> bool:
        return self.handler is search.search


@dataclass(frozen=True, slots=True)
class Match:
    route: Route
    args: Mapping[str, str]
    template: str  # the path with its ids replaced by {id} and the like

    def scope(self) -> str | None:
        """The granular scope; tasks and notes go by that of contacts."""
        if not self.route.scope or "{kind}" not in self.route.scope:
            return self.route.scope
        return self.route.scope.replace("{kind}", kind_called(self.args["kind"]).scope)


def matched(method: str, path: str) -> Match | None:
    for route in _ROUTES.get(method, ()):
        found = route.pattern.fullmatch(path)
        if found:
            args = {name: unquote(value) for name, value in found.groupdict().items()}
            return Match(route, args, _template(path, found))
    return None


def is_known(path: str) -> bool:
    return any(route.pattern.fullmatch(path) for routes in _ROUTES.values() for route in routes)


def _template(path: str, found: re.Match[str]) -> str:
    kept, end = "", 0
    for name in found.groupdict():
        if name not in _LITERAL_ARGS:
            kept += path[end : found.start(name)] + "{" + name + "}"
            end = found.end(name)
    return kept + path[end:]


def _routes() -> Iterator[Route]:
    read, write = "crm.objects.{kind}.read", "crm.objects.{kind}.write"
    see, shape = "crm.schemas.{kind}.read", "crm.schemas.{kind}.write"
    for method, path, handler, scope in (
        ("POST", f"{_OBJECTS}/<kind>/batch/create", batches.batch_create, write),
        ("POST", f"{_OBJECTS}/<kind>/batch/read", batches.batch_read, read),
        ("POST", f"{_OBJECTS}/<kind>/batch/update", batches.batch_update, write),
        ("POST", f"{_OBJECTS}/<kind>/batch/upsert", batches.batch_upsert, write),
        ("POST", f"{_OBJECTS}/<kind>/batch/archive", batches.batch_archive, write),
        ("POST", f"{_OBJECTS}/<kind>/search", search.search, read),
        ("POST", f"{_OBJECTS}/<kind>/merge", objects.merge_two, write),
        ("POST", f"{_OBJECTS}/<kind>", objects.create, write),
        ("GET", f"{_OBJECTS}/<kind>", objects.list_all, read),
        ("GET", f"{_OBJECTS}/<kind>/<id>", objects.get_one, read),
        ("PATCH", f"{_OBJECTS}/<kind>/<id>", objects.update, write),
        ("DELETE", f"{_OBJECTS}/<kind>/<id>", objects.archive, write),
        *_association_routes(read, write),
        ("GET", _OWNERS, _owners(owners.list_owners), "crm.objects.owners.read"),
        ("GET", f"{_OWNERS}/<id>", _owners(owners.get_owner), "crm.objects.owners.read"),
        ("GET", f"{_PROPERTIES}/<kind>", _defined(properties.list_properties), see),
        ("POST", f"{_PROPERTIES}/<kind>", _create_property, shape),
        ("GET", f"{_PROPERTIES}/<kind>/groups", _defined(properties.list_groups), see),
        ("POST", f"{_PROPERTIES}/<kind>/groups", _defined(properties.create_group), shape),
        ("GET", f"{_PROPERTIES}/<kind>/<name>", _defined(properties.get_property), see),
        ("PATCH", f"{_PROPERTIES}/<kind>/<name>", _defined(properties.update_property), shape),
        ("GET", f"{_ACCOUNT}/api-usage/daily/private-apps", _usage, ""),
        ("GET", f"{_ACCOUNT}/details", _details, ""),
        ("POST", "/oauth/v[13]/token", _refresh, None),
    ):
        pattern = re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path) + "/?")
        yield Route(method, pattern, handler, scope)


def _association_routes(read: str, write: str) -> Iterator[tuple[str, str, Handler, str]]:
    one = f"{_JOINED}/<kind>/<id>/associations"
    many = f"{_ASSOCIATIONS}/<kind>/<to_kind>/batch"
    calls = association_calls
    yield "PUT", f"{one}/default/<to_kind>/<to_id>", calls.associate_default, write
    yield "PUT", f"{one}/<to_kind>/<to_id>", calls.associate, write
    yield "DELETE", f"{one}/<to_kind>/<to_id>", calls.dissociate, write
    yield "GET", f"{one}/<to_kind>", calls.list_associations, read
    yield "POST", f"{many}/create", calls.batch_create, write
    yield "POST", f"{many}/associate/default", calls.batch_associate_default, write
    yield "POST", f"{many}/read", calls.batch_read, read


def _defined(handler: Callable[[PropertyTable, Call], Answer]) -> Handler:
    return lambda account, call: handler(_definitions(account, call), call)


def _owners(handler: Callable[[owners.OwnerTable, Call], Answer]) -> Handler:
    return lambda account, call: handler(account.owners, call)


def _create_property(account: Account, call: Call) -> Answer:
    allowed = account.unique_allowed(kind_called(call.args["kind"]))
    create = partial(properties.create_property, unique_allowed=allowed)
    return create(_definitions(account, call), call)


def _definitions(account: Account, call: Call) -> PropertyTable:
    return account.table(kind_called(call.args["kind"])).definitions


def _usage(account: Account, call: Call) -> Answer:
    return limits.usage(account.meter, call, account.now())


def _details(account: Account, _: Call) -> Answer:
    """https://developers.hubspot.com/docs/api-reference/account-account-info-v3/guide"""
    offset = ZoneInfo(account.options.zone).utcoffset(account.now()) or timedelta(0)
    hours, minutes = divmod(int(offset.total_seconds()) // 60, 60)
    body = {
        "portalId": PORTAL,
        "accountType": "STANDARD",
        "timeZone": account.options.zone,
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": f"{hours:+03}:{minutes:02}",
        "utcOffsetMilliseconds": int(offset.total_seconds() * 1000),
        "uiDomain": "app-eu1.hubspot.com",
        "dataHostingLocation": "eu1",
    }
    return Answer(200, body)


def _refresh(account: Account, call: Call) -> Answer:
    return tokens.refresh(account.tokens, call, account.now())


_ROUTES: dict[str, list[Route]] = {}
for _route in _routes():
    _ROUTES.setdefault(_route.method, []).append(_route)
