"""Trouble to order from a fake server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock
from typing import Literal, get_args

FaultKind = Literal[
    "latency",  # wait `seconds`, then go on as usual
    "hang",  # no answer for `seconds` (None: until the fake stops), then the connection ends
    "too_many",  # the service's way of asking for a pause, with `retry_after`
    "server_error",  # `status` with a proxy's HTML page
    "unauthorized",  # the service's way of refusing a login, although it is good
    "answer",  # `status` with exactly the bytes of `body`
    "drop_before_commit",  # the connection ends, nothing was carried out
    "commit_then_drop",  # everything was carried out, then the connection ends without an answer
    "reset",  # everything was carried out, then the connection is reset
    "half_body",  # carried out, but the answer breaks off in the middle
]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(frozen=True, slots=True)
class Fault:
    kind: FaultKind
    method: str = "*"
    path: str = "*"  # a pattern with * for the path without its query
    nth: int = 1  # the first matching call it befalls, counted from the order
    count: int | None = 1  # how many matching calls from then on; None: all
    seconds: float | None = None  # latency, and how long a hang lasts (None: until the fake stops)
    status: int = 502  # of server_error and answer
    body: bytes = b""  # of answer
    headers: Mapping[str, str] = field(default_factory=dict)  # of too_many, server_error and answer
    retry_after: int | None = None  # seconds; one more of the headers
    committed: bool = False  # hang, server_error and answer: carried out all the same; latency: before the wait

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault {self.kind!r} is none of {', '.join(KINDS)}")

    @property
    def fails(self) -> bool:
        """Whether what the caller gets is not the service's own answer."""
        return self.kind in {"hang", "server_error", "answer"}

    @property
    def sent_headers(self) -> dict[str, str]:
        pause = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {**self.headers, **pause}


class Faults:
    """Those that are ordered. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ordered: list[tuple[Fault, list[int]]] = []  # with the matches so far

    def order(self, fault: Fault) -> None:
        with self._lock:
            self._ordered.append((fault, [0]))

    def clear(self) -> None:
        with self._lock:
            self._ordered.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this call; the one ordered first wins, every matching one counts on."""
        if not self._ordered:
            return None
        struck = None
        with self._lock:
            for fault, matches in self._ordered:
                if not _matches(fault, method, path):
                    continue
                matches[0] += 1
                if struck is None and _is_due(fault, matches[0]):
                    struck = fault
        return struck


def _matches(fault: Fault, method: str, path: str) -> bool:
    return fault.method in {"*", method} and fnmatchcase(path, fault.path)


def _is_due(fault: Fault, match: int) -> bool:
    return match >= fault.nth and (fault.count is None or match < fault.nth + fault.count)
