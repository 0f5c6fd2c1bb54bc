"""sObject Collections: up to 200 records a call, each with an outcome of its own, in the order in which they were sent.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from connectors.sinks.salesforce.client import BATCH, Client
from connectors.sinks.salesforce.failures import ID, Fault, fault_of
from connectors.sinks.salesforce.values import Encoded
from syncd.connector import Delivery, Unknown, Wait

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Made:
    """The record stands there."""

    id: str
    created: bool


Verdict = Made | Fault | Wait | Unknown


@dataclass(frozen=True, slots=True)
class Write:
    """One record of a call."""

    at: int  # the position of its order
    kind: str  # the object
    values: Mapping[str, Encoded]
    id: str = ""  # of the record that is changed
    same: str = ""  # what no other write of the call may share, beside the id

    def body(self) -> dict[str, Any]:
        named = {"attributes": {"type": self.kind}, **self.values}
        return {**named, "id": self.id} if self.id else named


class Collections:
    """The writing calls of one call of the sink."""

    def __init__(self, client: Client, orders: int) -> None:
        self._client = client
        self._delivery = Delivery(orders)

    def create(self, writes: Sequence[Write]) -> dict[int, Verdict]:
        """One verdict per write, by the position of its order. Raises as `Delivery.attempt`."""
        return self._send("POST", "composite/sobjects", "create", writes)

    def change(self, writes: Sequence[Write]) -> dict[int, Verdict]:
        return self._send("PATCH", "composite/sobjects", "update", writes)

    def upsert(self, writes: Sequence[Write], kind: str, key: str) -> dict[int, Verdict]:
        return self._send("PATCH", f"composite/sobjects/{kind}/{key}", "upsert", writes)

    def _send(self, method: str, path: str, verb: str, writes: Sequence[Write]) -> dict[int, Verdict]:
        single, verdicts = _one_per_target(writes)
        waiting = deque[Sequence[Write]](single[i : i + BATCH] for i in range(0, len(single), BATCH))
        while waiting:
            part = waiting.popleft()
            what = f"{verb} of {' and '.join(sorted({write.kind for write in part}))}"
            answer = self._delivery.attempt(len(part), partial(self._call, method, path, what, part))
            if isinstance(answer, Fault) and len(part) > 1:  # one of them spoils the whole call
                half = len(part) // 2
                waiting.extendleft((part[half:], part[:half]))
            elif isinstance(answer, list):
                verdicts |= {write.at: each for write, each in zip(part, answer, strict=True)}
            else:
                verdicts |= dict.fromkeys([write.at for write in part], answer)
        return verdicts

    def _call(self, method: str, path: str, what: str, part: Sequence[Write]) -> list[Verdict] | Fault:
        body = {"allOrNone": False, "records": [write.body() for write in part]}
        answer = self._client.write(method, path, what=what, json=body)
        if isinstance(answer, Fault):
            return answer
        items = answer if isinstance(answer, list) else []
        if len(items) != len(part):
            return [Unknown(f"salesforce: {what} answered for another number of records")] * len(part)
        return [_verdict(item, what) for item in items]


def _verdict(item: object, what: str) -> Verdict:
    told = item if isinstance(item, dict) else {}
    record_id = told.get("id")
    if told.get("success") is True and isinstance(record_id, str) and ID.fullmatch(record_id):
        return Made(record_id, created=told.get("created") is not False)
    fault = fault_of(told.get("errors"))
    if told.get("success") is False and fault.codes:
        return fault
    return Unknown(f"salesforce: {what}: the answer does not say what became of this one")


def _one_per_target(writes: Iterable[Write]) -> tuple[list[Write], dict[int, Verdict]]:
    """What is named twice in one call fails both times, so the second one waits for the next call."""
    taken: set[str] = set()
    single: list[Write] = []
    verdicts: dict[int, Verdict] = {}
    for write in writes:
        names = {name.casefold() for name in (write.id, write.same) if name}
        if names & taken:
            verdicts[write.at] = Wait("another order for the same record goes first", AT_ONCE, failed=False)
        else:
            taken |= names
            single.append(write)
    return single, verdicts
