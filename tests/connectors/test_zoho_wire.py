"""Zoho's words: where it lives, what its queries look like, what its refusals mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sinks.zoho import coql
from connectors.sinks.zoho.failures import read_fault, trouble_with
from connectors.sinks.zoho.places import PLACES, api_url
from connectors.sinks.zoho.scopes import scope_findings
from syncd.connector import Ambiguous, AuthFailed, RateLimited, Retryable


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("https://www.zohoapis.in", "https://www.zohoapis.in"),
        ("", "https://www.zohoapis.eu"),
        ("https://evil.example", "https://www.zohoapis.eu"),
        ("http://www.zohoapis.in", "https://www.zohoapis.eu"),
        ("https://www.zohoapis.in@evil.example", "https://www.zohoapis.eu"),
    ],
)
def test_token_says_where_the_api_is_but_only_among_zohos_own_places(told: str, url: str) -> None:
    assert api_url("eu", "production", told) == url


def test_sandbox_has_a_host_of_its_own_in_every_data_center() -> None:
    assert {api_url(place, "sandbox", "")[:16] for place in PLACES} == {"https://sandbox."}


@given(st.text(max_size=40))
def test_no_value_in_a_query_can_be_taken_for_more_than_a_value(value: str) -> None:
    if coql.is_plain(value):
        assert coql.quoted(value) == f"'{value}'"
        assert not set(value) & set("'\\\"() ,\n")
    else:
        with pytest.raises(ValueError, match="misread"):
            coql.quoted(value)


def test_conditions_stand_in_pairs_of_brackets_and_lists_hold_fifty() -> None:
    assert coql.all_of(["a", "b", "c"]) == "((a and b) and c)"
    assert coql.one_of("X", ["v"] * 60).count(" in (") == 2


@pytest.mark.parametrize(
    ("status", "body", "writes", "trouble"),
    [
        (200, {}, True, None),
        (200, None, True, Ambiguous),
        (200, None, False, Retryable),
        (204, {}, False, None),
        (400, {"code": "INVALID_DATA"}, True, None),
        (400, {"fields": []}, True, None),
        (400, {}, True, Retryable),
        (400, None, True, Retryable),
        (401, {"code": "INVALID_TOKEN"}, True, AuthFailed),
        (401, None, True, AuthFailed),
        (400, {"code": "OAUTH_SCOPE_MISMATCH"}, True, AuthFailed),
        (429, None, True, RateLimited),
        (400, {"code": "TOO_MANY_REQUESTS"}, True, RateLimited),
        (500, {"code": "INTERNAL_ERROR"}, True, Ambiguous),
        (500, {"code": "INTERNAL_ERROR"}, False, Retryable),
        (503, None, True, Ambiguous),
        (302, None, True, Retryable),
    ],
)
def test_answers_say_what_happens_next(
    status: int, body: dict[str, object] | None, writes: bool, trouble: type[Exception] | None
) -> None:
    assert trouble_with(status, body, writes=writes) is trouble


def test_fault_tells_codes_and_names_and_no_value() -> None:
    fault = read_fault({"code": "INVALID_DATA", "message": "ada@x.example is bad", "details": {"api_name": "a b@c"}})

    assert str(fault) == "INVALID_DATA"


def test_duplicate_names_the_other_record_and_its_module() -> None:
    there = {"id": "5725", "module": {"api_name": "Contacts", "id": "1"}}
    fault = read_fault({"code": "DUPLICATE_DATA", "details": {"api_name": "Email", "duplicate_record": there}})

    assert (fault.field, fault.existing, fault.module, fault.gone) == ("Email", "5725", "Contacts", False)


@pytest.mark.parametrize(
    ("granted", "ok"),
    [
        ("ZohoCRM.modules.ALL ZohoCRM.users.ALL ZohoCRM.settings.ALL ZohoCRM.coql.READ", True),
        ("ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.settings.fields.READ", False),
        ("ZohoCRM.modules.READ ZohoCRM.users.READ ZohoCRM.settings.fields.READ ZohoCRM.coql.READ", False),
        ("", True),
    ],
)
def test_scopes_cover_what_lies_below_them(granted: str, ok: bool) -> None:
    assert all(finding.ok for finding in scope_findings(frozenset(granted.split()), apply=False)) is ok
