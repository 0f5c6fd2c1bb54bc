"""Bytes that have broken somebody's parser before, and a real body with damage at many places."""

import random
from collections.abc import Iterator

BROKEN = (
    b"",
    b" ",
    b"\0",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf",
    b"null",
    b"true",
    b"0",
    b'""',
    b"[]",
    b"{}",
    b"{",
    b"[[]",
    b"[1,{},null,[]]",
    b'{"":""}',
    b'{"a":NaN}',
    b'{"a":1e999}',
    b'{"a":-Infinity}',
    b'{"a":' + b"9" * 5_000 + b"}",
    b'{"a":123456789012345678901234567890}',
    b'{"a":"\\ud800","\\udfff":"\\u0000"}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":1,"a":2}',
    b'{"a":{"b":[{"c":[]}]}}',
    b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"[" * 65 + b"]" * 65,
    b"{" + b",".join(b'"k%d":1' % number for number in range(20_000)) + b"}",
    b"a=1&" * 20_000,
    b"a=%",
    b"%00=%00&%ff=%fe",
    b"=" * 1_000,
    b"--x\r\n",
    b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--\r\n",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "\ufeff{}".encode("utf-16"),
    '{"a":"\u202e\u200b\ufdd0"}'.encode(),
)

STRANGE = (b"null", b"0", b"-1", b'""', b'"\\u0000"', b'"\\udead"', b"[]", b"[null]", b"{}", b'{"a":[{}]}')


def hostile_bodies(real: bytes, damages: int = 60, seed: int = 1) -> Iterator[bytes]:
    """Known bad bodies, then the real one cut off, with single bytes changed, and with values swapped."""
    yield from BROKEN
    dice = random.Random(seed)
    for _ in range(damages if real else 0):
        place = dice.randrange(len(real))
        yield real[:place]
        yield real[:place] + bytes([dice.randrange(256)]) + real[place + 1 :]
        yield _with_strange_value(real, place, dice.choice(STRANGE))


def _with_strange_value(real: bytes, place: int, value: bytes) -> bytes:
    """The JSON value after the next colon replaced, however deep it is."""
    colon = real.find(b":", place)
    if colon < 0:
        return value
    ends = [at for at in (real.find(end, colon) for end in (b",", b"}", b"]")) if at > 0]
    return real[: colon + 1] + value + real[min(ends, default=len(real)) :]
