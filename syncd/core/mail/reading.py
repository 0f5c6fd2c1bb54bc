"""From a mail to what is kept of it: who asks what, or why nobody asks anything. Never fails."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from syncd.core.mail.human import read_human
from syncd.core.mail.message import key_of, open_message
from syncd.core.mail.rules import MailRules
from syncd.model import Answer, Context, Submission


class Verdict(StrEnum):
    """What a mail is. All but the first and the last are no lead: kept, never routed, released by a person."""

    LEAD = "lead"  # somebody asks, or answers
    BOUNCE = "bounce"  # what was sent could not be delivered, or not yet
    COMPLAINT = "complaint"  # somebody called a mail of ours spam
    RECEIPT = "receipt"  # a mail was displayed
    AUTO_REPLY = "auto_reply"  # out of the office, a ticket number
    LIST = "list"  # a newsletter, a mailing list, bulk
    SPAM = "spam"  # the mail server says so
    OWN_COPY = "own_copy"  # from a colleague, and nobody else's words in it
    CALENDAR = "calendar"  # somebody accepts or declines an invitation
    MACHINE = "machine"  # a notification that names nobody who asks
    REVIEW = "review"  # a person has to say what it is


@dataclass(frozen=True, slots=True)
class Reading:
    """What is kept of a mail. `reason` never tells names, addresses or what was written."""

    verdict: Verdict
    reason: str
    key: str  # the same for one mail however it comes
    template: str = ""  # by which it was read
    answers: tuple[Answer, ...] = field(default=(), repr=False)
    context: Context = field(default_factory=Context)
    submitted_at: datetime | None = None  # the sender's clock; aware, UTC
    suggestion: str = field(default="", repr=False)  # a template in YAML that would read it, for a REVIEW

    @property
    def problem(self) -> str:
        """Why a person has to look at it first; for `Submission.problem`."""
        return f"mail for review: {self.reason}" if self.verdict is Verdict.REVIEW else ""


def read_mail(raw: bytes, rules: MailRules) -> Reading:
    """Whatever the bytes are."""
    message = open_message(raw)
    answers, context = read_human(message)
    own = rules.is_own(message.sender.email)
    reason = "a colleague writes, and nobody else's words are in it" if own else "a person writes"
    return Reading(
        Verdict.OWN_COPY if own else Verdict.LEAD,
        reason,
        key_of(raw),
        answers=answers,
        context=replace(context, no_lead=f"{Verdict.OWN_COPY}: {reason}" if own else ""),
        submitted_at=message.sent_at,
    )


def mail_submission(reading: Reading, source: str, raw: bytes, received_at: datetime) -> Submission:
    """What a source hands over: no lead is kept with its reason, and what needs a person is parked."""
    return Submission(
        source=source,
        key=reading.key,
        received_at=received_at,
        answers=reading.answers,
        raw=raw,
        content_type="message/rfc822",
        submitted_at=reading.submitted_at,
        context=reading.context,
        problem=reading.problem,
    )
