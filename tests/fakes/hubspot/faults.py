"""Trouble to order. The names are explained in the package's docstring."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock
from typing import Literal, get_args

FaultKind = Literal[
    "latency",
    "hang",
    "too_many",
    "server_error",
    "unauthorized",
    "drop_before_commit",
    "commit_then_drop",
    "half_body",
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
    status: int = 502  # of server_error
    policy: str = "TEN_SECONDLY_ROLLING"  # of too_many
    retry_after: int | None = None  # seconds; a header of too_many and server_error
    committed: bool = False  # hang and server_error: the call was carried out all the same

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault {self.kind!r} is none of {', '.join(KINDS)}")

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class Faults:
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


def page(status: int) -> bytes:
    """What a proxy in front of the service answers: HTML where JSON was expected."""
    return (
        f"<html><head><title>{status} Error</title></head><body><center><h1>{status} Error</h1>"
        "</center><hr><center>cloudflare</center></body></html>"
    ).encode()
