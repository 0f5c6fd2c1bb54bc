"""A person's mail: who writes, and what."""

from syncd.core.mail.message import Message
from syncd.model import Answer, AnswerKind, Context


def read_human(message: Message) -> tuple[tuple[Answer, ...], Context]:
    sender = message.sender
    answers = (
        Answer("from_email", sender.email, "E-mail", "email", AnswerKind.EMAIL),
        Answer("from_name", sender.name, "Name", "full_name", AnswerKind.NAME),
        Answer("subject", message.subject, "Subject", "subject"),
        Answer("message", message.text, "Message", "message"),
    )
    return tuple(answer for answer in answers if answer.text.strip()), Context()
