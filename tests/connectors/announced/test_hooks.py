"""Webhooks that an API manages: told as they are, made once, and made again when the provider has switched them off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.sources import linkedin, meta, surveymonkey, typeform
from connectors.sources.posted import calendly, webflow
from syncd.connector import AuthFailed, Hooked, Refused
from syncd.run.hooks import verified
from syncd.testing import Answer, Call, FakeServer, lent_tools
from tests.connectors.announced.contract import SECRET
from tests.fakes import calendars
from tests.fakes import typeform as forms
from tests.fakes.ad_platforms import API_TOKEN, FakeLinkedIn, FakeMeta, FakeSurveyMonkey

URL = "https://leads.acme.example/in/leads/token-of-the-address"


@dataclass
class Case:
    name: str
    plugin: Any
    fake: Callable[[], Any]
    options: dict[str, Any]
    switch_off: Callable[[Any], object]
    count: Callable[[Any], int] = field(default=lambda fake: len(fake.hooks))
    missing: str = "secret"  # the option without which none can be made


def _off(fake: Any, **how: object) -> None:
    hooks = fake.hooks.values() if isinstance(fake.hooks, dict) else fake.hooks
    for hook in hooks:
        hook.update(how)


CASES = (
    Case(
        "typeform",
        typeform.plugin,
        lambda: forms.FakeTypeform({"id": "F1"}),
        {"form_id": "F1", "api_token": forms.API_TOKEN},
        lambda fake: _off(fake, enabled=False),
    ),
    Case(
        "calendly",
        calendly.plugin,
        lambda: calendars.FakeCalendly([]),
        {"api_token": calendars.API_TOKEN},
        lambda fake: _off(fake, state="disabled"),
    ),
    Case(
        "meta",
        meta.plugin,
        FakeMeta,
        {"page_id": "500", "api_token": API_TOKEN},
        lambda fake: fake.subscribed.remove("leadgen"),
        count=lambda fake: len(fake.subscribed),
        missing="page_id",
    ),
    Case(
        "linkedin",
        linkedin.plugin,
        FakeLinkedIn,
        {"owner": "urn:li:sponsoredAccount:522529623", "api_token": API_TOKEN, "lead_types": ["SPONSORED", "EVENT"]},
        lambda fake: fake.hooks.pop(),
        missing="owner",
    ),
    Case(
        "surveymonkey",
        surveymonkey.plugin,
        lambda: FakeSurveyMonkey({"id": "105724755"}),
        {"api_key": "a", "survey_id": "105724755", "api_token": API_TOKEN},
        lambda fake: fake.hooks.clear(),
        missing="survey_id",
    ),
)


class FakeWebflow(FakeServer):
    """https://developers.webflow.com/data/reference/webhooks"""

    def __init__(self) -> None:
        super().__init__()
        self.hooks: list[dict[str, Any]] = []

    def answer(self, call: Call) -> Answer:
        if call.headers.get("authorization") != f"Bearer {API_TOKEN}":
            return Answer(401, {"message": "Request not authorized", "code": "not_authorized"})
        if call.path != "/sites/65427cf4/webhooks":
            return Answer(404, {"message": "Requested resource not found", "code": "resource_not_found"})
        if call.method == "POST":
            self.hooks.append({"id": f"h{len(self.hooks)}", "siteId": "65427cf4", **call.json()})
            return Answer(201, {**self.hooks[-1], "secretKey": "told-once"})
        return Answer(200, {"webhooks": self.hooks})


WEBFLOW = {"site_id": "65427cf4", "api_token": API_TOKEN}
CASES = (
    *CASES,
    Case(
        "webflow",
        webflow.plugin,
        FakeWebflow,
        {**WEBFLOW, "secret": None, "token": "token-of-the-address"},
        lambda fake: fake.hooks.clear(),
        missing="site_id",
    ),
)
every_provider = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture
def fake(case: Case) -> Iterator[Any]:
    with case.fake() as fake:
        yield fake


def made(case: Case, fake: Any, **changes: Any) -> Any:
    options = {"secret": SECRET, "base_url": fake.url, **case.options, **changes}
    kept = {name: value for name, value in options.items() if value is not None}
    return case.plugin.make(case.plugin.options.model_validate(kept), lent_tools("leads", patience=1))


@every_provider
def test_one_is_made_where_there_is_none_and_twice_is_once(case: Case, fake: Any) -> None:
    source = made(case, fake)
    assert isinstance(source, Hooked)
    before = verified(source, "leads", URL)

    source.hook_up(URL)
    first = case.count(fake)
    source.hook_up(URL)

    assert (before.ok, before.remedy) == (False, "syncd hooks create leads")
    assert verified(source, "leads", URL).ok
    assert case.count(fake) == first


@every_provider
def test_what_the_provider_has_switched_off_is_found_and_switched_on(case: Case, fake: Any) -> None:
    source = made(case, fake)
    source.hook_up(URL)
    case.switch_off(fake)
    found = verified(source, "leads", URL)

    source.hook_up(URL)

    assert not found.ok
    assert verified(source, "leads", URL).ok


@every_provider
def test_what_is_missing_in_the_config_is_named(case: Case, fake: Any) -> None:
    source = made(case, fake, **{case.missing: None})

    with pytest.raises(Refused, match=f"set (the webhook's )?{case.missing}"):
        source.hook_up(URL)


@every_provider
def test_the_daemon_looks_where_all_is_named_that_it_takes(case: Case, fake: Any) -> None:
    assert made(case, fake).hooked
    if case.missing != "secret":
        assert not made(case, fake, **{case.missing: None}).hooked


@every_provider
def test_a_login_that_is_refused_is_told(case: Case, fake: Any) -> None:
    source = made(case, fake)
    fake.order_fault("unauthorized", count=None)

    with pytest.raises(AuthFailed):
        source.hooks()
    assert not verified(source, "leads", URL).ok


@every_provider
def test_no_token_of_the_address_stands_in_what_is_told(case: Case, fake: Any) -> None:
    source = made(case, fake)
    told = [f"{verified(source, 'leads', URL)}"]
    source.hook_up(URL)
    told.append(f"{verified(source, 'leads', URL)}")

    assert [text for text in told if "token-of-the-address" in text] == []


def test_webflow_makes_none_whose_key_nobody_would_know() -> None:
    with FakeWebflow() as fake:
        source = made(CASES[-1], fake, secret=SECRET, token=None)

        with pytest.raises(Refused, match="a key of its own"):
            source.hook_up(URL)
        assert fake.hooks == []


def test_the_secret_is_given_to_those_who_sign_with_it() -> None:
    with calendars.FakeCalendly([]) as calendar, forms.FakeTypeform({"id": "F1"}) as form:
        made(CASES[1], calendar).hook_up(URL)
        made(CASES[0], form).hook_up(URL)

        assert calendar.hooks[0]["signing_key"] == SECRET
        assert form.hooks["syncd"]["secret"] == SECRET
