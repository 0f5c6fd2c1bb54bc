"""Proofs of who sent a request: keyed hashes over the raw body, and shared secrets.

Whatever is malformed is simply not a proof: nothing here raises anything but Unauthenticated.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import SecretStr
from standardwebhooks import Webhook

from syncd.errors import Unauthenticated
from syncd.wire.values import moment_of
from syncd.wire.web import WebRequest

MOST_CANDIDATES = 16
LONGEST_HEADER = 4096


@dataclass(frozen=True, slots=True)
class Signature:
    """How a provider signs; `template` says over what: {body}, and {timestamp} and {id} where it has them."""

    header: str
    algorithm: Literal["sha256", "sha1", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""  # before the signature: "sha256=", "v1="; the header may list several, by space or comma
    template: str = "{body}"
    timestamp_header: str = ""  # empty: "t=..." in the signature's own header
    id_header: str = ""
    tolerance: timedelta = timedelta(seconds=300)  # of the timestamp, both ways
    whsec: bool = False  # as Standard Webhooks has it: secrets are base64 behind "whsec_"


STANDARD_WEBHOOKS = tuple(
    Signature(
        header=f"{family}-signature",
        encoding="base64",
        prefix="v1,",
        template="{id}.{timestamp}.{body}",
        timestamp_header=f"{family}-timestamp",
        id_header=f"{family}-id",
        whsec=True,
    )
    for family in ("webhook", "svix")
)
"""https://www.standardwebhooks.com, under either family of header names."""


def verify(signature: Signature, secrets: Sequence[SecretStr], request: WebRequest) -> None:
    """Raises Unauthenticated unless one of the secrets signed these bytes lately."""
    given = request.header(signature.header)
    if not given or len(given) > LONGEST_HEADER:
        raise Unauthenticated(f"no usable header {signature.header}")
    expected = list((_standard if signature.whsec else _keyed)(signature, secrets, request, given))
    candidates = list(_candidates(signature, given))
    matches = [hmac.compare_digest(one, right) for one in candidates for right in expected]
    if not any(matches):
        raise Unauthenticated(f"{signature.header} does not match the body")


def same_secret(given: str, secrets: Sequence[SecretStr]) -> bool:
    """Whether a shared secret was given, in constant time whatever the lengths are. A blank is never one."""
    digest = hashlib.sha256(given.encode("utf-8", "replace")).digest()
    values = [secret.get_secret_value() for secret in secrets]
    matches = [hmac.compare_digest(digest, hashlib.sha256(one.encode()).digest()) for one in values if one]
    return any(matches)


def whsec_key(secret: str) -> bytes | None:
    """The key in a Standard Webhooks secret; None when it is not base64."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _keyed(signature: Signature, secrets: Sequence[SecretStr], request: WebRequest, given: str) -> Iterator[bytes]:
    """What each key makes of these bytes."""
    signed = _signed_bytes(signature, request, given)
    for key in filter(None, (secret.get_secret_value().encode() for secret in secrets)):
        digest = hmac.digest(key, signed, signature.algorithm)
        yield digest.hex().encode() if signature.encoding == "hex" else base64.b64encode(digest)


def _standard(signature: Signature, secrets: Sequence[SecretStr], request: WebRequest, given: str) -> Iterator[bytes]:
    """The same by the package of those who wrote the rule. What is read of a request, its time above all, is ours:
    the package goes by the clock of now, and trips over headers that are no signatures.
    """
    stamp = _timestamp(signature, request, given)
    own = _required(request.header(signature.id_header), signature.id_header)
    try:
        body, at = request.body.decode(), datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unauthenticated("what is signed so is UTF-8, at a whole second") from None
    for secret in secrets:
        if whsec_key(text := secret.get_secret_value()):
            yield Webhook(text).sign(own.decode(), at, body).removeprefix(signature.prefix).encode()


_STAMP = re.compile(rb"[0-9]{1,16}")
_BLANKS = re.compile(r"(\{body\}|\{timestamp\}|\{id\})")


def _signed_bytes(signature: Signature, request: WebRequest, given: str) -> bytes:
    filled = {"{body}": request.body}
    if "{timestamp}" in signature.template:
        filled["{timestamp}"] = _timestamp(signature, request, given)
    if "{id}" in signature.template:
        filled["{id}"] = _required(request.header(signature.id_header), signature.id_header)
    pieces = _BLANKS.split(signature.template)
    return b"".join(filled.get(piece, piece.encode()) for piece in pieces)


def _timestamp(signature: Signature, request: WebRequest, given: str) -> bytes:
    """As it was written, for that is what was signed; seconds or milliseconds since 1970."""
    if signature.timestamp_header:
        text = request.header(signature.timestamp_header)
    else:
        text = next((item[2:] for item in re.split("[ ,]+", given) if item.startswith("t=")), "")
    value = _required(text, signature.timestamp_header or "t=")
    at = moment_of(int(value)) if _STAMP.fullmatch(value) else None
    if at is None:
        raise Unauthenticated("the timestamp of the signature is not a number of seconds")
    _check_age(at, request.received_at, signature.tolerance)
    return value


def _check_age(at: datetime, received_at: datetime, tolerance: timedelta) -> None:
    age = received_at - at
    if abs(age) > tolerance:
        raise Unauthenticated(
            f"signed {age.total_seconds():.0f} s before it came, {tolerance.total_seconds():.0f} s are"
            " allowed: an old message sent again, or a clock that is wrong"
        )


def _required(text: str, header: str) -> bytes:
    if not text:
        raise Unauthenticated(f"no {header} with the signature")
    return text.encode("utf-8", "replace")


def _candidates(signature: Signature, given: str) -> Iterator[bytes]:
    """Compared as they are written, so that nothing needs to be decoded."""
    for item in _items(given)[:MOST_CANDIDATES]:
        if item.startswith(signature.prefix):
            text = item.removeprefix(signature.prefix)
            yield (text.lower() if signature.encoding == "hex" else text).encode("utf-8", "replace")


def _items(given: str) -> list[str]:
    """The parts of a list by spaces ("v1,a v1,b") and of one by commas ("t=1,v1=a")."""
    by_space = given.split()
    return list(dict.fromkeys([*by_space, *(item.strip() for item in given.split(","))]))
