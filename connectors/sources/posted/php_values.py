"""What PHP's serialize() has written into a text. https://www.php.net/manual/en/function.serialize.php"""

import re
from typing import Any

DEEPEST = 8
_HEAD = re.compile(rb"(?:s:(\d{1,7}):\"|a:(\d{1,5}):\{|[idb]:([-+.0-9eE]{1,32});|(N);)")


def unserialized(text: str) -> Any:
    """The list or the object of texts that an array is; None for anything else. Lengths count bytes of UTF-8."""
    if not text.startswith("a:"):
        return None
    body = text.encode("utf-8", "replace")
    try:
        value, end = _value(body, 0, DEEPEST)
    except _Broken:
        return None
    return value if end == len(body) else None


class _Broken(Exception):
    """It is something else."""


def _value(body: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The value that begins there, and where what follows it begins."""
    head = _HEAD.match(body, at)
    if head is None or not depth:
        raise _Broken
    length, count, number, _ = head.groups()
    if length is not None:
        end = head.end() + int(length)
        if body[end : end + 2] != b'";':
            raise _Broken
        return body[head.end() : end].decode("utf-8", "replace"), end + 2
    if count is not None:
        return _array(body, head.end(), int(count), depth - 1)
    return (number or b"").decode(), head.end()


def _array(body: bytes, at: int, count: int, depth: int) -> tuple[Any, int]:
    found: dict[str, Any] = {}
    for _ in range(count):
        name, at = _value(body, at, depth)
        if not isinstance(name, str):
            raise _Broken
        found[name], at = _value(body, at, depth)
    if body[at : at + 1] != b"}":
        raise _Broken
    numbered = list(found) == [str(number) for number in range(len(found))]
    return (list(found.values()) if numbered else found), at + 1
