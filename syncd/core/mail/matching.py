"""Which template a mail fits, and what the mail says by it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from syncd.core.labels import known_label, likely_label, plain_label
from syncd.core.mail.authentic import is_under
from syncd.core.mail.fields import Pair, between, bold_pairs, line_pairs, table_pairs
from syncd.core.mail.headers import Address, addresses
from syncd.core.mail.message import Message
from syncd.core.mail.patterns import anywhere, form_in, matcher
from syncd.core.mail.rules import MailRules
from syncd.core.mail.senders import is_machine, stranger_to_answer
from syncd.core.mail.template import CONTEXT_PARTS, PERSON, Layout, Template
from syncd.core.plausible import is_address
from syncd.model import Answer, AnswerKind, Context

LONGEST_SEARCHED = 64 * 1024


@dataclass(frozen=True, slots=True)
class Filled:
    """What a notification says."""

    answers: tuple[Answer, ...]
    context: Context


def fits(template: Template, message: Message) -> bool:
    """Whether a mail bears every sign of a template; whether it is genuine is another question."""
    sender = message.sender
    if template.platform and not is_under(sender.domain, template.platform):
        return False
    if template.platform and not (template.sender or is_machine(sender)):
        return False  # people work there, too
    if template.sender and not matcher(template.sender)(sender.email):
        return False
    if template.subject and not matcher(template.subject)(message.subject):
        return False
    if template.markup and not any(sign.lower() in message.html[:LONGEST_SEARCHED].lower() for sign in template.markup):
        return False
    if not template.text:
        return True
    texts = (message.plain[:LONGEST_SEARCHED], message.page.text[:LONGEST_SEARCHED])
    return any(anywhere(pattern, text) for pattern in template.text for text in texts if text)


def fill(template: Template, message: Message, rules: MailRules) -> Filled | None:
    """None when none of the template's layouts finds an answer in it, nor anybody who could be reached."""
    tried = [_filled(template, _pairs(template, layout, message), message, rules) for layout in template.layout]
    best = max((each for each in tried if each), key=_meaning, default=None)
    return best if best and _meaning(best) else None


def fill_plainly(pairs: Iterable[Pair], message: Message, rules: MailRules) -> tuple[Answer, ...]:
    """What is asked and answered in a mail that no template describes."""
    filled = _filled(Template(""), pairs, message, rules)
    return filled.answers if filled else ()


def _meaning(filled: Filled) -> int:
    """How many of its questions are understood."""
    return sum(bool(answer.ref or known_label(answer.label) or likely_label(answer.label)) for answer in filled.answers)


def _pairs(template: Template, layout: Layout, message: Message) -> list[Pair]:
    starts, ends = matcher(template.starts), matcher(template.ends)
    if layout is Layout.TABLE:
        return table_pairs(message.page.rows)
    if layout is Layout.BOLD:
        lines = message.page.lines
        first, last = between([line.text for line in lines], starts, ends)
        return bold_pairs(lines[first:last])
    text = message.text.split("\n")
    first, last = between(text, starts, ends)
    return line_pairs("\n".join(text[first:last]), _is_own(template), template.free)


def _is_own(template: Template) -> Callable[[str], bool]:
    known = {plain_label(label) for label in (*template.fields, *template.context, *template.ignore)}
    return lambda label: plain_label(label) in known


def _filled(template: Template, pairs: Iterable[Pair], message: Message, rules: MailRules) -> Filled | None:
    fields = _plain(template.fields)
    parts = _plain(template.context)
    ignored = {plain_label(label) for label in template.ignore}
    context = Context(form_id=template.name, form_name=form_in(template.subject, message.subject))
    answers: list[Answer] = []
    for label, value in pairs:
        plain = plain_label(label)
        if not value or plain in ignored:
            continue
        if part := parts.get(plain, ""):
            context = _with(context, part, value)
        else:
            answers += _answers(label, value, fields.get(plain, ""))
    answers = distinct(answers)
    reached = any(is_address(answer.text) for answer in answers)
    other = None if reached else _who_else(template, message, rules)
    if other:
        answers.append(Answer("reply_to", other.email, "E-mail", "email", AnswerKind.EMAIL))
    return Filled(tuple(answers), context) if answers else None


def _plain(table: Mapping[str, str]) -> dict[str, str]:
    return {plain_label(label): word for label, word in table.items()}


def _with(context: Context, part: str, value: str) -> Context:
    line = value.partition("\n")[0].strip()
    given: dict[str, Any] = {"form_name" if part == "form" else part: line} if part in CONTEXT_PARTS else {}
    return replace(context, **given)


def _answers(label: str, value: str, field: str) -> list[Answer]:
    """One, or the name and the address of a person who is written as in a mail's head."""
    if field != PERSON:
        return [_answer(label, value, field)]
    person = next(iter(addresses(value.replace("\n", " "))), Address(""))
    told = [Answer("name", person.name, "Name", "full_name", AnswerKind.NAME)] if person.name else []
    if person.email:
        told.append(Answer("email", person.email, "E-mail", "email", AnswerKind.EMAIL))
    return told


def _answer(label: str, value: str, field: str) -> Answer:
    name = plain_label(label).replace(" ", "_")[:LONGEST_ID] or "rest"
    kind = _KINDS.get(field, AnswerKind.EMAIL if is_address(value) else AnswerKind.TEXT)
    return Answer(name, value, label or UNASKED, field, kind)


LONGEST_ID = 60
UNASKED = "Also in the mail"  # a label that means nothing, for what stands under no question
_KINDS = {"email": AnswerKind.EMAIL, "phone": AnswerKind.PHONE, "full_name": AnswerKind.NAME}


def distinct(answers: Iterable[Answer]) -> list[Answer]:
    """Each once, and each with an id of its own: labels repeat, and a mail may say a thing twice."""
    found: dict[str, Answer] = {}
    for answer in answers:
        name, count = answer.id, 1
        while name in found and found[name].value != answer.value:
            count += 1
            name = f"{answer.id}_{count}"
        found.setdefault(name, replace(answer, id=name))
    return list(found.values())


def _who_else(template: Template, message: Message, rules: MailRules) -> Address | None:
    """Who is to be answered; some plugins still put the visitor into From."""
    other = stranger_to_answer(message, rules)
    if other or template.platform:
        return other
    sender = message.sender
    if template.sender or not sender.email or is_machine(sender) or rules.is_own(sender.email):
        return None
    return sender
