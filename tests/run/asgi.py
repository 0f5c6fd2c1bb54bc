"""One request straight into an ASGI application, with the body in pieces and at a pace that the test chooses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


async def ask(
    app: Any,
    path: str,
    *pieces: bytes,
    method: str = "POST",
    headers: Sequence[tuple[str, str]] = (),
    client: str = "203.0.113.9",
    before_each: Callable[[], Awaitable[object]] | None = None,
    hang_up: bool = False,
) -> Answer:
    """`before_each` is awaited before each piece of the body; with `hang_up` the sender is gone at its end."""
    raw_path, _, query = path.partition("?")
    waiting = list(pieces) or [b""]
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        if before_each:
            await before_each()
        if not waiting:
            return {"type": "http.disconnect"}
        piece = waiting.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting) or hang_up}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": unquote(raw_path), "raw_path": raw_path.encode(),
        "query_string": query.encode(), "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers],
        "client": (client, 40000) if client else None, "server": ("127.0.0.1", 80), "scheme": "http",
        "http_version": "1.1", "asgi": {"version": "3.0"}, "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    start, *rest = sent
    names = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], names, b"".join(part.get("body", b"") for part in rest))


def asked(app: Any, path: str, *pieces: bytes, **how: Any) -> Answer:
    """The same from a test without a loop of its own."""
    return asyncio.run(ask(app, path, *pieces, **how))
