"""Where everything stands in a response, and in the form that it answers.

https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync#lead-form-response-schema
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from syncd.connector import (
    Answer,
    AnswerKind,
    Json,
    Posting,
    Question,
    Signature,
    at_path,
    both,
    list_in,
    object_in,
    objects_in,
    one_answer,
    signed,
    text_at,
    text_in,
    true_at,
)

SIGNATURE = Signature("x-li-signature", template="hmacsha256={body}")
_FORM = re.compile(r"urn:li:leadGenForm:([0-9]+)")
_KINDS = {
    "EMAIL": AnswerKind.EMAIL,
    "WORK_EMAIL": AnswerKind.EMAIL,
    "PHONE_NUMBER": AnswerKind.PHONE,
    "WORK_PHONE_NUMBER": AnswerKind.PHONE,
    "LINKEDIN_PROFILE_LINK": AnswerKind.URL,
}


def _answers(response: Json) -> Iterator[Answer]:
    """Newer versions call what was said `answerDetails`, older ones `accepted`."""
    for given in objects_in(list_in(object_in(response, "formResponse"), "answers")):
        own, name = text_in(given, "questionId"), text_in(given, "name")
        said = object_in(given, "answerDetails") or object_in(given, "accepted")
        value = at_path(said, "textQuestionAnswer.answer")
        if value is None:
            value = at_path(said, "multipleChoiceAnswer.options")
        yield from one_answer(own or name, name, name, AnswerKind.TEXT, value)


def _consents(response: Json) -> Iterator[Answer]:
    for given in objects_in(list_in(object_in(response, "formResponse"), "consentResponses")):
        if own := text_in(given, "consentId"):
            yield from one_answer(consent_id(own), "", "", AnswerKind.CONSENT, given.get("accepted", False))


def _ad(response: Json) -> Iterator[Answer]:
    yield Answer("utm_source", "linkedin", "utm_source", kind=AnswerKind.HIDDEN)
    paid = text_in(response, "leadType") in ("", "SPONSORED")
    yield Answer("utm_medium", "paid_social" if paid else "social", "utm_medium", kind=AnswerKind.HIDDEN)
    campaign = text_at(response, "leadMetadata.sponsoredLeadMetadata.campaign")
    if campaign:
        yield Answer("utm_campaign", campaign.rpartition(":")[2], "utm_campaign", kind=AnswerKind.HIDDEN)


def consent_id(own: str) -> str:
    """Consents are numbered apart from questions."""
    return f"consent_{own}"


def form_of(response: Json) -> str:
    """The number of the form that it answers; empty where it is not told."""
    found = _FORM.search(text_at(response, "versionedLeadGenFormUrn", "leadGenForm"))
    return found[1] if found else ""


def unwrap(response: Json) -> Json:
    return {**response, "_form": form_of(response)}


def questions_of(form: Any) -> Mapping[str, Question]:
    """What people read above each question, by its id; localised texts as their first one."""
    found: dict[str, Question] = {}
    for question in objects_in(list_in(object_in(form, "content"), "questions") or list_in(form, "questions")):
        if own := text_at(question, "questionId", "id"):
            kind = _KINDS.get(text_at(question, "predefinedField"), AnswerKind.TEXT)
            found[own] = Question(_text(question, "question", "label", "name"), kind)
    legal = object_in(object_in(form, "content"), "legalInfo")
    for consent in objects_in(list_in(legal, "consents")):
        if own := text_at(consent, "id", "consentId"):
            found[consent_id(own)] = Question(_text(consent, "consent", "text"), AnswerKind.CONSENT)
    return found


def _text(question: Json, *names: str) -> str:
    for name in names:
        value = question.get(name)
        localised = object_in(value, "localized")
        if text := text_at(question, name) or next((text_in(localised, each) for each in localised), ""):
            return text
    return ""


RESPONSE = Posting(
    "linkedin",
    answers=both(_answers, _consents, _ad),
    proof=signed(SIGNATURE),
    unwrap=unwrap,
    id=("id",),
    time=("submittedAt",),
    form_id=("_form",),
    test=true_at("testLead"),
)
