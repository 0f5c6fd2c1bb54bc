"""A mail as a person would see it: who, to whom, about what, and its text. Never fails."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from syncd.core.mail.headers import Address, Headers
from syncd.core.mail.mime import Part, head_and_body, one_line_end, parameters, parts_of
from syncd.core.mail.pages import Page, read_page

MOST_INNER = 3  # mails within a mail that are looked at


@dataclass(frozen=True)
class Message:
    """Opened, but not judged. A forwarded mail that was quoted in a text has few headers and no parts."""

    headers: Headers
    parts: tuple[Part, ...] = field(default=(), repr=False)
    quoted: str = field(default="", repr=False)  # the text of a mail that was quoted in another
    shown: Page | None = field(default=None, repr=False)  # and what of that other's HTML may be its own

    @cached_property
    def sender(self) -> Address:
        """In From; where there is none, in Sender or Return-Path. Empty when nobody is named."""
        for name in ("from", "sender", "return-path"):
            for address in self.headers.people(name):
                if address.email:
                    return address
        return next(iter(self.headers.people("from")), Address(""))

    @cached_property
    def answer_to(self) -> tuple[Address, ...]:
        return tuple(each for each in self.headers.people("reply-to") if each.email)

    @cached_property
    def recipients(self) -> frozenset[str]:
        names = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
        return frozenset(each.email for name in names for each in self.headers.people(name) if each.email)

    @property
    def subject(self) -> str:
        return self.headers.text("subject")

    @property
    def sent_at(self) -> datetime | None:
        return self.headers.moment("date")

    @cached_property
    def kind(self) -> tuple[str, dict[str, str]]:
        """The type of the whole, with its parameters."""
        return parameters(self.headers.raw("content-type"))

    @cached_property
    def plain(self) -> str:
        """Every part that is plain text, and nobody's attachment."""
        texts = [_flowed(part) for part in self.parts if part.type == "text/plain" and not part.attached]
        return self.quoted or "\n".join(text for text in texts if text.strip())

    @cached_property
    def html(self) -> str:
        """The source of every part that is HTML."""
        return "\n".join(part.text() for part in self.parts if _is_page(part))

    @cached_property
    def page(self) -> Page:
        return self.shown or read_page(self.html)

    @cached_property
    def text(self) -> str:
        """For people: the plain part, or what the HTML says where that part is missing or only sends for it."""
        plain = self.plain.strip()
        sends_for_it = len(plain) < _LONGEST_EXCUSE and "html" in plain.lower() and len(self.page.text) > len(plain)
        return self.plain if plain and not sends_for_it else self.page.text

    @property
    def inner(self) -> tuple["Message", ...]:
        """Mails that are attached."""
        mails = [part for part in self.parts if part.type in ("message/rfc822", "message/global")]
        return tuple(open_message(part.data(len(part.content))) for part in mails[:MOST_INNER])

    @property
    def files(self) -> tuple[str, ...]:
        """Names of what is attached."""
        return tuple(part.name for part in self.parts if part.name and (part.attached or not _is_text(part)))


def open_message(raw: bytes) -> Message:
    headers, body = head_and_body(one_line_end(raw))
    return Message(headers, tuple(parts_of(headers, body)))


def key_of(raw: bytes) -> str:
    """The same for one mail however it came (by IMAP, through a pipe), and another for two mails with one Message-ID.

    Built of the bytes as sent, not of anything read into them: it stays the same when the reader learns.
    """
    headers, body = head_and_body(one_line_end(raw))
    lines = (" ".join(headers.raw(name).split()) for name in ("from", "date"))
    told = "\n".join(lines).encode("utf-8", "replace")
    digest = hashlib.sha256(told + b"\n\n" + body.rstrip()).hexdigest()
    name = "".join(headers.raw("message-id").split()).strip("<>")
    plain = name.isascii() and name.isprintable()
    return f"{name[:_LONGEST_ID]}:{digest}" if name and plain else f"sha256:{digest}"


_LONGEST_ID = 120
_LONGEST_EXCUSE = 200  # "Your mail program does not show HTML"


def _flowed(part: Part) -> str:
    """RFC 3676: a line that ends in a space goes on in the next one."""
    text = part.text()
    if part.params.get("format", "").lower() != "flowed":
        return text
    joined, glue = [""], False
    for line in text.split("\n"):
        quoted = line.startswith(">") or joined[-1].startswith(">")
        if glue and not quoted and line != "-- ":
            joined[-1] += line.removeprefix(" ")
        else:
            joined.append(line.removeprefix(" ") if not line.startswith(">") else line)
        glue = line.endswith(" ") and line != "-- "
    return "\n".join(joined[1:])


def _is_page(part: Part) -> bool:
    return part.type in ("text/html", "application/xhtml+xml") and not part.attached


def _is_text(part: Part) -> bool:
    return part.type in ("text/plain", "text/html") and not part.attached
