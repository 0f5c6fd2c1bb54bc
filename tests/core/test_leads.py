"""What a submission makes of a lead: a new one, or one we know with what it lacked and what is new."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.leads import merged_lead, new_lead
from syncd.model import Context, Lead, LeadState
from syncd.testing.clock import START
from tests.core.drafts import BOOK, drafted, lead_of
from tests.world import playbook

LATER = timedelta(hours=2)


def made(said: dict[str, str] | None = None, **changes: object) -> Lead:
    return replace(lead_of(drafted(said)), **changes)  # type: ignore[arg-type]  # names of fields


def merged(lead: Lead, said: dict[str, str]) -> Lead:
    return merged_lead(drafted(said, "2", after=LATER), lead, START + LATER)


def test_a_new_lead_is_received_at_the_time_of_its_first_submission() -> None:
    lead = new_lead(drafted(), BOOK, START + LATER, 12, doubtful=False)

    assert (lead.state, lead.created_at, lead.updated_at) == (LeadState.RECEIVED, START, START + LATER)
    assert (lead.interactions, lead.revision, lead.junk_score) == (1, 1, 12)
    assert lead.first_touch == lead.last_touch


def test_a_doubtful_lead_is_in_triage() -> None:
    assert new_lead(drafted(), BOOK, START, 0, doubtful=True).state is LeadState.TRIAGE


@pytest.mark.parametrize(
    ("said", "page", "allowed", "source"),
    [
        ({}, "", (), "Website"),
        ({"lead source": "Fair"}, "", (), "Fair"),
        ({"lead source": "fair"}, "", ("Fair", "Website"), "Fair"),
        ({"lead source": "Moon"}, "", ("Fair", "Website"), "Website"),
    ],
)
def test_the_lead_source_is_what_was_said_then_that_of_the_source(
    said: dict[str, str], page: str, allowed: tuple[str, ...], source: str
) -> None:
    draft = drafted({"email": "eva@acme.com", **said}, context=Context(page_url=page))

    assert new_lead(draft, playbook(lead_sources=allowed), START, 0, doubtful=False).lead_source == source


@pytest.mark.parametrize(
    ("query", "allowed", "source"),
    [
        ("?gclid=x", (), "Paid search"),
        ("?utm_source=chatgpt.com", (), "AI assistant"),
        ("?gclid=x", ("Paid search",), "Paid search"),
        ("?gclid=x", ("Website", "Unknown"), "Unknown"),
    ],
)
def test_a_channel_gives_its_name_only_where_the_company_uses_it(
    query: str, allowed: tuple[str, ...], source: str
) -> None:
    draft = drafted({"email": "eva@acme.com"}, context=Context(page_url=f"https://example.com/{query}"))
    book = playbook(sources={}, lead_sources=allowed)

    assert new_lead(draft, book, START, 0, doubtful=False).lead_source == source


def test_what_a_lead_lacks_is_filled_and_what_it_has_stays() -> None:
    lead = merged(made(), {"email": "eva@acme.com", "company": "Other", "city": "Berlin"})

    assert (lead.fields["company"], lead.fields["city"]) == ("Acme GmbH", "Berlin")
    assert (lead.interactions, lead.revision, lead.updated_at) == (2, 2, START + LATER)


def test_the_newest_question_counts_and_no_question_leaves_the_last_one() -> None:
    asked = merged(made(), {"email": "eva@acme.com", "message": "And the licence?"})
    again = merged(asked, {"email": "eva@acme.com"})

    assert asked.fields["message"] == again.fields["message"] == "And the licence?"


def test_a_whole_name_replaces_half_of_one_and_never_mixes_with_it() -> None:
    half = made({"name": "Eva", "email": "eva@acme.com"})

    lead = merged(half, {"name": "Eva Beispiel", "email": "eva@acme.com"})

    assert (lead.fields["first_name"], lead.fields["last_name"]) == ("Eva", "Beispiel")


def test_a_number_that_can_be_dialled_replaces_one_that_cannot() -> None:
    lead = merged(made({"name": "Eva", "phone": "12"}), {"name": "Eva", "phone": "030 901820"})

    assert lead.fields["phone"] == "+4930901820"
    assert merged(lead, {"name": "Eva", "phone": "089 5550123"}).fields["phone"] == "+4930901820"


@pytest.mark.parametrize(
    ("before", "says", "after"),
    [
        ("", "yes", "yes"),
        ("", "no", "no"),
        ("yes", "no", "no"),
        ("no", "yes", "no"),
        ("yes", "", "yes"),
        ("no", "", "no"),
        ("", "", None),
    ],
)
def test_consent_never_moves_from_no_to_yes(before: str, says: str, after: str | None) -> None:
    lead = made({"email": "eva@acme.com", "newsletter": before})

    assert merged(lead, {"email": "eva@acme.com", "newsletter": says}).fields.get("consent") == after


def test_having_opted_out_is_a_refused_consent_for_ever() -> None:
    lead = made({"email": "eva@acme.com", "newsletter": "yes"}, state=LeadState.OPTED_OUT)

    again = merged(merged(lead, {"email": "eva@acme.com", "newsletter": "yes"}), {"email": "eva@acme.com"})

    assert again.fields["consent"] == "no"


def test_the_first_touch_is_kept_and_a_direct_visit_replaces_nothing() -> None:
    paid = Context(page_url="https://example.com/?gclid=x")
    first = lead_of(drafted({"email": "eva@acme.com"}, context=paid))

    lead = merged(first, {"email": "eva@acme.com"})

    assert (lead.first_touch, lead.last_touch) == (first.first_touch, first.first_touch)


@pytest.mark.parametrize("state", [state for state in LeadState if state.closed])
def test_a_closed_lead_that_writes_again_waits_anew(state: LeadState) -> None:
    lead = merged(made(state=state, answered_at=START + timedelta(minutes=5)), {"email": "eva@acme.com"})

    assert (lead.state, lead.due_at, lead.answered_at) == (LeadState.RECEIVED, None, None)


@pytest.mark.parametrize("state", [LeadState.ATTEMPTED, LeadState.CONNECTED, LeadState.QUALIFIED, LeadState.TRIAGE])
def test_an_open_lead_that_writes_again_stays_where_it_is(state: LeadState) -> None:
    lead = merged(made(state=state), {"email": "eva@acme.com"})

    assert (lead.state, lead.due_at) == (state, START + timedelta(hours=1))


def test_an_answer_counts_only_for_what_was_asked_before_it() -> None:
    before, after = START + timedelta(hours=1), START + timedelta(hours=3)

    waiting = merged(made(answered_at=before), {"email": "eva@acme.com"})
    answered = merged(made(answered_at=after), {"email": "eva@acme.com"})

    assert (waiting.answered_at, waiting.due_at) == (None, None)
    assert answered.answered_at == after


said = st.dictionaries(
    st.sampled_from(["name", "phone", "company", "newsletter", "message", "city"]),
    st.sampled_from(["", "Eva", "Eva Beispiel", "030 901820", "12", "yes", "no", "Berlin"]),
)


@given(said, said)
def test_no_field_is_ever_lost_and_the_same_again_changes_no_field(one: dict[str, str], other: dict[str, str]) -> None:
    lead = made({"email": "eva@acme.com", **one})

    once = merged(lead, {"email": "eva@acme.com", **other})
    twice = merged(once, {"email": "eva@acme.com", **other})

    assert once.fields.keys() >= lead.fields.keys()
    assert once.fields == twice.fields
    assert {"no"} != {lead.fields.get("consent")} or once.fields["consent"] == "no"
