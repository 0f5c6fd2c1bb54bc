"""Keys for submissions whose provider gives no id."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

import orjson

from syncd.model import Submission
from syncd.wire.values import Text

LONGEST_ID = 200


def content_key(form: str, fields: Iterable[tuple[str, Text]], *, exact: bool = False) -> str:
    """The same for the same form and fields, in any order and with any white space; blanks do not count.

    What differs between two sendings of one post (captcha answers, tokens, times) does not count either,
    unless `exact`.
    """
    rows = ((name, *_canonical(value)) for name, value in fields)
    kept = sorted(row for row in rows if any(row[1:]) and (exact or not _volatile(row[0])))
    return "sha256:" + hashlib.sha256(orjson.dumps([form, kept])).hexdigest()


def id_key(text: str) -> str:
    """The provider's id as a key; a hash of it where it is longer than any id is."""
    plain = text.strip()
    return plain if len(plain) <= LONGEST_ID else "sha256:" + hashlib.sha256(plain.encode()).hexdigest()


def unreadable(
    source: str, raw: bytes, received_at: datetime, why: str, content_type: str = "application/json"
) -> Submission:
    """What an authenticated sender sent and nobody can read: kept whole, parked, and answered with 200."""
    return Submission(
        source=source,
        key="unreadable:" + hashlib.sha256(raw).hexdigest(),
        received_at=received_at,
        answers=(),
        raw=raw,
        content_type=content_type,
        problem=why,
    )


def _canonical(value: Text) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else value
    return tuple(" ".join(one.split()) for one in values)


_VOLATILE = frozenset(
    {
        "authenticity_token",
        "cf-turnstile-response",
        "frc-captcha-solution",
        "g-recaptcha-response",
        "h-captcha-response",
        "nonce",
        "time_submitted",
        "timestamp",
    }
)
_VOLATILE_PARTS = ("csrf", "xsrf", "wpnonce", "requestverificationtoken")


def _volatile(name: str) -> bool:
    """Differs between two sendings of one post."""
    plain = name.lower()
    return plain in _VOLATILE or any(part in plain for part in _VOLATILE_PARTS)
