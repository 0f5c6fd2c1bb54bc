"""Those who write to us: people, providers that send again until they are answered, and a mailbox that is polled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from syncd.connector import Finding
from syncd.errors import AuthFailed, Retryable
from syncd.model import Answer, Context, Page, Submission
from syncd.testing.clock import START
from tests.battery.storm.chance import SELDOM, Chance
from tests.battery.storm.disk import Actor, Platter
from tests.battery.storm.service import LONGEST

NAMES = ("Ada Lovelace", "Bruno Taut", "Clara Zetkin", "Dieter Rams", "Edith Stein", "Fritz Lang")
SUPPRESSED = "blocked.example"


@dataclass(frozen=True, slots=True)
class Human:
    """Reached by one address or one number, always the same: then every lead of theirs is one lead."""

    number: int
    kind: str  # mail | phone | poison | suppressed

    @property
    def email(self) -> str:
        domain = SUPPRESSED if self.kind == "suppressed" else f"firm{self.number}.de"
        return "" if self.kind == "phone" else f"p{self.number}@{domain}"

    def fields(self, chance: Chance, text: str) -> dict[str, str]:
        said = {"name": NAMES[self.number], "message": text + "x" * (LONGEST if self.kind == "poison" else 0)}
        if self.kind == "phone":
            return said | {"phone": f"030 90{180_000 + self.number}"}
        said["email"] = self.email.upper() if chance.one_in(4) else self.email
        if chance.one_in(3):
            said["company"] = f"Firm {self.number} GmbH"
        if chance.one_in(4):
            said["job_title"] = chance.one(("Buyer", "Head of Sales"))
        return said


@dataclass(slots=True)
class Letter:
    """One thing that somebody sent, by webhook or to the mailbox."""

    submission: Submission
    human: Human | None  # None: nobody could be reached by it
    answered: bool = False  # 200, or tidied up in the mailbox: it will not come again
    tries: int = 0

    @property
    def known_by(self) -> tuple[str, str]:
        return self.submission.source, self.submission.key


@dataclass(slots=True)
class Letterbox:
    posted: list[Letter] = field(default_factory=list)
    mailed: list[Letter] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # promises

    @property
    def all(self) -> list[Letter]:
        return self.posted + self.mailed


def write_letter(chance: Chance, human: Human, number: int, source: str) -> Letter:
    """Mostly a plain enquiry; some cannot be read, reach nobody, or are a provider's test."""
    submission = Submission(source, f"{source}-{number}", START, (), b"")
    fields, sender, context, problem = human.fields(chance, f"question {number}"), human, Context(), ""
    if chance.one_in(12):
        fields, sender = {"message": f"nobody says {number}"}, None
    elif chance.one_in(20):
        fields, problem, sender = {}, "not UTF-8", None
    elif chance.one_in(12):
        context = Context(test=True)
    answers = tuple(Answer(name, value, label=name) for name, value in fields.items())
    made = replace(submission, answers=answers, raw=repr(fields).encode(), context=context, problem=problem)
    return Letter(made, sender)


class Mailbox:
    """A polled source as one daemon sees it; what is tidied up must have been kept before."""

    def __init__(self, letters: Letterbox, actor: Actor, platter: Platter) -> None:
        self.letters, self.actor, self.chance, self.platter = letters, actor, actor.chance, platter

    def pages(self, cursor: str | None) -> Iterator[Page]:
        self._come("poll")
        mails = self.letters.mailed
        for at in range(int(cursor or 0), len(mails), 2):
            page = mails[at : at + 2]
            self._come("page")
            yield Page([mail.submission for mail in page], str(at + len(page)), lambda page=page: self._settle(page))

    def _come(self, what: str) -> None:
        self.actor.at(f"before the {what}")
        if self.chance.strikes(f"mail {what}: connection reset"):
            raise Retryable(f"mail: {what}: reset")
        if self.chance.strikes(f"mail {what}: 401", SELDOM):
            raise AuthFailed("mail: 401")

    def _settle(self, page: Sequence[Letter]) -> None:
        self.actor.at("before tidying up")
        for mail in page:
            if not self.platter.rows("SELECT 1 FROM inbox WHERE source = ? AND key = ?", *mail.known_by):
                self.letters.broken.append(f"nothing lost: {mail.submission.key} was tidied up before it was kept")
            mail.answered = True
        self._come("tidying up")

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        pass
