"""Batch writes that Zoho judges record by record.

https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html

The answers in `data` stand in the order of the records that were sent; whether each is a success says its own
status. Where the whole call is refused, the batch is halved until the offender stands by itself.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from connectors.sinks.zoho.client import BATCH, Client, Reply, Row
from connectors.sinks.zoho.failures import Fault, read_fault
from syncd.connector import Delivery, Unknown, Wait, object_in, text_in

Verdict = Row | Fault | Wait | Unknown
"""A row is the `details` of a success, with its `action`."""


@dataclass(frozen=True, slots=True)
class Write:
    """One record of a batch call."""

    at: int  # the position of its order
    values: Mapping[str, Any]
    id: str = ""  # of the record that is changed; empty: make one, or find it by what must be unique
    names: tuple[str, ...] = field(default=())  # values that no other record of the call may have

    def body(self) -> dict[str, Any]:
        return {**self.values, "id": self.id} if self.id else dict(self.values)


class Batches:
    """The batch calls of one call of the sink."""

    def __init__(self, client: Client, orders: int, trigger: Sequence[str] | None) -> None:
        """`trigger`: what of Zoho's automation is set off; None where the call knows no such thing."""
        self._client = client
        self._delivery = Delivery(orders)
        self._trigger = trigger

    def send(
        self, method: str, path: str, what: str, writes: Sequence[Write], unique: Sequence[str] = ()
    ) -> dict[int, Verdict]:
        """One verdict per write, by the position of its order. `unique`: the duplicate_check_fields of an upsert.

        Raises what `Delivery.attempt` raises.
        """
        single, verdicts = _one_per_target(writes)
        parts = deque[Sequence[Write]](single[i : i + BATCH] for i in range(0, len(single), BATCH))
        while parts:
            part = parts.popleft()
            body = self._body(part, unique)
            call = partial(self._client.write, method, path, what=what, json=body)
            reply = self._delivery.attempt(len(part), call)
            if not isinstance(reply, Reply):
                verdicts |= dict.fromkeys([write.at for write in part], reply)
            elif reply.fault is None:
                verdicts |= _read(part, reply)
            elif len(part) == 1:
                verdicts[part[0].at] = reply.fault
            else:
                half = len(part) // 2
                parts.extendleft((part[half:], part[:half]))
        return verdicts

    def _body(self, part: Sequence[Write], unique: Sequence[str]) -> dict[str, Any]:
        body: dict[str, Any] = {"data": [write.body() for write in part]}
        if self._trigger is not None:
            body["trigger"] = list(self._trigger)
        return {**body, "duplicate_check_fields": list(unique)} if unique else body


def _one_per_target(writes: Sequence[Write]) -> tuple[list[Write], dict[int, Verdict]]:
    """Zoho mangles a call that names one record twice, so the second one waits for the next call."""
    taken: set[str] = set()
    single: list[Write] = []
    verdicts: dict[int, Verdict] = {}
    for write in writes:
        names = {name.casefold() for name in (write.id, *write.names) if name}
        if names & taken:
            verdicts[write.at] = Wait("another order for the same record goes first", timedelta(0), failed=False)
        else:
            taken |= names
            single.append(write)
    return single, verdicts


def _read(part: Sequence[Write], reply: Reply) -> Iterator[tuple[int, Verdict]]:
    answers = reply.body.get("data")
    listed = answers if isinstance(answers, list) and len(answers) == len(part) else [None] * len(part)
    return ((write.at, verdict_in(answer)) for write, answer in zip(part, listed, strict=True))


def verdict_in(answer: object) -> Verdict:
    """What one entry of `data` says."""
    if isinstance(answer, dict) and answer.get("status") == "error":
        return read_fault(answer)
    details = object_in(answer, "details")
    if isinstance(answer, dict) and answer.get("status") == "success" and text_in(details, "id"):
        return {**details, "action": answer.get("action")}
    return Unknown("zoho: the answer does not say what became of this one")
