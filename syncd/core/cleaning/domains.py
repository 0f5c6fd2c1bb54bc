"""What an e-mail domain tells: who owns it, whether anybody can have a mailbox there, likely slips."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import OSA
from tldextract import TLDExtract


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """Facts about one lower-case ASCII domain."""

    domain: str
    registrable: str  # what one owner registers; below private suffixes too: eva.myshopify.com
    freemail: bool
    disposable: bool
    suggestion: str  # the domain probably meant, "" when this one looks right


@lru_cache(maxsize=20_000)
def domain_facts(domain: str) -> DomainFacts:
    """`domain` in lower-case ASCII (punycode). A domain without a known suffix is its own registrable.

    Lists of throw-away domains hold misspelt providers too; somebody's slip is not called disposable.
    """
    found = _suffixes(domain)
    registrable = f"{found.domain}.{found.suffix}" if found.domain and found.suffix else domain
    freemail = not FREEMAIL.isdisjoint((domain, registrable))
    suggestion = "" if freemail else _meant(domain, known_suffix=bool(found.suffix))
    disposable = not (freemail or suggestion or DISPOSABLE.isdisjoint((domain, registrable)))
    return DomainFacts(domain, registrable, freemail, disposable, suggestion)


def _meant(domain: str, *, known_suffix: bool) -> str:
    body, _, suffix = domain.rpartition(".")
    mended = domain if known_suffix else f"{body}.{_MISTYPED_SUFFIXES.get(suffix, suffix)}"
    meant = _SLIPS.get(mended) or _provider_meant(mended)
    return meant if meant != domain else ""


def _provider_meant(domain: str) -> str:
    """The provider at most one slip away, by brands too long to be hit by chance; first letter right."""
    name, _, suffix = domain.partition(".")
    if domain in FREEMAIL:
        return domain
    for brand in _LONG_BRANDS:
        if name[:1] == brand[0] and _is_slip(name, brand):
            only_at = _ONLY_AT.get(name, suffix)
            for ending in (suffix, _COM_CUT_SHORT.get(suffix, suffix), only_at):
                if (provider := f"{brand}.{ending}") in FREEMAIL:
                    return provider
    return domain


def _is_slip(typed: str, meant: str) -> bool:
    """At most one letter lost, doubled, swapped, or hit beside its key: gnail, but not grail."""
    if len(typed) == len(meant) and sorted(typed) != sorted(meant):
        wrong = [pair for pair in zip(typed, meant, strict=True) if pair[0] != pair[1]]
        return len(wrong) == 1 and frozenset(wrong[0]) in _NEIGHBOURS
    return OSA.distance(typed, meant, score_cutoff=1) <= 1


def _read_domains(file: str) -> frozenset[str]:
    text = resources.files("syncd.core").joinpath("data", file).read_text(encoding="utf-8")
    lines = (line.partition("#")[0].strip().lower() for line in text.splitlines())
    return frozenset(line for line in lines if line)


FREEMAIL: Final = _read_domains("freemail.txt")
DISPOSABLE: Final = _read_domains("disposable.txt")

# The snapshot inside the package, read at the first call (70 ms); no network, no cache directory.
# Private suffixes on: or all shops of one hosting firm would share an account.
_suffixes: Final = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

_LONG_BRANDS: Final = (
    "gmail",
    "hotmail",
    "outlook",
    "yahoo",
    "icloud",
    "googlemail",
    "protonmail",
    "rocketmail",
    "fastmail",
    "t-online",
    "freenet",
    "comcast",
    "sbcglobal",
    "bellsouth",
    "btinternet",
    "wanadoo",
    "laposte",
    "rediffmail",
)
_KEYS: Final = ("qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm")
_NEIGHBOURS: Final = frozenset(
    {frozenset(pair) for row in _KEYS for pair in pairwise(row)}
    | {frozenset(pair) for above, below in pairwise(_KEYS[1:4]) for pair in zip(above, below, strict=False)}
    | {frozenset(pair) for above, below in pairwise(_KEYS[1:4]) for pair in zip(above[1:], below, strict=False)}
)
_ONLY_AT: Final = {"gmail": "com", "googlemail": "com", "icloud": "com"}
_COM_CUT_SHORT: Final = {"co": "com", "cm": "com", "om": "com"}
# Names so short that one slip away could be somebody's own.
_SLIPS: Final = {
    "g-mail.com": "gmail.com",
    "gmail.com.com": "gmail.com",
    "gmx.com.de": "gmx.de",
    "gxm.de": "gmx.de",
    "gmx.d": "gmx.de",
    "wbe.de": "web.de",
    "web.d": "web.de",
}
# Applied only where the public suffix list knows no such ending.
_MISTYPED_SUFFIXES: Final = {
    **dict.fromkeys(("con", "cmo", "ocm", "comm", "coom", "ccom", "vom", "xom", "cpm"), "com"),
    **dict.fromkeys(("clm", "cim", "cmm", "conm", "comn", "copm", "coma", "dom", "col"), "com"),
    **dict.fromkeys(("ner", "nte", "nett", "nrt", "neet"), "net"),
    **dict.fromkeys(("ogr", "rog", "orgg", "orq"), "org"),
    **dict.fromkeys(("ded", "dee", "dde"), "de"),
}
