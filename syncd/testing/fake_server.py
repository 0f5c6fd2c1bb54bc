"""What a fake of a service stands on: a real HTTP server on loopback that remembers, and fails to order.

    class FakeCrm(FakeServer):
        def __init__(self) -> None:
            super().__init__()
            self.people: dict[str, dict[str, str]] = {}

        def answer(self, call: Call) -> Answer:
            match call.method, call.path:
                case "POST", "/people":
                    person = call.json()
                    self.people[person["email"]] = person
                    return Answer(201, person)
            return Answer(404, {"message": "no such call"})

    with FakeCrm() as crm:
        crm.order_fault("commit_then_drop", "POST", "/people", nth=2)
        ...  # crm.url, crm.people, crm.calls["POST", "/people"], crm.log[-1].body

A fake is as good as what it refuses: let it turn down whatever the service turns down.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from threading import RLock
from types import TracebackType
from typing import Any, ClassVar, Self

import orjson

from syncd.testing.calls import Answer, Call, CallLog, LoggedCall, Refusal
from syncd.testing.faults import Fault, FaultKind, Faults
from syncd.testing.listener import Listener

Steering = Mapping[tuple[str, str], Callable[[Mapping[str, Any]], object]]
"""Method and name of an order by another process -> what is done with the JSON of its body."""


class FakeServer:
    """Subclass, keep the service's state in attributes, and say in `answer` what it answers."""

    KEPT: ClassVar[int] = 20_000  # entries of the log; the counts go on
    KEEPS_BODIES: ClassVar[bool] = True
    CONTENT_TYPE: ClassVar[str] = "application/json"
    FAULT: ClassVar[type[Fault]] = Fault

    def __init__(self, port: int = 0) -> None:
        """Port 0: any free one."""
        self.lock = RLock()  # calls are carried out one at a time under it
        self.faults = Faults()
        self._port, self._listener = port, None
        self._heard = CallLog(self.KEPT, bodies=self.KEEPS_BODIES)

    _listener: Listener | None

    def answer(self, call: Call) -> Answer:
        """What the service answers, its state changed accordingly. May raise Refusal. Runs under `lock`."""
        raise NotImplementedError

    def refusal(self, fault: Fault) -> Answer:
        """How the service says too_many and unauthorized."""
        if fault.kind == "too_many":
            return Answer(429, {"message": "too many requests"})
        return Answer(401, {"message": "the credentials are not valid"})

    def understood(self, call: Call) -> Call:
        """The call as `answer` wants it; a subclass of Call may say under which `template` it is counted."""
        return call

    def steering(self) -> Steering:
        """What another process may do under /_fake/; a fake adds to it."""
        return {("GET", "calls"): lambda _: self._told_counts(), ("POST", "fault"): self._told_fault}

    # what a test uses

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen from now on. Once it listens, this does nothing."""
        self._listener = self._listener or Listener(self._port, self, self.CONTENT_TYPE)

    def stop(self) -> None:
        """End every connection and wait for its thread."""
        listener, self._listener = self._listener, None
        if listener:
            listener.stop()

    @property
    def url(self) -> str:
        if self._listener is None:
            raise RuntimeError("the fake is not started")
        return self._listener.url

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """How often (method, template of the path) was called, refused and dropped calls included."""
        return self._heard.counts()

    @property
    def log(self) -> list[LoggedCall]:
        """The last calls that ended, oldest first."""
        return self._heard.entries()

    def order_fault(self, kind: FaultKind, method: str = "*", path: str = "*", **details: Any) -> None:
        """The details are the other fields of Fault: nth, count, seconds, status and so on."""
        self.faults.order(self.FAULT(kind, method, path, **details))

    def clear_faults(self) -> None:
        self.faults.clear()

    def forget(self) -> None:
        """No faults, no counts, no log; the service's own state is the subclass's to clear."""
        self.faults.clear()
        self._heard.forget()

    # what the listener uses

    def arrived(self, call: Call) -> tuple[Call, Fault | None]:
        """Counts the call, whatever becomes of it, and says which fault is due."""
        known = self.understood(call)
        self._heard.arrived(known)
        return known, self.faults.take(call.method, call.path)

    def ended(self, call: Call, status: int, seconds: float) -> None:
        self._heard.ended(call, status, seconds)

    def carry_out(self, call: Call, fault: Fault | None) -> Answer:
        """The service's own answer, with one of its own refusals where that was ordered."""
        with self.lock:
            if fault and fault.kind in {"too_many", "unauthorized"}:
                refused = self.refusal(fault)
                return Answer(refused.status, refused.body, {**refused.headers, **fault.sent_headers})
            try:
                return self.answer(call)
            except Refusal as refusal:
                return refusal.answer

    def steered(self, name: str, call: Call) -> Answer:
        """200 with what was asked for, 204 for an order, 400 with the reason it was not taken."""
        act = self.steering().get((call.method, name))
        if act is None:
            return Answer(404, {"message": "no such order"})
        try:
            done = act(orjson.loads(call.body or b"{}"))
        except (Refusal, LookupError, TypeError, ValueError) as error:
            return Answer(400, {"message": f"{type(error).__name__}: {error}"})
        return Answer(204) if done is None else Answer(200, done)

    def _told_counts(self) -> dict[str, Any]:
        """`answers`: how many by their status; 0 are those that got none."""
        answers = {str(status): count for status, count in self._heard.statuses().items()}
        return {"calls": {" ".join(key): count for key, count in self.calls.items()}, "answers": answers}

    def _told_fault(self, body: Mapping[str, Any]) -> None:
        """The fields of Fault; {"kind": "clear"} forgets all."""
        if body.get("kind") == "clear":
            self.faults.clear()
        else:
            self.faults.order(self.FAULT(**body))
