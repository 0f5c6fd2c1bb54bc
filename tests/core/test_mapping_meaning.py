"""Which answers are the message, and which are consent to marketing."""

import pytest

from syncd.core.mapping import Mapped, map_answers
from syncd.model import Answer, AnswerKind


def mapped(*answers: Answer, **configured: str) -> Mapped:
    return map_answers(answers, configured)


def asked(label: str, value: str | tuple[str, ...], kind: AnswerKind = AnswerKind.TEXT, ref: str = "") -> Answer:
    """As a provider with random ids delivers it."""
    return Answer(f"fld{sum(map(ord, label))}", value, label=label, ref=ref, kind=kind)


# The message


def test_every_question_that_is_called_a_message_is_part_of_it() -> None:
    found = mapped(asked("Message", "How much is it?"), asked("Anything else?", "We need it soon."))

    assert found.fields["message"] == "How much is it?\n\nWe need it soon."


def test_the_longest_free_text_is_the_message_where_none_is_called_so() -> None:
    found = mapped(
        asked("Wer bist du denn so", "Eva, ich mag gerne lange Spaziergänge"),
        asked("Was brennt dir auf der Seele", "Wir suchen ein Werkzeug, das unsere Anfragen ordnet."),
    )

    assert found.fields["message"].startswith("Wir suchen")


def test_a_text_without_spaces_between_its_words_can_be_the_message() -> None:
    text = "製品の価格と納期について詳しく教えていただけますでしょうか。よろしくお願いします。"

    assert mapped(asked("ご用件", text)).fields["message"] == text


@pytest.mark.parametrize(
    "answer",
    [
        asked("Where do you want it delivered? (address)", "12 Long Winding Road, 10115 Berlin, Germany"),
        asked("Rechnungsadresse", "Lange Strasse 12, 10115 Berlin, Deutschland"),
        asked("Who else", "somebody.with.a.long.address@subdomain.example.com"),
        asked("Look at", "https://www.example.com/some/page with words behind it"),
        asked("utm_content", "spring sale for all of our best friends"),
        asked("first utm campaign", "spring sale for all of our best friends"),
        asked("User Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"),
        asked("Browser info", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"),
        asked("Sent along", '{"sublabels": "one or two or three or four"}'),
        asked("Sent along too", "<xml>one or two or three or four</xml>"),
        asked("Plan", "the big one with all of the extras", AnswerKind.CHOICE),
        asked("ref_data", "something that only the page knows of", AnswerKind.HIDDEN),
        asked("Terms", "I agree to all of the terms and conditions", AnswerKind.CONSENT),
        asked("Code", "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"),
    ],
    ids=lambda answer: answer.label,
)
def test_what_nobody_wrote_to_us_is_never_the_message(answer: Answer) -> None:
    assert "message" not in mapped(answer).fields


# Consent


def test_a_box_about_marketing_is_the_consent() -> None:
    yes = asked("Yes, keep me posted about product updates", "yes", AnswerKind.CONSENT)

    assert mapped(yes).fields == {"consent": "yes"}


def test_agreeing_to_the_terms_is_no_consent_to_marketing() -> None:
    terms = asked("I have read the privacy policy and agree to it", "yes", AnswerKind.CONSENT)

    assert mapped(terms).fields == {}


def test_consent_is_yes_only_when_every_box_says_so() -> None:
    mail, phone = asked("Newsletter", "yes"), asked("Special offers by phone", "no", AnswerKind.CONSENT)

    assert mapped(mail, phone).fields == {"consent": "no"}


@pytest.mark.parametrize(
    ("said", "consent"), [("on", "yes"), ("Ja", "yes"), ("sí", "yes"), ("maybe", "no"), ("0", "no")]
)
def test_what_cannot_be_read_as_a_yes_is_a_no(said: str, consent: str) -> None:
    assert mapped(asked("Newsletter", said)).fields == {"consent": consent}


def test_a_configured_box_is_believed_whatever_it_is_called() -> None:
    assert mapped(asked("Darf es etwas mehr sein?", "yes"), consent="Darf es etwas mehr sein?").fields == {
        "consent": "yes"
    }
