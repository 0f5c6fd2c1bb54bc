"""What questions are called, in the languages and dialects of form builders."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.labels import NOTHING, known_label, likely_label, plain_label
from syncd.core.mapping import MAPPABLE


def rows() -> list[tuple[str, list[str]]]:
    text = files("syncd.core.data").joinpath("labels.tsv").read_text("utf-8")
    lines = [line.partition("\t") for line in text.splitlines() if not line.startswith("#")]
    return [(name, labels.split("|")) for name, _, labels in lines]


def test_the_table_names_every_mappable_field_and_nothing_else() -> None:
    assert {name for name, _ in rows()} == MAPPABLE | {NOTHING}


def test_no_name_of_a_question_means_two_fields() -> None:
    meanings: dict[str, set[str]] = {}
    for name, labels in rows():
        for label in labels:
            meanings.setdefault(plain_label(label), set()).add(name)

    assert {label: names for label, names in meanings.items() if len(names) > 1} == {}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("your-name", "full_name"),
        ("your-email", "email"),
        ("your-subject", "subject"),
        ("your-message", "message"),
        ("firstname", "first_name"),
        ("jobtitle", "job_title"),
        ("numemployees", "company_size"),
        ("mobilephone", "phone"),
        ("firstName", "first_name"),
        ("EMAIL_ADDRESS", "email"),
        ("E-Mail *", "email"),
        ("Your e-mail address (required)", "email"),
        ("WhatsApp", "phone"),
        ("What is your name?", "full_name"),
        ("What's your company's name", ""),
        ("How can we help?", "message"),
        ("Name (First)", "first_name"),
        ("Vorname", "first_name"),
        ("Ihre Nachricht an uns", "message"),
        ("Straße und Hausnummer", "street"),
        ("PLZ", "postal_code"),
        ("Wie sind Sie auf uns aufmerksam geworden?", "how_heard"),
        ("Votre prénom", "first_name"),
        ("Adresse e-mail professionnelle", "email"),
        ("Société", "company"),
        ("societe", "company"),
        ("Comment pouvons-nous vous aider ?", "message"),
        ("¿Cuál es su nombre?", "full_name"),
        ("Correo electrónico", "email"),
        ("Teléfono móvil", "phone"),
        ("¿Cómo nos conociste?", "how_heard"),
        ("Seu melhor email", "email"),
        ("User Agent", NOTHING),
        ("form[name]", NOTHING),
        ("Lieferadresse", NOTHING),
        ("Favourite colour", ""),
    ],
)
def test_usual_names_are_known(label: str, name: str) -> None:
    assert known_label(label) == name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Name 2", "full_name"),
        ("Email-3", "email"),
        ("contact[email]", "email"),
        ("fields[name][value]", "full_name"),
        ("fields[name][required]", NOTHING),
        ("fields[name][title]", NOTHING),
        ("meta[page_url][value]", "page_url"),
        ("form_fields[message]", "message"),
        ("q3_fullName", "full_name"),
        ("q3_name[first]", "first_name"),
        ("0-1/firstname", "first_name"),
        ("0-2/name", "company"),
        ("et_pb_contact_message_0", "message"),
        ("Address (ZIP / Postal Code)", "postal_code"),
        ("Phone (mobile)", "phone"),
        ("Nice to meet you! What's your email?", "email"),
        ("Please type your message here", "message"),
        ("product[name]", ""),
        ("event.name", ""),
        ("wpforms[fields][1]", ""),
        ("2", ""),
        ("", ""),
    ],
)
def test_what_form_builders_put_around_a_name_is_looked_through(label: str, name: str) -> None:
    assert likely_label(label) == name


@given(st.text(max_size=300))
def test_any_text_has_a_meaning_or_none(label: str) -> None:
    assert {known_label(label), likely_label(label)} <= MAPPABLE | {NOTHING, ""}


@given(st.text(max_size=300))
def test_a_plain_label_is_plain_already(label: str) -> None:
    assert plain_label(plain_label(label)) == plain_label(label)


def test_a_long_question_can_be_named_in_the_config_but_is_never_guessed() -> None:
    question = "Before we talk: " + "please tell us a little about yourself, " * 5 + "what is your name?"

    assert known_label(question) == likely_label(question) == ""
    assert plain_label(question.upper()) == plain_label(question)
