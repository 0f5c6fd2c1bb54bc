"""What the front door answers: exactly 200 after the commit, and for every trouble the status that makes a
provider do what we need: give up on what cannot be taken, send again what can.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from syncd.connector import WebReply
from syncd.errors import Rejected, StoreBusy, StoreError, TooLarge, Unauthenticated, UnsupportedBody

RETRY_AFTER = "30"
TEXT = "text/plain; charset=utf-8"


class TooSlow(Rejected):
    """The body did not come in time: answered 408, nothing is kept."""


class TooMany(Rejected):
    """So much came lately that this is not even read: answered 429, nothing is kept."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes out; `result` is what the metrics call it."""

    status: int
    result: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        return _OK_HEADERS if self is _OK else self.encoded_headers()

    def encoded_headers(self) -> list[tuple[bytes, bytes]]:
        given = {**ALWAYS, **self.headers, "content-length": str(len(self.body))}
        return [(name.lower().encode("latin-1", "replace"), _one_line(value)) for name, value in given.items()]


ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def _one_line(value: str) -> bytes:
    """No header that a source gives can begin another one."""
    return "".join(char for char in value if char.isprintable()).encode("latin-1", "replace")


def accepted(reply: WebReply | None) -> Reply:
    if reply is None:
        return _OK
    return Reply(reply.status, "accepted", reply.body, {"content-type": reply.content_type, **reply.headers})


_OK = Reply(200, "accepted", b"ok\n", {"content-type": WebReply().content_type})
_OK_HEADERS = _OK.encoded_headers()


def refused(error: Exception) -> Reply | None:
    """The answer to an error on purpose; None for a bug."""
    for kind, status, result in REFUSALS:
        if isinstance(error, kind):
            return plain(status, _TOLD.get(status, str(error)), result)
    return None


def plain(status: int, text: str, result: str, **headers: str) -> Reply:
    """A refusal in words. It ends the connection: the body may not have been read, and must not be waited for."""
    again = {"retry-after": RETRY_AFTER} if status in (429, 503) else {}
    usual = {"content-type": TEXT, "connection": "close"}
    return Reply(status, result, f"{text}\n".encode("utf-8", "replace"), {**usual, **again, **headers})


def in_json(reply: Reply) -> Reply:
    """The same refusal for a provider that shows people the `message` of an object."""
    body = orjson.dumps({"message": reply.body.decode("utf-8", "replace").strip()})
    return replace(reply, body=body, headers={**reply.headers, "content-type": "application/json"})


REFUSALS: tuple[tuple[type[Exception], int, str], ...] = (
    (Unauthenticated, 401, "unauthenticated"),
    (TooLarge, 413, "too large"),
    (UnsupportedBody, 415, "unsupported"),
    (TooSlow, 408, "too slow"),
    (TooMany, 429, "too many"),
    (Rejected, 400, "rejected"),
    (StoreBusy, 503, "busy"),
    (StoreError, 503, "busy"),
)
_TOLD = {401: "not authenticated", 429: "too many posts, try again later", 503: "try again later"}
