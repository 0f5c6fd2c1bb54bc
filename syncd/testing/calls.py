"""What a fake server hears, says and remembers."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Names of headers are lower case."""

    method: str
    path: str  # as it was sent, without the query
    query: Mapping[str, list[str]]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """What the call is counted under: a fake may put a name in the place of each id."""
        return self.path

    def first(self, name: str, default: str | None = None) -> str | None:
        """A parameter of the query; of several the last."""
        values = self.query.get(name)
        return values[-1] if values else default

    def json(self) -> Any:
        """The body. Raises Refusal (400) where it is not JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Refusal(Answer(400, {"message": f"the body is not JSON: {error}"})) from error


@dataclass(frozen=True, slots=True)
class Answer:
    """A body of bytes is sent as it is, anything else as JSON; None is no body at all."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Raised anywhere below the fake's `answer` to answer this instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.body}")
        self._answer = answer

    @property
    def answer(self) -> Answer:
        return self._answer


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One arrival and what became of it. Status 0: no answer was given."""

    method: str
    path: str
    template: str
    query: Mapping[str, list[str]]
    body: bytes  # empty where the fake does not keep bodies
    status: int
    seconds: float


class CallLog:
    """Counts every call when it arrives, and keeps the last ones with what became of them. Thread-safe."""

    def __init__(self, kept: int, *, bodies: bool) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._statuses: Counter[int] = Counter()
        self._kept: deque[LoggedCall] = deque(maxlen=kept)
        self._bodies = bodies

    def arrived(self, call: Call) -> None:
        with self._lock:
            self._counts[call.method, call.template] += 1

    def ended(self, call: Call, status: int, seconds: float) -> None:
        body = call.body if self._bodies else b""
        entry = LoggedCall(call.method, call.path, call.template, call.query, body, status, seconds)
        with self._lock:
            self._kept.append(entry)
            self._statuses[status] += 1

    def counts(self) -> Counter[tuple[str, str]]:
        with self._lock:
            return Counter(self._counts)

    def statuses(self) -> Counter[int]:
        with self._lock:
            return Counter(self._statuses)

    def entries(self) -> list[LoggedCall]:
        with self._lock:
            return list(self._kept)

    def forget(self) -> None:
        with self._lock:
            self._counts.clear()
            self._statuses.clear()
            self._kept.clear()
