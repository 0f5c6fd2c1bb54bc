"""Where a visitor may be sent: never to a page that nobody listed."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_PLAIN = re.compile(r"[!-\[\]-~]+")  # printable ASCII but the backslash, which browsers read as a slash


def is_web_page(url: str) -> bool:
    """An absolute http or https address without a user, spelled so that all browsers read it the same."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = bool(_PLAIN.fullmatch(url)) and "@" not in parts.netloc
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)


def may_redirect(url: str, pages: Sequence[str]) -> bool:
    """Whether it is one of the pages, with any query, or lies below one that ends in a slash."""
    if not is_web_page(url) or ".." in url or "%2e" in url.lower():
        return False
    bare = re.split("[?#]", url)[0]
    return any(bare == page or (page.endswith("/") and bare.startswith(page)) for page in pages)
