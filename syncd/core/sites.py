"""What kind of site a visitor came from: search engine, social network, assistant, shop, video, web mail.

The lists are in `data/referrers.tsv` and `data/sites.tsv`; where they are from is in `data/refresh.md`.
"""

import re
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from syncd.core.cleaning.domains import domain_facts


class SiteKind(StrEnum):
    SEARCH = "search"
    SOCIAL = "social"
    VIDEO = "video"
    SHOPPING = "shopping"
    ASSISTANT = "assistant"
    WEBMAIL = "webmail"
    NEVER = "never"  # payment, sign-in, form hosts: on the way, never where somebody came from
    OTHER = "other"  # a site like any other, though the host above it is listed


@lru_cache(maxsize=8192)
def kind_of(site: str) -> SiteKind | None:
    """The kind of a host, by the longest listed name it ends in, or of a bare name like "google".

    Takes lower case. "gemini.google.com" is an assistant, "www.google.co.uk" a search engine.
    """
    if "." not in site:
        return _KINDS.get(site)
    starred = _starred(site)
    name = site
    while "." in name:
        if kind := _KINDS.get(name) or _KINDS.get(starred.get(name, "")):
            return kind
        name = name.partition(".")[2]
    return None


def registrable(host: str) -> str:
    """The domain that somebody registered: "acme.co.uk" for "www.acme.co.uk".

    Customers of one host stay apart ("acme.github.io"); what has no public suffix is returned whole.
    """
    return domain_facts(host).registrable


def host_of(url: str) -> str:
    """The host of an address in lower case, without port and user; empty where there is none.

    Takes "https://acme.com/x", "//acme.com", "acme.com/x" and "android-app://com.slack/".
    """
    found = _HOST.match(url)
    host = found[1].lower().rstrip(".") if found else ""
    return host if len(host) <= _LONGEST_HOST and ("." in host or ":" in host) else ""


_LONGEST_HOST = 253
_HOST = re.compile(
    r"\s*(?:(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?)?(\[[^\]/?#]*\]|[^/?#:@\s\[\]]+)(?=[/?#:\s]|$)",
    re.IGNORECASE | re.ASCII,
)

# What stands before the country in a public suffix; "google.github.io" is somebody's page, not Google.
_SECOND_LEVELS = frozenset({"co", "com", "edu", "it", "net", "org"})


def _starred(host: str) -> dict[str, str]:
    """The parts of the host that "google.*" or "mail.yandex.*" could mean -> that pattern."""
    name, _, suffix = registrable(host).partition(".")
    first, dot, country = suffix.partition(".")
    if not suffix or (dot and (first not in _SECOND_LEVELS or "." in country)):
        return {}
    names = [*host.removesuffix(f"{name}.{suffix}").split(".")[:-1], name]
    tails = [".".join(names[start:]) for start in range(len(names))]
    return {f"{tail}.{suffix}": f"{tail}.*" for tail in tails}


def _read_kinds() -> dict[str, SiteKind]:
    folder = files("syncd.core").joinpath("data")
    lines = [
        line.split("\t")
        for name in ("referrers.tsv", "sites.tsv")  # the second wins
        for line in folder.joinpath(name).read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return {site: SiteKind(kind) for kind, site in lines}


_KINDS = _read_kinds()
