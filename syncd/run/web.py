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
from syncd.connector import PushSource, WebRequest
from syncd.errors import Rejected, StoreBusy, TooLarge, Unauthenticated, UnsupportedBody
from syncd.run.deadlines import Deadlines
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.metrics import Metrics
from syncd.run.replies import Reply, TooSlow, accepted, plain, refused

BODY_SECONDS = 30.0
MOST_IN_HAND = 128 * 2**20
"""Bytes of all bodies that are being read or kept at a time; what comes beyond that is to come again."""

_LONGEST_QUERY = 8192


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
        body_seconds: float = BODY_SECONDS,
        room: int = MOST_IN_HAND,
    ) -> None:
        self.slots, self.intake, self.clock, self.metrics = slots, intake, clock, metrics
        self.body_limit, self._deadlines = body_limit, Deadlines(body_seconds)
        self.trusted = [ip_network(proxy, strict=False) for proxy in trusted_proxies]
        self._room = _Room(room)
        self._log = log.get("web")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        name = scope["path_params"]["source"]
        slot = self.slots.get(name)
        reply = await self._answer(name, slot, scope, receive)
        self.metrics.answered(name if slot else "?", reply.result, time.perf_counter() - started)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.raw_headers()})
        await send({"type": "http.response.body", "body": reply.body})

    async def _answer(self, name: str, slot: Slot | None, scope: Scope, receive: Receive) -> Reply:
        if slot is None:
            return plain(503, f"no source is called {name!r} here (yet)", "unknown source")
        if scope["method"] not in ("POST", "OPTIONS"):
            return plain(405, "post to this address", "method", allow="POST, OPTIONS")
        share = _Share(self._room)
        try:
            request = await self._read(slot, scope, receive, share)
            received = slot.source.receive(request)
            if received.submissions:
                await self.intake.accept(received.submissions)
            return accepted(received.reply)
        except Exception as error:  # noqa: BLE001 - every trouble has its answer; a bug must not cost a lead
            return self._refuse(name, error)
        finally:
            share.give_back()

    async def _read(self, slot: Slot, scope: Scope, receive: Receive, share: "_Share") -> WebRequest:
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        query = _query(scope["query_string"])
        _check_token(slot, scope["path_params"].get("token", "") or query.get("token", ""))
        if headers.get("content-encoding", "identity") not in ("identity", ""):
            raise UnsupportedBody("send the body as it is, not compressed")
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self.body_limit:
            raise TooLarge(f"more than {self.body_limit} bytes")
        return WebRequest(
            method=scope["method"],
            headers=headers,
            query=query,
            body=await self._body_in_time(receive, share),
            received_at=self.clock.now(),
            client=self._client(scope, headers),
        )

    async def _body_in_time(self, receive: Receive, share: "_Share") -> bytes:
        try:
            with self._deadlines.in_time():
                return await self._body(receive, share)
        except TimeoutError as error:
            raise TooSlow("the body came too slowly") from error

    async def _body(self, receive: Receive, share: "_Share") -> bytes:
        chunks, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Rejected("the sender went away")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self.body_limit:
                raise TooLarge(f"more than {self.body_limit} bytes")
            share.take(len(chunk))
            chunks.append(chunk)
            if not message.get("more_body"):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _client(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """The peer's address; behind listed proxies the last address that none of them has."""
        peer = scope["client"][0] if scope.get("client") else ""
        seen = headers.get("x-forwarded-for", "") if self.trusted else ""
        if not seen:
            return peer
        for address in reversed(seen.split(",")):
            if not self._is_proxy(peer):
                break
            peer = address.strip() or peer
        return peer

    def _is_proxy(self, address: str) -> bool:
        try:
            at = ip_address(address)
        except ValueError:
            return False
        return any(at in network for network in self.trusted)

    def _refuse(self, name: str, error: Exception) -> Reply:
        reply = refused(error)
        if reply is None:
            self._log.error("request failed", source=name, exc_info=error)
            return plain(503, "try again later", "failed")
        self._log.info("request refused", source=name, status=reply.status, reason=str(error)[:200])
        return reply


class _Room:
    """How many bytes of bodies there may be at a time. For the event loop's thread alone."""

    def __init__(self, most: int) -> None:
        self.left = most


class _Share:
    """What one request takes of the room."""

    def __init__(self, room: _Room) -> None:
        self.room, self.size = room, 0

    def take(self, size: int) -> None:
        """Raises StoreBusy when there are too many bodies at once."""
        self.size += size
        self.room.left -= size
        if self.room.left < 0:
            raise StoreBusy("too many bodies at once")

    def give_back(self) -> None:
        self.room.left += self.size


def _query(text: bytes) -> dict[str, str]:
    """Raises Rejected for more than a hundred fields, and for an address that is too long."""
    if not text:
        return {}
    if len(text) > _LONGEST_QUERY:
        raise Rejected("the address is too long")
    try:
        return dict(parse_qsl(text.decode("latin-1"), max_num_fields=100))
    except ValueError as error:
        raise Rejected("too many fields in the address") from error


def _check_token(slot: Slot, given: str) -> None:
    """Before a byte of the body is read."""
    if slot.token and not compare_digest(given.encode("utf-8", "replace"), slot.token.encode()):
        raise Unauthenticated("the token in the address is wrong")


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
