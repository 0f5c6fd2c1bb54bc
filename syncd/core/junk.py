"""How much a submission looks like junk: named signals with points, added up to 0-100, with the reasons.

Junk is never dropped. The score only says who looks at it first, and whoever is a customer already is
not held back by it at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Literal

from syncd.core import junk_signs as signs
from syncd.core import scripts
from syncd.core.junk_signs import Said
from syncd.model import Suspicion

Label = Literal["", "test", "not_a_buyer"]
TEST: Label = "test"
NOT_A_BUYER: Label = "not_a_buyer"

MANY_SOURCES = 3
MANY_PER_HOUR = 5
FASTEST_HUMAN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class JunkEvidence:
    """What is known of one submission. Texts as the person wrote them; no text at all is an empty one."""

    has_email: bool = False
    email_valid: bool = False
    disposable: bool = False  # the address is with a throw-away provider
    email_local: str = ""
    email_domain: str = ""
    has_phone: bool = False
    phone_valid: bool = False  # for its country
    first: str = ""
    last: str = ""
    company: str = ""
    message: str = ""
    subject: str = ""
    honeypot: bool = False  # a field that people cannot see was filled in
    seconds_to_submit: float | None = None  # by a signed timestamp; None: not measured
    suspicions: frozenset[str] = frozenset()  # what the source itself has found
    user_agent: str | None = None  # None: the source does not tell
    languages: frozenset[str] = frozenset()  # codes of what the form is answered in; empty: any
    known_customer: bool = False
    business_domain_with_account: bool = False
    same_payload_sources: int = 1  # how many sources brought this very text
    recent_from_sender: int = 0  # submissions of this address or person within an hour


@dataclass(frozen=True, slots=True)
class JunkVerdict:
    score: int  # 0-100
    signals: tuple[tuple[str, int], ...]  # what was found, with the points it gave
    label: Label = ""  # "test", "not_a_buyer" or empty; independent of the score
    protected: bool = False  # a customer: for `judge`, which never quarantines them


class Judgement(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FLAG = "flag"  # goes its way, and somebody looks
    QUARANTINE = "quarantine"  # kept, counted, restorable


def score_junk(evidence: JunkEvidence, weights: Mapping[str, int] | None = None) -> JunkVerdict:
    """Takes any text, in time proportional to its length. `weights` holds just those that differ from
    DEFAULT_WEIGHTS; a weight of 0 switches a signal off.
    """
    points = DEFAULT_WEIGHTS if not weights else {**DEFAULT_WEIGHTS, **weights}
    said = signs.read_said(evidence.subject, evidence.message)
    label = _label(evidence, said)
    names = [name for name, holds in _SIGNALS.items() if points[name] and holds(evidence, said)]
    if label == TEST:
        names = [name for name in names if name != "same_text"]
    elif any(points[name] > 0 for name in names) and _gibberish(evidence):
        names.append("gibberish_name")  # weak: people have such names, so never on the name alone
    found = tuple((name, points[name]) for name in names if points[name])
    score = min(100, max(0, sum(given for _, given in found)))
    return JunkVerdict(score, found, label, protected=evidence.known_customer)


def judge(score: int, thresholds: tuple[int, int], *, protected: bool = False) -> Judgement:
    """`thresholds` are the scores from which to flag and to quarantine; who is protected is only flagged."""
    flag, quarantine = thresholds
    if score >= quarantine:
        return Judgement.FLAG if protected else Judgement.QUARANTINE
    return Judgement.FLAG if score >= flag else Judgement.PASS


def _label(evidence: JunkEvidence, said: Said) -> Label:
    if signs.is_test(evidence.first, evidence.last, evidence.message):
        return TEST
    return NOT_A_BUYER if signs.is_pitch(said) else ""


def _gibberish(evidence: JunkEvidence) -> bool:
    return signs.is_gibberish(evidence.first) or signs.is_gibberish(evidence.last)


def _too_fast(evidence: JunkEvidence, _: Said) -> bool:
    seconds = evidence.seconds_to_submit
    if Suspicion.TOO_FAST in evidence.suspicions:
        return True
    return seconds is not None and 0 <= seconds < FASTEST_HUMAN_SECONDS


def _suspected(sign: Suspicion, evidence: JunkEvidence, _: Said) -> bool:
    return sign in evidence.suspicions


def _same_text(evidence: JunkEvidence, _: Said) -> bool:
    return signs.repeats_name(evidence.first, evidence.last, evidence.subject, evidence.message)


def _mixed_scripts(evidence: JunkEvidence, _: Said) -> bool:
    texts = (evidence.first, evidence.last, evidence.company, evidence.subject, evidence.message)
    return any(scripts.has_disguised_word(text) for text in texts)


def _dotted_gmail(evidence: JunkEvidence, _: Said) -> bool:
    return evidence.email_domain.lower() in _GMAIL and evidence.email_local.count(".") >= _MANY_DOTS


_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_MANY_DOTS = 5

_SIGNALS: Mapping[str, Callable[[JunkEvidence, Said], bool]] = MappingProxyType(
    {
        "honeypot": lambda e, _: e.honeypot,
        "too_fast": _too_fast,
        **{sign.value: partial(_suspected, sign) for sign in Suspicion if sign is not Suspicion.TOO_FAST},
        "same_payload": lambda e, _: e.same_payload_sources >= MANY_SOURCES,
        "links": lambda _, said: 2 <= signs.count_links(said) < 4,
        "many_links": lambda _, said: signs.count_links(said) >= 4,
        "link_in_name": lambda e, _: signs.has_link(e.first) or signs.has_link(e.last),
        "markup": lambda _, said: signs.has_markup(said),
        "dotted_gmail": _dotted_gmail,
        "disposable": lambda e, _: e.disposable,
        "bad_email": lambda e, _: e.has_email and not e.email_valid,
        "no_contact": lambda e, _: not (e.has_email or e.has_phone),
        "same_text": _same_text,
        "mixed_scripts": _mixed_scripts,
        "foreign_script": lambda e, _: scripts.is_foreign(e.message, e.languages),
        "spam_phrase": lambda _, said: signs.has_spam_phrase(said),
        "bot_agent": lambda e, _: e.user_agent is not None and signs.is_bot(e.user_agent),
        "flood": lambda e, _: e.recent_from_sender > MANY_PER_HOUR,
        "known_customer": lambda e, _: e.known_customer,
        "business_account": lambda e, _: e.business_domain_with_account,
        "valid_phone": lambda e, _: e.phone_valid,
        "real_question": lambda _, said: signs.asks_to_buy(said),
    }
)

DEFAULT_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "honeypot": 90,
        "too_fast": 50,
        "no_stamp": 30,
        "forged_stamp": 60,
        "reused_stamp": 50,
        "many_posts": 30,
        "captcha_missing": 50,
        "captcha_failed": 60,
        "captcha_unchecked": 10,
        "same_payload": 60,
        "links": 20,
        "many_links": 50,
        "link_in_name": 70,
        "markup": 60,
        "gibberish_name": 40,
        "dotted_gmail": 30,
        "disposable": 30,
        "bad_email": 30,
        "no_contact": 40,
        "same_text": 40,
        "mixed_scripts": 50,
        "foreign_script": 25,
        "spam_phrase": 30,
        "bot_agent": 20,
        "flood": 30,
        "known_customer": -80,
        "business_account": -40,
        "valid_phone": -10,
        "real_question": -10,
    }
)
"""Points by signal: a start, to be calibrated on one's own submissions."""
