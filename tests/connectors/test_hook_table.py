"""Webhooks of the table of hook APIs: whose they are, what one is made with, and what is left as it is."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.connector import RateLimited, Refused, same_address
from syncd.run.hooks import verified
from tests.connectors.announced.contract import SECRET
from tests.connectors.hooked import (
    CALCOM,
    FORMBRICKS,
    FORMSTACK,
    JOTFORM,
    PAPERFORM,
    TABLE,
    TALLY,
    TOKEN,
    WEBFLOW,
    Case,
)
from tests.fakes.webhooks import MADE_UP

URL = f"https://leads.acme.example/in/leads/{TOKEN}"
ELSEWHERE = "https://crm.acme.example/in/leads/another-token"

of_the_table = pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)


@pytest.fixture
def fake(case: Case) -> Iterator[Any]:
    with case.fake() as fake:
        yield fake


@of_the_table
def test_one_that_points_elsewhere_is_left_alone(case: Case, fake: Any) -> None:
    source = case.made(fake)
    source.hook_up(ELSEWHERE)
    before = [dict(hook) for hook in fake.hooks]

    source.hook_up(URL)

    assert fake.hooks[: len(before)] == before
    assert [hook.url for hook in source.hooks()] == [ELSEWHERE, URL]


@of_the_table
def test_being_told_to_wait_is_said(case: Case, fake: Any) -> None:
    fake.order_fault("too_many", count=None, retry_after=7)

    with pytest.raises(RateLimited):
        case.made(fake).hook_up(URL)


@pytest.mark.parametrize("case", [TALLY, PAPERFORM, CALCOM], ids=lambda case: case.name)
def test_one_on_a_later_page_is_found(case: Case, fake: Any) -> None:
    source = case.made(fake)
    source.hook_up(URL)
    others = [{**fake.hooks[0], "id": f"o{number}", source.hook_api.address: ELSEWHERE} for number in range(260)]
    fake.hooks[:0] = others

    source.hook_up(URL)

    assert len(fake.hooks) == 261


@pytest.mark.parametrize(
    ("case", "name"),
    [(TALLY, "signingSecret"), (FORMSTACK, "handshake_key"), (CALCOM, "secret")],
    ids=["tally", "formstack", "calcom"],
)
def test_the_secret_is_given_where_one_is_made_and_where_one_is_put_right(case: Case, name: str, fake: Any) -> None:
    case.made(fake).hook_up(URL)
    first = fake.hooks[0][name]

    case.made(fake, secret="another-secret-of-ours").hook_up(URL)

    assert (first, fake.hooks[0][name]) == (SECRET, "another-secret-of-ours")


@pytest.mark.parametrize("case", [FORMBRICKS, WEBFLOW], ids=lambda case: case.name)
def test_where_the_provider_makes_up_the_key_that_is_said_and_none_is_made_that_would_be_refused_here(
    case: Case, fake: Any
) -> None:
    told = case.made(fake).hook_up(URL)

    assert "a key of its own" in told
    assert MADE_UP not in told
    with pytest.raises(Refused, match="a key of its own"):
        case.made(fake, secret="whsec_bm90LXRoZWlycw==", token=None).hook_up(ELSEWHERE)
    assert len(fake.hooks) == 1


@pytest.mark.parametrize("case", [JOTFORM, PAPERFORM], ids=lambda case: case.name)
def test_none_is_made_that_nobody_would_let_in(case: Case, fake: Any) -> None:
    with pytest.raises(Refused, match="set token"):
        case.made(fake, token=None).hook_up(URL)
    signed = {"secret": "bm90LXRoZWlycw==", "scheme": "standard", "token": None}
    with pytest.raises(Refused, match="not signed: set a token"):
        case.made(fake, **signed).hook_up(URL)
    assert fake.hooks == []


@pytest.mark.parametrize("case", [TALLY, FORMSTACK, CALCOM], ids=lambda case: case.name)
def test_a_token_in_the_address_is_enough(case: Case, fake: Any) -> None:
    source = case.made(fake, secret=None, token=TOKEN)

    source.hook_up(URL)

    assert verified(source, "leads", URL).ok


@pytest.mark.parametrize(
    ("case", "other"), [(TALLY, {"formId": "f2"}), (FORMBRICKS, {"surveyIds": ["f2"]})], ids=["tally", "formbricks"]
)
def test_one_of_another_form_is_none_of_ours(case: Case, other: dict[str, Any], fake: Any) -> None:
    source = case.made(fake)
    source.hook_up(URL)
    fake.hooks[0].update(other)
    before = dict(fake.hooks[0])

    found = verified(source, "leads", URL)
    source.hook_up(URL)

    assert (found.ok, fake.hooks[0]) == (False, before)
    assert verified(source, "leads", URL).ok


def test_one_for_all_surveys_posts_those_of_ours_too() -> None:
    with FORMBRICKS.fake() as fake:
        source = FORMBRICKS.made(fake)
        source.hook_up(URL)
        fake.hooks[0]["surveyIds"] = []

        assert verified(source, "leads", URL).ok


def test_what_somebody_has_it_post_beside_submissions_stays() -> None:
    with PAPERFORM.fake() as fake:
        source = PAPERFORM.made(fake)
        source.hook_up(URL)
        fake.hooks[0]["triggers"] = ["partial_submission"]

        source.hook_up(URL)

        assert fake.hooks[0]["triggers"] == ["partial_submission", "submission"]


def test_of_two_for_one_address_the_one_that_is_on_is_put_right() -> None:
    with TALLY.fake() as fake:
        source = TALLY.made(fake)
        source.hook_up(URL)
        fake.hooks.insert(0, {**fake.hooks[0], "id": "older", "isEnabled": False})

        source.hook_up(URL)

        assert [hook["isEnabled"] for hook in fake.hooks] == [False, True]


def test_jotforms_list_may_be_numbered_or_not() -> None:
    with JOTFORM.fake() as fake:
        source = JOTFORM.made(fake)
        fake.order_fault("answer", "GET", status=200, body=b'{"content": ["%s"]}' % URL.encode(), count=None)

        assert verified(source, "leads", URL).ok


def test_a_token_in_the_query_is_the_same_address() -> None:
    in_query = f"https://LEADS.acme.example/in/leads?token={TOKEN}"

    assert same_address(URL, in_query)
    assert same_address(URL, f"{URL}/")
    assert not same_address(URL, "https://leads.acme.example/in/leads")
    assert not same_address(URL, f"https://leads.acme.example/in/other/{TOKEN}")
    with JOTFORM.fake() as fake:
        source = JOTFORM.made(fake)
        source.hook_up(in_query)
        source.hook_up(URL)
        assert (len(fake.hooks), verified(source, "leads", URL).ok) == (1, True)
