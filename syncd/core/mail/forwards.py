"""The mail that a colleague has passed on: attached, or quoted below what they say about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncd.core.mail.headers import Address, Headers, addresses
from syncd.core.mail.heads import DATE, FROM, SUBJECT, read_head
from syncd.core.mail.message import Message
from syncd.core.mail.pages import Page
from syncd.core.mail.quotes import split_text
from syncd.core.mail.words import COLON, any_of

LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What was passed on, and what the one who did it says about it."""

    message: Message
    note: str = ""


def is_reply(subject: str) -> bool:
    return _REPLY.match(subject) is not None


def is_forward(subject: str) -> bool:
    return _FORWARD.match(subject) is not None


_REPLY = re.compile(rf"\s*{any_of('reply')}\s*(?:\[\d+\])?\s*{COLON}", re.IGNORECASE)
_FORWARD = re.compile(rf"\s*\[?{any_of('forward')}\s*(?:\[\d+\])?\s*{COLON}", re.IGNORECASE)


def plain_subject(subject: str) -> str:
    """Without what programs put in front of it."""
    while (found := _REPLY.match(subject) or _FORWARD.match(subject)) and found.end() < len(subject):
        subject = subject[found.end() :]
    return subject.strip(" ]")


def forwarded(message: Message) -> Forwarded | None:
    """The inner mail; None where nothing was passed on. A reply quotes too, and is none."""
    by_subject = is_forward(message.subject)
    inner = message.inner
    if inner and not is_reply(message.subject):
        return Forwarded(inner[0], split_text(message.text).said if message.text.strip() else "")
    lines = message.text[:LONGEST].split("\n")
    place, marked = _marker(lines)
    if not marked and not by_subject:
        return None
    found = (_below(lines, place) if marked else None) or (_bare(lines) if by_subject else None)
    rows = Page((), message.page.rows)
    return replace(found, message=replace(found.message, shown=rows)) if found else None


def _marker(lines: Sequence[str]) -> tuple[int, bool]:
    """The line that says that a forwarded mail follows."""
    for number, line in enumerate(lines):
        if _MARKER.match(line[:400]):
            return number, True
    return 0, False


_MARKER = re.compile(
    rf"[\s>]*(?:-{{4,}}[ \t]*{any_of('forwarded')}[ \t]*-{{0,40}}"
    rf"|{any_of('forward_begins')}[ \t\xa0]*{COLON}?[ \t\xa0]*$)",
    re.IGNORECASE,
)


def _below(lines: Sequence[str], place: int) -> Forwarded | None:
    """Everything below the marker; Yahoo has the head on the very line of the marker."""
    same_line = _MARKER.sub("", lines[place][:4000], count=1).strip()
    head = _spread(same_line) if same_line else {}
    start = place + 1
    if FROM not in head:
        head, length = read_head(lines, start)
        start += length
    if FROM not in head:
        return None
    return Forwarded(_inner(head, lines[start:]), "\n".join(lines[:place]).strip())


def _spread(line: str) -> dict[str, str]:
    """Of "De: A <a@b.c>Para: ... Asunto: ...", all on one line."""
    found = _FROM_FIRST.match(line)
    subject = _SUBJECT_LAST.search(line)
    if found is None:
        return {}
    return {FROM: found[1], **({SUBJECT: subject[1].strip()} if subject else {})}


_FROM_FIRST = re.compile(rf"{any_of('head_from')}[ \t]*:[ \t]*([^<>\n]{{0,200}}<[^<>\s]{{3,255}}>)", re.IGNORECASE)
_SUBJECT_LAST = re.compile(rf"{any_of('head_subject')}[ \t]*:[ \t]*(.{{1,500}})$", re.IGNORECASE)


def _bare(lines: Sequence[str]) -> Forwarded | None:
    """The subject says that it is a forward: the first head in the text, or the first "On ..., A <a@b.c> wrote:"."""
    for place, line in enumerate(lines[:400]):
        if not line.strip():
            continue
        head, length = read_head(lines, place) if ":" in line else ({}, 0)
        if head:
            return Forwarded(_inner(head, lines[place + length :]), _note(lines[:place]))
        said = " ".join(each.strip() for each in lines[place : place + 3])[:500]
        if found := _WROTE.match(said):
            after = place + 1 + (0 if line.rstrip().endswith(":") else 1)
            return Forwarded(_inner({FROM: found[1]}, lines[after:]), _note(lines[:place]))
    return None


_WROTE = re.compile(
    rf"[\ufeff\s>]*{any_of('wrote_begins')}\b[^\n]{{4,120}}?[,\s]\s*"
    r"([\u00ab\"\u201c]?[^,<>\n:]{0,80}[\u00bb\"\u201d]?[ \t]*<[^<>\s@]{1,100}@[^<>\s@]{3,255}>)[^:\n]{0,40}:",
    re.IGNORECASE,
)


def _note(lines: Sequence[str]) -> str:
    kept = [line for line in lines if line.strip(" _-*\ufeff")]
    return split_text("\n".join(kept)).said if kept else ""


def _inner(head: dict[str, str], lines: Sequence[str]) -> Message:
    """As if it had been opened by itself: its sender and its words, for all that the text tells."""
    sender = next(iter(addresses(_as_header(head[FROM]))), Address(""))
    name = _CLOCK.sub("", sender.name)
    named = f'"{name}" <{sender.email}>' if name else f"<{sender.email}>"
    told = [("from", named if sender.email else head[FROM])]
    told += [("subject", head[SUBJECT])] if SUBJECT in head else []
    told += [("date", head[DATE])] if DATE in head else []
    return Message(Headers(tuple(told)), quoted="\n".join(_unquoted(lines)).strip() or " ")


_CLOCK = re.compile(r"(?:[ap]\.?m\.?|uhr|kl\.|\d{1,2}:\d{2})[\s,]+", re.IGNORECASE)


def _as_header(value: str) -> str:
    """Addresses in brackets with "mailto:" and names in guillemets, as a header would have them."""
    plain = _MAILTO.sub(r"<\1>", value).translate(_GUILLEMETS)
    return _TWICE.sub(r"\1", plain)


_MAILTO = re.compile(r"[<\[](?:<?mailto:)([^<>\[\]\s]{3,255})>?[>\]]")
_TWICE = re.compile(r"([^<>\s]{3,255}@[^<>\s]{3,255})[ \t]*<\1>")
_GUILLEMETS = str.maketrans(dict.fromkeys("\u00ab\u00bb\u201c\u201d", '"'))


def _unquoted(lines: Sequence[str]) -> list[str]:
    """Apple puts > in front of everything it forwards."""
    filled = [line for line in lines if line.strip()]
    marked = sum(line.startswith(">") for line in filled)
    if not filled or marked * 10 < len(filled) * 9:
        return list(lines)
    return [line.removeprefix(">").removeprefix(" ") for line in lines]
