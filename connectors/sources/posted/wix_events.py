"""What Wix posts to an app: the whole body is a JSON Web Token, signed with the app's own key.

https://dev.wix.com/docs/build-apps/develop-your-app/access/authentication/verify-requests-received-from-wix
"""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

from syncd.connector import (
    Json,
    Proof,
    Rejected,
    Unauthenticated,
    WebRequest,
    at_path,
    json_inside,
    json_value,
    locked,
    moment_of,
    object_in,
)

LATE = timedelta(minutes=5)  # by which clocks may differ


def is_key(pem: str) -> bool:
    try:
        RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem)
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return "PRIVATE" not in pem


def event_of(body: bytes) -> Json:
    """The event in a token, whoever signed it: texts of JSON, one within the other. Raises Rejected."""
    parts = body.strip().split(b".")
    try:
        claims = json_value(base64.urlsafe_b64decode(parts[1] + b"=="))
    except (IndexError, binascii.Error):
        raise Rejected("neither JSON nor a signed event") from None
    event = _inside(_inside(claims))
    created = object_in(event, "createdEvent")
    if "entity" not in created and (entity := json_inside(created.get("entityAsJson"))):
        return {**event, "createdEvent": {"entity": entity}}
    return event


def _inside(value: Any) -> Json:
    """What stands in `data`, as JSON or as the text of it. Raises Rejected."""
    found = object_in(value, "data") or json_inside(value.get("data") if isinstance(value, dict) else None)
    if not isinstance(found, dict):
        raise Rejected("a signed event without data")
    return found


class _ByWix:
    """Beside whatever locks a person has set."""

    def of_bytes(self, options: Any, request: WebRequest) -> bool:
        if options.public_key:
            _verify(options.public_key, request)
        return locked.of_bytes(options, request)

    def of_body(self, options: Any, body: Any, request: WebRequest) -> None:
        locked.of_body(options, body, request)

    def told(self, options: Any) -> str:
        return locked.told(options)


def _verify(key: str, request: WebRequest) -> None:
    """What is signed and cannot be read is Wix's all the same, and kept."""
    try:
        signed = jwt.PyJWS().decode(request.body.strip(), key, algorithms=["RS256"])
    except jwt.PyJWTError:
        raise Unauthenticated("the body is not signed by Wix for this app") from None
    ends = _end_of(signed)
    if ends and ends + LATE < request.received_at:
        raise Unauthenticated("what Wix signed has run out")


def _end_of(claims: bytes) -> datetime | None:
    try:
        return moment_of(at_path(json_value(claims), "exp"))
    except Rejected:
        return None


proof: Proof = _ByWix()
