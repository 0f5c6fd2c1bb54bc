"""APIs that list what was submitted, of many providers: how each pages, sorts, filters, and whom it lets in.

A strict one: parameters that a provider does not have, pages that are too large and dates in another form are refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from syncd.clock import Clock
from syncd.testing import Answer, Call, FakeServer, Refusal

Item = dict[str, Any]
Wrap = Callable[[Sequence[Item], int, str], Any]
"""From a page, how many there are in all and the token of the next page, to the answer."""


@dataclass(frozen=True)
class ListStyle:
    """How one provider does it. `since` reads the filter: from all parameters to a moment, None where it has none."""

    path: str
    paging: Literal["page", "offset", "token", "before", "none"]
    wrap: Wrap = lambda items, _total, _token: list(items)
    at: str = "page"  # the parameter that says which page
    first: int = 1  # number of the first page
    size: str = "per_page"  # the parameter that says how many
    most: int = 100  # items of a page
    newest_first: bool = True
    in_order: bool = True  # otherwise as chance has it
    since: Callable[[Mapping[str, str]], datetime | None] = lambda _: None
    allowed: frozenset[str] = frozenset()  # further parameters
    login: Callable[[Mapping[str, str]], bool] = lambda _: True
    beside: Mapping[str, Any] = field(default_factory=dict)  # other paths and what they answer
    id: str = "id"


class FakeLists(FakeServer):
    """Items with the time at which each was submitted. With a clock, one that has a lag does not show up before."""

    def __init__(self, style: ListStyle, clock: Clock | None = None) -> None:
        super().__init__()
        self.style, self.clock = style, clock
        self.items: list[tuple[datetime, Item, timedelta]] = []

    def submit(self, at: datetime, item: Item, lag: timedelta = timedelta()) -> None:
        with self.lock:
            self.items.append((at, item, lag))

    def answer(self, call: Call) -> Answer:
        if not self.style.login(call.headers):
            return Answer(401, {"message": "the key is not known"})
        if call.path in self.style.beside:
            return Answer(200, self.style.beside[call.path])
        if (call.method, call.path) != ("GET", self.style.path):
            return Answer(404, {"message": "there is no such form"})
        return Answer(200, self._page({name: values[-1] for name, values in call.query.items()}))

    def _page(self, params: Mapping[str, str]) -> Any:
        style = self.style
        size = self._size(params)
        found = self._found(style.since(params))
        start = self._start(params, found, size)
        items = [item for _, item in found[start : start + size]]
        more = start + size < len(found)
        return style.wrap(items, len(found), str(start + size) if more else "")

    def _size(self, params: Mapping[str, str]) -> int:
        known = self.style.allowed | {self.style.at, self.style.size}
        if strange := params.keys() - known:
            raise Refusal(Answer(400, {"message": f"unknown: {', '.join(sorted(strange))}"}))
        size = int(params.get(self.style.size, "20"))
        if not 1 <= size <= self.style.most:
            raise Refusal(Answer(400, {"message": f"at most {self.style.most} at a time"}))
        return size

    def _found(self, since: datetime | None) -> list[tuple[datetime, Item]]:
        now = self.clock.now() if self.clock else None
        shown = [(at, item) for at, item, lag in self.items if now is None or at + lag <= now]
        found = [(at, item) for at, item in shown if since is None or at >= since]
        if not self.style.in_order:
            return sorted(found, key=lambda one: str(one[1])[::-1])
        return sorted(found, key=lambda one: one[0], reverse=self.style.newest_first)

    def _start(self, params: Mapping[str, str], found: Sequence[tuple[datetime, Item]], size: int) -> int:
        given = params.get(self.style.at, "")
        match self.style.paging:
            case "page":
                return (int(given or self.style.first) - self.style.first) * size
            case "offset" | "token":
                return int(given or 0)
            case "before":
                ids = [str(item[self.style.id]) for _, item in found]
                return ids.index(given) + 1 if given in ids else 0
            case "none":
                return 0


def utc(text: str, form: str = "%Y-%m-%dT%H:%M:%SZ") -> datetime:
    """Raises Refusal where it is written in another way."""
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        raise Refusal(Answer(400, {"message": "not a date"})) from None
