"""Reading a submission: whatever people type becomes a draft, or is rejected with a reason."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.draft import Draft, Key
from syncd.core.playbook import SourcePlan
from syncd.core.read import read
from syncd.core.texts import note_text
from syncd.errors import Rejected
from syncd.model import FIELDS, Answer, AnswerKind, Context, Lead, LeadState, Submission
from syncd.testing.clock import START
from tests.core.drafts import BOOK, drafted, posted
from tests.world import playbook


def noted(draft: Draft) -> str:
    return note_text(draft, Lead("L1", LeadState.ASSIGNED, START, START))


def test_a_contact_form_is_read_without_any_configuration() -> None:
    draft = drafted()

    assert draft.fields == {
        "first_name": "Eva",
        "last_name": "Beispiel",
        "email": "eva@acme.com",
        "company": "Acme GmbH",
        "message": "How much is your product for ten people?",
    }
    assert (draft.company_key, draft.business_domain) == ("acme", "acme.com")


def test_a_submission_with_a_problem_is_rejected_with_it() -> None:
    with pytest.raises(Rejected, match="not JSON at line 1"):
        read(replace(posted(), problem="not JSON at line 1"), BOOK)


@pytest.mark.parametrize("said", [{"message": "Please call me back"}, {"email": "none"}, {"name": "n/a", "phone": "-"}])
def test_what_leaves_no_way_to_reach_anybody_is_rejected(said: dict[str, str]) -> None:
    with pytest.raises(Rejected, match="nobody could be reached"):
        drafted(said)


@pytest.mark.parametrize(
    "said", [{"email": "eva@acme.com"}, {"phone": "030 901820"}, {"name": "Eva"}, {"email": "eva@acme,com"}]
)
def test_one_thing_to_go_by_is_enough(said: dict[str, str]) -> None:
    assert drafted(said).source == "contact"


def test_an_address_that_cannot_be_is_shown_to_the_rep_and_is_no_key() -> None:
    draft = drafted({"email": "eva@acme,com", "phone": "030 901820"})

    assert draft.remarks == ("The e-mail address as typed is not valid: eva@acme,com",)
    assert "email" not in draft.fields
    assert draft.typed_email
    assert draft.keys == (Key("p:+4930901820", exact=False),)


def test_a_repaired_address_a_likely_slip_and_an_extension_are_remarked() -> None:
    draft = drafted({"email": "mailto:eva@gmial.com", "phone": "+49 30 901820 ext. 12"})

    assert draft.fields["email"] == "eva@gmial.com"
    assert draft.fields["phone"] == "+4930901820"
    assert draft.remarks == (
        "The e-mail address was typed as: mailto:eva@gmial.com",
        "Did they mean eva@gmail.com? The address may be mistyped.",
        "Extension of the phone number: 12",
    )


def test_a_number_that_cannot_be_dialled_is_kept_as_typed() -> None:
    draft = drafted({"name": "Eva", "phone": "12"})

    assert draft.fields["phone"] == "12"
    assert draft.keys == ()
    assert draft.remarks == ("The phone number does not look complete: 12",)


def test_the_country_named_comes_before_that_of_the_form_and_that_before_the_companys() -> None:
    plans = {"contact": SourcePlan("contact", country="AT")}
    said = {"name": "Eva", "phone": "01 42685300"}

    by_form = drafted(said, book=playbook(sources=plans))
    by_person = drafted({**said, "country": "France"}, book=playbook(sources=plans))

    assert (by_form.fields["phone"], by_person.fields["phone"]) == ("+43142685300", "+33142685300")


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ({"Vorname": "Eva", "Name": "Beispiel"}, "Eva", "Beispiel"),
        ({"Nom": "Dupont", "Prénom": "Marie"}, "Marie", "Dupont"),
        ({"Nombre": "María", "Apellidos": "García López"}, "María", "García López"),
        ({"Nombre": "María García"}, "María", "García"),
        ({"Name": "Eva Beispiel", "First name": "Eva"}, "Eva", "Beispiel"),
        ({"Name": "Eva", "First name": "Eva", "Surname": "Beispiel"}, "Eva", "Beispiel"),
        ({"Name": "Beispiel", "Email": "b@acme.com"}, "", "Beispiel"),
    ],
)
def test_names_are_put_together_from_what_the_form_asks(said: dict[str, str], first: str, last: str) -> None:
    draft = drafted(said)

    assert (draft.name.first, draft.name.last) == (first, last)


def test_consent_that_nobody_asked_for_stays_unsaid() -> None:
    assert "consent" not in drafted().fields
    assert drafted({"email": "eva@acme.com", "newsletter": "no"}).fields["consent"] == "no"
    assert drafted({"email": "eva@acme.com", "newsletter": "on"}).fields["consent"] == "yes"


def test_the_visit_told_in_answers_counts_more_than_that_of_the_connector() -> None:
    context = Context(page_url="https://forms.example.net/x", language="de-DE,en;q=0.8")

    said = {"email": "eva@acme.com", "page_url": "https://example.com/demo?utm_source=bing&utm_medium=cpc"}
    draft = drafted(said, context=context)

    assert draft.context.page_url == "https://example.com/demo?utm_source=bing&utm_medium=cpc"
    assert draft.context.language == "de"
    assert (draft.touch.source, draft.touch.channel) == ("bing", "paid_search")


def test_a_row_of_an_import_came_by_no_visit() -> None:
    draft = read(replace(posted(), content_type="text/csv"), BOOK)

    assert draft.touch.channel == "import"


def test_a_shared_address_is_a_key_that_decides_nothing_alone() -> None:
    assert drafted({"email": "info@acme.com"}).keys[0] == Key("e:info@acme.com", exact=False)
    assert drafted({"email": "eva@acme.com"}).keys[0] == Key("e:eva@acme.com", exact=True)


def test_case_and_tag_of_one_mailbox_do_not_change_its_key() -> None:
    assert drafted({"email": "Eva.B+x@gmail.com"}).keys == drafted({"email": "evab@googlemail.com"}).keys


@pytest.mark.parametrize("part", ["a@", "a@b.", "&amp;", "what is your ", "(", "+1 ", "\u0301", "a\n", "utm_source=a&"])
def test_sixty_thousand_hostile_characters_in_every_field_take_no_more_time_than_plain_ones(part: str) -> None:
    text = (part * 60_000)[:60_000]
    asked = ("name", "email", "phone", "company", "message", "country", "page_url", "utm_source", "Anything else")

    draft = drafted({**dict.fromkeys(asked, text), part * 1_000: text, "Surname": "Beispiel"})

    assert draft.fields["last_name"] == "Beispiel"  # the test would run into its time limit otherwise


# Properties

lone = st.characters(codec=None)  # with lone surrogates and controls
nasty = st.text(lone, max_size=60) | st.sampled_from(
    ["eva@acme.com", "eva@", "@", "+49 30 901820", "<script>", "{{ 7*7 }}", "\x00", "\ud800", "a\r\nBcc: x", "DE"]
)
names = st.sampled_from(
    (
        *("name", "Vorname", "last name", "email", "phone", "company", "country", "message", "website"),
        *("page_url", "referrer", "utm_source", "gclid", "subject", "job title", "lead source", "newsletter"),
    )
)
contexts = st.builds(Context, form_name=nasty, page_url=nasty, landing_url=nasty, referrer=nasty, language=nasty)


@st.composite
def submissions(draw: st.DrawFn) -> Submission:
    said = draw(st.lists(st.tuples(names | nasty, nasty, st.sampled_from(AnswerKind)), max_size=6))
    answers = tuple(Answer(name, text, label=name, kind=kind) for name, text, kind in said)
    return replace(posted(), answers=answers, context=draw(contexts))


@settings(deadline=None, max_examples=200)
@given(submissions())
def test_reading_any_text_gives_a_draft_or_a_rejection(arrived: Submission) -> None:
    try:
        draft = read(arrived, BOOK)
    except Rejected:
        return

    assert draft.fields.keys() <= FIELDS.keys()
    assert all(draft.fields.values())
    assert draft == read(arrived, BOOK)
    for name, value in draft.fields.items():
        value.encode()
        assert name == "message" or len(value.splitlines()) == 1


@given(st.lists(st.tuples(names | st.text(max_size=20), st.text("abc äß?.,@0123456789", max_size=50)), max_size=6))
def test_an_answer_given_is_always_in_the_note_and_in_order(said: list[tuple[str, str]]) -> None:
    answers = [Answer(f"q{place}", text, label=name) for place, (name, text) in enumerate(said)]
    answers.append(Answer("email", "eva@acme.com"))

    note = noted(read(replace(posted(), answers=tuple(answers)), BOOK))

    place = 0
    for answer in answers:
        text = answer.text.strip()
        if " ".join(answer.label.lower().split()) in {"utm_source", "gclid"}:
            assert text in note
        elif text:
            place = note.index(text, place) + len(text)
