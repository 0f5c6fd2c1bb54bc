"""What arrives: a submission, its answers, and the page that a polling source hands over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class AnswerKind(StrEnum):
    """What the provider says an answer is. A hint for the automatic mapping, never trusted as a type."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    URL = "url"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CONSENT = "consent"  # a box that was shown; value "yes" or "no"
    HIDDEN = "hidden"  # set by the page, not typed by the person (UTM, click ids)
    FILE = "file"  # a link; never fetched


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question. Unanswered questions are not answers."""

    id: str  # the provider's stable id of the question; the field name in a plain form
    value: str | tuple[str, ...]
    label: str = ""  # what the person read
    ref: str = ""  # a name that the form's builder gave it
    kind: AnswerKind = AnswerKind.TEXT

    @property
    def text(self) -> str:
        """The answer as one string; several choices are joined by a semicolon."""
        return self.value if isinstance(self.value, str) else "; ".join(self.value)


class Suspicion(StrEnum):
    """What a source itself finds suspicious about a post. Each is a junk signal of this name; none refuses anything."""

    TOO_FAST = "too_fast"  # nobody fills in this form within this time
    NO_STAMP = "no_stamp"  # nothing says when the page was opened, or it was long ago
    FORGED_STAMP = "forged_stamp"
    REUSED_STAMP = "reused_stamp"  # one opened page has sent again and again
    MANY_POSTS = "many_posts"  # of one address within an hour
    CAPTCHA_MISSING = "captcha_missing"
    CAPTCHA_FAILED = "captcha_failed"
    CAPTCHA_UNCHECKED = "captcha_unchecked"  # the service could not be asked


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds the answers; each part is empty where the source cannot know it."""

    form_id: str = ""
    form_name: str = ""
    page_url: str = ""
    landing_url: str = ""
    referrer: str = ""
    user_agent: str = ""
    language: str = ""
    honeypot: bool = False  # a field that people cannot see was filled in
    seconds_to_submit: float | None = None
    suspicions: tuple[str, ...] = ()  # of Suspicion
    test: bool = False  # the provider's test button: marked, never routed to sales
    no_lead: str = ""  # why nobody asked anything here (a bounce, a newsletter): kept with this reason, never routed


@dataclass(frozen=True, slots=True)
class Submission:
    """One arrival, before anybody interpreted it. Immutable; (source, key) is unique for ever."""

    source: str  # the name in the config, not the connector's type
    key: str  # the provider's own id, or a content hash where it has none (see `window`)
    received_at: datetime  # aware, UTC, our clock
    answers: tuple[Answer, ...]
    raw: bytes  # exactly what arrived, so that a wrong mapping can be replayed
    content_type: str = "application/json"
    submitted_at: datetime | None = None  # the provider's clock
    context: Context = field(default_factory=Context)
    window: timedelta | None = None  # key is a content hash: the same again within this time is a repeat
    problem: str = ""  # authenticated but unreadable: kept and parked with this reason
    announced: bool = False  # the provider has told its id alone: its answers are fetched before it is planned
    mends: bool = False  # takes the place of what is parked under its key, where that says something else


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one submission: its class in the balance, and where it landed."""

    id: int
    state: str  # in the CRM | quarantined | suppressed | merged | on its way | parked
    lead_id: str  # empty while it is not planned
    ref: str
    reason: str


Fates = Callable[[str, Sequence[str]], Mapping[str, Fate]]
"""Of a source and keys: key -> fate, for those that are kept."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a polling source hands over: submissions, oldest first, and where it goes on."""

    submissions: Sequence[Submission]
    cursor: str | None  # opaque to the core; stored in the same transaction as the submissions
    settle: Callable[[], None] | None = None  # tidies up (moves the file); called only after the commit
