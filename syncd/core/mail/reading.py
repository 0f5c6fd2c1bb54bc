"""From a mail to what is kept of it: who asks what, or why nobody asks anything. Never fails."""

from dataclasses import dataclass, field
from datetime import datetime

from syncd.core.mail.judging import judge
from syncd.core.mail.message import key_of, open_message
from syncd.core.mail.rules import MailRules
from syncd.core.mail.verdict import Verdict
from syncd.model import Answer, Context, Submission


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
        return f"mail for review: {self.reason} (see `syncd mail read`)" if self.verdict is Verdict.REVIEW else ""


def read_mail(raw: bytes, rules: MailRules) -> Reading:
    """Whatever the bytes are."""
    message = open_message(raw)
    judged = judge(message, rules)
    return Reading(
        judged.verdict,
        judged.reason,
        key_of(raw),
        judged.template,
        judged.answers,
        judged.context,
        message.sent_at,
        judged.suggestion,
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
