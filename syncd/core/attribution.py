"""Where one submission came from, and which touch of a person counts as first and as last."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from syncd.core.channels import Evidence, find_channel, is_paid
from syncd.core.sites import SiteKind, host_of, kind_of, registrable
from syncd.model import Touch

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")

CLICK_IDS = (
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "fbclid",
    "li_fat_id",
    "ttclid",
    "twclid",
    "ScCid",
    "epik",
    "rdt_cid",
)
"""Click ids as the platforms write them."""

PARAMETERS = frozenset(name.lower() for name in (*UTM, *CLICK_IDS))
"""The names, in lower case, that are read from fields and from query strings."""

UNKNOWN_SOURCE = "Unknown"

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Visit:
    """What a submission tells of the visit that led to it; each part is empty where nobody knows it."""

    page_url: str
    landing_url: str
    referrer: str
    params: Mapping[str, str]  # answered and hidden fields
    own_domains: frozenset[str]
    origin: str = ""  # "partner", "offline" or "import" where the connector knows that no visit led to it


def read_touch(visit: Visit) -> Touch:
    """Takes any text and never fails; values stay as they were written, for click ids are opaque."""
    page, landing, came_from = (url.partition("?") for url in (visit.page_url, visit.landing_url, visit.referrer))
    ends = (part[0][:_HOST_WITHIN] for part in (came_from, page, landing))
    referrer = _outside_host(*ends, visit.own_domains)
    queries = [page[2], landing[2]]
    if not referrer or not (page[0] or landing[0] or visit.own_domains):
        queries.append(came_from[2])  # the tags of a partner's page are not ours to read
    fields = [(known, value) for name, value in visit.params.items() if (known := _parameter(name[:_NAME_WITHIN]))]
    places = [fields, *(_pairs(query) for query in dict.fromkeys(queries) if query)]
    tags, unresolved = _read_tags(places)
    clicks = _CLICK_NAMES.intersection(tags)
    evidence = _evidence(tags, clicks, referrer, visit.origin)
    rule = find_channel(evidence)
    return Touch(
        source=tags.get("utm_source", ""),
        medium=tags.get("utm_medium", ""),
        campaign=tags.get("utm_campaign", ""),
        term=tags.get("utm_term", ""),
        content=tags.get("utm_content", ""),
        campaign_id=tags.get("utm_id", ""),
        click_ids=tuple((name, tags[low]) for low, name in _CLICKS.items() if low in clicks),
        referrer_host=referrer,
        landing=_address(landing[0] or page[0]),
        channel=rule.channel,
        channel_rule=rule.number,
        unresolved=unresolved,
    )


def merge_touches(first: Touch | None, last: Touch | None, new: Touch) -> tuple[Touch, Touch]:
    """The person's first touch, written once, and the newest one that is not direct."""
    if last is None or new.channel != "direct":
        last = new
    return first or new, last


def lead_source(explicit: str, allowed: Collection[str], tag: str, touch: Touch, labels: Mapping[str, str]) -> str:
    """What the CRM shows: the form's own field if its value is allowed, else the source's tag, else the
    channel's label, else "Unknown", which can be counted. An empty `allowed` allows everything.
    """
    wanted = explicit.strip()
    if wanted and not allowed:
        return wanted
    spelled = next((value for value in allowed if value.casefold() == wanted.casefold()), "")
    return spelled or tag or labels.get(touch.channel, "") or UNKNOWN_SOURCE


def _read_tags(places: Iterable[Pairs]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Parameter -> value, and the parameters that held a macro.

    The first place that has any speaks for the click; a later one fills gaps unless it contradicts it,
    so that two clicks are never mixed into one.
    """
    tags: dict[str, str] = {}
    unresolved: set[str] = set()
    for pairs in places:
        found: dict[str, str] = {}
        for name, raw in pairs:
            value = raw.strip()
            if not value or name in found:
                continue
            if plain := _without_macros(value):
                found[name] = plain
            if plain != value:
                unresolved.add(name)
        if not tags or all(tags.get(name, value) == value for name, value in found.items()):
            tags = {**found, **tags} if tags else found
    return tags, tuple(sorted(unresolved))


def _pairs(query: str) -> Pairs:
    pairs = []
    for pair in query.partition("#")[0].split("&"):
        name, _, value = pair.partition("=")
        if known := _parameter(name[:_NAME_WITHIN]):
            pairs.append((known, _decoded(value) if "%" in value or "+" in value else value))
    return pairs


def _decoded(value: str) -> str:
    return _decoded_once(value) if len(value) <= _CACHED_WITHIN else unquote_plus(value)


_decoded_once = lru_cache(maxsize=4096)(unquote_plus)  # campaigns repeat; click ids seldom need decoding

# Cached texts come from strangers: they are kept short, so that nobody can fill the memory with them.
_HOST_WITHIN = 300
_NAME_WITHIN = 40
_CACHED_WITHIN = 200


@lru_cache(maxsize=4096)
def _parameter(name: str) -> str:
    """The name in PARAMETERS that is meant ("UTM-Source", "utm%5Fsource"), or nothing."""
    plain = unquote(name).strip().lower().replace("-", "_").replace(" ", "_")
    plain = plain.removeprefix("amp;")  # a link that was escaped once too often
    return plain if plain in PARAMETERS else ""


def _without_macros(value: str) -> str:
    """The value without what an ad platform or a page forgot to fill in; empty if nothing else is left."""
    if value.lower() in _UNSET:
        return ""
    if "{" in value or "__" in value or "*|" in value or "%%" in value:
        plain = _MACRO.sub("", value)
        return value if plain == value else plain.strip(" _-|:.+")
    return value


_UNSET = frozenset({"undefined", "null", "[object object]"})
_MACRO = re.compile(r"\{\{[^{}]*\}\}|\$?\{[^{}]*\}|__[A-Z]+(?:_[A-Z]+)*__|\*\|[^|*]*\|\*|%%[^%]*%%", re.ASCII)
_CLICKS = {name.lower(): name for name in CLICK_IDS}
_CLICK_NAMES = frozenset(_CLICKS)
# They prove the site; fbclid and epik are on unpaid links too, so whether it was paid is told elsewhere.
_SOCIAL_CLICKS = frozenset({"fbclid", "li_fat_id", "ttclid", "twclid", "sccid", "epik", "rdt_cid"})


@lru_cache(maxsize=4096)
def _outside_host(referrer: str, page: str, landing: str, own_domains: frozenset[str]) -> str:
    """The host that sent the person, unless it is ours or only on the way (payment, sign-in, form)."""
    host = host_of(referrer)
    if not host or kind_of(host) is SiteKind.NEVER:
        return ""
    if registrable(host) in {registrable(domain.lower()) for domain in own_domains}:
        return ""
    ours = (host_of(page), host_of(landing))
    # On a page that a big site hosts, only that very host is ours: its search may well have sent them.
    same = any(host == our or (our and not kind_of(our) and _siblings(host, our)) for our in ours)
    return "" if same else host


def _siblings(host: str, other: str) -> bool:
    return registrable(host) == registrable(other)


def _evidence(tags: Mapping[str, str], clicks: frozenset[str], referrer: str, origin: str) -> Evidence:
    source = _told(tags.get("utm_source", ""), _NO_SOURCE)
    medium = _told(tags.get("utm_medium", ""), _NO_MEDIUM)
    return Evidence(
        source=source,
        medium=medium,
        paid=is_paid(medium),
        campaign=tags.get("utm_campaign", "").lower(),
        clicks=clicks,
        site=_site(source, medium, clicks, referrer),
        outside=bool(referrer),
        origin=origin,
    )


def _site(source: str, medium: str, clicks: frozenset[str], referrer: str) -> SiteKind | None:
    """What was tagged comes first; the referrer speaks only where the tags are silent."""
    by_source = kind_of(source) if source and len(source) <= _CACHED_WITHIN else None
    if by_source or clicks & _SOCIAL_CLICKS:
        return by_source or SiteKind.SOCIAL
    return kind_of(referrer) if referrer and not (source and medium) else None


def _told(text: str, nothing: frozenset[str]) -> str:
    told = text.lower()
    return "" if told in nothing else told


_NO_SOURCE = frozenset({"direct", "(direct)", "(none)", "(not set)"})
_NO_MEDIUM = frozenset({"(none)", "(not set)", "none"})


def _address(page: str) -> str:
    """A page without fragment and user; its query is gone already, for that may be personal."""
    address = page.strip().partition("#")[0]
    return _USER.sub("//", address) if "@" in address else address


_USER = re.compile(r"//[^/@]*@")
