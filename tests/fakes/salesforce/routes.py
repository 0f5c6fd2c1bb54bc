"""Which call is which."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from syncd.testing import Answer
from tests.fakes.salesforce import batches, customising, objects
from tests.fakes.salesforce.calls import Call
from tests.fakes.salesforce.org import Org

Handler = Callable[[Org, Call], Answer]
_DATA = "/services/data/v<version>"
_LITERAL = {"kind", "key"}  # kept as they are in a template


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    open: bool = False  # to everybody


@dataclass(frozen=True, slots=True)
class Match:
    route: Route
    args: Mapping[str, str]
    template: str  # the path without its version, and with its ids replaced by {id} and the like


def matched(method: str, path: str) -> Match | None:
    for route in _ROUTES:
        found = route.pattern.fullmatch(path) if route.method == method else None
        if found:
            args = {name: unquote(value) for name, value in found.groupdict().items()}
            return Match(route, args, _template(path, found))
    return None


def _template(path: str, found: re.Match[str]) -> str:
    kept, end = "", 0
    for name in found.groupdict():
        if name not in _LITERAL:
            kept += path[end : found.start(name)] + ("" if name == "version" else "{" + name + "}")
            end = found.end(name)
    return (kept + path[end:]).removeprefix("/services/data/v")


def _route(method: str, path: str, handler: Handler, *, is_open: bool = False) -> Route:
    pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path) + "/?"
    return Route(method, re.compile(pattern), handler, is_open)


_ROUTES = (
    _route("POST", "/services/oauth2/token", objects.grant, is_open=True),
    _route("GET", "/services/data", objects.versions, is_open=True),
    _route("PATCH", f"{_DATA}/composite/sobjects/<kind>/<key>", batches.upsert),
    _route("POST", f"{_DATA}/composite/sobjects/<kind>", batches.read),
    _route("POST", f"{_DATA}/composite/sobjects", batches.create),
    _route("PATCH", f"{_DATA}/composite/sobjects", batches.change),
    _route("DELETE", f"{_DATA}/composite/sobjects", batches.delete),
    _route("POST", f"{_DATA}/composite", objects.composite),
    _route("GET", f"{_DATA}/sobjects/<kind>/describe", objects.describe),
    _route("PATCH", f"{_DATA}/sobjects/<kind>/<key>/<value>", objects.upsert),
    _route("PATCH", f"{_DATA}/sobjects/<kind>/<id>", objects.change),
    _route("POST", f"{_DATA}/sobjects/<kind>", objects.create),
    _route("GET", f"{_DATA}/query", objects.query),
    _route("GET", f"{_DATA}/queryAll", objects.query_all),
    _route("GET", f"{_DATA}/query/<cursor>", objects.query_more),
    _route("GET", f"{_DATA}/limits", objects.limits),
    _route("POST", f"{_DATA}/tooling/sobjects/CustomField", customising.create_field),
)
