"""What a Copper account must have, what its refusals mean, and the faults that a check finds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.copper import Copper, CopperOptions
from connectors.sinks.copper.account import CustomField
from syncd.connector import AuthFailed, FieldState, RateLimited, Retryable
from syncd.testing import NOON, FakeClock, lent_tools
from tests.connectors.copper_world import World, copper_world
from tests.connectors.orders import record
from tests.fakes.copper import FakeCopper
from tests.fakes.copper.service import EMAIL, KEY


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with copper_world(tmp_path) as world:
        yield world


def bare(folder: Path, fake: FakeCopper, **options: Any) -> Copper:
    given = {"token": KEY, "email": EMAIL, "base_url": fake.url, **options}
    tools = replace(lent_tools("copper", FakeClock(NOON), folder), emits={"lead_source": ("Website", "Fair")})
    return Copper(CopperOptions.model_validate(given), tools)


def test_a_new_account_lacks_every_field_and_gets_them_once(tmp_path: Path) -> None:
    with FakeCopper() as fake:
        fake.sources[13] = "Fair"
        before = bare(tmp_path, fake).prepare(apply=False)
        made = bare(tmp_path, fake).prepare(apply=True)
        after = bare(tmp_path, fake).prepare(apply=True)

        assert fake.definition("syncd_key")["is_filterable"]
        assert fake.definition("Inquiries")["data_type"] == "Float"
    assert [finding.ok for finding in before] == [False] * 5
    assert all(finding.remedy for finding in before)
    assert [finding.changed for finding in made] == [True] * 5
    assert [(finding.ok, finding.changed) for finding in after] == [(True, False)] * 5


def test_a_check_names_each_fault_and_its_remedy(tmp_path: Path) -> None:
    with FakeCopper() as fake:
        bare(tmp_path, fake).prepare(apply=True)
        fake.definition("syncd_key")["is_filterable"] = False
        fake.definition("syncd_status")["data_type"] = "Date"
        fake.definition("Inquiries")["available_on"] = ["company"]
        fake.definitions.remove(fake.definition("First channel"))
        sink = bare(tmp_path, fake, status="Neu", statuses={"Contacted": "answered", "Gewonnen": "won"})

        wrong = {finding.what: finding for finding in sink.check() if not finding.ok}

    assert {what: finding.detail for what, finding in wrong.items()} == {
        "custom field syncd_key": "is of type String, no filter, not String of leads, used as a filter",
        "custom field syncd_status": "is of type Date, not String of leads",
        "custom field Inquiries": "is of type Float, not of leads, not one of leads that syncd can write",
        "custom field First channel": "missing",
        "lead status Neu": "Neu is not there",
        "lead status Gewonnen": "Gewonnen is not there",
        "lead source Fair": "Fair is not there",
    }
    assert all(finding.remedy for finding in wrong.values())


def test_a_check_needs_a_good_token(world: World) -> None:
    world.fake.key = "another"

    with pytest.raises(AuthFailed):
        world.sink.check()


def test_what_the_account_has_is_described(world: World) -> None:
    world.fake.keep_field("Size", "Dropdown", options=[{"name": "Large"}])
    world.fake.keep_field("Of companies", "String", ["company"])
    world.fake.keep_field("Linked", "Connect")

    told = world.another_sink().described()

    assert told["custom field syncd_key"] == FieldState("String", ours=True)
    assert told["custom field Size"] == FieldState("Dropdown", choices=("Large",))
    assert told["custom field Linked"] == FieldState("Connect", writable=False)
    assert told["lead status"] == FieldState("list", ours=True, choices=("New", "Contacted", "Unqualified"))
    assert "custom field Of companies" not in told


def test_the_hundred_and_eighty_first_call_of_a_minute_is_waited_for(tmp_path: Path) -> None:
    with copper_world(tmp_path) as world:
        world.fake.per_minute = 180
        for _ in range(90):
            world.sink.find([record().keys])
        with pytest.raises(RateLimited) as raised:
            world.sink.find([record().keys])
        world.advance(seconds=60)

        assert raised.value.after == timedelta(seconds=20)
        assert world.sink.find([record().keys]) == [None]


@pytest.mark.parametrize("path", ["leads/search", "people/search"])
def test_an_answer_that_is_no_list_is_none(world: World, path: str) -> None:
    world.fake.order_fault("answer", "POST", f"*/{path}", status=200, body=b'{"leads": []}', count=None)

    with pytest.raises(Retryable):
        world.sink.find([record().keys])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("String", "Some text", "Some text"),
        ("Text", "Some text", "Some text"),
        ("Date", "2026-03-02T10:00:00Z", 1_772_409_600),
        ("Date", "soon", None),
        ("Checkbox", "yes", True),
        ("Checkbox", "perhaps", None),
        ("Float", "12", 12),
        ("Currency", "many", None),
        ("Dropdown", "large", 9001),
        ("Dropdown", "gigantic", None),
        ("MultiSelect", "Large", [9001]),
        ("Connect", "x", None),
    ],
)
def test_a_value_goes_out_as_its_field_holds_it_and_comes_back(kind: str, text: str, value: Any) -> None:
    field = CustomField(1001, kind, frozenset({"lead"}), options={9001: "Large"})

    assert field.value_of(text) == value
    if value is not None:
        assert field.text_of(value).casefold() == text[:10].casefold()
