"""The note holds every answer once, in order, and where it came from."""

from dataclasses import replace
from datetime import timedelta

from syncd.core.draft import Draft
from syncd.core.texts import note_text
from syncd.model import Context
from syncd.testing.clock import START
from tests.core.drafts import drafted, lead_of


def noted(draft: Draft) -> str:
    return note_text(draft, lead_of(draft))


def test_the_note_holds_every_answer_once_and_in_order_and_where_it_came_from() -> None:
    said = {
        "name": "Eva Beispiel",
        "email": "eva@acme,com",
        "phone": "12",
        "Colour": "blue",
        "Message": "Two\nlines",
        "utm_source": "google",
    }
    context = Context(form_name="Contact", page_url="https://example.com/c?utm_medium=cpc&gclid=Ab")

    note = noted(replace(drafted(said, context=context), submitted_at=START - timedelta(minutes=2)))

    assert note.splitlines() == [
        "Enquiry by form “Contact”",
        "",
        "name: Eva Beispiel",
        "email: eva@acme,com",
        "phone: 12",
        "Colour: blue",
        "Message:",
        "Two",
        "lines",
        "",
        "Received: 2026-11-23 09:00 UTC",
        "Submitted: 2026-11-23 08:58 UTC",
        "Lead source: Website; channel: paid_search",
        "Tags: utm_source=google, utm_medium=cpc, gclid=Ab",
        "Page: https://example.com/c?utm_medium=cpc&gclid=Ab",
        "The e-mail address as typed is not valid: eva@acme,com",
        "The phone number does not look complete: 12",
    ]


def test_an_answered_parameter_stands_once_in_the_note_also_when_it_was_never_filled_in() -> None:
    note = noted(drafted({"email": "eva@acme.com", "utm_campaign": "{campaign}", "sccid": "Sc1"}))

    assert "Tags: utm_campaign={campaign}, sccid=Sc1" in note
    assert note.count("{campaign}") == note.count("Sc1") == 1
