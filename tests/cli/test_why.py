"""`syncd why`: the story of a lead, by whatever somebody has of it."""

import pytest

from tests.cli.office import ANNA, Office


@pytest.fixture
def landed(office: Office) -> Office:
    """One lead with its record, task and note."""
    office.land(**ANNA)
    return office


def lead_of(office: Office) -> str:
    (found,) = office.run("why", "anna@berg-bau.com", "--json").json()
    lead: str = found["lead"]["id"]
    return lead


def test_the_story_tells_what_arrived_what_was_decided_and_what_was_made(landed: Office) -> None:
    said = landed.run("why", "anna@berg-bau.com")

    for told in (
        "assigned",
        "Owner: Tom Test, by rule “pricing”",
        "Planned: a new lead",
        "Known already? nobody with these keys. Not in the CRM either.",
        "Rule “pricing”: fits",
        "Contact made in the CRM",
        "Task made in the CRM",
        "Note made in the CRM",
        "s1",
        "o3",
    ):
        assert told in said


@pytest.mark.parametrize("who", ["Anna@Berg-Bau.COM", "s1", "o1", "o2", " s1 "])
def test_it_is_found_by_address_submission_or_order(landed: Office, who: str) -> None:
    (found,) = landed.run("why", who, "--json").json()

    assert found["lead"]["fields"]["email"] == "anna@berg-bau.com"


def test_it_is_found_by_its_own_id(landed: Office) -> None:
    lead = lead_of(landed)

    assert f"Lead {lead}: assigned" in landed.run("why", lead)


def test_machines_get_events_with_all_details(landed: Office) -> None:
    (found,) = landed.run("why", "s1", "--json").json()

    assert [order["kind"] for order in found["orders"]] == ["record", "task", "note"]
    assert found["submissions"][0]["id"] == "s1"
    assert found["events"][0]["detail"]["rule"] == "pricing"


def test_a_submission_that_became_no_lead_has_its_story_too(office: Office) -> None:
    office.land(**ANNA, _gotcha="robot")

    said = office.run("why", "s1")

    assert "Submission s1 from contact" in said
    assert "quarantined" in said
    assert "honeypot +90" in said
    assert office.run("why", "s1", "--json").json()[0]["submissions"][0]["state"] == "quarantined"


@pytest.mark.parametrize("who", ["nobody@example.org", "s99", "o99", "Lnobody", "", "s" + "9" * 40, "o²"])
def test_nobody_is_an_exit_code_and_a_hint(landed: Office, who: str) -> None:
    said = landed.run("why", who, code=3)

    assert "syncd parked" in said.err


def test_what_strangers_type_is_neither_markup_nor_an_order_to_the_terminal(office: Office) -> None:
    office.land(
        **{**ANNA, "name": "[bold]Eve[/] :smile:", "message": "price \x1b[2J\x1b]0;owned\x07 [/nonsense] \u202e"}
    )

    said = office.run("why", "s1") + office.run("why", "s1", "--json") + office.run("status")

    assert not {"\x1b", "\x07", "\u202e"} & set(said)
