"""JSON from strangers: one meaning or none.

orjson reads the usual body. It is used only where it is as strict and as exact as the slow path: it turns
integers beyond 64 bits into floats and keeps NUL, so such bodies are read by `json` instead. Everything
it refuses is read again slowly, because half a surrogate pair is mended here and not refused.
"""

import codecs
import contextlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any

import orjson

from syncd.errors import Rejected, TooLarge


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """The greatest depth ([] is 1), and how many members all objects, and items all lists, may have."""

    depth: int = 64
    keys: int = 10_000


LIMITS = JsonLimits()


def json_value(body: bytes, limits: JsonLimits = LIMITS) -> Any:
    """Read UTF-8 JSON, with or without a byte order mark.

    Integers of any size stay exact, the last of duplicate keys wins, NUL is removed and half a surrogate
    pair becomes U+FFFD. Raises TooLarge beyond the limits, and Rejected for anything that is not JSON by
    RFC 8259: NaN, Infinity, numbers beyond a float, other encodings. No message quotes the body.
    """
    text = body.removeprefix(codecs.BOM_UTF8)
    value, mended = _quickly(text) if _plain(text) else _carefully(text)
    if not _surely_within(text, limits):
        _check(value, limits)
    return value if mended else _mended(value)


def json_bytes(value: object) -> bytes:
    """Compact UTF-8 JSON of what `json_value` gave, integers of any size included."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_RUN = b"0" * 19  # as long as the shortest integer that orjson turns into a float
_NUL = b"\\u0000"
_BEFORE_NUMBERS = b"[:, \t\r\n"


def _plain(text: bytes) -> bool:
    return _NUL not in text and not _may_hold_long_number(text)


def _may_hold_long_number(text: bytes) -> bool:
    """Long runs of digits inside words are ids; one in a string after a blank only costs time."""
    digits = text.translate(_DIGITS)
    place = digits.find(_LONG_RUN)
    while place >= 0:
        before = text[max(0, place - 2) : place].removesuffix(b"-")[-1:]
        if before in _BEFORE_NUMBERS:  # as is nothing at all
            return True
        place = digits.find(_LONG_RUN, place + len(_LONG_RUN))
    return False


def _quickly(text: bytes) -> tuple[Any, bool]:
    with contextlib.suppress(orjson.JSONDecodeError):
        return orjson.loads(text), True
    return _carefully(text)


def _carefully(text: bytes) -> tuple[Any, bool]:
    """The value, and whether its strings are free of NUL and half pairs.

    What is raised does not hang on to the error beneath it, which holds the whole text.
    """
    wrong: Rejected
    try:
        return _DECODER.decode(text.decode("utf-8")), b"\\u" not in text
    except RecursionError:
        wrong = TooLarge("JSON is nested too deeply")
    except UnicodeDecodeError:
        wrong = Rejected("JSON is not UTF-8")
    except json.JSONDecodeError as error:
        wrong = Rejected(f"not JSON: {error.msg} at character {error.pos}")
    except (ValueError, OverflowError):
        wrong = Rejected("not JSON: a number that cannot be kept exactly")
    raise wrong


def _constant(name: str) -> float:
    raise ValueError(name)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_float)


def _surely_within(text: bytes, limits: JsonLimits) -> bool:
    """Cheap upper bounds: of depth by brackets, of members by colons, of items by commas."""
    brackets = text.count(b"[") + text.count(b"{")
    return brackets <= limits.depth and text.count(b":") <= limits.keys and text.count(b",") + brackets <= limits.keys


def _check(value: Any, limits: JsonLimits) -> None:
    members = items = depth = 0
    level = [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                members += len(one)
                below.extend(one.values())
            else:
                items += len(one)
                below.extend(one)
        if depth > limits.depth:
            raise TooLarge(f"JSON is nested deeper than {limits.depth}")
        if max(members, items) > limits.keys:
            raise TooLarge(f"JSON has more than {limits.keys} members or items")
        level = below


_HALF_PAIR = re.compile("[\ud800-\udfff]")


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF_PAIR.sub("\ufffd", value.replace("\0", ""))
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(name): _mended(one) for name, one in value.items()}
    return value
