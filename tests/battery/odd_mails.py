"""Mails of people, and mails that hold to no standard; no two are alike."""

import random
from collections.abc import Callable

from tests.connectors.imap_world import mail


def mails(count: int, odd: int, dice: random.Random) -> list[bytes]:
    """So many, `odd` of them malformed, at any places."""
    places = set(dice.sample(range(count), odd))
    kinds = list(ODD.values())
    return [kinds[number % len(kinds)](number) if number in places else mail(number) for number in range(count)]


def _nested(number: int) -> bytes:
    """Parts within parts, deeper than any parser that recurses can go."""
    heads = "".join(f"Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n" for at in range(3000))
    return f"From: deep{number}@odd.example\r\nSubject: {number}\r\n{heads}".encode()


ODD: dict[str, Callable[[int], bytes]] = {
    "no head at all": lambda n: b"\r\n\r\n" + f"only a text, number {n}".encode(),
    "bytes of something else": lambda n: bytes(range(256)) * 3 + str(n).encode(),
    "a head that never ends": lambda n: f"From: long{n}@odd.example\r\nSubject: {'x' * 200_000}{n}".encode(),
    "no sender, no date": lambda n: f"Subject: {n}\r\n\r\nWho am I, if not number {n}?".encode(),
    "a charset that nobody has": lambda n: (
        f"From: cs{n}@odd.example\r\nContent-Type: text/plain; charset=x-none-such\r\n\r\n".encode() + b"\xe4\xf6\xfc"
    ),
    "parts within parts": _nested,
    "a boundary that never comes": lambda n: (
        f"From: lost{n}@odd.example\r\nContent-Type: multipart/mixed; boundary=zz\r\n\r\nnothing {n}".encode()
    ),
    "base64 that is none": lambda n: (
        f"From: b{n}@odd.example\r\nContent-Transfer-Encoding: base64\r\n\r\n==={n}=*".encode()
    ),
    "NUL and 8 bits in the head": lambda n: b"From: \xff\x00" + f"nul{n}@odd.example".encode() + b"\r\n\r\n\x00",
    "line ends of an old Mac": lambda n: f"From: mac{n}@odd.example\rSubject: {n}\r\rHello".encode(),
}
