"""Batch writes in which one bad input never costs its neighbours anything.

https://developers.hubspot.com/docs/api-reference/error-handling#multi-status-errors

With an objectWriteTraceId on every input some calls answer input by input (207); the others fail as a whole
and write nothing. Then the inputs that the answer names are sent alone, or the batch is halved, until the
innocent are through and every offender stands by itself.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from connectors.sinks.hubspot.client import BATCH, Client, Reply
from connectors.sinks.hubspot.failures import Fault, read_fault
from syncd.connector import Delivery, RateLimited, Unknown, Wait

Row = Mapping[str, Any]
Verdict = Row | Fault | Wait | Unknown
AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Write:
    """One input of a batch call."""

    at: int  # the position of its order
    properties: Mapping[str, str]
    id: str = ""  # a record id, or the value of `by`; empty: make a record
    by: str = ""  # the unique property that `id` is a value of
    known_by: str = ""  # a property whose value no other input of the call has
    contact: str = ""  # the record that a new task or note belongs to ...
    link: int = 0  # ... and the type of that association

    @property
    def trace(self) -> str:
        return str(self.at)

    def body(self) -> dict[str, object]:
        body: dict[str, object] = {"properties": dict(self.properties), "objectWriteTraceId": self.trace}
        if self.id:
            body["id"] = self.id
        if self.by:
            body["idProperty"] = self.by
        if self.link:
            kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": self.link}
            body["associations"] = [{"to": {"id": self.contact}, "types": [kind]}]
        return body

    def names(self) -> Iterator[tuple[str, str]]:
        """What an answer may know this input by, the surest first."""
        yield "trace", self.trace
        if self.id:
            yield self.by or "id", self.id.casefold()
        if self.known_by in self.properties:
            yield self.known_by, self.properties[self.known_by].casefold()


class Batches:
    """The batch calls of one call of the sink."""

    def __init__(self, client: Client, orders: int, settling: timedelta = AT_ONCE) -> None:
        """`settling`: for so long a look could miss what a call has written; no 429 ends sooner than that."""
        self._client = client
        self._delivery = Delivery(orders)
        self._settling = settling

    def send(self, path: str, what: str, writes: Sequence[Write], most: int = BATCH) -> dict[int, Verdict]:
        """One verdict per write, by the position of its order. Raises what `Delivery.attempt` raises."""
        single, verdicts = _one_per_target(writes)
        parts = deque[Sequence[Write]](single[i : i + most] for i in range(0, len(single), most))
        while parts:
            part = parts.popleft()
            reply = self._delivery.attempt(len(part), partial(self._call, path, what, part))
            if not isinstance(reply, Reply):
                verdicts |= dict.fromkeys([write.at for write in part], reply)
            elif reply.ok:
                verdicts |= _matched(part, reply)
            else:
                fault = read_fault(reply.status, reply.body)
                guilty, rest = _separated(part, fault)
                verdicts |= dict.fromkeys([write.at for write in guilty], fault)
                parts.extendleft(reversed(rest))
        return verdicts

    def _call(self, path: str, what: str, part: Sequence[Write]) -> Reply:
        try:
            inputs = {"inputs": [write.body() for write in part]}
            return self._client.post(path, what=what, writes=True, json=inputs)
        except RateLimited as error:
            raise RateLimited(str(error), max(error.after, self._settling)) from error


def _one_per_target(writes: Iterable[Write]) -> tuple[list[Write], dict[int, Verdict]]:
    """HubSpot refuses a whole call that names one record twice, so the second one waits for the next call."""
    taken: set[tuple[str, str]] = set()
    single: list[Write] = []
    verdicts: dict[int, Verdict] = {}
    for write in writes:
        names = {name for name in write.names() if name[0] != "trace"}
        if names & taken:
            verdicts[write.at] = Wait("another order for the same record goes first", AT_ONCE, failed=False)
        else:
            taken |= names
            single.append(write)
    return single, verdicts


def _matched(part: Sequence[Write], reply: Reply) -> dict[int, Verdict]:
    """By trace id, id or unique value: the order of the results says nothing."""
    index = {name: write for write in reversed(part) for name in write.names()}
    verdicts: dict[int, Verdict] = {}
    strangers: list[Row] = []
    for row in reply.rows:
        found = next((index[name] for name in _names_of(row) if name in index), None)
        if found is None:
            strangers.append(row)
        else:
            verdicts[found.at] = row
    for body in reply.errors:
        fault = read_fault(0, body)
        verdicts |= dict.fromkeys([w.at for w in _named(part, fault) if w.at not in verdicts], fault)
    left = [write.at for write in part if write.at not in verdicts]
    if len(left) == len(strangers) == 1 and len(reply.errors) == 0:
        return {**verdicts, left[0]: strangers[0]}
    return {**verdicts, **dict.fromkeys(left, Unknown("the answer does not say what became of this one"))}


def _names_of(row: Row) -> Iterator[tuple[str, str]]:
    if row.get("objectWriteTraceId"):
        yield "trace", str(row["objectWriteTraceId"])
        return
    for name, value in (row.get("properties") or {}).items():
        yield name, str(value).casefold()
    yield "id", str(row.get("id", ""))


def _separated(part: Sequence[Write], fault: Fault) -> tuple[Collection[Write], list[Sequence[Write]]]:
    """Who is surely guilty, and the batches to try next."""
    if len(part) == 1:
        return part, []
    if fault.no_such_property:
        guilty = [write for write in part if not write.properties.keys().isdisjoint(fault.properties)]
        if guilty:
            return guilty, [rest] if (rest := [w for w in part if w not in guilty]) else []
    suspects = _named(part, fault) or _quoted(part, fault)
    if 0 < len(suspects) <= len(part) // 2:
        innocent = [write for write in part if write not in suspects]
        return (), [innocent, *([suspect] for suspect in suspects)]
    half = len(part) // 2
    return (), [part[:half], part[half:]]


def _named(part: Sequence[Write], fault: Fault) -> list[Write]:
    return [
        write for write in part if write.trace in fault.traces or write.id in fault.ids or write.contact in fault.ids
    ]


def _quoted(part: Sequence[Write], fault: Fault) -> list[Write]:
    """Those whose own value of a blamed property stands in the vendor's message."""
    blamed = set(fault.properties)
    return [
        write
        for write in part
        if any(
            value and value in fault.said
            for name, value in (*write.properties.items(), (write.by, write.id))
            if name in blamed
        )
    ]
