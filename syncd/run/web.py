"""The front door: `/in/<source>`, health and metrics. Whatever else is served is handed in as routes.

Providers count anything but 200 as failure and disable hooks on 404, so: exactly 200 after the commit, 401
for a bad signature, 413 and 415 and 400 for what cannot be taken, 503 with Retry-After for everything that
may pass, an unknown source among it.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from syncd import log
from syncd.clock import Clock
from syncd.connector import PushSource, WebRequest
from syncd.errors import Rejected, TooLarge, Unauthenticated, UnsupportedBody
from syncd.run.deadlines import Deadlines
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.metrics import Metrics
from syncd.run.rates import NO_LIMIT, Buckets, Rates
from syncd.run.replies import ALWAYS, Reply, TooMany, TooSlow, accepted, in_json, plain, refused
from syncd.run.room import MOST_IN_HAND, Room, Share
from syncd.run.senders import Senders

BODY_SECONDS = 30.0

LINGER_SECONDS = 5.0
"""For how long the rest of a refused body is read and let go, so that the sender gets to see why."""

_LONGEST_QUERY = 8192
_MOST_IN_QUERY = 200
_UNLISTED = "it forwards for others: name that proxy in web.trusted_proxies"


@dataclass(frozen=True, slots=True)
class Slot:
    """A source that takes posts. `token`, when set, must come along in the path or the query.

    `locked` says that senders must prove who they are, by that or otherwise.
    """

    source: PushSource
    token: str = ""
    locked: bool = False

    @property
    def largest_body(self) -> int:
        """Bytes that its posts may have, where that is more than others' may."""
        return int(getattr(self.source, "largest_body", 0))

    @property
    def methods(self) -> Sequence[str]:
        """By which submissions may come."""
        return ("POST", *getattr(self.source, "methods", ()))


class FrontDoor:
    """The ASGI endpoint of `/in/<source>`. `slots` is swapped whole when the config is reloaded."""

    def __init__(
        self,
        slots: Mapping[str, Slot],
        intake: Intake,
        clock: Clock,
        metrics: Metrics,
        body_limit: int,
        senders: Senders | None = None,
        rates: Rates | None = None,
        body_seconds: float = BODY_SECONDS,
        room: int = MOST_IN_HAND,
    ) -> None:
        self.slots, self.intake, self.clock, self.metrics = slots, intake, clock, metrics
        self.body_limit, self._deadlines = body_limit, Deadlines(body_seconds)
        self.senders, self.rates = senders or Senders(), rates or Rates(NO_LIMIT, NO_LIMIT)
        self._room = Room(room)
        self._log = _Teller()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        name = scope["path_params"]["source"]
        slot = self.slots.get(name)
        share = Share(self._room)
        reply = await self._answer(name, slot, scope, receive, share)
        self.metrics.answered(name if slot else "?", reply.result, time.perf_counter() - started)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.raw_headers()})
        if reply.status >= 400 and not share.whole:
            await send({"type": "http.response.body", "body": reply.body, "more_body": True})
            await _let_go(receive)
            await send({"type": "http.response.body"})
        else:
            await send({"type": "http.response.body", "body": reply.body})

    async def _answer(self, name: str, slot: Slot | None, scope: Scope, receive: Receive, share: Share) -> Reply:
        if slot is None:
            return plain(503, "no source is called so here (yet)", "unknown source")
        if scope["method"] not in ("OPTIONS", *slot.methods, *getattr(slot.source, "handshakes", ())):
            return _not_by_that(slot)
        try:
            request = await self._read(slot, scope, receive, share)
            received = slot.source.receive(request)
            if received.submissions:
                if scope["method"] not in slot.methods:
                    return _not_by_that(slot)
                await self.intake.accept(received.submissions)
            return accepted(received.reply)
        except Exception as error:  # noqa: BLE001 - every trouble has its answer; a bug must not cost a lead
            return self._refuse(name, scope, error)
        finally:
            share.give_back()

    async def _read(self, slot: Slot, scope: Scope, receive: Receive, share: Share) -> WebRequest:
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        query = _query(scope["query_string"])
        client = self._client(scope, headers)
        if scope["method"] in slot.methods:
            self.rates.admit(scope["path_params"]["source"], self.senders.one_of(client), locked=slot.locked)
        share.leave = 0 if slot.locked else share.room.reserve
        _check_token(slot, scope["path_params"].get("token", "") or query.get("token", ""))
        if headers.get("content-encoding", "identity") not in ("identity", ""):
            raise UnsupportedBody("send the body as it is, not compressed")
        declared, most = headers.get("content-length", "0"), max(self.body_limit, slot.largest_body)
        if declared.isdigit() and int(declared) > most:
            raise TooLarge(f"more than {most} bytes")
        return WebRequest(
            method=scope["method"],
            headers=headers,
            query=query,
            body=await self._body_in_time(receive, share, most),
            received_at=self.clock.now(),
            client=client,
        )

    async def _body_in_time(self, receive: Receive, share: Share, most: int) -> bytes:
        try:
            with self._deadlines.in_time():
                return await self._body(receive, share, most)
        except TimeoutError as error:
            raise TooSlow("the body came too slowly") from error

    async def _body(self, receive: Receive, share: Share, most: int) -> bytes:
        chunks, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Rejected("the sender went away")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > most:
                raise TooLarge(f"more than {most} bytes")
            share.take(len(chunk))
            chunks.append(chunk)
            if not message.get("more_body"):
                share.whole = True
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _client(self, scope: Scope, headers: Mapping[str, str]) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        return self.senders.client(peer, headers.get("x-forwarded-for", ""))

    def _refuse(self, name: str, scope: Scope, error: Exception) -> Reply:
        reply = refused(error)
        if reply is None:
            self._log.failed(name, error)
            return plain(503, "try again later", "failed")
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        sender = self.senders.one_of(self._client(scope, headers))
        if isinstance(error, Unauthenticated):
            self.rates.failed(name, sender)
        unlisted = isinstance(error, TooMany) and "x-forwarded-for" in headers and not self.senders.listed
        self._log.refused(name, reply.status, str(error), _UNLISTED if unlisted else "")
        slot = self.slots.get(name)
        return in_json(reply) if slot and getattr(slot.source, "json_errors", False) else reply


def _not_by_that(slot: Slot) -> Reply:
    return plain(405, "post to this address", "method", allow=", ".join([*slot.methods, "OPTIONS"]))


class _Teller:
    """Tells the log what was refused, and not more of it than a person can read."""

    def __init__(self) -> None:
        self._log, self._lines, self._untold = log.get("web"), Buckets(10, 200), 0

    def refused(self, source: str, status: int, reason: str, remedy: str = "") -> None:
        """A warning where somebody has to do something about it."""
        if not self._lines.take("", time.monotonic()):
            self._untold += 1
            return
        untold, self._untold = self._untold, 0
        more = {**({"untold": untold} if untold else {}), **({"remedy": remedy} if remedy else {})}
        say = self._log.warning if remedy else self._log.info
        say("request refused", source=source, status=status, reason=reason[:200], **more)

    def failed(self, source: str, error: Exception) -> None:
        self._log.error("request failed", source=source, exc_info=error)


async def _let_go(receive: Receive) -> None:
    """Closing at once would wipe the answer out while the sender is still sending, and it would send again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (message := await receive())["type"] != "http.disconnect" and message.get("more_body"):
                pass


def _query(text: bytes) -> dict[str, str]:
    """Blank ones as well. Raises Rejected for too many fields, and for an address that is too long."""
    if not text:
        return {}
    if len(text) > _LONGEST_QUERY:
        raise Rejected("the address is too long")
    try:
        return dict(parse_qsl(text.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_IN_QUERY))
    except ValueError as error:
        raise Rejected("too many fields in the address") from error


def _check_token(slot: Slot, given: str) -> None:
    """Before a byte of the body is read."""
    if slot.token and not compare_digest(given.encode("utf-8", "replace"), slot.token.encode()):
        raise Unauthenticated("the token in the address is wrong")


def build_web(door: FrontDoor, health: Health, metrics: Metrics | None, routes: Sequence[BaseRoute] = ()) -> "Web":
    """The whole web application; `routes` are the console's, `metrics` what /metrics shows where it stands here."""

    async def live(_request: Request) -> Response:
        alive = health.alive()
        return PlainTextResponse("ok\n" if alive else "stopped\n", 200 if alive else 503, ALWAYS)

    async def ready(_request: Request) -> Response:
        report: dict[str, Any] = await asyncio.to_thread(health.report)
        return JSONResponse(report, 200 if report["ready"] else 503, ALWAYS)

    own = [Route("/healthz", live), Route("/readyz", ready)]
    if metrics is not None:
        own.append(Route("/metrics", partial(_measure, metrics.registry)))
    return Web(door, Starlette(routes=[*own, *routes]))


async def _measure(registry: CollectorRegistry, _request: Request) -> Response:
    text = await asyncio.to_thread(generate_latest, registry)
    return Response(text, headers=ALWAYS, media_type=CONTENT_TYPE_LATEST)


class Web:
    """Posts go straight to the front door; everything else takes the ordinary way through Starlette."""

    def __init__(self, door: FrontDoor, rest: Starlette) -> None:
        self.door, self.rest = door, rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_IN):
            source, _, token = scope["path"].removeprefix(_IN).partition("/")
            scope["path_params"] = {"source": source, "token": token}
            await self.door(scope, receive, send)
        elif "\n" in scope["path"]:  # no route matches it, and the guard of the others would not be asked
            await _say(plain(404, "there is no such page", "no page"), send)
        else:
            await self.rest(scope, receive, send)


async def _say(reply: Reply, send: Send) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.raw_headers()})
    await send({"type": "http.response.body", "body": reply.body})


_IN = "/in/"
