"""Secrets and people that exist nowhere else, and a search for them in whatever a daemon tells.

A canary is found as it is, in percent encoding, in base64, and as JSON or Python would write it. Any battery may point
`found` at its logs, replies, figures and pages; where they came from does not matter.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

SLOTS = (
    "console", "shop-token", "typeform", "typeform-api", "tally", "hook", "header", "basic", "hubspot", "chat", "old",
)  # fmt: skip
"""Places in a config that hold a secret; the name is in the canary, so that a hit says what was told."""


def secret(slot: str) -> str:
    return f"Zx9Canary7{slot.title().replace('-', '')}Qv4kLm82"


WHSEC = "whsec_" + base64.b64encode(b"Zx9Canary7StandardWebhooks").decode()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes to us. Every one has the marks below in all that is theirs."""

    number: int

    @property
    def name(self) -> str:
        return f"Kanarina Zwitschervogel{self.number}"

    @property
    def email(self) -> str:
        return f"kanarina.zwitschervogel{self.number}@canary-nest-{self.number}.com"

    @property
    def phone(self) -> str:
        return f"+49 30 {55_700_000 + self.number % 100_000}"

    @property
    def message(self) -> str:
        return f"Mein Geheimwort ist Trillerpfeifchen{self.number}; bitte rufen Sie mich an."


_OF_PEOPLE = re.compile(r"(?i)zwitschervogel|canary-nest|trillerpfeif|\+?49[ ()/-]{0,2}30[ ()/-]{0,2}557\d\d\d\d\d")
_INSIDES = re.compile(r"Traceback \(most recent|site-packages|\.py\b|\bFile \"|/(?:work|home|root|usr|tmp|var)/\w")


@dataclass(frozen=True, slots=True)
class Hit:
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Canaries:
    """The search. `folder` is where the daemon keeps its files: a reply that names it tells too much."""

    folder: str = ""
    secrets: tuple[str, ...] = (*(secret(slot) for slot in SLOTS), WHSEC)
    _pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        forms = {form for each in self.secrets for form in _forms(each)}
        object.__setattr__(self, "_pattern", re.compile("|".join(re.escape(form) for form in sorted(forms))))

    def found(self, texts: Iterable[tuple[str, str]]) -> Iterator[Hit]:
        """Secrets and people in what is told to operators and scrapers: logs, figures, health, commands."""
        for where, text in texts:
            if hit := self._pattern.search(text):
                yield Hit(where, f"a secret: {hit[0][:10]}...{hit[0][10:24]}")
            if hit := _OF_PEOPLE.search(text):
                yield Hit(where, f"somebody's data: {hit[0]!r} in {text[max(0, hit.start() - 60) : hit.end() + 20]!r}")

    def told(self, where: str, reply: str) -> Iterator[Hit]:
        """The same in what anybody is answered, and the insides of the program as well."""
        yield from self.found([(where, reply)])
        if hit := _INSIDES.search(reply):
            yield Hit(where, f"the program's insides: {reply[max(0, hit.start() - 40) : hit.end() + 40]!r}")
        if self.folder and self.folder in reply:
            yield Hit(where, "the daemon's folder")


def _forms(text: str) -> Iterator[str]:
    """Long enough pieces of base64 are found wherever they begin, so each of three offsets is looked for."""
    yield from (text, quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1], repr(text)[1:-1])
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + text.encode()).decode().rstrip("=")
        yield whole[4 if shift else 0 : -2]
