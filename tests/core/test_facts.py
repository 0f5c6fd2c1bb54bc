"""What rules may ask about is exactly what is worked out for a lead."""

from dataclasses import replace

import pytest

from syncd.core.facts import FACT_NAMES, facts_of, stage_of
from syncd.model import FIELDS, Context, Lead
from tests.core.drafts import drafted, found, lead_of


def test_the_names_of_facts_are_just_those_of_a_lead_with_every_field() -> None:
    draft = drafted()
    whole = replace(lead_of(draft), fields=dict.fromkeys(FIELDS, "x"))

    assert facts_of(draft, whole, None).keys() == FACT_NAMES.keys()


def test_a_field_that_a_lead_lacks_is_left_out() -> None:
    draft = drafted({"email": "eva@web.de"})

    facts = facts_of(draft, lead_of(draft), None)

    assert FACT_NAMES.keys() - facts.keys() == FIELDS.keys() - {"email", "lead_source"}


def test_facts_tell_of_the_visit_the_person_and_what_the_crm_knows() -> None:
    context = Context(form_id="17", page_url="https://example.com/demo?utm_source=News", language="en-GB")
    draft = drafted({"email": "eva@web.de"}, context=context)

    facts = facts_of(draft, lead_of(draft), replace(found(), customer=True))

    assert (
        facts.items()
        >= {
            "source": "contact",
            "form": "17",
            "page": "https://example.com/demo?utm_source=News",
            "utm_source": "News",
            "language": "en",
            "email_domain": "web.de",
            "freemail": True,
            "stage": "name",
            "known": True,
            "customer": True,
            "interactions": 1.0,
        }.items()
    )


@pytest.mark.parametrize(("interactions", "in_crm", "known"), [(1, False, False), (2, False, True), (1, True, True)])
def test_a_person_is_known_after_an_earlier_enquiry_or_to_the_crm(interactions: int, in_crm: bool, known: bool) -> None:
    draft = drafted()
    lead = replace(lead_of(draft), interactions=interactions)

    assert facts_of(draft, lead, found() if in_crm else None)["known"] is known


@pytest.mark.parametrize(
    ("fields", "interactions", "stage"),
    [({}, 1, "name"), ({"message": "How much?"}, 1, "lead"), ({}, 2, "lead"), ({"subject": "Pricing"}, 1, "name")],
)
def test_a_question_or_a_second_enquiry_makes_a_lead(fields: dict[str, str], interactions: int, stage: str) -> None:
    lead: Lead = replace(lead_of(drafted()), fields=fields, interactions=interactions)

    assert stage_of(lead) == stage
