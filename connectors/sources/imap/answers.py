"""What a server answers to FETCH, as imaplib hands it over: lines, and pairs of a line and the literal it announces."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

Given = Sequence[bytes | tuple[bytes, bytes] | None]


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a mail before it is read."""

    uid: int
    size: int  # bytes, as the server counts them
    at: datetime  # when it came into the folder, UTC
    flags: frozenset[str]  # in lower case


def heads(given: Given, now: datetime) -> Iterator[Head]:
    """Of answers that hold all of UID, RFC822.SIZE, INTERNALDATE and FLAGS; a date that cannot be read is `now`."""
    for line, _ in _answers(given):
        uid, size = _UID.search(line), _SIZE.search(line)
        if uid and size:
            flags = _FLAGS.search(line)
            words = flags[1].decode("ascii", "replace").lower().split() if flags else ()
            yield Head(int(uid[1]), int(size[1]), _at(line, now), frozenset(words))


def bodies(given: Given) -> dict[int, bytes]:
    """By UID. A mail that is gone has none."""
    found: dict[int, bytes] = {}
    for line, literal in _answers(given):
        uid, quoted = _UID.search(line), _QUOTED.search(line)
        if uid and literal is not None:
            found[int(uid[1])] = literal
        elif uid and quoted:
            found[int(uid[1])] = re.sub(rb"\\(.)", rb"\1", quoted[1])
    return found


def _answers(given: Given) -> Iterator[tuple[bytes, bytes | None]]:
    """Everything that was said of a message beside its body, and its body."""
    line, literal = b"", None
    for part in given:
        if isinstance(part, tuple):
            line, literal = line + part[0], part[1]
        elif part is not None:
            if _NUMBER.match(part) and line:
                yield line, literal
                line, literal = b"", None
            line += b" " + part
            if part.endswith(b")"):
                yield line, literal
                line, literal = b"", None
    if line:
        yield line, literal


def _at(line: bytes, now: datetime) -> datetime:
    said = _DATE.search(line)
    try:
        at = datetime.strptime(said[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z") if said else now
    except (ValueError, OverflowError):
        return now
    return min(at.astimezone(UTC), now)


_NUMBER = re.compile(rb"\d+ \(")
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')
_QUOTED = re.compile(rb'BODY\[(?:HEADER)?\] "((?:[^"\\]|\\.)*)"')
