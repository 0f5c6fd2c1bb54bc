import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.cleaning import DISPOSABLE, FREEMAIL, domain_facts


@pytest.mark.parametrize(
    ("domain", "registrable"),
    [
        ("mail.acme.co.uk", "acme.co.uk"),
        ("eva.github.io", "eva.github.io"),
        ("www.eva.myshopify.com", "eva.myshopify.com"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
        ("mail.acme.con", "mail.acme.con"),
        ("co.uk", "co.uk"),
    ],
)
def test_strangers_under_one_suffix_do_not_share_a_domain(domain, registrable):
    assert domain_facts(domain).registrable == registrable


@pytest.mark.parametrize("domain", ["gmail.com", "yahoo.co.uk", "gmx.de", "web.de", "qq.com", "mail.yahoo.de"])
def test_free_mail_is_known(domain):
    assert domain_facts(domain).freemail


@pytest.mark.parametrize("domain", ["mailinator.com", "inbox.mailinator.com", "yopmail.com"])
def test_throw_away_mail_is_known_below_its_registrable_domain_too(domain):
    assert domain_facts(domain).disposable


def test_no_free_mail_domain_is_called_throw_away():
    assert len(FREEMAIL) > 200
    assert not [domain for domain in FREEMAIL if domain_facts(domain).disposable]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("gmaul.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmal.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.de", "gmail.com"),
        ("hotmial.fr", "hotmail.fr"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("outlok.com", "outlook.com"),
        ("gxm.de", "gmx.de"),
        ("acme.con", "acme.com"),
        ("acme.ogr", "acme.org"),
        ("mail.acme.cmo", "mail.acme.com"),
    ],
)
def test_slips_of_the_keyboard_are_suggested(typed, meant):
    assert domain_facts(typed).suggestion == meant


@pytest.mark.parametrize(
    "domain",
    [
        "acme.com",
        "acme.co",
        "ymail.com",
        "email.com",
        "mail.com",
        "aon.com",
        "five.com",
        "grail.com",
        "orange.com",
        "hotmail.ee",
    ],
)
def test_other_peoples_domains_are_left_in_peace(domain):
    assert domain_facts(domain).suggestion == ""


def test_a_slip_that_somebody_listed_as_throw_away_is_still_a_slip():
    facts = domain_facts("hotmial.com")

    assert "hotmial.com" in DISPOSABLE
    assert (facts.disposable, facts.suggestion) == (False, "hotmail.com")


@given(st.from_regex(r"[a-z0-9]{1,8}(\.[a-z]{1,5}){1,3}", fullmatch=True))
def test_what_is_suggested_needs_no_suggestion(domain):
    meant = domain_facts(domain).suggestion

    assert not meant or domain_facts(meant).suggestion == ""
