"""A source that is a folder of files: each is read whole, its rows are kept, then it is put away."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from syncd.errors import Retryable
from syncd.model import Fates, Finding, Page
from syncd.protocols import Tools
from syncd.wire.drops.options import DropOptions
from syncd.wire.drops.place import Place, Seen
from syncd.wire.drops.results import Results
from syncd.wire.drops.rows import read_rows

ROWS_PER_PAGE = 500
MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Look:
    stamp: str
    since: float  # monotonic: when the file was seen so for the first time


class Drop:
    """`after`: "move" or "delete", and the folder is the state; "leave", and the cursor knows what was read."""

    def __init__(self, place: Place, options: DropOptions, tools: Tools, kind: str, *, after: str = "move") -> None:
        self.place, self.options, self.clock = place, options, tools.clock
        self.kind, self.moves = kind, after != "leave"
        self.source = options.as_source or tools.name
        self.looks: dict[str, Look] = {}
        told = options.results and after == "move"
        self.results = Results(place, options, self.source, tools.clock) if told else None

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Up to 500 rows each; the last one of a file puts it away.

        Raises Retryable at the end, when all that can be read has been: a folder or file in trouble.
        """
        try:
            yield from self._pages(cursor)
        finally:
            self.place.rest()

    def _pages(self, cursor: str | None) -> Iterator[Page]:
        troubles: list[OSError] = []
        known = frozenset(json.loads(cursor)) if cursor else frozenset[str]()
        quiet = [seen for seen in self._quiet() if _digest(seen) not in known]
        for seen in quiet:
            try:
                yield from self._pages_of(seen, known)
            except FileNotFoundError:  # taken away, or read by somebody else
                continue
            except OSError as error:
                troubles.append(error)
                continue
            known |= {_digest(seen)}
        if troubles:
            raise self._trouble("a file cannot be read", troubles[0]) from troubles[0]

    def report(self, fates: Fates) -> None:
        """What became of the rows, beside the files that they came in."""
        if self.results:
            try:
                self.results.write(fates)
            except OSError as error:
                raise self._trouble("what became of the rows cannot be written down", error) from error
            finally:
                self.place.rest()

    def check(self) -> Sequence[Finding]:
        return self.place.check()

    def close(self) -> None:
        self.place.close()

    def _quiet(self) -> list[Seen]:
        """The files that nobody has been writing for long enough, the oldest first."""
        now, before = self.clock.monotonic(), self.looks
        self.looks = {}
        quiet = []
        try:
            for seen in self.place.seen():
                if not self.options.wants(seen.name):
                    continue
                look = before.get(seen.name)
                same = look is not None and look.stamp == seen.stamp
                self.looks[seen.name] = look if look and same else Look(seen.stamp, now)
                if self.place.atomic or (same and now - self.looks[seen.name].since >= self.options.quiet):
                    quiet.append(seen)
        except OSError as error:
            raise self._trouble("the folder cannot be read", error) from error
        return sorted(quiet, key=lambda seen: (seen.at, seen.name))

    def _pages_of(self, seen: Seen, known: frozenset[str]) -> Iterator[Page]:
        with self.place.opened(seen) as file:
            now, waiting = self.clock.now(), Page((), None)
            rows = read_rows(file, seen.name, self.options, self.source, now)
            while batch := list(islice(rows, ROWS_PER_PAGE)):
                if waiting.submissions:
                    yield waiting
                if not self.place.unchanged(seen, file):
                    return  # somebody writes into it after all: all of it again when it is quiet
                waiting = Page([submission for _, submission in batch], None)
            yield self._last(waiting, seen, known)

    def _last(self, page: Page, seen: Seen, known: frozenset[str]) -> Page:
        if self.moves:
            return replace(page, settle=partial(self._put_away, seen))
        there = {_hash(name, look.stamp) for name, look in self.looks.items()}
        remembered = sorted((known & there) | {_digest(seen)})
        if len(remembered) > MOST_REMEMBERED:
            raise Retryable(f"{self.kind}: more than {MOST_REMEMBERED:,} read files lie in the folder: take some away")
        return replace(page, cursor=json.dumps(remembered))

    def _put_away(self, seen: Seen) -> None:
        try:
            name = self.place.put_away(seen, pending=self.results is not None)
        except OSError as error:
            raise self._trouble(f"{seen.name} is read, but cannot be moved", error) from error
        if name and self.results:
            self.results.expect(name)

    def _trouble(self, what: str, error: OSError) -> Retryable:
        return Retryable(f"{self.kind}: {what} ({error.strerror or type(error).__name__})")


def _digest(seen: Seen) -> str:
    return _hash(seen.name, seen.stamp)


def _hash(name: str, stamp: str) -> str:
    return hashlib.blake2b(f"{name}\0{stamp}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
