"""The description of what the daemon serves is true, complete, and tells no secret."""

import json
from collections.abc import Iterable, Iterator

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from syncd.app import App
from syncd.console.guard import Guard, StrictHeaders
from syncd.console.openapi import describe
from tests.cli.office import SECRET, Office
from tests.console.browser import Browser
from tests.console.conftest import TOKEN

NO_USE = ("head", "options")


def served(app: App) -> set[tuple[str, str]]:
    """(method, path) of every route, the front door's being one for each of its sources."""
    posts = {("post", f"/in/{name}") for name in app.door.slots}
    tokens = {("post", f"/in/{name}/{{token}}") for name, slot in app.door.slots.items() if slot.token}
    return posts | tokens | set(_routes(app.web.rest.routes))


def _routes(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount) and isinstance(route.app, StrictHeaders):
            assert isinstance(route.app.app, Guard)
            assert isinstance(route.app.app.app, Starlette)
            yield from _routes(route.app.app.app.routes)
        elif isinstance(route, Mount):
            yield "get", f"{route.path}/{{file}}"
        elif isinstance(route, Route):
            yield from ((method.lower(), route.path) for method in route.methods or () if method.lower() not in NO_USE)


def described(app: App) -> set[tuple[str, str]]:
    paths = describe(app.loaded)["paths"]
    return {(method, path) for path, page in paths.items() for method in page if method != "parameters"}


def test_every_route_is_described_and_no_other(app: App) -> None:
    assert described(app) == served(app)


def test_behind_a_token_too(locked: App) -> None:
    assert described(locked) == served(locked)
    assert ("post", "/login") in described(locked)


def test_sources_of_the_table_are_described_with_the_bodies_that_they_take(office: Office) -> None:
    office.change("sources:\n", "sources:\n  offers: {type: cf7, token: t0ken-of-the-form}\n")
    with office.app() as app:
        document = describe(app.loaded)
    taken = document["paths"]["/in/offers"]["post"]["requestBody"]["content"]
    assert "*/*" not in taken
    for path in ("/in/offers", "/in/offers/{token}"):
        told = {
            method: "requestBody" in said for method, said in document["paths"][path].items() if method != "parameters"
        }
        assert told == {"post": True, "get": False, "put": True, "patch": True, "delete": False}


def test_a_source_with_a_token_has_two_addresses_and_the_token_stands_in_neither(office: Office) -> None:
    office.change("contact: {type: form", "contact: {type: form, token: t0ken-of-the-form")
    with office.app() as app:
        document = describe(app.loaded)

    assert {path for path in document["paths"] if path.startswith("/in/contact")} == {
        "/in/contact", "/in/contact/{token}",
    }  # fmt: skip
    assert "t0ken-of-the-form" not in json.dumps(document)


def test_no_secret_is_told(locked: App) -> None:
    text = json.dumps(describe(locked.loaded))

    assert SECRET not in text
    assert TOKEN not in text


def test_it_says_how_senders_prove_who_they_are(app: App) -> None:
    paths = describe(app.loaded)["paths"]

    assert paths["/in/demo"]["post"]["description"] == "Senders prove who they are: signed."
    assert paths["/in/contact"]["post"]["description"] == "Anybody may post."


def test_it_is_served_to_whom_the_console_is_open(app: App, browser: Browser) -> None:
    answer = browser.get("/openapi.json")

    assert answer.json() == describe(app.loaded)


def test_strangers_do_not_get_it(stranger: Browser) -> None:
    answer = stranger.get("/openapi.json")

    assert (answer.status, answer.json()) == (401, {"error": "not logged in"})


def test_the_command_writes_the_same(office: Office, app: App) -> None:
    assert office.run("openapi").json() == describe(app.loaded)
