"""Webhooks that an API manages: told as they are, made once, and made again when the provider has switched them off."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.connector import AuthFailed, Hooked, Refused, Retryable, WebRequest
from syncd.run.hooks import verified
from syncd.testing import NOON
from tests.connectors.announced.contract import SECRET
from tests.connectors.hooked import CALENDLY, CASES, GOTO, NETLIFY, TOKEN, TYPEFORM, Case

URL = f"https://leads.acme.example/in/leads/{TOKEN}"
ELSEWHERE = "https://staging.acme.example/in/leads"

every_provider = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture
def fake(case: Case) -> Iterator[Any]:
    with case.fake() as fake:
        yield fake


@every_provider
def test_one_is_made_where_there_is_none_and_twice_is_once(case: Case, fake: Any) -> None:
    source = case.made(fake)
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
    source = case.made(fake)
    source.hook_up(URL)
    case.switch_off(fake)
    found = verified(source, "leads", URL)

    source.hook_up(URL)

    assert not found.ok
    assert verified(source, "leads", URL).ok


@every_provider
def test_what_is_missing_in_the_config_is_named(case: Case, fake: Any) -> None:
    source = case.made(fake, **{case.missing: None})

    with pytest.raises(Refused, match=f"set (the webhook's )?{case.missing}"):
        source.hook_up(URL)


@every_provider
def test_the_daemon_looks_where_all_is_named_that_it_takes(case: Case, fake: Any) -> None:
    assert case.made(fake).hooked
    if case.missing not in ("secret", "token"):
        assert not case.made(fake, **{case.missing: None}).hooked


@every_provider
def test_a_login_that_is_refused_is_told(case: Case, fake: Any) -> None:
    source = case.made(fake)
    fake.order_fault("unauthorized", count=None)

    with pytest.raises(AuthFailed):
        source.hooks()
    assert not verified(source, "leads", URL).ok


@every_provider
def test_an_answer_without_a_list_is_not_taken_for_none(case: Case, fake: Any) -> None:
    source = case.made(fake)
    fake.order_fault("answer", "GET", status=200, body=b'{"odd": 1}', count=None)

    with pytest.raises(Retryable):
        source.hook_up(URL)

    assert not [call for call in fake.log if call.method in ("POST", "PUT")]


@every_provider
def test_no_token_of_the_address_stands_in_what_is_told(case: Case, fake: Any) -> None:
    source = case.made(fake)
    told = [f"{verified(source, 'leads', URL)}"]
    source.hook_up(URL)
    told.append(f"{verified(source, 'leads', URL)}")

    assert [text for text in told if TOKEN in text] == []


def test_the_secret_is_given_to_those_who_take_it_when_one_is_made() -> None:
    with CALENDLY.fake() as calendar, TYPEFORM.fake() as form, NETLIFY.fake() as site:
        CALENDLY.made(calendar).hook_up(URL)
        NETLIFY.made(site).hook_up(URL)
        TYPEFORM.made(form).hook_up(URL)

        assert calendar.hooks[0]["signing_key"] == SECRET
        assert form.hooks["syncd"]["secret"] == SECRET
        assert site.hooks[0]["data"] == {"url": URL, "signature_secret": SECRET}


@pytest.mark.parametrize("case", [TYPEFORM, CALENDLY, NETLIFY], ids=lambda case: case.name)
def test_a_token_in_the_address_does_instead_of_a_secret(case: Case, fake: Any) -> None:
    source = case.made(fake, secret=None, token=TOKEN)

    source.hook_up(URL)

    assert verified(source, "leads", URL).ok


def test_gotowebinar_is_heard_when_it_asks_whether_somebody_is_there() -> None:
    with GOTO.fake() as fake:
        source = GOTO.made(fake)

        assert "GET" in source.handshakes
        assert source.receive(WebRequest("GET", {}, {}, b"", NOON)).reply.status == 200


def test_a_user_of_gotowebinar_who_is_not_subscribed_any_more_is_subscribed_again() -> None:
    with GOTO.fake() as fake:
        source = GOTO.made(fake)
        source.hook_up(URL)
        fake.subscriptions[0]["userSubscriptionState"] = "INACTIVE"
        found = verified(source, "leads", URL)

        source.hook_up(URL)

        assert (found.ok, verified(source, "leads", URL).ok) == (False, True)
        fake.subscriptions.clear()
        source.hook_up(URL)
        assert (len(fake.hooks), verified(source, "leads", URL).ok) == (1, True)


def test_webhooks_of_gotowebinar_for_other_things_are_not_touched() -> None:
    with GOTO.fake() as fake:
        source = GOTO.made(fake)
        source.hook_up(URL)
        fake.hooks[0]["eventName"] = "webinar.created"
        before = dict(fake.hooks[0])

        source.hook_up(URL)

        assert (fake.hooks[0], len(fake.hooks)) == (before, 2)


def test_notifications_of_netlify_for_another_form_or_by_mail_are_none_of_ours() -> None:
    with NETLIFY.fake() as fake:
        source = NETLIFY.made(fake)
        source.hook_up(URL)
        (ours,) = fake.hooks
        others = [
            {**ours, "form_id": "f2"},
            {**ours, "event": "deploy_created"},
            {**ours, "type": "email", "data": {"email": "a@acme.example"}},
        ]
        fake.hooks[:] = others

        assert source.hooks() == []
        source.hook_up(URL)
        assert fake.hooks[:3] == others
        fake.hooks[:] = [{**ours, "form_id": None}]
        assert verified(source, "leads", URL).ok


def test_a_webhook_of_typeform_that_another_installation_has_made_stays_its_own() -> None:
    with TYPEFORM.fake() as fake:
        source = TYPEFORM.made(fake)
        for url in (ELSEWHERE, URL, ELSEWHERE, URL):
            source.hook_up(url)

        assert {tag: hook["url"] for tag, hook in fake.hooks.items()} == {"syncd": ELSEWHERE, "syncd-2": URL}
