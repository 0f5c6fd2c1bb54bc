"""The order in which a mail is judged: templates before filters, or an enquiry sent by a machine would be lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from syncd.core.labels import known_label, likely_label
from syncd.core.mail.authentic import is_under, proven_domains
from syncd.core.mail.fields import Pair, bold_pairs, line_pairs, table_pairs
from syncd.core.mail.forwards import forwarded, is_forward, is_reply
from syncd.core.mail.headers import Address, addresses
from syncd.core.mail.human import read_human
from syncd.core.mail.matching import Filled, fill, fill_plainly, fits
from syncd.core.mail.message import Message
from syncd.core.mail.noise import no_lead
from syncd.core.mail.quotes import split_text
from syncd.core.mail.rules import MailRules
from syncd.core.mail.senders import is_daemon, is_machine, is_stranger, person_behind, stranger_to_answer
from syncd.core.mail.signature import LONGEST as NUMBERS_IN
from syncd.core.mail.signature import phone_in
from syncd.core.mail.template import Layout, Template
from syncd.core.mail.verdict import Verdict
from syncd.core.mail.writing import known_templates, suggested
from syncd.core.plausible import is_address
from syncd.model import Answer, Context

DEEPEST = 3  # forwards of forwards


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    reason: str
    template: str = ""
    answers: tuple[Answer, ...] = ()
    context: Context = field(default_factory=Context)
    suggestion: str = ""


def judge(message: Message, rules: MailRules) -> Judgement:
    """The first step that can tell; the last one always can."""
    steps = (_by_template, _as_notification, _as_forward, _as_noise, _as_own_copy, _as_machine)
    for step in steps:
        found = step(message, rules)
        if found:
            return found
    return _as_person(message, rules, "a person writes")


def _as_person(message: Message, rules: MailRules, reason: str) -> Judgement:
    answers, context = read_human(message, rules)
    return Judgement(Verdict.LEAD, reason, answers=answers, context=context)


def _by_template(message: Message, rules: MailRules) -> Judgement | None:
    """What quotes a notification is none: neither an answer to one, nor one that was passed on."""
    quotes = is_reply(message.subject) or is_forward(message.subject) or "in-reply-to" in message.headers
    for template in (*rules.templates, *known_templates()):
        if (quotes and not template.platform) or not fits(template, message):
            continue
        filled = fill(template, message, rules)
        if filled:
            return _of(template, filled, message, rules)
        if template.platform:
            return _strange(template, message, rules)
    return None


def _of(template: Template, filled: Filled, message: Message, rules: MailRules) -> Judgement:
    verdict, reason = Verdict.LEAD, f"a notification by template {template.name}"
    if template.platform and not rules.vouched and not _is_proven(template, message, rules):
        verdict = Verdict.REVIEW
        reason = f"it says that it comes from {template.platform[0]}, and no trusted host has proven that"
    return Judgement(verdict, reason, template.name, filled.answers, filled.context)


def _is_proven(template: Template, message: Message, rules: MailRules) -> bool:
    proven = proven_domains(message.headers, rules.trusted_hosts)
    return any(is_under(domain, template.platform) for domain in proven)


def _strange(template: Template, message: Message, rules: MailRules) -> Judgement | None:
    """From a form provider, but not as its notifications look: news of the provider, or a changed notification."""
    layout, pairs = _best_pairs(message)
    if not _names_somebody(pairs, message, rules):
        return None
    filled = fill_plainly(pairs, message, rules)
    reason = f"from {template.platform[0]}, and not as template {template.name} has it"
    return Judgement(Verdict.REVIEW, reason, "", filled, Context(), suggested(message, layout, pairs))


def _as_notification(message: Message, rules: MailRules) -> Judgement | None:
    """A form's notification that no template fits: questions and answers, and among them who asks."""
    if is_reply(message.subject) or is_forward(message.subject) or "in-reply-to" in message.headers:
        return None
    layout, pairs = _best_pairs(message)
    sender = message.sender
    by_machine = is_machine(sender) or rules.is_own(sender.email) or not sender.email
    if not (_names_somebody(pairs, message, rules) and (by_machine or _is_complete(pairs))):
        return None
    answers = fill_plainly(pairs, message, rules)
    reason = "questions and answers that no template fits"
    return Judgement(Verdict.REVIEW, reason, "", answers, Context(), suggested(message, layout, pairs))


def _best_pairs(message: Message) -> tuple[Layout, list[Pair]]:
    """By the layout in which most questions are known."""
    layouts = [
        (Layout.TABLE, table_pairs(message.page.rows)),
        (Layout.BOLD, bold_pairs(message.page.lines)),
        (Layout.LINES, line_pairs(message.text)),
    ]
    return max(layouts, key=lambda each: len(set(_meanings(each[1]))))


def _meanings(pairs: Iterable[Pair]) -> Iterator[str]:
    return (known_label(label) or likely_label(label) for label, value in pairs if label and value)


def _names_somebody(pairs: Iterable[Pair], message: Message, rules: MailRules) -> bool:
    """A stranger's address, or a number, and a name or words beside it."""
    pairs = list(pairs)
    named = set(_meanings(pairs))
    about = named & {"full_name", "first_name", "last_name", "message", "subject", "company"}
    return bool(about) and ("phone" in named or any(_is_strange(value, message, rules) for _, value in pairs))


def _is_strange(value: str, message: Message, rules: MailRules) -> bool:
    if not is_address(value):
        return False
    other = Address(value.strip().lower())
    return is_stranger(other, message, rules) and other.email != message.sender.email


def _is_complete(pairs: Iterable[Pair]) -> bool:
    """From somebody who may be a person: what stands below every mail of theirs has neither name nor message."""
    named = set(_meanings(pairs))
    return (
        "email" in named
        and bool(named & {"full_name", "first_name", "last_name"})
        and bool(named & {"message", "subject"})
    )


def _as_forward(message: Message, rules: MailRules, depth: int = 0) -> Judgement | None:
    """What a colleague passes on is judged as if it had come by itself. A stranger's forward is the stranger's mail."""
    sender = message.sender
    ours = rules.is_own(sender.email) or not (rules.own_domains or rules.own_addresses)
    passed = forwarded(message) if ours and not is_machine(sender) else None
    if passed is None:
        return None
    inner = passed.message
    if rules.is_own(inner.sender.email) and depth < DEEPEST and (deeper := _as_forward(inner, rules, depth + 1)):
        return deeper
    return _judge_inner(inner, message, rules, passed.note)


def _judge_inner(inner: Message, outer: Message, rules: MailRules, note: str) -> Judgement:
    """Its platform cannot be proven any more; that it came from a colleague can."""
    proven = proven_domains(outer.headers, rules.trusted_hosts)
    vouched = rules.vouched or is_under(outer.sender.domain, proven)
    if found := _by_template(inner, replace(rules, vouched=vouched)) or _as_notification(inner, rules):
        return found
    noise = no_lead(inner, rules)
    if noise or is_daemon(inner.sender):
        return _set_aside(
            Verdict.OWN_COPY, f"a colleague passes on what is no lead ({noise[0] if noise else 'bounce'})", outer, rules
        )
    machine = _as_machine(inner, rules)
    if machine:
        return (
            machine
            if machine.verdict is Verdict.REVIEW
            else _set_aside(Verdict.OWN_COPY, "a colleague passes on what is no lead (machine)", outer, rules)
        )
    if not inner.sender.email and not inner.sender.name:
        return _set_aside(Verdict.REVIEW, "a forward that does not say whose mail it is", outer, rules)
    if rules.is_own(person_behind(inner, rules).email):
        return _set_aside(Verdict.OWN_COPY, "a colleague passes on what a colleague wrote", outer, rules)
    answers, context = read_human(inner, rules, outer.sender, note)
    return Judgement(Verdict.LEAD, "a person's mail that a colleague passes on", answers=answers, context=context)


def _set_aside(verdict: Verdict, reason: str, message: Message, rules: MailRules) -> Judgement:
    """With what was written, for whoever releases it."""
    answers, context = read_human(message, rules)
    held = verdict not in (Verdict.LEAD, Verdict.REVIEW)
    return Judgement(verdict, reason, "", answers, replace(context, no_lead=f"{verdict}: {reason}" if held else ""))


def _as_noise(message: Message, rules: MailRules) -> Judgement | None:
    found = no_lead(message, rules)
    return _set_aside(*found, message, rules) if found else None


def _as_own_copy(message: Message, rules: MailRules) -> Judgement | None:
    sender = message.sender
    if not rules.is_own(sender.email) or stranger_to_answer(message, rules):
        return None
    if is_machine(sender) and _mentions_somebody(message, rules):
        return _set_aside(Verdict.REVIEW, "our own machine mentions somebody, in no way that is known", message, rules)
    if _is_told_among_us(message, rules):
        return _set_aside(Verdict.REVIEW, "a colleague, or a form of ours, tells of somebody else", message, rules)
    return _set_aside(Verdict.OWN_COPY, "a colleague writes, and nobody else's words are in it", message, rules)


def _is_told_among_us(message: Message, rules: MailRules) -> bool:
    """To nobody but us, no answer, and with a stranger's address in it: a home-made form writes like this."""
    to_us = all(
        map(rules.is_own, (each.email for each in (*message.headers.people("to"), *message.headers.people("cc"))))
    )
    if not to_us or is_reply(message.subject) or "in-reply-to" in message.headers:
        return False
    return _names_address(split_text(message.text).said, message, rules)


def _as_machine(message: Message, rules: MailRules) -> Judgement | None:
    """Nobody could be answered; unless somebody is mentioned, nobody asks."""
    if not is_machine(message.sender) or stranger_to_answer(message, rules):
        return None
    if _mentions_somebody(message, rules):
        return _set_aside(Verdict.REVIEW, "a machine mentions somebody, in no way that is known", message, rules)
    return _set_aside(Verdict.MACHINE, "a machine writes, and nobody is mentioned who asks", message, rules)


def _mentions_somebody(message: Message, rules: MailRules) -> bool:
    text = message.text[:LONGEST_SEARCHED]
    if _names_address(text, message, rules):
        return True
    return any(phone_in(text[at : at + NUMBERS_IN], rules.country) for at in range(0, LONGEST_FOR_NUMBERS, NUMBERS_IN))


def _names_address(text: str, message: Message, rules: MailRules) -> bool:
    lines = (line[:1000] for line in text[:LONGEST_SEARCHED].split("\n") if "@" in line)
    return any(_is_strange(each.email, message, rules) for line in lines for each in addresses(line))


LONGEST_SEARCHED = 16 * 1024
LONGEST_FOR_NUMBERS = 2 * NUMBERS_IN
