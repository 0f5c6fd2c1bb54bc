"""What a rep reads: one line that says who, why and by when, and a note with every answer."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.draft import Draft
from syncd.core.playbook import Rule
from syncd.core.templates import SAMPLE
from syncd.core.texts import (
    LONGEST_SUBJECT,
    SHOWN_SUBJECT,
    Occasion,
    task_texts,
    template_values,
    who_of,
)
from syncd.model import Context, Lead
from syncd.testing.clock import START
from tests.core.drafts import BOOK, drafted, lead_of
from tests.world import CALENDAR

RULE = Rule("everyone else", None, pool="sales")
DUE = START + timedelta(hours=1)  # 11:00 in Berlin


def occasion(rule: Rule = RULE, due: datetime = DUE, *, waiting: bool = False) -> Occasion:
    return Occasion(rule, "rule “everyone else”", due, START, CALENDAR, waiting=waiting)


def texts(draft: Draft, lead: Lead | None = None, at: Occasion | None = None) -> tuple[str, str, str]:
    return task_texts(draft, lead or lead_of(draft), BOOK, at or occasion())


def test_the_subject_says_who_what_about_and_by_when() -> None:
    draft = drafted({"name": "Eva Beispiel", "phone": "030 901820", "company": "Acme GmbH", "subject": "Pricing"})

    assert texts(draft)[0] == "Call Eva Beispiel (Acme GmbH) - Pricing - by 11:00"


def test_the_body_has_the_question_first_and_everything_a_rep_needs() -> None:
    draft = drafted(
        {
            "name": "Eva Beispiel",
            "email": "eva@gmial.com",
            "phone": "030 901820",
            "message": "How much is it?\nAnd when?",
        },
        context=Context(form_name="Contact", page_url="https://example.com/contact?utm_campaign=spring&gclid=x"),
    )

    body = texts(draft)[1]

    assert body.splitlines() == [
        "How much is it?",
        "And when?",
        "",
        "Phone: +49 30 901820",
        "E-mail: eva@gmial.com",
        "Who: Eva Beispiel",
        "",
        "Source: Website (form contact, channel paid_search, campaign spring)",
        "Page: https://example.com/contact",
        "Did they mean eva@gmail.com? The address may be mistyped.",
        "You got this by: rule “everyone else”",
        "Due: Mon 23 Nov 2026, 11:00 (Europe/Berlin)",
        f"Lead: {lead_of(draft).id}",
    ]


@pytest.mark.parametrize(
    ("said", "kind", "verb"),
    [
        ({"name": "Eva", "phone": "030 901820", "email": "eva@acme.com"}, "call", "Call"),
        ({"name": "Eva", "phone": "12", "email": "eva@acme.com"}, "email", "Write to"),
        ({"name": "Eva", "phone": "12"}, "call", "Call"),
        ({"name": "Eva", "email": "eva@acme.com"}, "email", "Write to"),
        ({"name": "Eva"}, "todo", "Find"),
    ],
)
def test_a_task_is_of_the_kind_by_which_the_person_can_be_reached(said: dict[str, str], kind: str, verb: str) -> None:
    subject, _, told = texts(drafted(said))

    assert (told, subject.startswith(f"{verb} Eva")) == (kind, True)


def test_a_day_other_than_today_is_named() -> None:
    draft = drafted()

    assert texts(draft, at=occasion(due=DUE + timedelta(days=1)))[0].endswith("by Tue 24 Nov 11:00")


def test_the_day_is_that_of_the_owners_zone() -> None:
    late = START.replace(hour=23, minute=30)  # half past midnight on Tuesday in Berlin

    assert texts(drafted(), at=occasion(due=late))[0].endswith("by Tue 24 Nov 00:30")
    assert texts(drafted(), at=replace(occasion(due=late), now=late))[0].endswith("by 00:30")


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ({"name": "Eva Beispiel", "email": "eva@acme.com"}, "Eva Beispiel"),
        ({"email": "eva@acme.com"}, "eva@acme.com"),
        ({"phone": "030 901820"}, "+4930901820"),
        ({"email": "eva@acme,com"}, "somebody"),
    ],
)
def test_people_are_called_by_the_best_that_is_known(said: dict[str, str], who: str) -> None:
    assert who_of(lead_of(drafted(said))) == who


# Length of the subject


def test_a_long_company_gives_way_before_the_name_and_the_time() -> None:
    company = "International Society for the Advancement of Rather Long Company Names GmbH"

    subject = texts(drafted({"name": "Eva Beispiel", "company": company, "subject": "Pricing"}))[0]

    assert subject == "Find Eva Beispiel (International Society for the Advancem…) - Pricing - by 11:00"
    assert len(subject) <= SHOWN_SUBJECT


def test_a_long_topic_gives_way_before_a_short_company() -> None:
    said = {
        "name": "Eva Beispiel",
        "company": "Acme",
        "subject": "a question about quite a lot of things at once, please",
    }

    subject = texts(drafted(said))[0]

    assert subject == "Find Eva Beispiel (Acme) - a question about quite a lot of things at… - by 11:00"


def test_a_name_that_leaves_no_room_sends_topic_and_company_away() -> None:
    said = {"name": "Eva-" + "Maria-" * 20 + "B Beispiel", "company": "Acme GmbH & Co. KG", "subject": "Pricing list"}

    subject = texts(drafted(said))[0]

    assert subject.startswith("Find Eva-Maria-Maria-")
    assert subject.endswith("… - by 11:00")
    assert len(subject) <= SHOWN_SUBJECT


def test_a_template_of_many_words_is_cut_at_the_longest() -> None:
    rule = replace(RULE, subject="word " * 100 + "{{ who }}")

    assert len(texts(drafted(), at=occasion(rule))[0]) == LONGEST_SUBJECT


lines = st.text(max_size=90) | st.sampled_from(["a\r\nb", "\u2028", "&lt;b&gt;", "{{ who }}", "x" * 300])


@given(lines, lines, lines)
def test_a_subject_is_one_line_that_lists_can_show(name: str, company: str, topic: str) -> None:
    draft = drafted({"email": "eva@acme.com", "name": name, "company": company, "subject": topic})

    subject = texts(draft)[0]

    assert len(subject.splitlines()) == 1
    assert 0 < len(subject) <= SHOWN_SUBJECT
    assert subject.endswith("by 11:00")


# Templates


def test_the_values_are_just_the_variables_that_templates_are_checked_with() -> None:
    draft = drafted()

    values = template_values(draft, lead_of(draft), BOOK, occasion(), "email")

    assert values.keys() == SAMPLE.keys()


def test_a_rule_has_texts_of_its_own() -> None:
    rule = replace(RULE, subject="{{ owner }}: {{ who }} ({{ rule }})", body="{{ fields.company }}, {{ stage }}")

    subject, body, _ = texts(drafted(), at=occasion(rule))

    assert (subject, body) == ("Eva Muster: Eva Beispiel (everyone else)", "Acme GmbH, lead")


def test_a_template_that_fails_gives_the_usual_texts() -> None:
    draft = drafted()
    broken = replace(RULE, subject="{{ who + 1 }}", body="{{ 'a' * 9 }}")

    assert texts(draft, at=occasion(broken)) == texts(draft)


def test_what_people_typed_is_not_run() -> None:
    draft = drafted({"email": "eva@acme.com", "name": "{{ 7*7 }}", "message": "{% for x in y %} What is it?"})

    subject, body, _ = texts(draft)

    assert "49" not in subject
    assert body.startswith("{% for x in y %} What is it?")


def test_a_question_that_still_waits_stays_in_the_task() -> None:
    lead, later = lead_of(drafted()), drafted({"email": "eva@acme.com"}, "2")

    waiting = texts(later, lead, occasion(waiting=True))[1]
    answered = texts(later, lead, occasion())[1]

    assert waiting.startswith("How much is your product")
    assert "How much is your product" not in answered
