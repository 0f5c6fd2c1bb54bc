"""What an answer can be, judged by the answer itself: the name of a question alone may mean something else."""

import re
from collections.abc import Callable, Mapping

from syncd.core.cleaning.countries import clean_country
from syncd.core.cleaning.text import plain_form
from syncd.model import Answer, AnswerKind


def may_be(name: str, kind: AnswerKind, text: str) -> bool:
    """Whether such an answer can be this MAPPABLE field."""
    if kind is AnswerKind.FILE or (kind in _CHOSEN and name in _TYPED):
        return False
    needed = _NEEDED.get(name)
    return needed is None or needed(text)


_CHOSEN = frozenset({AnswerKind.CHOICE, AnswerKind.CONSENT})
_TYPED = frozenset({"email", "phone", "full_name", "first_name", "last_name", "website", "street", "message"})
_SALUTATIONS = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "madam", "herr", "frau", "divers", "m", "mme", "mlle"}
    | {"monsieur", "madame", "mademoiselle", "sr", "sra", "srta", "senor", "senora", "dhr", "mevr", "sig", "signora"}
)


def is_address(text: str) -> bool:
    """Whether there is an e-mail address and nothing else; whether it is a valid one shows later."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text.strip()) is not None


_LONGEST_ADDRESS = 400  # the pattern's time grows with the square of the length
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def _may_be_name(text: str) -> bool:
    """Not an address, and not what a page or a program calls its form."""
    return not is_address(text) and _FORM_NAME.search(text) is None


_FORM_NAME = re.compile(r"\b(?:form|formular|formulaire|formulario|newsletter|survey)\b", re.IGNORECASE)


def _is_link(text: str) -> bool:
    return text.lstrip()[:8].lower().startswith(("http://", "https://"))


_NEEDED: Mapping[str, Callable[[str], bool]] = {
    "full_name": _may_be_name,
    "first_name": _may_be_name,
    "last_name": _may_be_name,
    "phone": lambda text: any(char.isdecimal() for char in text),
    "country": lambda text: bool(clean_country(text)),
    "website": lambda text: "." in text,
    "job_title": lambda text: plain_form(text[:40]) not in _SALUTATIONS,
    "page_url": _is_link,
    "landing_url": _is_link,
    "referrer": _is_link,
}


def says_yes(text: str) -> bool:
    """What cannot be read is no."""
    return plain_form(text[:40]) in _YES


_YES = frozenset(
    {"yes", "true", "1", "on", "checked", "y", "x", "ok", "agree", "agreed", "i agree", "accept", "accepted"}
    | {"i accept", "subscribe", "subscribed", "opt in", "opted in", "ja", "oui", "si", "sim", "wahr", "vrai"}
)


def is_about_marketing(label: str) -> bool:
    """Whether a box asks for more than agreement to terms or to be answered."""
    return _MARKETING.search(plain_form(label)) is not None


_MARKETING = re.compile(
    r"newsletter|marketing|mailing list|promotion|special offers|offers and|and offers|news and|and news"
    r"|product news|product updates|updates about|keep me (?:updated|posted|informed)|subscribe"
    r"|werbung|werbliche|angebote|neuigkeiten|infolettre|lettre dinformation|prospection|offres|actualites"
    r"|boletin|novedades|promociones|publicidad|ofertas|promozion|novidades|nieuwsbrief|aanbiedingen"
)


def may_be_message(answer: Answer, text: str) -> bool:
    """Whether somebody wrote it to us: prose, and not an address or something that a program filled in."""
    if answer.kind is not AnswerKind.TEXT or not _is_prose(text):
        return False
    return _NO_MESSAGE.search(plain_form(f"{answer.id} {answer.label}"[:300])) is None


def _is_prose(text: str) -> bool:
    """Four words at least, or a script that writes no spaces between them; not what programs write to each other."""
    words = text.split(maxsplit=_FEWEST_WORDS)
    if len(text) < _SHORTEST_MESSAGE or text.lstrip().startswith(("Mozilla/", "{", "<")) or _is_link(text):
        return False
    return len(words) >= _FEWEST_WORDS or _UNSPACED.search(text) is not None


_SHORTEST_MESSAGE = 25
_FEWEST_WORDS = 4
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{4}")
_NO_MESSAGE = re.compile(
    r"\b(?:utm|gclid|url|uri|cookie|token|session|agent|referrer|referer|tracking|consent"
    r"|\w*address|\w*adress|\w*adresse|anschrift|direccion|domicilio|indirizzo|endereco|adres)\b"
)
