import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.attribution import CLICK_IDS, PARAMETERS, UTM, Visit, lead_source, merge_touches, read_touch
from syncd.core.channels import CHANNEL_NAMES
from syncd.model import Touch


def visit(page="https://www.acme.com/contact", *, landing="", referrer="", own=("acme.com",), origin="", **params):
    return Visit(page, landing, referrer, params, frozenset(own), origin)


def touch(channel="paid_search", **parts):
    return Touch(channel=channel, **parts)


def test_tags_of_the_page_make_the_touch():
    page = (
        "https://www.acme.com/demo?utm_source=Google&utm_medium=CPC&utm_campaign=Spring%20Sale"
        "&utm_term=crm+sync&utm_content=A&utm_id=77&gclid=EAIaIQobChMI_X#form"
    )

    found = read_touch(visit(page, referrer="https://www.google.de/"))

    assert found == Touch(
        source="Google",
        medium="CPC",
        campaign="Spring Sale",
        term="crm sync",
        content="A",
        campaign_id="77",
        click_ids=(("gclid", "EAIaIQobChMI_X"),),
        referrer_host="www.google.de",
        landing="https://www.acme.com/demo",
        channel="paid_search",
        channel_rule=4,
    )


def test_nothing_known_is_direct():
    assert read_touch(visit("", own=())) == Touch()


def test_click_ids_keep_their_case_and_their_length():
    value = "AbC-_" * 80

    found = read_touch(visit(f"https://acme.com/?sccid={value}&GCLID=Xy"))

    assert found.click_ids == (("gclid", "Xy"), ("ScCid", value))


def test_fields_win_over_the_page_and_the_page_over_the_landing_page():
    page, landing = "https://acme.com/?utm_source=page", "https://acme.com/?utm_source=landing"

    assert read_touch(visit(page, landing=landing, utm_source="field")).source == "field"
    assert read_touch(visit(page, landing=landing)).source == "page"
    assert read_touch(visit("https://acme.com/", landing=landing)).source == "landing"
    assert read_touch(visit("", referrer=landing)).source == "landing"


def test_later_place_fills_gaps_of_the_same_click():
    found = read_touch(visit("https://acme.com/?utm_source=bing&utm_campaign=x", utm_source="bing"))

    assert (found.source, found.campaign) == ("bing", "x")


def test_two_clicks_are_not_mixed_into_one():
    page = "https://acme.com/?utm_source=newsletter&utm_medium=email"
    landing = "https://acme.com/?utm_source=google&utm_medium=cpc&gclid=1"

    found = read_touch(visit(page, landing=landing))

    assert (found.source, found.click_ids, found.channel) == ("newsletter", (), "email")


@pytest.mark.parametrize("name", ["UTM_Source", "utm-source", " utm source "])
def test_names_of_fields_are_read_whatever_their_case(name):
    assert read_touch(visit(**{name: "bing"})).source == "bing"


@pytest.mark.parametrize(
    "query",
    [
        "UTM_SOURCE=bing",
        "utm%5Fsource=bing",
        "a=1&amp;utm_source=bing",
        "utm_source=&utm_source=bing&utm_source=google",
        "utm_source=%20bing+",
    ],
)
def test_first_value_that_is_not_empty_counts(query):
    assert read_touch(visit(f"https://acme.com/?{query}")).source == "bing"


def test_tags_behind_the_route_of_a_page_that_never_reloads_are_read():
    assert read_touch(visit("https://acme.com/#/contact?utm_source=bing")).source == "bing"


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("{campaign}", ""),
        ("{{ad.name}}", ""),
        ("%7Bcampaignid%7D", ""),
        ("${CAMPAIGN}", ""),
        ("__CAMPAIGN_NAME__", ""),
        ("*|CAMPAIGN_UID|*", ""),
        ("%25%25campaign%25%25", ""),
        ("undefined", ""),
        ("brand_{network}", "brand"),
    ],
)
def test_macros_nobody_filled_in_are_taken_out_and_recorded(value, left):
    found = read_touch(visit(f"https://acme.com/?utm_source=google&utm_campaign={value}"))

    assert (found.campaign, found.unresolved) == (left, ("utm_campaign",))


@pytest.mark.parametrize("value", ["a__b", "{open", "100%", "_x_", "{}{"[:1]])
def test_values_that_only_look_like_macros_stay(value):
    found = read_touch(visit(utm_campaign=value))

    assert (found.campaign, found.unresolved) == (value, ())


def test_macro_gives_way_to_the_next_value():
    found = read_touch(visit("https://acme.com/?utm_campaign=spring", utm_campaign="{campaign}"))

    assert (found.campaign, found.unresolved) == ("spring", ("utm_campaign",))


@pytest.mark.parametrize(
    ("referrer", "host", "channel"),
    [
        ("https://www.google.com/", "www.google.com", "organic_search"),
        ("https://l.facebook.com/l.php?u=x", "l.facebook.com", "organic_social"),
        ("android-app://com.linkedin.android/", "com.linkedin.android", "organic_social"),
        ("https://www.youtube.com/watch", "www.youtube.com", "organic_video"),
        ("https://gemini.google.com/app", "gemini.google.com", "ai_assistant"),
        ("https://mail.google.com/mail/u/0/", "mail.google.com", "email"),
        ("https://partner.example.org/blog", "partner.example.org", "referral"),
        ("https://blog.acme.com/post", "", "direct"),
        ("https://acme.com/", "", "direct"),
        ("https://checkout.stripe.com/c/pay", "", "direct"),
        ("https://accounts.google.com/", "", "direct"),
        ("https://[broken", "", "direct"),
    ],
)
def test_referrer_speaks_where_nothing_was_tagged(referrer, host, channel):
    found = read_touch(visit(referrer=referrer))

    assert (found.referrer_host, found.channel) == (host, channel)


def test_own_site_is_known_by_the_page_even_if_nobody_configured_it():
    assert read_touch(visit(referrer="https://www.acme.com/", own=())).channel == "direct"


def test_search_may_send_people_to_a_page_on_the_same_big_site():
    found = read_touch(visit("https://docs.google.com/forms/d/1", referrer="https://www.google.com/", own=()))

    assert found.channel == "organic_search"


def test_neighbours_on_one_host_are_strangers():
    found = read_touch(visit("https://acme.github.io/", referrer="https://other.github.io/", own=("acme.github.io",)))

    assert found.channel == "referral"


def test_tags_of_a_partners_own_page_are_not_ours():
    found = read_touch(visit(referrer="https://partner.example.org/?utm_source=facebook&utm_medium=cpc"))

    assert (found.source, found.channel) == ("", "referral")


def test_tags_of_a_hosted_form_are_ours():
    found = read_touch(visit("", referrer="https://acme.typeform.com/to/x?utm_source=bing&utm_medium=cpc"))

    assert found.channel == "paid_search"


@pytest.mark.parametrize(
    ("query", "channel"),
    [
        ("utm_source=chatgpt.com", "ai_assistant"),
        ("utm_source=LinkedIn&utm_medium=paid", "paid_social"),
        ("utm_source=gmb", "organic_search"),
        ("utm_source=(direct)&utm_medium=(none)", "direct"),
        ("fbclid=x", "organic_social"),
        ("fbclid=x&utm_medium=paid", "paid_social"),
        ("utm_source=spring&utm_medium=paid&fbclid=x", "paid_social"),
        ("rdt_cid=x", "organic_social"),
        ("dclid=x", "display"),
        ("utm_source=brochure", "unassigned"),
    ],
)
def test_tags_and_click_ids_name_the_channel(query, channel):
    assert read_touch(visit(f"https://acme.com/?{query}")).channel == channel


def test_tags_speak_before_the_referrer():
    tagged = visit("https://acme.com/?utm_source=news&utm_medium=email", referrer="https://www.google.com/")

    assert read_touch(tagged).channel == "email"


def test_source_nobody_lists_leaves_the_word_to_the_referrer():
    tagged = visit("https://acme.com/?utm_source=gmb-listing", referrer="https://www.google.com/")

    assert read_touch(tagged).channel == "organic_search"


def test_landing_page_is_kept_without_what_may_be_personal():
    found = read_touch(visit(landing="https://eva:pw@acme.com/a?email=eva%40acme.com#x"))

    assert found.landing == "https://acme.com/a"


def test_connector_speaks_only_where_no_visit_left_a_trace():
    assert read_touch(visit("", origin="import")).channel == "import"
    assert read_touch(visit("", origin="import", gclid="1")).channel == "paid_search"


texts = st.text(max_size=40)
queries = st.lists(st.tuples(st.sampled_from([*UTM, *CLICK_IDS, "page"]), texts), max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
urls = texts | queries.map(lambda query: f"https://acme.com/?{query}")


@given(urls, urls, urls, st.dictionaries(texts | st.sampled_from([*UTM, *CLICK_IDS]), texts, max_size=4))
def test_any_text_makes_a_touch(page, landing, referrer, params):
    found = read_touch(Visit(page, landing, referrer, params, frozenset({"acme.com"})))

    assert found.channel in CHANNEL_NAMES
    assert set(found.unresolved) <= PARAMETERS
    assert all(value for _, value in found.click_ids)


def test_parameters_are_written_in_lower_case():
    assert {"utm_source", "sccid", "gclid"} <= PARAMETERS
    assert all(name == name.lower() for name in PARAMETERS)


def test_first_touch_is_written_once():
    old, new = touch(source="first"), touch(source="second")

    assert merge_touches(None, None, old) == (old, old)
    assert merge_touches(old, old, new) == (old, new)


def test_direct_visit_does_not_take_the_place_of_the_last_touch():
    paid, direct = touch(), touch("direct")

    assert merge_touches(paid, paid, direct) == (paid, paid)
    assert merge_touches(None, None, direct) == (direct, direct)
    assert merge_touches(direct, direct, paid) == (direct, paid)


channels = st.sampled_from(["direct", "email", "referral"])


@given(st.lists(st.tuples(channels, st.integers()).map(lambda t: touch(t[0], source=str(t[1]))), min_size=1))
def test_last_touch_is_the_newest_that_is_not_direct(history):
    first = last = None

    for new in history:
        first, last = merge_touches(first, last, new)

    told = [new for new in history if new.channel != "direct"]
    assert first == history[0]
    assert last == (told[-1] if told else history[0])


LABELS = {"paid_search": "Google Ads"}


@pytest.mark.parametrize(
    ("explicit", "allowed", "tag", "channel", "shown"),
    [
        ("trade show", ("Web", "Trade Show"), "Web", "paid_search", "Trade Show"),
        ("my neighbour", ("Web", "Trade Show"), "Web", "paid_search", "Web"),
        ("my neighbour", (), "Web", "paid_search", "my neighbour"),
        (" ", (), "Web", "paid_search", "Web"),
        ("", ("Web",), "", "paid_search", "Google Ads"),
        ("", ("Web",), "", "email", "Unknown"),
    ],
)
def test_lead_source_falls_back_from_field_to_tag_to_channel_to_unknown(explicit, allowed, tag, channel, shown):
    assert lead_source(explicit, allowed, tag, touch(channel), LABELS) == shown
