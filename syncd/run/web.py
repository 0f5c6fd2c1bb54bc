"""The front door: `/in/<source>`, health and metrics. Whatever else is served is handed in as routes.

Providers count anything but 200 as failure and disable hooks on 404, so: exactly 200 after the commit, 401
for a bad signature, 413 and 415 and 400 for what cannot be taken, 503 with Retry-After for everything that
may pass, an unknown source among it.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from syncd import log
from syncd.clock import Clock
from syncd.connector import PushSource, Received, WebReply, WebRequest
from syncd.errors import Rejected, StoreBusy, TooLarge, Unauthenticated, UnsupportedBody
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.metrics import Metrics

BODY_SECONDS = 30
RETRY_AFTER = "30"
_MOST_QUERY = 8192


@dataclass(frozen=True, slots=True)
class Slot:
    """A source that takes posts. `token`, when set, must come along in the path or the query."""

    source: PushSource
    token: str = ""


class FrontDoor:
    """The ASGI endpoint of `/in/<source>`. `slots` is swapped whole when the config is reloaded."""

    def __init__(
        self,
        slots: Mapping[str, Slot],
        intake: Intake,
        clock: Clock,
        metrics: Metrics,
        body_limit: int,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        self.slots, self.intake, self.clock, self.metrics = slots, intake, clock, metrics
        self.body_limit = body_limit
        self.trusted = [ip_network(proxy, strict=False) for proxy in trusted_proxies]
        self._log = log.get("web")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        name = scope["path_params"]["source"]
        status, headers, body, result = await self._answer(name, scope, receive)
        self.metrics.received.labels(name if name in self.slots else "?", result).inc()
        self.metrics.acknowledged.observe(time.perf_counter() - started)
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, name: str, scope: Scope, receive: Receive
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes, str]:
        slot = self.slots.get(name)
        if slot is None:
            return _plain(503, f"no source is called {name!r} here (yet)", "unknown source", retry=True)
        if scope["method"] not in ("POST", "OPTIONS"):
            return _plain(405, "post to this address", "method", extra=(b"allow", b"POST, OPTIONS"))
        try:
            request = await self._read(scope, receive)
            _check_token(slot, request, scope["path_params"].get("token", ""))
            received = slot.source.receive(request)
            await self._keep(received)
        except Exception as error:  # noqa: BLE001 - every trouble has its answer; a bug must not cost a lead
            return self._refuse(name, error)
        return _reply(received.reply)

    async def _keep(self, received: Received) -> None:
        if received.submissions:
            await self.intake.accept(received.submissions)

    async def _read(self, scope: Scope, receive: Receive) -> WebRequest:
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        if headers.get("content-encoding", "identity") not in ("identity", ""):
            raise UnsupportedBody("send the body as it is, not compressed")
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self.body_limit:
            raise TooLarge(f"more than {self.body_limit} bytes")
        async with asyncio.timeout(BODY_SECONDS):
            body = await self._body(receive)
        return WebRequest(
            method=scope["method"],
            headers=headers,
            query=_query(scope["query_string"]),
            body=body,
            received_at=self.clock.now(),
            client=self._client(scope, headers),
        )

    async def _body(self, receive: Receive) -> bytes:
        chunks, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Rejected("the sender went away")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self.body_limit:
                raise TooLarge(f"more than {self.body_limit} bytes")
            chunks.append(chunk)
            if not message.get("more_body"):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _client(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """The peer's address; behind a listed proxy the last address that the proxy saw."""
        peer = scope["client"][0] if scope.get("client") else ""
        seen = headers.get("x-forwarded-for", "") if self.trusted else ""
        if seen and any(ip_address(peer) in network for network in self.trusted):
            return seen.rpartition(",")[2].strip()
        return peer

    def _refuse(self, name: str, error: Exception) -> tuple[int, list[tuple[bytes, bytes]], bytes, str]:
        for kind, status, result in _REFUSALS:
            if isinstance(error, kind):
                self._log.info("request refused", source=name, status=status, reason=str(error)[:200])
                return _plain(status, _TOLD.get(status, str(error)), result, retry=status == 503)
        self._log.error("request failed", source=name, exc_info=error)
        return _plain(503, "try again later", "failed", retry=True)


_REFUSALS: tuple[tuple[type[Exception], int, str], ...] = (
    (Unauthenticated, 401, "unauthenticated"),
    (TooLarge, 413, "too large"),
    (UnsupportedBody, 415, "unsupported"),
    (Rejected, 400, "rejected"),
    (TimeoutError, 408, "too slow"),
    (StoreBusy, 503, "busy"),
)
_TOLD = {401: "not authenticated", 408: "the body came too slowly", 503: "try again later"}


def _query(text: bytes) -> dict[str, str]:
    """Raises Rejected for more than a hundred fields."""
    if not text:
        return {}
    try:
        return dict(parse_qsl(text[:_MOST_QUERY].decode("latin-1"), max_num_fields=100))
    except ValueError as error:
        raise Rejected("too many fields in the address") from error


def _check_token(slot: Slot, request: WebRequest, in_path: str) -> None:
    if slot.token:
        given = in_path or request.query.get("token", "")
        if not compare_digest(given.encode("utf-8", "replace"), slot.token.encode()):
            raise Unauthenticated("the token in the address is wrong")


def _plain(
    status: int, text: str, result: str, *, retry: bool = False, extra: tuple[bytes, bytes] | None = None
) -> tuple[int, list[tuple[bytes, bytes]], bytes, str]:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if retry:
        headers.append((b"retry-after", RETRY_AFTER.encode()))
    if extra:
        headers.append(extra)
    return status, headers, text.encode(), result


_OK = WebReply(body=b"ok\n")


def _reply(reply: WebReply | None) -> tuple[int, list[tuple[bytes, bytes]], bytes, str]:
    reply = reply or _OK
    headers = [
        (b"content-type", reply.content_type.encode("latin-1")),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    headers += [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in reply.headers.items()]
    return reply.status, headers, reply.body, "accepted"


def build_web(door: FrontDoor, health: Health, metrics: Metrics, routes: Sequence[BaseRoute] = ()) -> "Web":
    """The whole web application; `routes` are the console's."""

    async def live(_request: Request) -> Response:
        return PlainTextResponse("ok\n" if health.alive() else "stopped\n", 200 if health.alive() else 503)

    async def ready(_request: Request) -> Response:
        report: dict[str, Any] = await asyncio.to_thread(health.report)
        return JSONResponse(report, 200 if report["ready"] else 503)

    async def measure(_request: Request) -> Response:
        text = await asyncio.to_thread(generate_latest, metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    rest = Starlette(
        routes=[
            Route("/healthz", live),
            Route("/readyz", ready),
            Route("/metrics", measure),
            *routes,
        ]
    )
    return Web(door, rest)


class Web:
    """Posts go straight to the front door; everything else takes the ordinary way through Starlette."""

    def __init__(self, door: FrontDoor, rest: Starlette) -> None:
        self.door, self.rest = door, rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_IN):
            source, _, token = scope["path"].removeprefix(_IN).partition("/")
            scope["path_params"] = {"source": source, "token": token}
            await self.door(scope, receive, send)
        else:
            await self.rest(scope, receive, send)


_IN = "/in/"
