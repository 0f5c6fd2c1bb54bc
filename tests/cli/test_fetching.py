"""`syncd backfill` and `syncd reconcile`: what the provider has comes in once, and the balance is told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.office import Office, settle
from tests.fakes.typeform import API_TOKEN, FakeTypeform

FORM = json.loads((Path(__file__).parents[1] / "fixtures/typeform/form.json").read_text("utf-8"))


def response(number: int, ago: timedelta) -> dict[str, Any]:
    at = f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%SZ}"
    field = {"id": "fldMail", "type": "email", "ref": "mail"}
    answers = [{"type": "email", "email": f"p{number}@acme.example", "field": field}]
    return {"token": f"tok-{number}", "landed_at": at, "submitted_at": at, "metadata": {}, "answers": answers}


@pytest.fixture
def forms(office: Office) -> Iterator[FakeTypeform]:
    with FakeTypeform(FORM) as fake:
        fake.responses += [response(number, timedelta(days=10, minutes=-number)) for number in range(3)]
        fake.responses.append(response(3, timedelta(hours=5)))
        office.change(
            "form_id: F1, secret: typeform-secret",
            f"form_id: {FORM['id']}, secret: typeform-secret, api_token: {API_TOKEN}, base_url: '{fake.url}'",
        )
        yield fake


def test_backfill_brings_what_was_submitted_since_then_and_the_second_time_nothing(
    office: Office, forms: FakeTypeform
) -> None:
    some = office.run("backfill", "demo", "--since", f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}")
    everything = office.run("backfill", "demo", "--since", "all", "--json").json()["demo"]
    again = office.run("backfill", "demo", "--since", "all", "--json").json()["demo"]

    assert "demo: 1 there" in some
    assert "1 of them new here" in some
    assert (everything["listed"], everything["fetched"]) == (4, 3)
    assert (again["listed"], again["fetched"], again["missing"]) == (4, 0, 0)


def test_reconcile_fetches_what_is_missing_and_prove_shows_the_balance(office: Office, forms: FakeTypeform) -> None:
    said = office.run("reconcile")
    with office.app() as built:
        settle(built)
    office.run("reconcile", "demo", "--days", "30")

    proof = office.run("prove")

    assert "demo: 1 at the provider since" in said
    assert "1 of them fetched only then: 1 on its way." in said
    assert "demo: 4 at the provider since" in proof
    assert "1 in the CRM, 3 on its way" in proof
    assert office.run("prove", "--json").json()["lists"]["demo"]["missing"] == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("contact", "--since", "all"), "contact cannot be asked for what was"),
        (("demo", "--since", "last week"), "--since last week: neither a day"),
    ],
)
def test_what_cannot_be_asked_is_told(office: Office, forms: FakeTypeform, words: tuple[str, ...], why: str) -> None:
    assert why in office.run("backfill", *words, code=2).err


def test_a_provider_that_refuses_is_told_without_the_key(office: Office, forms: FakeTypeform) -> None:
    forms.order_fault("unauthorized", count=None)

    said = office.run("reconcile", code=7).err

    assert "demo: typeform: responses of form" in said
    assert API_TOKEN not in said
