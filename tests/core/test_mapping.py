"""Answers find their fields by configuration, name, hint and shape, and none of them is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.attribution import PARAMETERS
from syncd.core.mapping import MAPPABLE, Mapped, map_answers
from syncd.model import Answer, AnswerKind


def mapped(*answers: Answer, **configured: str) -> Mapped:
    return map_answers(answers, configured)


def asked(label: str, value: str | tuple[str, ...], kind: AnswerKind = AnswerKind.TEXT, ref: str = "") -> Answer:
    """As a provider with random ids delivers it."""
    return Answer(f"fld{sum(map(ord, label))}", value, label=label, ref=ref, kind=kind)


def test_a_configured_question_is_found_by_id_ref_and_label() -> None:
    answers = [Answer("a1", "Acme", label="Wo arbeitest du?"), Answer("b2", "CTO", ref="wer"), asked("Thema", "Preis")]

    found = mapped(*answers, company="a1", job_title="wer", subject="thema *")

    assert found.fields == {"company": "Acme", "job_title": "CTO", "subject": "Preis"}


def test_a_configured_id_wins_over_a_label_that_stands_before_it() -> None:
    label, wanted = Answer("x", "Dr", label="name"), Answer("name", "Eva Beispiel", label="Wer bist du?")

    assert mapped(label, wanted, full_name="name").fields["full_name"] == "Eva Beispiel"


def test_nothing_is_guessed_for_a_configured_question_that_nobody_answered() -> None:
    assert mapped(asked("Name", "Model T"), full_name="fldWho").fields == {}


def test_what_a_question_is_called_counts_more_than_the_hint_of_the_provider() -> None:
    colleague = asked("A colleague we should also write to", "tom@acme.com", AnswerKind.EMAIL)
    own = asked("Your e-mail", "eva@acme.com", AnswerKind.EMAIL)

    assert mapped(colleague, own).fields == {"email": "eva@acme.com"}


def test_the_hint_of_the_provider_counts_where_the_name_says_nothing() -> None:
    found = mapped(
        asked("Wohin dürfen wir schreiben?", "eva@acme.com", AnswerKind.EMAIL),
        asked("Und anrufen?", "030 901820", AnswerKind.PHONE),
        asked("Mit wem haben wir es zu tun?", "Eva Beispiel", AnswerKind.NAME),
    )

    assert found.fields == {"email": "eva@acme.com", "phone": "030 901820", "full_name": "Eva Beispiel"}


def test_an_exact_name_wins_over_a_numbered_one_before_it() -> None:
    found = mapped(Answer("Phone 2", "030 1", label="Phone 2"), Answer("Phone", "030 2", label="Phone"))

    assert found.fields == {"phone": "030 2"}


def test_what_a_page_fills_in_yields_to_what_a_person_types() -> None:
    hidden = Answer("email", "campaign@acme.com", kind=AnswerKind.HIDDEN)

    assert mapped(hidden, asked("E-mail", "eva@acme.com")).fields["email"] == "eva@acme.com"


def test_an_address_is_found_whatever_its_question_is_called() -> None:
    assert mapped(asked("Erreichbar unter", " eva@acme.com ")).fields["email"].strip() == "eva@acme.com"


def test_an_address_in_place_of_a_name_or_beside_a_wrong_one_is_the_address() -> None:
    assert mapped(asked("Contact", "eva@acme.com")).fields == {"email": "eva@acme.com"}
    assert mapped(asked("Email", "no"), asked("Where?", "eva@acme.com")).fields["email"] == "eva@acme.com"


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Title", "Mrs."),
        ("Name", "Contact Us Form"),
        ("Page", "contact"),
        ("Mobile", "yes"),
        ("Website", "none"),
        ("Country", "Nirvana"),
    ],
)
def test_an_answer_that_cannot_be_the_field_is_only_told(label: str, value: str) -> None:
    found = mapped(asked(label, value))

    assert (found.fields, found.answers) == ({}, ((label, value),))


def test_a_choice_is_no_contact_detail_and_a_file_is_no_field() -> None:
    found = mapped(
        asked("Phone", "mobile, 24 hours", AnswerKind.CHOICE),
        asked("Company", "https://files.example.com/logo.png", AnswerKind.FILE),
    )

    assert found.fields == {}


def test_both_choices_of_a_question_are_kept_and_told() -> None:
    found = mapped(asked("Product", ("Basic", "Plus"), AnswerKind.CHOICE), asked("SSO?", "no", AnswerKind.CHOICE))

    assert found.fields == {"subject": "Basic; Plus"}
    assert found.answers == (("Product", "Basic; Plus"), ("SSO?", "no"))


def test_two_questions_with_one_label_are_both_told_in_order() -> None:
    answers = [Answer("a", "red", label="Colour"), Answer("b", "blue", label="Colour")]

    assert mapped(*answers).answers == (("Colour", "red"), ("Colour", "blue"))


def test_unanswered_questions_are_no_answers() -> None:
    assert mapped(asked("Name", "  "), asked("Email", "")).answers == ()


def test_an_elementor_post_with_all_its_data_is_read() -> None:
    posted = {
        "form[name]": "Contact",
        "fields[name][id]": "name",
        "fields[name][title]": "Seu nome",
        "fields[name][value]": "Eva Beispiel",
        "fields[email][required]": "1",
        "fields[email][value]": "eva@acme.com",
        "meta[page_url][value]": "https://example.com/contato",
        "meta[user_agent][value]": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36",
    }

    found = mapped(*(Answer(name, text) for name, text in posted.items()))

    assert found.fields == {
        "full_name": "Eva Beispiel",
        "email": "eva@acme.com",
        "page_url": "https://example.com/contato",
    }
    assert len(found.answers) == len(posted)


# Parameters


@pytest.mark.parametrize("name", ["utm_source", "UTM_Source", "UTM Source", "utm-source"])
def test_parameters_are_read_as_people_spell_them(name: str) -> None:
    assert mapped(Answer("x7", "google", label=name)).params == {"utm_source": "google"}


def test_a_second_value_of_a_parameter_is_told() -> None:
    found = mapped(Answer("utm_source", "google"), Answer("q9", "bing", label="utm_source"))

    assert (found.params, found.answers) == ({"utm_source": "google"}, (("utm_source", "bing"),))


# Properties

labels = st.sampled_from(
    (
        *("", "Name", "First name", "Email", "Phone", "Message", "Comments", "utm_source", "gclid", "Newsletter"),
        *("Title", "Company", "Address", "Page URL", "Name 2", "Wer?"),
    )
) | st.text(max_size=30)
texts = st.text(max_size=80) | st.sampled_from(["eva@acme.com", "yes", "+49 30 901820", "https://a.example/x"])
answers = st.builds(
    Answer,
    id=labels,
    value=texts | st.lists(texts, max_size=3).map(tuple),
    label=labels,
    ref=st.just("") | labels,
    kind=st.sampled_from(AnswerKind),
)
configs = st.dictionaries(st.sampled_from(sorted(MAPPABLE)), labels, max_size=3)


@given(st.lists(answers, max_size=8), configs)
def test_every_answer_is_told_once_and_in_order_or_stands_among_the_parameters(
    given_answers: list[Answer], configured: dict[str, str]
) -> None:
    found = map_answers(given_answers, configured)

    left = list(found.answers)
    for answer in given_answers:
        if left and left[0] == (answer.label or answer.id, answer.text):
            left.pop(0)
        else:
            assert not answer.text.strip() or answer.text in found.params.values()
    assert left == []


@given(st.lists(answers, max_size=8), configs)
def test_fields_are_made_of_answers_alone(given_answers: list[Answer], configured: dict[str, str]) -> None:
    found = map_answers(given_answers, configured)

    said = {answer.text for answer in given_answers}
    assert found.fields.keys() <= MAPPABLE
    assert found.params.keys() <= PARAMETERS
    assert found.fields.get("consent", "no") in {"yes", "no"}
    for name, text in found.fields.items():
        assert name == "consent" or text in said or (name == "message" and set(text.split("\n\n")) & said)


@given(st.lists(answers, max_size=6), configs)
def test_the_same_answers_are_always_sorted_in_the_same_way(
    given_answers: list[Answer], configured: dict[str, str]
) -> None:
    assert map_answers(given_answers, configured) == map_answers(list(given_answers), dict(configured))
