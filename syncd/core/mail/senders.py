"""Who stands behind an address: a colleague, a machine, or somebody else."""

import re

from syncd.core.mail.authentic import is_under
from syncd.core.mail.headers import Address
from syncd.core.mail.message import Message
from syncd.core.mail.rules import MailRules


def is_machine(address: Address) -> bool:
    """Nobody reads what is sent to this address."""
    return _MACHINE.fullmatch(address.local[:100]) is not None


_MACHINE = re.compile(
    r"(?:.*[-_.+])?(?:no|donot|do-not|do_not|dont|not|never)[-_.]?reply(?:[-_.+].*)?|noreply.*|nepasrepondre|no-?responder"
    r"|nicht-?antworten|keine-?antwort|noresponda|naorespond[ae]r?"
    r"|notifications?|notify|notifier|alerts?|automailer|mailer|automated|robot|bot|wordpress|www|www-data|apache|nginx"
    r"|httpd|nobody|root|cron|daemon|forms?|contact-?forms?|website|homepage|form-?submissions?|webform|web-?forms?|submissions?|formulare?|kontaktformular"
)


def is_daemon(address: Address) -> bool:
    """A mail server itself writes."""
    return _DAEMON.fullmatch(address.local[:100]) is not None


_DAEMON = re.compile(r"mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|mail-delivery|double-bounce")


def person_behind(message: Message, rules: MailRules) -> Address:
    """Who asks: the sender, unless that is a machine or a colleague and the mail says whom to answer."""
    sender = message.sender
    if sender.email and not rules.is_own(sender.email) and not is_machine(sender):
        return Address(sender.email, _without_via(sender.name))
    other = stranger_to_answer(message, rules)
    if other is None:
        return sender
    return Address(other.email, other.name or (_without_via(sender.name) if _VIA.search(sender.name) else ""))


def stranger_to_answer(message: Message, rules: MailRules) -> Address | None:
    """Somebody in Reply-To (or where a group has noted the sender) who is neither of us nor the sending machine."""
    noted = tuple(each for name in ("x-original-from", "x-original-sender") for each in message.headers.people(name))
    for other in (*message.answer_to, *noted):
        if other.email and is_stranger(other, message, rules):
            return other
    return None


def is_stranger(other: Address, message: Message, rules: MailRules) -> bool:
    same_host = is_under(other.domain, (message.sender.domain,)) if message.sender.domain not in _SHARED else False
    mine = rules.is_own(other.email) or other.email in message.recipients
    return not (mine or is_machine(other) or is_daemon(other) or (same_host and is_machine(message.sender)))


_SHARED = frozenset({"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "gmx.de", "web.de", ""})
_VIA = re.compile(r"[ \t]+(?:via|über|par|por)[ \t]+\S.*$")


def _without_via(name: str) -> str:
    """Groups write "Jane Roe via Sales" for who writes through them."""
    return _VIA.sub("", name).strip(" '\"") if " via " in name else name
