"""Mails in which nobody asks anything: reports, automatic replies, lists, spam, calendars. Each with its reason."""

import re

from syncd.core.mail.authentic import is_under
from syncd.core.mail.headers import addresses
from syncd.core.mail.message import Message
from syncd.core.mail.rules import MailRules
from syncd.core.mail.senders import is_daemon
from syncd.core.mail.verdict import Verdict
from syncd.core.mail.words import COLON, any_of

IN_SPAM_FOLDER = "in the spam folder"

Judged = tuple[Verdict, str] | None


def no_lead(message: Message, rules: MailRules) -> Judged:
    """The first that holds. Only what the whole mail is counts: a bounce that somebody forwards is a person's mail."""
    for look in (_report, _automatic, _listed, _spam, _calendar):
        found = look(message, rules)
        if found:
            return found
    return None


def _report(message: Message, _: MailRules) -> Judged:
    kind, params = message.kind
    sort = params.get("report-type", "").lower() if kind == "multipart/report" else _SORTS.get(kind, "")
    if sort == "delivery-status":
        return Verdict.BOUNCE, _action(message)
    if sort == "feedback-report":
        return Verdict.COMPLAINT, "a feedback report: somebody called a mail spam"
    if sort == "disposition-notification":
        return Verdict.RECEIPT, "a read receipt"
    if "x-failed-recipients" in message.headers:
        return Verdict.BOUNCE, "X-Failed-Recipients"
    empty, subject = _is_empty_path(message), message.subject[:200]
    if is_daemon(message.sender) or (message.sender.local == "postmaster" and (empty or _UNDELIVERED.search(subject))):
        return Verdict.BOUNCE, "from a mail server itself"
    if _UNDELIVERED.search(subject) and empty:
        return Verdict.BOUNCE, "its subject says so, and its Return-Path is empty"
    return None


_SORTS = {"message/delivery-status": "delivery-status", "message/feedback-report": "feedback-report"}


def _action(message: Message) -> str:
    """A mail that is merely late is reported in the same way."""
    reports = [part for part in message.parts if part.type == "message/delivery-status"]
    actions = {found[1].lower() for part in reports for found in _ACTION.finditer(part.text()[:_LONGEST_REPORT])}
    if actions == {"delayed"}:
        return "a delivery report: delayed, not final"
    return "a delivery report" + (f": {', '.join(sorted(actions))}" if actions else "")


_LONGEST_REPORT = 64 * 1024
_ACTION = re.compile(r"^Action:[ \t]*(failed|delayed|delivered|relayed|expanded)\b", re.IGNORECASE | re.MULTILINE)
_UNDELIVERED = re.compile(any_of("undeliverable"), re.IGNORECASE)


def _is_empty_path(message: Message) -> bool:
    return message.headers.raw("return-path").replace(" ", "") == "<>"


def _automatic(message: Message, _: MailRules) -> Judged:
    headers, subject = message.headers, message.subject[:200]
    automatic = headers.raw("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    if automatic and automatic != "no":
        return Verdict.AUTO_REPLY, f"Auto-Submitted: {automatic[:40] if automatic in _AUTOMATIC else 'other'}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply"):
        if name in headers and headers.raw(name).strip().lower() not in ("no", "false"):
            return Verdict.AUTO_REPLY, f"{name.title()} is set"
    if headers.raw("x-apple-action").strip().lower() == "vacation":
        return Verdict.AUTO_REPLY, "X-Apple-Action: VACATION"
    if _words(headers.raw("precedence")) & {"auto_reply", "auto-reply"}:
        return Verdict.AUTO_REPLY, "Precedence: auto_reply"
    answers = "in-reply-to" in headers or "references" in headers
    if _AWAY.match(subject) and (answers or _AWAY_FROM.match(subject)):
        return Verdict.AUTO_REPLY, "its subject says so"
    suppressed = _words(headers.raw("x-auto-response-suppress"))
    if suppressed & {"all", "oof", "autoreply"} and "list-id" not in headers:
        return Verdict.AUTO_REPLY, "X-Auto-Response-Suppress"
    if _is_empty_path(message):
        return Verdict.AUTO_REPLY, "its Return-Path is empty"
    return None


_AUTOMATIC = ("auto-replied", "auto-generated", "auto-notified")
_AWAY = re.compile(any_of("away"), re.IGNORECASE)
_AWAY_FROM = re.compile(rf"{any_of('away')}[^:\n]{{0,30}}{COLON}|{any_of('away')}$", re.IGNORECASE)
"""A program names what it answers; people, too, ask about office hours."""


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",")}


def _listed(message: Message, rules: MailRules) -> Judged:
    """A group of our own, to which enquiries are sent, is no list."""
    headers = message.headers
    if _is_own_list(message, rules):
        return None
    for name in ("list-id", "list-unsubscribe", "list-post"):
        if name in headers:
            return Verdict.LIST, f"{name.title()} is set"
    if "feedback-id" in headers and not headers.raw("feedback-id").strip().lower().endswith(_SENT_BY_HAND):
        return Verdict.LIST, "Feedback-Id is set"
    bulk = _words(headers.raw("precedence")) & {"bulk", "junk", "list"}
    return (Verdict.LIST, f"Precedence: {min(bulk)}") if bulk else None


_SENT_BY_HAND = (":fastmail",)
"""Providers of mailboxes, who put a Feedback-ID into the mails that people write, too."""


def _is_own_list(message: Message, rules: MailRules) -> bool:
    posts = {each.email for each in addresses(message.headers.raw("list-post")) if each.email}
    host = message.headers.raw("list-id").rpartition("<")[2].strip(" >").lower()
    return any(map(rules.is_own, posts)) or bool(host and is_under(host, rules.own_domains))


def _spam(message: Message, rules: MailRules) -> Judged:
    headers = message.headers
    if rules.from_spam_folder:
        return Verdict.SPAM, IN_SPAM_FOLDER
    if headers.raw("x-spam-flag").strip().lower() == "yes" or headers.raw("x-spam-status").lower().startswith("yes"):
        return Verdict.SPAM, "the mail server's filter says so"
    return None


def _calendar(message: Message, _: MailRules) -> Judged:
    replies = (part for part in message.parts if part.type == "text/calendar")
    if any(part.params.get("method", "").lower() == "reply" for part in replies):
        return Verdict.CALENDAR, "an answer to an invitation"
    return None
