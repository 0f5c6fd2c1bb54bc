"""The body of a batch, and of its answer: requests and answers as parts of multipart/mixed.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api

The parts are not in a change set: each is judged for itself, in the order in which they were sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from typing import Any

from syncd.connector import HttpReply, json_bytes

_OPENING = b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str  # below the version of the API, ready for an address
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def batch_of(requests: Sequence[Request], base: str, boundary: str) -> bytes:
    """`base`: what stands before the path of each."""
    opening = b"--" + boundary.encode() + b"\r\n" + _OPENING
    return b"".join(opening + _written(each, base) for each in requests) + b"--" + boundary.encode() + b"--\r\n"


def parts_of(content_type: str, body: bytes) -> list[HttpReply] | None:
    """The answer to each request, in order; None where it is not the answer to a batch, or has not come whole."""
    if not content_type.lower().startswith("multipart/mixed") or "\n" in content_type:
        return None
    try:
        head = b"content-type: " + content_type.encode("latin-1") + b"\r\n\r\n"
        message = BytesParser().parsebytes(head + body)
        inner = message.get_payload() if message.is_multipart() else ()
        parts = [part.get_payload(decode=True) for part in inner if isinstance(part, Message)]
        read = [reply for part in parts if isinstance(part, bytes) and (reply := _reply(part)) is not None]
    except (MessageError, ValueError, LookupError):
        return None
    return read if parts and len(read) == len(parts) and not message.defects else None


def _written(request: Request, base: str) -> bytes:
    """JSON has no line ends of its own, so none of a text's can end a part."""
    headers = {"Accept": "application/json", **request.headers}
    content = b"" if request.body is None else json_bytes(request.body) + b"\r\n"
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    lines = [f"{request.method} {base}{request.path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + content + b"\r\n"


def _reply(content: bytes) -> HttpReply | None:
    first, _, rest = content.partition(b"\n")
    version, _, status = first.decode("latin-1").partition(" ")
    if not version.startswith("HTTP/") or not status[:3].isdecimal():
        return None
    message = BytesParser().parsebytes(rest, headersonly=True)
    body = message.get_payload(decode=True)
    headers = {name.lower(): str(text) for name, text in message.items()}
    return HttpReply(int(status[:3]), headers, body.strip() if isinstance(body, bytes) else b"")
