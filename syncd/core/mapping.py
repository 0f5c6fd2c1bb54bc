"""Which answer is which canonical field: configured by id, ref or label, otherwise by what the question says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncd.core.attribution import PARAMETERS
from syncd.core.labels import NOTHING, known_label, likely_label, plain_label
from syncd.core.plausible import is_about_marketing, is_address, may_be, may_be_message, says_yes
from syncd.model import FIELDS, Answer, AnswerKind

MAPPABLE = frozenset(FIELDS) | {"full_name", "page_url", "landing_url", "referrer"}
"""What `map:` of a source may name: the canonical fields, a whole name, and where the visit came from."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Answers sorted out. Every answer given is in `answers`, unless `params` holds just what it says."""

    fields: Mapping[str, str]  # MAPPABLE name -> raw text; consent is "yes" or "no"
    params: Mapping[str, str]  # UTM parameters and click ids, names in lower case
    answers: tuple[tuple[str, str], ...]  # (label, text), in order


def map_answers(answers: Iterable[Answer], configured: Mapping[str, str]) -> Mapped:
    """Configured names first; then what a question is called, strictly before loosely; then the provider's hint.

    Nothing is guessed for a configured name, except an address and a message where nothing says what they are.
    """
    sorting = _Sorting([(answer, text) for answer in answers if (text := answer.text).strip()], configured)
    sorting.take_configured()
    sorting.take_parameters()
    for meaning in (known_label, likely_label):
        sorting.take_named(meaning)
    sorting.take_hinted()
    sorting.take_consent()
    sorting.take_address()
    sorting.take_message()
    return Mapped(sorting.fields, sorting.params, sorting.told())


class _Sorting:
    """Answers on their way into fields; `used` are the places of those that need no further guess."""

    def __init__(self, given: Sequence[tuple[Answer, str]], configured: Mapping[str, str]) -> None:
        self.given, self.configured = given, configured
        self.fields: dict[str, str] = {}
        self.params: dict[str, str] = {}
        self.used: set[int] = set()
        self.untold: set[int] = set()
        self.boxes: list[str] = []  # what was said where marketing was asked for

    def take_configured(self) -> None:
        for name, wanted in self.configured.items():
            place = self._place_of(wanted)
            if place is not None:
                self.used.add(place)
                self._put(name, self.given[place][1])

    def _place_of(self, wanted: str) -> int | None:
        """An id or a ref wins over a label, wherever it stands."""
        for place, (answer, _) in enumerate(self.given):
            if wanted in {answer.id, answer.ref}:
                return place
        plain = plain_label(wanted)
        for place, (answer, _) in enumerate(self.given):
            if plain and plain == plain_label(answer.label or answer.id):
                return place
        return None

    def take_parameters(self) -> None:
        for place, (answer, text) in self._left():
            name = _parameter(answer.id) or _parameter(answer.label)
            if name:
                self.used.add(place)
                if self.params.setdefault(name, text) == text:
                    self.untold.add(place)

    def take_named(self, meaning: Callable[[str], str]) -> None:
        """What the person read says more than what the builder of the form once called it.

        Hidden answers come last: a page can only guess what the person has typed.
        """
        for place, (answer, text) in sorted(self._left(), key=_is_hidden):
            name = meaning(answer.label) or meaning(answer.ref) or meaning(answer.id)
            if name == NOTHING or (name and self._takes(name, answer, text)):
                self.used.add(place)

    def take_hinted(self) -> None:
        for place, (answer, text) in self._left():
            name = _HINTS.get(answer.kind, "")
            if name and self._takes(name, answer, text):
                self.used.add(place)

    def _takes(self, name: str, answer: Answer, text: str) -> bool:
        if name in self.configured or not may_be(name, answer.kind, text):
            return False
        if name == "message" and name in self.fields:
            if text.strip() not in self.fields[name]:
                self.fields[name] += f"\n\n{text}"
        elif name != "consent" and name in self.fields:
            return False
        else:
            self._put(name, text)
        return True

    def _put(self, name: str, text: str) -> None:
        if name == "consent":
            self.boxes.append(text)
        else:
            self.fields[name] = text

    def take_consent(self) -> None:
        """Boxes whose text is about marketing; agreeing to terms or to be answered says nothing of it.

        Several boxes say yes only together.
        """
        if "consent" not in self.configured:
            for place, (answer, text) in self._left():
                if answer.kind is AnswerKind.CONSENT and is_about_marketing(answer.label):
                    self.boxes.append(text)
                    self.used.add(place)
        if self.boxes:
            self.fields["consent"] = "yes" if all(map(says_yes, self.boxes)) else "no"

    def take_address(self) -> None:
        """An address is an address, whatever its question is called."""
        if "@" in self.fields.get("email", ""):
            return
        for place, (_, text) in self._left():
            if is_address(text):
                self.fields["email"] = text
                self.used.add(place)
                return

    def take_message(self) -> None:
        """Without a question that is called a message, the longest free text is the message."""
        if "message" not in self.fields:
            free = [text for _, (answer, text) in self._left() if may_be_message(answer, text)]
            if free:
                self.fields["message"] = max(free, key=len)

    def told(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (answer.label or answer.id, text)
            for place, (answer, text) in enumerate(self.given)
            if place not in self.untold
        )

    def _left(self) -> list[tuple[int, tuple[Answer, str]]]:
        if len(self.used) == len(self.given):
            return []
        return [(place, each) for place, each in enumerate(self.given) if place not in self.used]


def _is_hidden(given: tuple[int, tuple[Answer, str]]) -> bool:
    return given[1][0].kind is AnswerKind.HIDDEN


_HINTS = {AnswerKind.EMAIL: "email", AnswerKind.PHONE: "phone", AnswerKind.NAME: "full_name"}


def _parameter(name: str) -> str:
    """The name in PARAMETERS; providers and people write "UTM Source" for utm_source."""
    plain = name.lower()
    if " " in plain or "-" in plain:
        plain = plain.strip().replace(" ", "_").replace("-", "_")
    return plain if plain in PARAMETERS else ""
