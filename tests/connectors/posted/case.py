"""One provider in the table: a body of its own, how it is proven, and what must come of it."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from syncd.connector import FORM_TYPES, JSON_TYPE, Plugin, WebRequest
from syncd.testing import NOON, lent_tools

SECRET = "canary-provider-secret-of-many-letters"
OTHER_SECRET = "another-secret-that-has-many-letters-too"
TOKEN = "canary-token-in-the-address"
LOCKED = {"token": TOKEN}  # the web door asks for it before a source is asked
SIGNED = {"secret": SECRET}
STAMP = str(int(NOON.timestamp()))

Prove = Callable[[bytes, str], Mapping[str, str]]
"""From a body and a secret the headers with which its owner proves that it is theirs."""


@dataclass(frozen=True)
class Case:
    """`proof`: None where nothing is signed."""

    name: str
    plugin: Plugin[Any]
    body: Any  # bytes, an object for JSON, or pairs for a form
    key: str  # of the first submission; "sha256:" where the provider gives no id
    answers: Mapping[str, Any]  # id -> value, or (value, kind, label)
    at: datetime | None = None
    form: tuple[str, str] = ("", "")  # its id and its name
    options: Mapping[str, Any] = field(default_factory=lambda: LOCKED)
    proof: Prove | None = None
    key_inside: str = ""  # the field that holds the secret, where the body itself is the proof
    old: Mapping[str, str] = field(default_factory=dict)  # headers that say that it was signed long ago
    page_url: str = ""
    no_lead: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = ""

    @property
    def sent(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return urlencode(self.body).encode() if self.is_form else json.dumps(self.body).encode()  # numbers of any size

    @property
    def is_form(self) -> bool:
        return isinstance(self.body, list) and all(isinstance(one, tuple) for one in self.body)

    @property
    def content_type(self) -> str:
        return self.media or (FORM_TYPES[0] if self.is_form else JSON_TYPE)

    def source(self) -> Any:
        return self.plugin.make(self.plugin.options.model_validate(dict(self.options)), lent_tools("forms"))

    def request(self, body: bytes | None = None, secret: str = SECRET) -> WebRequest:
        body = self.sent if body is None else body
        proof = self.proof(body, secret) if self.proof else {}
        return WebRequest("POST", {"content-type": self.content_type, **self.headers, **proof}, {}, body, NOON)

    def with_header(self, **headers: str) -> Mapping[str, str]:
        return {**self.headers, **headers}


def hmac_hex(secret: str, *parts: bytes) -> str:
    return hmac.digest(secret.encode(), b"".join(parts), "sha256").hex()


def hmac_base64(secret: bytes, *parts: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, b"".join(parts), "sha256")).decode()


def multipart(parts: Sequence[tuple[str, str]]) -> tuple[bytes, str]:
    """Body and content type."""
    lines = [f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts]
    return "".join([*lines, "--limit--\r\n"]).encode(), "multipart/form-data; boundary=limit"
