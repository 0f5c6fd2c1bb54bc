import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.channels import CHANNEL_NAMES, CHANNELS, ORIGINS, Evidence, find_channel, is_paid
from syncd.core.sites import SiteKind


def evidence(**known):
    facts = {
        "source": "",
        "medium": "",
        "campaign": "",
        "clicks": frozenset(),
        "site": None,
        "outside": False,
    }
    facts.update(known)
    return Evidence(paid=is_paid(facts["medium"]), **facts)


def click(name):
    return frozenset({name})


@pytest.mark.parametrize(
    ("known", "number", "channel"),
    [
        ({}, 1, "direct"),
        ({"campaign": "cross-network 2026", "source": "google", "medium": "cpc"}, 2, "cross_network"),
        ({"site": SiteKind.SHOPPING, "medium": "cpc"}, 3, "paid_shopping"),
        ({"campaign": "eshop-summer", "medium": "ppc"}, 3, "paid_shopping"),
        ({"site": SiteKind.SEARCH, "medium": "cpc"}, 4, "paid_search"),
        ({"clicks": click("gclid")}, 4, "paid_search"),
        ({"clicks": click("gbraid")}, 4, "paid_search"),
        ({"clicks": click("wbraid")}, 4, "paid_search"),
        ({"clicks": click("msclkid")}, 4, "paid_search"),
        ({"site": SiteKind.SOCIAL, "medium": "paid_social"}, 5, "paid_social"),
        ({"clicks": click("li_fat_id"), "site": SiteKind.SOCIAL}, 5, "paid_social"),
        ({"clicks": click("ttclid")}, 5, "paid_social"),
        ({"clicks": click("twclid")}, 5, "paid_social"),
        ({"site": SiteKind.VIDEO, "medium": "cpv-cpc"}, 6, "paid_video"),
        ({"medium": "display"}, 7, "display"),
        ({"medium": "cpm"}, 7, "display"),
        ({"medium": "cpm", "site": SiteKind.SOCIAL}, 5, "paid_social"),
        ({"clicks": click("dclid")}, 7, "display"),
        ({"source": "acme-partner", "medium": "cpc"}, 8, "paid_other"),
        ({"source": "acme-partner", "medium": "retargeting"}, 8, "paid_other"),
        ({"site": SiteKind.SHOPPING, "outside": True}, 9, "organic_shopping"),
        ({"campaign": "shopping week", "source": "x"}, 9, "organic_shopping"),
        ({"campaign": "workshop", "source": "acme"}, 21, "unassigned"),
        ({"clicks": click("fbclid"), "site": SiteKind.SOCIAL}, 10, "organic_social"),
        ({"medium": "social-media"}, 10, "organic_social"),
        ({"site": SiteKind.VIDEO, "outside": True}, 11, "organic_video"),
        ({"medium": "video-ad"}, 11, "organic_video"),
        ({"site": SiteKind.SEARCH, "outside": True}, 12, "organic_search"),
        ({"medium": "organic"}, 12, "organic_search"),
        ({"site": SiteKind.ASSISTANT, "outside": True}, 13, "ai_assistant"),
        ({"medium": "e-mail"}, 14, "email"),
        ({"source": "email"}, 14, "email"),
        ({"site": SiteKind.WEBMAIL, "outside": True}, 14, "email"),
        ({"medium": "affiliates"}, 15, "affiliates"),
        ({"medium": "referral"}, 16, "referral"),
        ({"outside": True}, 16, "referral"),
        ({"medium": "audio"}, 17, "audio"),
        ({"source": "sms"}, 18, "sms"),
        ({"medium": "web-push"}, 19, "push"),
        ({"source": "firebase"}, 19, "push"),
        ({"origin": "partner"}, 20, "partner"),
        ({"origin": "offline"}, 20, "offline"),
        ({"origin": "import"}, 20, "import"),
        ({"origin": "import", "clicks": click("gclid")}, 4, "paid_search"),
        ({"source": "brochure"}, 21, "unassigned"),
    ],
)
def test_first_rule_that_holds_names_the_channel(known, number, channel):
    rule = find_channel(evidence(**known))

    assert (rule.number, rule.channel) == (number, channel)


def test_table_is_in_order_and_its_last_row_takes_everything():
    numbers = [rule.number for rule in CHANNELS]

    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 22))
    assert CHANNELS[-1].holds(evidence(source="anything"))
    assert set(ORIGINS) < CHANNEL_NAMES


@given(st.text(string.ascii_lowercase + "_-", max_size=16) | st.sampled_from(["cpc", "ppc", "paid", "retargeting"]))
def test_paid_medium_is_the_published_pattern(medium):
    assert is_paid(medium) == bool(re.fullmatch(r"^(.*cp.*|ppc|retargeting|paid.*)$", medium))
