"""Where a visitor may be sent."""

import pytest

from syncd.wire.redirects import is_web_page, may_redirect

PAGES = ("https://www.acme.example/thanks", "https://acme.example/de/")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.acme.example/thanks",
        "https://www.acme.example/thanks?from=form#top",
        "https://acme.example/de/",
        "https://acme.example/de/danke?x=1",
    ],
)
def test_listed_pages_and_what_lies_below_them_are_allowed(url: str) -> None:
    assert may_redirect(url, PAGES)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/thanks",
        "//evil.example/thanks",
        "http://www.acme.example/thanks",
        "https://www.acme.example/thanks/more",
        "https://www.acme.example/thanksevil",
        "https://www.acme.example",
        "https://www.acme.example.evil.example/thanks",
        "https://www.acme.example@evil.example/thanks",
        "https://acme.example/de/../admin",
        "https://acme.example/de/%2e%2E/admin",
        "https://acme.example/de",
        "https://evil.example/?https://acme.example/de/",
        "https://evil.example/#https://acme.example/de/",
        "https:\\\\acme.example/de/",
        "https://acme.example/de/\\..\\..",
        " https://acme.example/de/",
        "https://acme.example/de/\r\nset-cookie: a=b",
        "https://acme.example/de/\t",
        "https://\u0430cme.example/de/",
        "javascript:alert(1)//https://acme.example/de/",
        "data:text/html,x",
        "https://[acme.example/de/",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    assert not may_redirect(url, PAGES)


def test_web_page_is_absolute_plain_and_without_a_user() -> None:
    assert is_web_page("http://localhost:8080/a")
    assert not is_web_page("ftp://acme.example/")
    assert not is_web_page("https:///path")
    assert not is_web_page("https://user@acme.example/")
