from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.sites import SiteKind, host_of, kind_of, registrable


@pytest.mark.parametrize(
    ("site", "kind"),
    [
        ("www.google.com", SiteKind.SEARCH),
        ("www.google.co.uk", SiteKind.SEARCH),
        ("google", SiteKind.SEARCH),
        ("suche.t-online.de", SiteKind.SEARCH),
        ("www.t-online.de", None),
        ("search.naver.com", SiteKind.SEARCH),
        ("blog.naver.com", None),
        ("l.facebook.com", SiteKind.SOCIAL),
        ("com.linkedin.android", SiteKind.SOCIAL),
        ("ig", SiteKind.SOCIAL),
        ("x.com", SiteKind.SOCIAL),
        ("netflix.com", SiteKind.VIDEO),
        ("m.youtube.com", SiteKind.VIDEO),
        ("www.amazon.co.jp", SiteKind.SHOPPING),
        ("aws.amazon.com", SiteKind.OTHER),
        ("gemini.google.com", SiteKind.ASSISTANT),
        ("chatgpt.com", SiteKind.ASSISTANT),
        ("mail.google.com", SiteKind.WEBMAIL),
        ("mail.yandex.ru", SiteKind.WEBMAIL),
        ("yandex.kz", SiteKind.SEARCH),
        ("checkout.stripe.com", SiteKind.NEVER),
        ("accounts.google.com", SiteKind.NEVER),
        ("about.google", None),
        ("google.github.io", None),
        ("notgoogle.com", None),
        ("google.com.evil.example", None),
        ("", None),
        (".", None),
    ],
)
def test_longest_listed_name_tells_the_kind(site, kind):
    assert kind_of(site) is kind


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.acme.co.uk", "acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        ("shop.acme.myshopify.com", "acme.myshopify.com"),
        ("localhost", "localhost"),
        ("10.0.0.1", "10.0.0.1"),
        ("", ""),
    ],
)
def test_registrable_domain_keeps_customers_of_one_host_apart(host, domain):
    assert registrable(host) == domain


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Acme.com/contact?x=1", "www.acme.com"),
        ("http://eva:secret@acme.com:8080/", "acme.com"),
        ("//acme.com/x", "acme.com"),
        ("acme.com/x", "acme.com"),
        ("acme.com", "acme.com"),
        ("https://acme.com.", "acme.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://[2001:db8::1]/x", "[2001:db8::1]"),
        ("https://[oops/", ""),
        ("/contact", ""),
        ("localhost:3000", ""),
        ("mailto:eva@acme.com", ""),
        ("eva@acme.com", ""),
        ("about:blank", ""),
        ("", ""),
    ],
)
def test_host_is_found_in_any_way_of_writing_an_address(url, host):
    assert host_of(url) == host


@given(st.text(max_size=60))
def test_any_text_has_a_host_a_domain_and_a_kind_or_none(text):
    host = host_of(text)

    assert registrable(host) in host
    assert kind_of(text) is None or kind_of(text) in SiteKind


@pytest.mark.parametrize("name", ["referrers.tsv", "sites.tsv", "disposable.txt"])
def test_lists_are_lower_case_and_name_nothing_twice(name):
    lines = files("syncd.core").joinpath("data").joinpath(name).read_text("utf-8").splitlines()

    entries = [line.split("\t")[-1] for line in lines if not line.startswith("#")]

    assert entries
    assert len(set(entries)) == len(entries)
    assert all(entry == entry.strip().lower() for entry in entries)
