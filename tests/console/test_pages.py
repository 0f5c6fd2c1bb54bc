"""What the pages show, and what they never let through."""

import html
import re

import pytest
from sqlalchemy import text

from syncd.app import App
from syncd.connector import Ref
from syncd.console.routes import console_routes
from tests.cli.office import ANNA, Office, keep, settle
from tests.console.browser import Browser

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</textarea></title><b>",
    "{{ 7 * 7 }}{% for x in y %}",
    "&lt;script&gt; &amp;amp;",
    "javascript:alert(1)",
)


def land(app: App, **fields: str) -> str:
    """The id of a lead with record, task and note."""
    keep(app, **(fields or ANNA))
    settle(app)
    return app.store.reports.newest(1)[0].lead.id


def row(browser: Browser) -> dict[str, object]:
    (found,) = browser.get("/api/leads").json()["leads"]
    assert isinstance(found, dict)
    return found


def words(page: str) -> str:
    """The page as people read it."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_the_front_page_offers_the_first_form_that_anybody_may_post_to(browser: Browser) -> None:
    page = browser.get("/").text

    assert 'action="/in/contact"' in page
    assert "Leads of Example Ltd" in page


def test_a_form_with_a_token_is_offered_with_it_and_one_for_other_sites_is_not(office: Office) -> None:
    office.change("type: form, tag: Website", 'type: form, origins: ["https://shop.example.com"]')
    office.change("  demo:", "  second: {type: form, token: formtoken}\n  demo:")
    with office.app() as built:
        built.build_web(console_routes(built))

        page = Browser(built.web).get("/").text

    assert 'action="/in/second/formtoken"' in page
    assert "/in/contact" not in page


def test_without_such_a_form_there_is_only_the_list(office: Office) -> None:
    office.change("type: form, tag: Website", 'type: form, origins: ["https://shop.example.com"]')
    with office.app() as built:
        built.build_web(console_routes(built))

        page = Browser(built.web).get("/").text

    assert "<form" not in page
    assert 'id="leads"' in page


def test_a_lead_is_listed_with_owner_task_due_time_and_what_was_made(app: App, browser: Browser) -> None:
    land(app)

    found = row(browser)

    assert (found["who"], found["company"], found["source"], found["form"]) == (
        "Anna Berg", "Berg Bau GmbH", "Website", "contact",
    )  # fmt: skip
    assert (found["owner"], found["state"], found["can_finish"]) == ("Tom Test", "assigned", True)
    assert re.fullmatch(r"\w{3} \d+ \w{3}, \d\d:\d\d", str(found["due"]))
    orders = found["orders"]
    assert isinstance(orders, list)
    assert [(order["what"], order["state"]) for order in orders] == [
        ("contact", "done"), ("task", "done"), ("note", "done"),
    ]  # fmt: skip


def test_what_is_still_on_its_way_is_told_in_words(app: App, browser: Browser) -> None:
    keep(app, **ANNA)
    next(loop for loop in app.crew.loops if loop.name == "planner").turn()

    orders = row(browser)["orders"]

    assert isinstance(orders, list)
    assert [order["state_means"] for order in orders] == ["on its way", "waits for the record", "waits for the record"]


def test_what_is_held_back_is_listed_with_its_reason(app: App, browser: Browser) -> None:
    keep(app, **ANNA, _gotcha="robot")
    keep(app, message="There is no way to reach me")
    settle(app)

    found = browser.get("/api/leads").json()

    assert [(held["id"], held["state"]) for held in found["aside"]] == [
        ("s2", "needs a person"), ("s1", "held back as junk or as no lead"),
    ]  # fmt: skip
    assert (found["leads"], found["parked"]) == ([], 1)


def test_the_story_of_a_lead_is_told_in_words(app: App, browser: Browser) -> None:
    lead = land(app)

    page = words(browser.get(f"/leads/{lead}").text)

    for told in (
        "Anna Berg",
        "Tom Test, by rule “pricing”",
        "Rule “pricing”: fits",
        "Contact made in the CRM",
        "book: task 1",
        "What is the price for ten people?",
        "submission s1",
    ):
        assert told in page


def test_done_marks_the_task_in_the_book(app: App, browser: Browser) -> None:
    lead = land(app)

    first, again = (browser.post(f"/api/leads/{lead}/done") for _ in range(2))

    assert (first.status, first.json()) == (200, {"done": True, "reason": ""})
    assert (again.status, again.json()["done"]) == (409, False)
    assert not app.crew.lines["book"].sink.complete_task(Ref("task", "1"))  # type: ignore[attr-defined]


def test_done_is_heard_and_moves_the_lead(app: App, browser: Browser) -> None:
    follower = next(loop for loop in app.crew.loops if loop.name == "follower book")
    follower.turn()
    lead = land(app)

    browser.post(f"/api/leads/{lead}/done")
    follower.turn()

    found = row(browser)
    assert (found["state"], found["due"], found["can_finish"]) == ("attempted", "", False)
    assert "The task was marked done" in browser.get(f"/leads/{lead}").text


def test_done_on_a_lead_that_is_not_there_is_told(browser: Browser) -> None:
    answer = browser.post("/api/leads/Lnobody/done")

    assert (answer.status, answer.json()["reason"]) == (409, "there is no open task")


@pytest.mark.parametrize("mark", HOSTILE)
def test_what_strangers_type_is_shown_as_text(app: App, browser: Browser, mark: str) -> None:
    lead = land(app, name=f"Eve {mark}", email="eve@acme-works.com", company=mark, message=f"price {mark}", extra=mark)

    page = browser.get(f"/leads/{lead}").text

    assert not re.search(r"<(script|img (?!src=\"/static/)|svg|b>.*</title>)", page)
    assert "alert(1)" not in "".join(re.findall(r"<[^>]*>", page))
    assert " ".join(mark.split()) in words(page)


def test_leads_are_sent_as_data_that_no_browser_takes_for_a_page(app: App, browser: Browser) -> None:
    land(app, name=HOSTILE[0], email="eve@acme-works.com", message="What is the price?")

    answer = browser.get("/api/leads")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", ""])
def test_only_web_addresses_become_links(app: App, browser: Browser, url: str) -> None:
    lead = land(app)
    with app.store.database.write() as tx:
        tx.execute(text("UPDATE orders SET url = :url"), {"url": url})

    page = browser.get(f"/leads/{lead}").text

    orders = row(browser)["orders"]
    assert isinstance(orders, list)
    assert {order["url"] for order in orders} == {""}
    assert "alert(1)" not in page


@pytest.mark.parametrize("path", ["/nothing", "/leads/Lnobody", "/leads/<script>", "/static/no.css", "/leads/a/b"])
def test_what_is_not_there_is_a_page_that_leads_back(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status == 404
    assert "<script>" not in answer.text
    assert '<a href="/">All leads</a>' in answer.text


def test_a_wrong_method_is_told_as_such(browser: Browser) -> None:
    answer = browser.post("/leads/L1")

    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


def test_a_store_in_trouble_is_a_page_without_details(app: App, browser: Browser) -> None:
    app.store.database.engine.dispose()
    path = app.store.database.path
    assert path is not None
    path.write_bytes(b"This is a letter and no database." * 100)
    for aside in ("-wal", "-shm"):
        path.with_name(path.name + aside).unlink(missing_ok=True)

    answer = browser.get("/api/leads")

    assert answer.status == 503
    assert str(path) not in answer.text
    assert "The store cannot be asked" in answer.text
