"""A person's mail: who asks, what they say, and what stands below it."""

from collections.abc import Iterator

from syncd.core.mail.forwards import plain_subject
from syncd.core.mail.headers import Address
from syncd.core.mail.message import Message
from syncd.core.mail.quotes import split_text
from syncd.core.mail.rules import MailRules
from syncd.core.mail.senders import person_behind
from syncd.core.mail.signature import company_in, phone_in
from syncd.model import Answer, AnswerKind, Context

MOST_FILES = 20


def read_human(
    message: Message, rules: MailRules, forwarder: Address | None = None, note: str = ""
) -> tuple[tuple[Answer, ...], Context]:
    """`forwarder`: the colleague who passed it on, with what they said about it.

    What is only guessed from the signature says so in its question, and so comes after everything that was asked for.
    """
    told = tuple(_told(message, rules)) + tuple(_passed_on(forwarder, note))
    language = "" if forwarder else message.headers.text("content-language")[:40]
    return tuple(answer for answer in told if answer.text.strip()), Context(language=language)


def _told(message: Message, rules: MailRules) -> Iterator[Answer]:
    person, split = person_behind(message, rules), split_text(message.text)
    yield Answer("from_email", person.email, "E-mail", "email", AnswerKind.EMAIL)
    yield Answer("from_name", person.name, "Name", "full_name", AnswerKind.NAME)
    yield Answer("subject", plain_subject(message.subject), "Subject", "subject")
    yield Answer("message", split.said, "Message", "message")
    yield Answer("signature_phone", phone_in(split.signature, rules.country), "Phone (in the signature)", "")
    yield Answer("signature_company", company_in(split.signature), "Company (in the signature)", "")
    yield Answer("signature", split.signature, "Signature", "", AnswerKind.HIDDEN)
    for other in message.answer_to[:1]:
        if other.email != person.email and not rules.is_own(other.email):
            yield Answer("reply_to", other.email, "Reply-To", "", AnswerKind.HIDDEN)
    if message.files:
        yield Answer("files", message.files[:MOST_FILES], "Attached to the mail", "", AnswerKind.FILE)


def _passed_on(forwarder: Address | None, note: str) -> Iterator[Answer]:
    if forwarder:
        by = f"{forwarder.name} <{forwarder.email}>".strip()
        yield Answer("forwarded_by", by, "Forwarded by", "", AnswerKind.HIDDEN)
        yield Answer("forwarder_note", note, "Note of who forwarded it", "", AnswerKind.HIDDEN)
