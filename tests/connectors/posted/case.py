"""One provider in the table: a body of its own, how it is proven, and what must come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from syncd.connector import Plugin, WebRequest
from syncd.testing import NOON, lent_tools

SECRET = "canary-provider-secret"
TOKEN = "canary-token-in-the-address"
LOCKED = {"token": TOKEN}  # the web door asks for it before a source is asked

Prove = Callable[[bytes], Mapping[str, str]]


@dataclass(frozen=True)
class Case:
    """`proof` gives the headers with which a sender proves that these bytes are theirs; None: nothing is signed."""

    name: str
    plugin: Plugin[Any]
    body: Any  # bytes, an object for JSON, or pairs for a form
    key: str  # of the first submission; "sha256:" where the provider gives no id
    answers: Mapping[str, Any]  # id -> value, or (value, kind, label)
    at: datetime | None = None
    form: tuple[str, str] = ("", "")  # its id and its name
    options: Mapping[str, Any] = field(default_factory=lambda: LOCKED)
    proof: Prove | None = None
    forgeries: Sequence[Callable[[WebRequest], WebRequest]] = ()  # beside a wrong bit, no proof and another key
    page_url: str = ""
    test: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, list) and all(isinstance(one, tuple) for one in self.body):
            return urlencode(self.body).encode()
        return orjson.dumps(self.body)

    @property
    def content_type(self) -> str:
        is_form = isinstance(self.body, list) and all(isinstance(one, tuple) for one in self.body)
        return "application/x-www-form-urlencoded" if is_form else "application/json"

    def source(self) -> Any:
        return self.plugin.make(self.plugin.options.model_validate(dict(self.options)), lent_tools("forms"))

    def request(self, body: bytes | None = None) -> WebRequest:
        body = self.sent if body is None else body
        proof = self.proof(body) if self.proof else {}
        return WebRequest("POST", {"content-type": self.content_type, **self.headers, **proof}, {}, body, NOON)
