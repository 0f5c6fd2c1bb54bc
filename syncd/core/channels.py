"""Which channel brought somebody: an ordered table of rules, the first that holds wins.

The order and the paid-medium pattern are those of the default channel group of Google Analytics 4, with
additions: click ids, AI assistants, web mail, and what a connector knows without any URL. Other tools
sort the same visit elsewhere, so the raw values are kept beside the channel, with the rule's number.
https://support.google.com/analytics/answer/9756891
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from syncd.core.sites import SiteKind

ORIGINS = ("partner", "offline", "import")
"""What a connector may say of submissions that no visit led to."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one visit; texts are in lower case, (none) and (not set) are empty."""

    source: str
    medium: str
    paid: bool  # see is_paid
    campaign: str
    clicks: frozenset[str]  # names of the click ids that were there, in lower case
    site: SiteKind | None  # of the source, else of the click id or the referrer
    outside: bool  # a host that is not ours sent them
    origin: str = ""  # one of ORIGINS, or empty for the web


@dataclass(frozen=True, slots=True)
class ChannelRule:
    number: int
    channel: str
    holds: Callable[[Evidence], bool]


def is_paid(medium: str) -> bool:
    """Medium, in lower case, as in ^(.*cp.*|ppc|retargeting|paid.*)$."""
    return "cp" in medium or medium in ("ppc", "retargeting") or medium.startswith("paid")


def find_channel(evidence: Evidence) -> ChannelRule:
    for rule in CHANNELS:
        if rule.holds(evidence):
            return rule
    return CHANNELS[-1]


def _nothing(evidence: Evidence) -> bool:
    known = evidence.source or evidence.medium or evidence.clicks or evidence.outside or evidence.origin
    return not known


def _shop(evidence: Evidence) -> bool:
    return evidence.site is SiteKind.SHOPPING or _SHOP.search(evidence.campaign) is not None


def _social(evidence: Evidence) -> bool:
    return evidence.site is SiteKind.SOCIAL or evidence.medium in _SOCIAL_MEDIA


def _search(evidence: Evidence) -> bool:
    return evidence.site is SiteKind.SEARCH or evidence.medium == "organic"


def _video(evidence: Evidence) -> bool:
    return evidence.site is SiteKind.VIDEO or "video" in evidence.medium


def _email(evidence: Evidence) -> bool:
    named = evidence.source in _EMAIL or evidence.medium in _EMAIL
    return named or evidence.site is SiteKind.WEBMAIL


def _push(evidence: Evidence) -> bool:
    medium = evidence.medium
    return medium.endswith("push") or "mobile" in medium or "notification" in medium


_SHOP = re.compile(r"(?:^|[^a-df-z])shop|shopping")  # "eshop" and "shop", not "workshop"
_PAID_SEARCH_CLICKS = frozenset({"gclid", "gbraid", "wbraid", "msclkid"})
_PAID_SOCIAL_CLICKS = frozenset({"li_fat_id", "ttclid", "twclid"})
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL_MEDIA = frozenset({"social", "social-network", "social-media", "sm", "social network", "social media"})
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_AFFILIATE = frozenset({"affiliate", "affiliates"})
_REFERRAL = frozenset({"referral", "app", "link"})

CHANNELS: tuple[ChannelRule, ...] = (
    ChannelRule(1, "direct", _nothing),
    ChannelRule(2, "cross_network", lambda e: "cross-network" in e.campaign),
    ChannelRule(3, "paid_shopping", lambda e: e.paid and _shop(e)),
    ChannelRule(
        4,
        "paid_search",
        lambda e: (e.paid and e.site is SiteKind.SEARCH) or bool(e.clicks & _PAID_SEARCH_CLICKS),
    ),
    ChannelRule(
        5,
        "paid_social",
        lambda e: (e.paid and e.site is SiteKind.SOCIAL) or bool(e.clicks & _PAID_SOCIAL_CLICKS),
    ),
    ChannelRule(6, "paid_video", lambda e: e.paid and e.site is SiteKind.VIDEO),
    ChannelRule(7, "display", lambda e: e.medium in _DISPLAY or "dclid" in e.clicks),
    ChannelRule(8, "paid_other", lambda e: e.paid),
    ChannelRule(9, "organic_shopping", _shop),
    ChannelRule(10, "organic_social", _social),
    ChannelRule(11, "organic_video", _video),
    ChannelRule(12, "organic_search", _search),
    ChannelRule(13, "ai_assistant", lambda e: e.site is SiteKind.ASSISTANT),
    ChannelRule(14, "email", _email),
    ChannelRule(15, "affiliates", lambda e: e.medium in _AFFILIATE),
    ChannelRule(16, "referral", lambda e: e.medium in _REFERRAL or e.outside),
    ChannelRule(17, "audio", lambda e: e.medium == "audio"),
    ChannelRule(18, "sms", lambda e: "sms" in (e.source, e.medium)),
    ChannelRule(19, "push", lambda e: _push(e) or e.source == "firebase"),
    ChannelRule(20, "partner", lambda e: e.origin == "partner"),
    ChannelRule(20, "offline", lambda e: e.origin == "offline"),
    ChannelRule(20, "import", lambda e: e.origin == "import"),
    ChannelRule(21, "unassigned", lambda _: True),  # count these
)

CHANNEL_NAMES = frozenset(rule.channel for rule in CHANNELS)
