"""Whether a mail comes from where it says: what the receiving mail server found out (RFC 8601)."""

import re
from collections.abc import Iterator

from syncd.core.mail.headers import Headers

EXCHANGE_ONLINE = "exchange-online"
"""Its header names no host; whoever reads a mailbox there may trust it by this word."""

_LONGEST = 4000
_MOST = 20


def proven_domains(headers: Headers, trusted: frozenset[str]) -> frozenset[str]:
    """Domains for which a trusted host says that DKIM or DMARC passed, and none says that it failed."""
    passed, failed = set[str](), set[str]()
    for value in headers.every("authentication-results")[:_MOST]:
        for result, domain in _results(value[:_LONGEST], trusted):
            (passed if result == "pass" else failed).add(domain)
    return frozenset(passed - failed)


def _results(value: str, trusted: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(result, domain) of each DKIM signature and of DMARC."""
    first, *rest = _COMMENT.sub(" ", value).split(";")
    named = "=" not in first
    host = first.split()[0].lower() if named and first.split() else ""
    if (host if named else EXCHANGE_ONLINE) not in trusted:
        return
    for piece in rest if named else [first, *rest]:
        said = _METHOD.search(piece)
        domain = _DOMAIN[said[1].lower()].search(piece) if said else None
        if said and domain:
            yield said[2].lower(), domain[1].lower().rstrip(".")


_COMMENT = re.compile(r"\([^()]{0,500}\)")
_METHOD = re.compile(r"\b(dkim|dmarc)[ \t]*=[ \t]*([a-z]+)", re.IGNORECASE)
_DOMAIN = {
    "dkim": re.compile(r"header\.(?:d|i)[ \t]*=[ \t]*\"?(?:[^\s;@]{0,100}@)?([\w.-]+)", re.IGNORECASE),
    "dmarc": re.compile(r"header\.from[ \t]*=[ \t]*\"?(?:[^\s;@]{0,100}@)?([\w.-]+)", re.IGNORECASE),
}


def is_under(domain: str, others: tuple[str, ...] | frozenset[str]) -> bool:
    """Whether a domain is one of these or below one."""
    return any(domain == other or domain.endswith(f".{other}") for other in others)
