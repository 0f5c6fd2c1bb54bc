"""Who gets in, and what every answer carries. The routes are enumerated, so that a page of tomorrow is tested too."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from syncd.app import App
from syncd.console.guard import Guard, StrictHeaders
from syncd.console.routes import console_routes
from syncd.testing.clock import FakeClock
from tests.console.browser import Answer, Browser
from tests.console.conftest import TOKEN

OPEN = ("/login", "/static/console.css")
STRICT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def every_address(app: App) -> list[tuple[str, str]]:
    """(method, path) of all that the console serves."""
    (console,) = console_routes(app)
    assert isinstance(console, Mount)
    strict = console.app
    assert isinstance(strict, StrictHeaders)
    assert isinstance(strict.app, Guard)
    assert isinstance(strict.app.app, Starlette)
    return sorted(set(_addresses(strict.app.app.routes)))


def _addresses(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from (("GET", f"{route.path}/console.css"), ("GET", f"{route.path}/nothing.css"))
        elif isinstance(route, Route):
            yield from ((method, route.path.replace("{lead}", "L1")) for method in route.methods or ())


def is_strict(answer: Answer) -> bool:
    policy = answer.headers.get("content-security-policy", "")
    parts = {part.strip() for part in policy.split(";")}
    wanted = {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"}
    return wanted <= parts and "unsafe" not in policy and answer.headers.items() >= STRICT.items()


def test_the_routes_are_those_we_think_of(locked: App) -> None:
    assert every_address(locked) == [
        ("GET", "/"),
        ("GET", "/api/leads"),
        ("GET", "/leads/L1"),
        ("GET", "/login"),
        ("GET", "/openapi.json"),
        ("GET", "/static/console.css"),
        ("GET", "/static/nothing.css"),
        ("HEAD", "/"),
        ("HEAD", "/api/leads"),
        ("HEAD", "/leads/L1"),
        ("HEAD", "/login"),
        ("HEAD", "/openapi.json"),
        ("POST", "/api/leads/L1/done"),
        ("POST", "/login"),
    ]


def test_every_answer_carries_strict_headers(app: App, browser: Browser) -> None:
    for method, path in [*every_address(app), ("GET", "/nothing"), ("POST", "/"), ("GET", "/api/leads/L1/done")]:
        answer = browser.ask(method, path, sec_fetch_site="same-origin")

        assert is_strict(answer), (method, path, answer.headers)
        assert "strict-transport-security" not in answer.headers


def test_answers_to_strangers_are_as_strict(locked: App, stranger: Browser) -> None:
    for method, path in every_address(locked):
        assert is_strict(stranger.ask(method, path, sec_fetch_site="same-origin"))


def test_over_tls_browsers_are_told_to_stay_there(app: App) -> None:
    direct, proxied = Browser(app.web, scheme="https").get("/"), Browser(app.web).get("/", x_forwarded_proto="https")

    assert direct.headers["strict-transport-security"] == "max-age=31536000"
    assert proxied.headers["strict-transport-security"] == "max-age=31536000"


def test_no_page_answers_a_stranger(locked: App, stranger: Browser) -> None:
    for method, path in every_address(locked):
        answer = stranger.ask(method, path, sec_fetch_site="same-origin")

        if path in OPEN or path.startswith("/static/"):
            assert answer.status in (200, 401, 404)
        elif path.startswith("/api/") or path.endswith(".json"):
            assert (answer.status, answer.body) == (401, b'{"error":"not logged in"}')
        else:
            assert (answer.status, answer.headers["location"][:6]) == (303, "/login")


def test_the_token_opens_every_page(locked: App, stranger: Browser) -> None:
    stranger.post("/login", {"token": TOKEN})

    assert stranger.get("/").status == 200
    assert stranger.get("/api/leads").status == 200
    assert stranger.get("/leads/L1").status == 404
    assert stranger.post("/api/leads/L1/done").status == 409


def test_login_leads_to_the_page_that_was_asked_for(stranger: Browser) -> None:
    asked = stranger.get("/leads/L1")

    let_in = stranger.post(asked.headers["location"], {"token": TOKEN})

    assert (let_in.status, let_in.headers["location"]) == (303, "/leads/L1")


@pytest.mark.parametrize("page", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a%0d%0ab"])
def test_login_never_leads_to_another_site(stranger: Browser, page: str) -> None:
    let_in = stranger.post(f"/login?next={page}", {"token": TOKEN})

    assert let_in.headers["location"] == "/"


@pytest.mark.parametrize("given", [{}, {"token": ""}, {"token": "wrong"}, {"token": TOKEN + "x"}, {"token": "\udce9é"}])
def test_a_wrong_token_is_refused(stranger: Browser, given: dict[str, str]) -> None:
    given = {name: value.encode("utf-8", "replace").decode() for name, value in given.items()}

    answer = stranger.post("/login", given)

    assert answer.status == 401
    assert "That is not the token" in answer.text
    assert "set-cookie" not in answer.headers
    assert stranger.get("/").status == 303


@pytest.mark.parametrize("length", ["5000", "", "1e3"])
def test_a_login_of_endless_length_is_not_read(stranger: Browser, length: str) -> None:
    body = f"token={TOKEN}&more={'x' * 5000}".encode()

    answer = stranger.ask("POST", "/login", body, sec_fetch_site="same-origin", content_length=length)

    assert answer.status == 401
    assert stranger.get("/").status == 303


def test_who_guesses_has_to_wait_and_others_have_not(locked: App, stranger: Browser, clock: FakeClock) -> None:
    for _ in range(5):
        assert stranger.post("/login", {"token": "guess"}).status == 401

    refused = stranger.post("/login", {"token": TOKEN})
    other = Browser(locked.web, host="leads.example.com", address="203.0.113.8").post("/login", {"token": TOKEN})
    clock.advance(seconds=31)
    later = stranger.post("/login", {"token": TOKEN})

    assert (refused.status, refused.headers["retry-after"]) == (429, "30")
    assert (other.status, later.status) == (303, 303)


def test_waiting_grows_with_each_wrong_guess(stranger: Browser, clock: FakeClock) -> None:
    waits = []
    for _ in range(16):
        answer = stranger.post("/login", {"token": "guess"})
        if answer.status == 429:
            waits.append(int(answer.headers["retry-after"]))
            clock.advance(seconds=waits[-1] + 1)

    assert waits == [30, 60, 120, 240, 480, 900]


def test_the_cookie_is_no_use_to_scripts_and_other_sites(stranger: Browser) -> None:
    cookie = stranger.post("/login", {"token": TOKEN}).headers["set-cookie"].lower()

    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= {part.strip() for part in cookie.split(";")}
    assert TOKEN not in cookie
    assert "secure" not in cookie


def test_over_tls_the_cookie_belongs_to_this_host_alone(locked: App) -> None:
    cookie = Browser(locked.web, scheme="https").post("/login", {"token": TOKEN}).headers["set-cookie"]

    assert cookie.startswith("__Host-syncd_console=")
    assert "secure" in cookie.lower()
    assert "domain" not in cookie.lower()


def test_a_session_ends_after_twelve_hours(stranger: Browser, clock: FakeClock) -> None:
    stranger.post("/login", {"token": TOKEN})

    clock.advance(seconds=timedelta(hours=11, minutes=59).total_seconds())
    before = stranger.get("/").status
    clock.advance(minutes=2)

    assert (before, stranger.get("/").status) == (200, 303)


@pytest.mark.parametrize("forged", ["", ".", "99999999999.00", "99999999999", "x.y", "é.é"])
def test_a_forged_cookie_opens_nothing(stranger: Browser, forged: str) -> None:
    stranger.cookies["syncd_console"] = forged

    assert stranger.get("/").status == 303


def test_a_longer_life_cannot_be_written_into_a_cookie(stranger: Browser, clock: FakeClock) -> None:
    stranger.post("/login", {"token": TOKEN})
    until, _, proof = stranger.cookies["syncd_console"].partition(".")

    stranger.cookies["syncd_console"] = f"{int(until) + 1}.{proof}"

    assert stranger.get("/").status == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_post_from_another_site_is_refused(browser: Browser, site: str) -> None:
    assert browser.post("/api/leads/L1/done", sec_fetch_site=site).status == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("null", 403), ("http://127.0.0.1:8080", 409), ("", 409)],
)
def test_browsers_without_fetch_metadata_are_judged_by_origin(browser: Browser, origin: str, status: int) -> None:
    assert browser.post("/api/leads/L1/done", sec_fetch_site="", origin=origin).status == status


def test_a_login_from_another_site_is_refused(stranger: Browser) -> None:
    assert stranger.post("/login", {"token": TOKEN}, sec_fetch_site="cross-site").status == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "10.0.0.1:8080", "[", "127.0.0.1@evil.example"],
)
def test_without_a_token_only_names_of_this_machine_are_answered(app: App, host: str) -> None:
    for method, path in every_address(app):
        assert Browser(app.web, host=host).ask(method, path, sec_fetch_site="same-origin").status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080"])
def test_every_name_of_this_machine_is_answered(app: App, host: str) -> None:
    assert Browser(app.web, host=host).get("/").status == 200


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"])
def test_without_a_token_no_proxy_lets_others_in(browser: Browser, header: str) -> None:
    answer = browser.get("/", **{header: "203.0.113.7"})

    assert answer.status == 403
    assert "web.console_token" in answer.text


def test_without_a_token_there_is_no_login(browser: Browser) -> None:
    assert browser.get("/login").status == 404


def test_the_intake_needs_no_login(locked: App, stranger: Browser) -> None:
    assert stranger.get("/healthz").status in (200, 503)
    assert stranger.get("/in/contact").status == 405
