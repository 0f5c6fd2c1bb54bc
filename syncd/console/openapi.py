"""What the daemon serves, as OpenAPI 3.1: one address for each source that takes posts, health, figures, the console.

https://spec.openapis.org/oas/v3.1.1.html. Served at `/openapi.json` to whom the console is open; `syncd openapi`
writes the same. It names sources and how senders prove themselves, but no secret.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from syncd.app import unplugged
from syncd.config.entries import Chosen
from syncd.config.load import Loaded
from syncd.connector import PushSource
from syncd.console.schemas import SCHEMAS, ref
from syncd.run.replies import TEXT

Json = dict[str, Any]


def describe(loaded: Loaded) -> Json:
    """The whole document for this config."""
    web = loaded.settings.web
    paths: Json = {}
    for name, chosen in sorted(loaded.sources.items()):
        source = unplugged(name, chosen)
        if isinstance(source, PushSource):
            paths |= _intake(name, chosen, source)
        source.close()
    paths |= _HEALTH
    if web.console:
        paths |= _console(locked=web.console_token is not None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"syncd of {loaded.settings.company.name}",
            "version": version("syncd"),
            "description": "Posts to /in/... are answered 200 once they are kept. Whatever may pass is 503 or 429.",
        },
        **({"servers": [{"url": web.public_url}]} if web.public_url else {}),
        "paths": paths,
        "components": {"schemas": dict(SCHEMAS), "responses": _RESPONSES, "securitySchemes": _SCHEMES},
    }


def _intake(name: str, chosen: Chosen, source: PushSource) -> Json:
    """Its address, and the one with the token where there is one."""
    token = getattr(chosen.options, "token", None)
    paths: Json = {f"/in/{name}": _ways(name, chosen, source, in_query=bool(token))}
    if token:
        paths[f"/in/{name}/{{token}}"] = {
            "parameters": [_parameter("token", "path")],
            **_ways(name, chosen, source, in_query=False),
        }
    return paths


def _ways(name: str, chosen: Chosen, source: PushSource, *, in_query: bool) -> Json:
    """By each method in which submissions may come; those of a GET or a DELETE stand in the address."""
    takes = getattr(source, "takes", ("*/*",))
    return {
        method.lower(): _sending(name, chosen, () if method in ("GET", "DELETE") else takes, in_query=in_query)
        for method in ("POST", *getattr(source, "methods", ()))
    }


def _sending(name: str, chosen: Chosen, takes: Sequence[str], *, in_query: bool) -> Json:
    locks = list(_locks(chosen))
    body: Json = {"requestBody": {"content": {kind: {"schema": _body(kind)} for kind in takes}}} if takes else {}
    return {
        "tags": ["intake"],
        "summary": f"Submissions of {name}",
        "description": f"Senders prove who they are: {', '.join(locks)}." if locks else "Anybody may post.",
        **({"parameters": [_parameter("token", "query")]} if in_query else {}),
        **body,
        "responses": {
            "200": {"description": "kept, or nothing in it was to be kept", "content": _ANY_TEXT},
            "303": {"description": "kept; a browser goes on to a page", "headers": {"location": {"schema": _STRING}}},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _REFUSALS},
        },
    }


def _locks(chosen: Chosen) -> Iterator[str]:
    options = chosen.options
    if hasattr(options, "locks"):
        yield from options.locks()
        return
    if getattr(options, "keys", ()):
        yield "signed"
    if getattr(options, "token", None):
        yield "with the token in the address"


def _body(kind: str) -> Json:
    return {} if kind.endswith("json") else {"type": "object"} if "form" in kind else {"type": "string"}


def _parameter(name: str, place: str) -> Json:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, **required, "schema": {"type": "string", "minLength": 1}}


def _console(*, locked: bool) -> Json:
    """What the guard may say comes before what the page says."""
    paths = {
        path: {method: _guarded(said, locked=locked) for method, said in page.items()} for path, page in PAGES.items()
    }
    return paths | (_LOGIN if locked else {})


def _guarded(operation: Mapping[str, Any], *, locked: bool) -> Json:
    closed: Json = {"403": _text("asked by another name than this machine's, or from another site")}
    if locked:
        closed |= {"303": {"description": "not logged in"}, "401": _json("not logged in", "Trouble")}
    security: Json = {"security": [{"session": []}]} if locked else {}
    tag = {"tags": ["console"]}
    return {**tag, **operation, **security, "responses": {**operation["responses"], **closed, "503": _page("not now")}}


_STRING: Json = {"type": "string"}
_ANY_TEXT: Json = {kind: {} for kind in (TEXT, "text/plain", "text/html; charset=utf-8", "application/json")}
_REFUSALS = {
    400: "it cannot be read",
    401: "nobody has proved who sends it",
    408: "the body came too slowly",
    413: "it is larger than is taken, or has too many parts",
    415: "it is of another type than is taken",
    429: "too much came lately; Retry-After says when to come again",
    503: "nothing can be kept at the moment; Retry-After says when to come again",
}


def _text(what: str) -> Json:
    return {"description": what, "content": {TEXT: {"schema": _STRING}}}


def _page(what: str) -> Json:
    return {"description": what, "content": {"text/html; charset=utf-8": {"schema": _STRING}}}


def _json(what: str, schema: str) -> Json:
    return {"description": what, "content": {"application/json": {"schema": ref(schema)}}}


def _refusal(status: int, what: str) -> Json:
    again = {"headers": {"retry-after": {"required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}}}
    return {**_text(what), **(again if status in (429, 503) else {})}


_RESPONSES = {str(status): _refusal(status, what) for status, what in _REFUSALS.items()}
_SCHEMES = {"session": {"type": "apiKey", "in": "cookie", "name": "syncd_console"}}

_HEALTH: Json = {
    "/healthz": {
        "get": {
            "tags": ["health"],
            "summary": "Whether all threads run",
            "responses": {"200": _text("they do"), "503": _text("one has ended")},
        }
    },
    "/readyz": {
        "get": {
            "tags": ["health"],
            "summary": "Whether something can be kept durably now",
            "responses": {"200": _json("it can", "Ready"), "503": _json("it cannot", "Ready")},
        }
    },
    "/metrics": {
        "get": {
            "tags": ["health"],
            "summary": "Figures for Prometheus",
            "responses": {"200": {"description": "the figures", "content": {"text/plain": {"schema": _STRING}}}},
        }
    },
}

_LEAD: Json = {"parameters": [_parameter("lead", "path")]}
_NO_PAGE: Json = _page("there is none of that name")
_NO_PAGE["content"] |= _text("")["content"]
PAGES: Json = {
    "/": {"get": {"summary": "The console", "responses": {"200": _page("a sample form, and leads as they land")}}},
    "/openapi.json": {
        "get": {
            "summary": "What you read",
            "responses": {"200": {"description": "it", "content": {"application/json": {}}}},
        }
    },
    "/api/leads": {"get": {"summary": "The newest leads", "responses": {"200": _json("they", "Leads")}}},
    "/leads/{lead}": {
        "get": {**_LEAD, "summary": "The story of one", "responses": {"200": _page("it"), "404": _NO_PAGE}}
    },
    "/api/leads/{lead}/done": {
        "post": {
            **_LEAD,
            "summary": "Mark the open task done, where it is in a book of this machine",
            "responses": {"200": _json("done", "Done"), "404": _NO_PAGE, "409": _json("not done", "Done")},
        }
    },
    "/static/{file}": {
        "get": {
            "parameters": [_parameter("file", "path")],
            "summary": "What the pages need",
            "responses": {
                "200": {"description": "it", "content": {"*/*": {}}},
                "304": {"description": "it is what you have"},
                "404": _NO_PAGE,
            },
        }
    },
}
_FORM = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"token": _STRING}}}}
_LOGIN: Json = {
    "/login": {
        "get": {"tags": ["console"], "summary": "Where to log in", "responses": {"200": _page("the form")}},
        "post": {
            "tags": ["console"],
            "summary": "Log in with web.console_token",
            "requestBody": {"content": _FORM},
            "responses": {
                "303": {"description": "logged in", "headers": {"location": {"schema": _STRING}}},
                "401": _page("that is not the token"),
                "403": _text("asked from another site"),
                "429": _page("too many wrong tokens"),
            },
        },
    }
}
