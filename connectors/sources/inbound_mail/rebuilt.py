"""A mail out of what a service has left of it, its headers and its texts: the same parts give the same bytes."""

import hashlib
from collections.abc import Iterable, Iterator

_OURS = ("content-type", "content-transfer-encoding", "content-length", "mime-version")
"""Of the mail as it was; it is put together in another way here."""


def rebuilt(headers: Iterable[tuple[str, str]], text: str, html: str) -> bytes:
    """`headers` as they stood, in order."""
    lines = [f"{name}: {_flat(value)}" for name, value in headers if _is_name(name) and name.lower() not in _OURS]
    boundary = "=_" + hashlib.sha256(f"{text}\0{html}".encode("utf-8", "replace")).hexdigest()
    parts = "".join(_parts(boundary, text, html))
    whole = [*lines, "MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', "", parts]
    return "\r\n".join(whole).encode("utf-8", "replace")


def _parts(boundary: str, text: str, html: str) -> Iterator[str]:
    for kind, content in (("plain", text), ("html", html)):
        if content.strip():
            head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit"
            yield f"--{boundary}\r\n{head}\r\n\r\n{content}\r\n"
    yield f"--{boundary}--\r\n"


def _is_name(name: str) -> bool:
    return bool(name) and name.isascii() and name.isprintable() and not set(name) & set(": ")


def _flat(value: str) -> str:
    """On one line: nothing that came as a value becomes a header."""
    return " ".join(value.split())
