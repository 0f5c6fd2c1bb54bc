"""What a hostile sender may be answered, and what a daemon must have said of it afterwards."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.battery.canaries import Canaries
from tests.battery.hostile.target import Case

OF_POSTS = frozenset({200, 204, 303, 400, 401, 405, 408, 413, 415, 429})
AND_OF_PAGES = frozenset({304, 403, 404})
SLOWEST = 1.0
MEANT = b"no source is called so here (yet)\n"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int  # 0: hung up without a word
    head: bytes
    body: bytes
    seconds: float


@dataclass(slots=True)
class Judge:
    canaries: Canaries
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slow: list[Case] = field(default_factory=list)  # to be tried alone: on a busy machine anything may be slow once

    def hear(self, case: Case, reply: Reply) -> None:
        self.statuses[reply.status] += 1
        if reply.seconds > SLOWEST and case.door != "raw":
            self.slow.append(case)
        self.wrong += (f"{case.door} {case.method} {case.path[:80]!r}: {what}" for what in self._wrong(case, reply))

    def _wrong(self, case: Case, reply: Reply) -> Iterator[str]:
        allowed = OF_POSTS | AND_OF_PAGES if case.door in ("raw", "page") else OF_POSTS
        if case.door == "raw":
            allowed |= {0}
        told = case.method == "HEAD" or reply.body == MEANT
        if reply.status == 503 and told and b"\r\nretry-after: " in reply.head and case.door in ("raw", "page"):
            allowed |= {503}  # a source that is not there may come with the next config
        if reply.status not in allowed:
            yield f"answered {reply.status} {reply.body[:100]!r} to {case.wire()[:300]!r}"
        text = (reply.head + reply.body).decode("utf-8", "replace")
        yield from map(str, self.canaries.told(f"reply {reply.status}", text))


def wrong_in_log(lines: Sequence[str], canaries: Canaries) -> Iterator[str]:
    """One event a line, none of which tells of a bug, a secret or a person."""
    yield from map(str, canaries.found(("log", line) for line in lines))
    for line in lines:
        if line.startswith("{"):
            try:
                event = json.loads(line)
            except ValueError:
                yield f"a line of the log that is no event: {line[:200]!r}"
                continue
            if "exception" in event or event.get("event") in (
                "request failed",
                "submission cannot be kept as it was read",
            ):
                yield f"a bug: {line[:1500]}"
        elif "Traceback" in line or "Error" in line:
            yield f"outside the log: {line[:300]!r}"


def failed_requests(metrics: str) -> int:
    """Requests that ended in a bug, as the figures tell it."""
    found = re.findall(r'^syncd_received_total\{result="failed",source="[^"]*"\} ([0-9.e+]+)$', metrics, re.MULTILINE)
    return round(sum(map(float, found)))
