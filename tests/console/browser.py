"""A browser in a few lines: one request at a time, straight into the web application, cookies kept."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp, Message

HERE = "127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """Sends what a browser sends from our own pages, unless the headers say otherwise."""

    def __init__(self, app: ASGIApp, host: str = HERE, scheme: str = "http", address: str = "127.0.0.1") -> None:
        self.app, self.host, self.scheme, self.address = app, host, scheme, address
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, b"", **headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        body = urlencode(form or {}).encode()
        kind = "application/x-www-form-urlencoded"
        usual = {"sec_fetch_site": "same-origin", "content_type": kind, "content_length": str(len(body))}
        return self.ask("POST", path, body, **{**usual, **headers})

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Header names with _ for -; an empty value leaves the header out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"host": self.host, **({"cookie": self._cookies()} if self.cookies else {}), **named}
        answer = asyncio.run(self._send(method, path, body, {name: value for name, value in sent.items() if value}))
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return answer

    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        parts, messages = urlsplit(path), list[Message]()
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
            "scheme": self.scheme, "method": method, "root_path": "", "server": ("127.0.0.1", 8080),
            "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(),
            "client": (self.address, 50000),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        }  # fmt: skip

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        start, *rest = messages
        answered = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], answered, b"".join(message.get("body", b"") for message in rest))
