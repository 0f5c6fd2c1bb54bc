"""`syncd hooks`: what the provider tells of its webhooks, and making one."""

from collections.abc import Iterator

import pytest

from tests.cli.office import Office
from tests.fakes.calendars import API_TOKEN, FakeCalendly
from tests.fakes.webhooks import KEY, MADE_UP, WEBFLOW, FakeHooks

TOKEN = "token-of-the-address"
SOURCE = '{{type: calendly, secret: canary-signing-key, api_token: {token}, base_url: "{url}"}}'


@pytest.fixture
def calendly() -> Iterator[FakeCalendly]:
    with FakeCalendly([]) as fake:
        yield fake


@pytest.fixture
def booking(office: Office, calendly: FakeCalendly) -> Office:
    """With a source that takes bookings, reached under an address of ours."""
    source = SOURCE.format(token=API_TOKEN, url=calendly.url)
    office.change("sources:\n", f"web: {{public_url: https://leads.acme.example}}\nsources:\n  booked: {source}\n")
    return office


def test_a_webhook_is_made_and_stands_in_the_list(booking: Office, calendly: FakeCalendly) -> None:
    assert "nothing posts to" in booking.run("hooks", "verify", "booked", code=1)

    booking.run("hooks", "create", "booked")

    assert "posts to https://leads.acme.example/in/booked" in booking.run("hooks", "verify", "booked")
    (hook,) = booking.run("hooks", "list", "booked", "--json").json()
    assert (hook["url"], hook["active"]) == ("https://leads.acme.example/in/booked", True)
    assert calendly.hooks[0]["signing_key"] == "canary-signing-key"
    assert "canary" not in booking.run("hooks", "list", "booked")


def test_one_that_is_off_fails_the_command_and_names_the_remedy(booking: Office, calendly: FakeCalendly) -> None:
    booking.run("hooks", "create", "booked")
    calendly.hooks[0]["state"] = "disabled"

    found = booking.run("hooks", "verify", "booked", "--json", code=1).json()

    assert (found["ok"], found["detail"], found["remedy"]) == (
        False, "the provider has switched it off", "syncd hooks create booked",
    )  # fmt: skip


def test_a_login_that_is_refused_is_said_without_a_traceback(booking: Office, calendly: FakeCalendly) -> None:
    calendly.order_fault("unauthorized", count=None)

    assert "401" in booking.run("hooks", "list", "booked", code=1).err
    assert "401" in booking.run("hooks", "create", "booked", code=1).err


def test_a_key_that_the_provider_makes_up_is_said_and_not_shown(office: Office) -> None:
    with FakeHooks(WEBFLOW) as fake:
        source = f'{{type: webflow, token: {TOKEN}, site_id: "65427cf4", api_token: {KEY}, base_url: "{fake.url}"}}'
        office.change("sources:\n", f"web: {{public_url: https://leads.acme.example}}\nsources:\n  site: {source}\n")

        shown = office.run("hooks", "create", "site")
        fake.hooks.clear()
        as_json = office.run("hooks", "create", "site", "--json")

    assert "a key of its own" in shown
    assert "a key of its own" in as_json.json()["note"]
    assert [part for part in (MADE_UP, TOKEN, KEY) if part in shown + as_json + shown.err + as_json.err] == []


def test_a_source_whose_provider_manages_none_is_named(office: Office) -> None:
    assert "manages no webhooks" in office.run("hooks", "list", "contact", code=2).err
    assert "no source is called" in office.run("hooks", "list", "nobody", code=3).err


def test_without_an_address_nobody_can_be_told_where_to_post(office: Office) -> None:
    office.change("secret: typeform-secret", "secret: typeform-secret, api_token: x")

    assert "web.public_url" in office.run("hooks", "create", "demo", code=2).err
