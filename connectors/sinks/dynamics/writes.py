"""Rows that are written, each with an outcome of its own.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.failures import OF_ROWS, Fault, fault_of
from connectors.sinks.dynamics.limits import PAUSE
from connectors.sinks.dynamics.multipart import Request
from connectors.sinks.dynamics.values import guid_of
from syncd.connector import Ambiguous, Delivery, HttpReply, Unknown, Wait, json_object, trouble_of

AT_ONCE = timedelta(0)
_ENTITY = re.compile(r"\(([0-9A-Fa-f-]{36})\)$")


@dataclass(frozen=True, slots=True)
class Made:
    """The row stands there, or is deleted where that was asked for."""

    id: str
    created: bool
    etag: str = ""
    status: object = None
    owner: str = ""


Verdict = Made | Fault | Wait | Unknown


@dataclass(frozen=True, slots=True)
class Write:
    """One row."""

    at: int  # the position of its order
    request: Request
    key: str  # name of the column with the id
    target: str  # what no other write of the call may share
    id: str = ""  # where it is known before


class Writes:
    """The writing calls of one call of the sink."""

    def __init__(self, client: Client, orders: int) -> None:
        self._client, self._delivery = client, Delivery(orders)

    def send(self, writes: Sequence[Write], *, what: str) -> dict[int, Verdict]:
        """One verdict per write, by the position of its order. Raises as `Delivery.attempt`."""
        single, verdicts = _one_per_target(writes)
        for start in range(0, len(single), self._client.batch):
            part = single[start : start + self._client.batch]
            answer = self._delivery.attempt(len(part), partial(self._call, part, what))
            if isinstance(answer, list):
                verdicts |= {write.at: each for write, each in zip(part, answer, strict=True)}
            else:
                verdicts |= dict.fromkeys([write.at for write in part], answer)
        return verdicts

    def _call(self, part: Sequence[Write], what: str) -> list[Verdict]:
        replies = self._client.send([write.request for write in part], what=what, writes=True)
        return [_verdict(write, reply, what) for write, reply in zip(part, replies, strict=True)]


def _verdict(write: Write, reply: HttpReply, what: str) -> Verdict:
    body, words = json_object(reply), f"dynamics: {what} answered {reply.status} for this one"
    if write.request.method == "DELETE" and reply.status == 204:
        return Made(write.id, created=False)
    if reply.status // 100 == 2:
        if body is None:
            return Unknown(words)
        found, owner = guid_of(body.get(write.key)) or _named(reply) or write.id, guid_of(body.get("_ownerid_value"))
        made = Made(found, reply.status != 200, _etag(reply, body), body.get("statuscode"), owner)
        return made if found else Unknown(f"{words}, without its id")
    trouble = trouble_of(reply.status, writes=True, known=bool(fault_of(reply).code), but=OF_ROWS)
    if trouble is None:
        return fault_of(reply)
    if trouble is Ambiguous:
        return Unknown(words)
    return Wait(words, reply.retry_after or PAUSE, failed=False)


def _named(reply: HttpReply) -> str:
    found = _ENTITY.search(reply.headers.get("odata-entityid", ""))
    return found[1].lower() if found else ""


def _etag(reply: HttpReply, body: Mapping[str, Any]) -> str:
    return str(body.get("@odata.etag") or reply.headers.get("etag") or "")


def _one_per_target(writes: Iterable[Write]) -> tuple[list[Write], dict[int, Verdict]]:
    """One row is written once in a call: the second one waits for the next."""
    taken: set[str] = set()
    single: list[Write] = []
    verdicts: dict[int, Verdict] = {}
    for write in writes:
        if write.target in taken:
            verdicts[write.at] = Wait("another order for the same record goes first", AT_ONCE, failed=False)
        else:
            taken.add(write.target)
            single.append(write)
    return single, verdicts
