"""How lists are paged through, until they end or reach far enough back."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from syncd.wire.answering import Json
from syncd.wire.values import moment_of

MOST_PAGES = 100_000
"""Beyond that a list is taken for one that does not end."""


def by_number(ask: Callable[[int], Sequence[Json]], size: int, *, first: int, step: int) -> Iterator[Sequence[Json]]:
    """Pages by number (first 0 or 1, step 1) or by offset (first 0, step `size`), until one is not full, or is the one
    before again. `size` 1 where a provider may give fewer than it was asked for.
    """
    before: Sequence[Json] = ()
    for turn in range(MOST_PAGES):
        items = ask(first + turn * step)
        if items and items != before:
            yield items
        if len(items) < size or items == before:
            return
        before = items


def by_offset(ask: Callable[[int], Sequence[Json]]) -> Iterator[Sequence[Json]]:
    """Pages by how many came before, however many the provider gives at a time, until one is empty."""
    offset, before = 0, list[Json]()
    while (items := ask(offset)) and items != before:
        yield items
        offset, before = offset + len(items), list(items)


def from_either_end(
    ask: Callable[[int], tuple[Sequence[Json], int]], time_of: Callable[[Json], object], since: datetime
) -> Iterator[Sequence[Json]]:
    """Pages of a list that says how long it is, and not in which order: from its newer end until one reaches back.

    `ask`: offset -> page, and how many there are in all. Every page but the last one is as long as the first.
    """
    items, total = ask(0)
    size = max(len(items), 1)
    offsets = range(size, total, size)
    times = _times(items, time_of)
    if offsets and len(set(times)) == 1:  # a page within one second does not tell
        times += _times(ask(offsets[-1])[0], time_of)
    if times and times[0] < times[-1]:
        pages = chain((ask(offset)[0] for offset in reversed(offsets)), [items])
    else:
        pages = chain([items], (ask(offset)[0] for offset in offsets))
    for page in pages:
        yield page
        if any(at < since for at in _times(page, time_of)):
            return


def _times(items: Sequence[Json], time_of: Callable[[Json], object]) -> list[datetime]:
    return [at for at in map(moment_of, map(time_of, items)) if at]


def by_token(ask: Callable[[str], tuple[Sequence[Json], str]]) -> Iterator[Sequence[Json]]:
    """Pages by what the one before says of the next: a token, a link; an empty one, or the same again, ends it."""
    token, seen = "", set[str]()
    while True:
        items, token = ask(token)
        if items:
            yield items
        if not token or token in seen:
            return
        seen.add(token)
