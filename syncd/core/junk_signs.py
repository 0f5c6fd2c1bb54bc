"""What a text shows of junk. Every function takes any text, and time proportional to its length.

Only the first TEXT_WITHIN characters are looked at: junk shows itself early, and nobody can make us
read a book. Names in other scripts than Latin are never a sign of anything.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from syncd.core.scripts import TEXT_WITHIN


@dataclass(frozen=True, slots=True)
class Said:
    """Subject and message, read once for all questions."""

    lower: str
    told: str  # just the words, with one space around each and a bar between subject and message
    words: frozenset[str]


def read_said(subject: str, message: str) -> Said:
    about, said = _words(subject), _words(message)
    lower = f"{subject[:TEXT_WITHIN]}\n{message[:TEXT_WITHIN]}".lower()
    return Said(lower, f" {' '.join(about)} | {' '.join(said)} ", frozenset(about).union(said))


def count_links(said: Said) -> int:
    text = said.lower
    with_www = text.count("www.") - text.count("//www.")
    return text.count("http://") + text.count("https://") + with_www


def has_markup(said: Said) -> bool:
    text = said.lower
    return "[url" in text or "[/url]" in text or ("<a" in text and _ANCHOR.search(text) is not None)


def has_spam_phrase(said: Said) -> bool:
    return _count(_SPAM, said) > 0


def is_pitch(said: Said) -> bool:
    """Whether somebody wants to sell to us; a single such phrase may well be a buyer's."""
    pitches = _count(_PITCH, said)
    return pitches > 1 or (pitches == 1 and has_spam_phrase(said))


def asks_to_buy(said: Said) -> bool:
    """Whether there is a question mark and a word that buyers use."""
    asked = "?" in said.lower or "\uff1f" in said.lower
    return asked and not _BUYING.isdisjoint(said.words)


def has_link(name: str) -> bool:
    """Whether somebody put a web address where a person's name belongs.

    "J.R." and "St.John" are names, and an e-mail address there is only a slip.
    """
    if "." not in name and "//" not in name:
        return False
    words = name[:TEXT_WITHIN].lower().split()
    return any(_LINK.search(word) or ("@" not in word and _DOMAIN.search(word)) for word in words)


def is_test(first: str, last: str, message: str) -> bool:
    """Whether somebody tries out the form: "Test Test", or nothing but "this is a test"."""
    return _only_test_words(f"{first} {last}") or _only_test_words(message)


def repeats_name(first: str, last: str, subject: str, message: str) -> bool:
    """Whether the message, and the subject if there is one, is just the name again."""
    if len(message) > _LONGEST_NAME:
        return False
    said, about = _squeezed(message), _squeezed(subject)
    names = {_squeezed(first), _squeezed(last), _squeezed(f"{first} {last}")}
    return bool(said) and said in names and about in ("", said)


def is_gibberish(name: str) -> bool:
    """Whether a name looks like keys hit at random. Weak: Schwarzschild and Hrvst are names too."""
    return any(_random(word) for word in _NAME_BREAKS.split(name[:_LONGEST_NAME]))


def is_bot(user_agent: str) -> bool:
    return not user_agent.strip() or _BOT.search(user_agent[:TEXT_WITHIN].lower()) is not None


_LINK = re.compile(r"https?://|(?<![/\w])www\.")
_DOMAIN = re.compile(r"\w\.(?:com|net|org|info|biz|ru|cn|xyz|top|site|online|shop|club|icu|link|ly)(?!\w)")
_ANCHOR = re.compile(r"<a\s+(?:href|target)")
_BOT = re.compile(r"(?<!cu)bot|crawl|spider|curl|wget|python|scrapy|headless|httpclient|go-http")
_WORD = re.compile(r"\w+")
_NAME_BREAKS = re.compile(r"[\s'\u2019.-]+")


def _words(text: str) -> list[str]:
    return _WORD.findall(text[:TEXT_WITHIN].casefold())


def _squeezed(text: str) -> str:
    return " ".join(text[:TEXT_WITHIN].casefold().split())


def _count(phrases: Mapping[str, list[str]], said: Said) -> int:
    return sum(phrase in said.told for word in phrases.keys() & said.words for phrase in phrases[word])


def _only_test_words(text: str) -> bool:
    if len(text) > _LONGEST_NAME:
        return False
    words = [word.rstrip("0123456789") for word in _words(text)]
    tests = [word for word in words if word in _TESTS]
    return bool(tests) and all(not word or word in _TESTS or word in _AROUND_TESTS for word in words)


def _random(word: str) -> bool:
    plain = _without_accents(word)
    if len(plain) < 5 or not (plain.isascii() and plain.isalpha()):
        return False
    flips = sum(a.islower() and b.isupper() for a, b in pairwise(plain))
    if flips > 1 and flips / (len(plain) - 1) > 0.22:
        return True
    lower = plain.lower()
    return _VOWELS.isdisjoint(lower) or _CONSONANTS.search(lower) is not None


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word.translate(_UNDECOMPOSED))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


_UNDECOMPOSED = str.maketrans(
    {"\u00f8": "o", "\u00d8": "O", "\u00e6": "a", "\u00c6": "A", "\u0131": "i", "\u0142": "l"}
    | {"\u0141": "L", "\u00df": "ss", "\u0153": "o", "\u0152": "O", "\u0111": "d", "\u0110": "D"}
)
_VOWELS = frozenset("aeiouy")
_LONGEST_NAME = 100
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}")


def _read_phrases(kind: str) -> list[str]:
    text = files("syncd.core").joinpath("data").joinpath("phrases.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [phrase for row_kind, phrase in rows if row_kind == kind]


def _by_longest_word(phrases: Iterable[str]) -> dict[str, list[str]]:
    """Phrases by the word to look for first, so that most are never looked for at all."""
    table: dict[str, list[str]] = {}
    for phrase in phrases:
        table.setdefault(max(phrase.split(), key=len), []).append(f" {phrase} ")
    return table


_SPAM = _by_longest_word(_read_phrases("spam"))
_PITCH = _by_longest_word(_read_phrases("pitch"))
_BUYING = frozenset(_read_phrases("buying"))
_TESTS = frozenset(_read_phrases("test"))
_AROUND_TESTS = frozenset(_read_phrases("around_test"))
