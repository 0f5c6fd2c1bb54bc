"""Accepts by kind of post: what a form builder signs, what a page posts, what a page with uploads posts."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import urlencode

from bench.load import as_request, closed_requests
from bench.places import CONNECTIONS, folder
from bench.world import ROOT, daemon

SOURCES = """  builder: {type: tally, secret: bench-secret}
  page: {type: form}
"""
_BUILDER = json.loads((ROOT / "tests/fixtures/tally/delivery.json").read_text("utf-8"))
_BOUNDARY = "bench-boundary"


def builder(number: int) -> bytes:
    """A form builder's JSON with labels and kinds, signed over the raw bytes."""
    data = {**_BUILDER["data"], "submissionId": f"s{number}", "responseId": f"s{number}"}
    body = json.dumps({**_BUILDER, "data": data}).encode()
    signature = base64.b64encode(hmac.digest(b"bench-secret", body, hashlib.sha256)).decode()
    return as_request("/in/builder", body, f"application/json\r\ntally-signature: {signature}")


def urlencoded(number: int) -> bytes:
    return as_request("/in/page", urlencode(_fields(number)).encode(), "application/x-www-form-urlencoded")


def multipart(number: int) -> bytes:
    parts = "".join(
        f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in _fields(number).items()
    )
    body = f"{parts}--{_BOUNDARY}--\r\n".encode()
    return as_request("/in/page", body, f"multipart/form-data; boundary={_BOUNDARY}")


KINDS: dict[str, Callable[[int], bytes]] = {
    "a form builder's signed JSON": builder,
    "a page's form, urlencoded": urlencoded,
    "a page's form, multipart": multipart,
}


def accepts(kind: str, count: int) -> dict[str, float]:
    """Durable accepts a second over 32 connections, intake alone, SQLite with synchronous=FULL."""
    with folder() as where, daemon(where, "{type: local}", alone=True, sources=SOURCES) as running:
        port, cpu = int(running.found.group(1)), running.cpu_seconds()
        answers = asyncio.run(closed_requests(port, KINDS[kind], count, CONNECTIONS))
        assert not answers.refused
        return {"accepts/s": answers.per_second, "CPU us each": (running.cpu_seconds() - cpu) / count * 1e6}


def _fields(number: int) -> dict[str, str]:
    return {
        "name": "Ada Beispiel",
        "email": f"ada{number}@firm{number}.com",
        "phone": f"+49 30 {number:07}",
        "company": f"Firm {number} GmbH",
        "message": "What does your product cost for ten people? Please call us in the afternoon.",
    }
