"""What a webhook missed, from the provider's own list: a window that overlaps, its cursor kept with every page."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Protocol

from pydantic import Field, SecretStr

from syncd.clock import Clock
from syncd.errors import Rejected
from syncd.model import Page, Submission
from syncd.wire.answering import Json
from syncd.wire.content_key import unreadable
from syncd.wire.options import SourceOptions
from syncd.wire.strict_json import json_bytes

PAGE = 1000
MOST_HELD = 20_000
"""Submissions that are held in memory to be handed over oldest first."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class FetchOptions(SourceOptions):
    """The options of a source that can ask the provider for what it missed."""

    api_token: SecretStr | None = Field(None, description="key for the provider's API, to fetch what was missed")
    history: Literal["skip", "all"] | date = Field(
        "skip", description="what the first fetch brings: skip (from now on), all, or a day (2026-01-31) to begin with"
    )
    overlap: int = Field(30, ge=0, le=10_080, description="minutes that are read again, for what shows up late")
    page_size: int = Field(100, ge=1, le=1000, description="submissions for each call")
    reconcile_days: int = Field(
        3, ge=0, le=90, description="days whose submissions are compared every night with what is kept; 0: never"
    )
    every: int = Field(300, ge=1, description="seconds between two fetches")

    @property
    def fetches(self) -> bool:
        return self.api_token is not None

    def begins(self, now: datetime) -> datetime:
        """Where the first fetch begins."""
        if self.history == "skip":
            return now
        if isinstance(self.history, date):
            return datetime(self.history.year, self.history.month, self.history.day, tzinfo=UTC)
        return LONG_AGO


class Lists(Protocol):
    """What a provider's API has to say: where, and how its pages go on, is the connector's."""

    def lists(self, since: datetime) -> Iterator[Sequence[Json]]:
        """Pages of what was submitted since then (inclusive), in any order; more than that does no harm.

        Raises AuthFailed, RateLimited, Refused or Retryable, and Rejected for an answer that nobody can read.
        """
        ...

    def submitted_at(self, item: Json) -> datetime | None: ...

    def fetched(self, item: Json, received_at: datetime, raw: bytes) -> Submission:
        """Under the key that the webhook gave it. Raises Rejected."""
        ...


class Fetching:
    """The pages of a PullSource. The cursor is the time of the newest submission that was seen, ISO 8601 in UTC."""

    def __init__(self, name: str, options: FetchOptions, clock: Clock, source: Lists, *, oldest_first: bool) -> None:
        """`oldest_first`: whether the provider lists them so. Otherwise the cursor moves with the last page alone, for
        what is older may still come.
        """
        self.name, self.options, self.clock, self.source = name, options, clock, source
        self.oldest_first = oldest_first

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Nothing where nothing is set to fetch with. Oldest first; beyond MOST_HELD they are by thousands."""
        if not self.options.fetches:
            return
        newest = datetime.fromisoformat(cursor) if cursor else self.options.begins(self.clock.now())
        if cursor is None:
            yield Page((), cursor_at(newest))  # from here on nothing is missed, even if nobody answers yet
        kept = cursor_at(newest)
        listed = self.source.lists(newest - timedelta(minutes=self.options.overlap))
        for items in listed if self.oldest_first else self._held(listed):
            latest = max([newest, *filter(None, map(self.source.submitted_at, items))])
            newest = max(newest, min(latest, self.clock.now()))  # a time to come would hide what comes before it
            yield Page(self._submissions(items), cursor_at(newest) if self.oldest_first else kept)
        if not self.oldest_first:
            yield Page((), cursor_at(newest))

    def _held(self, listed: Iterator[Sequence[Json]]) -> Iterator[Sequence[Json]]:
        """In order of time and by thousands, from pages in any order."""
        held: list[Json] = []
        for items in listed:
            held += items
            if len(held) >= MOST_HELD:
                yield from self._in_order(held)
                held = []
        yield from self._in_order(held)

    def _in_order(self, items: Sequence[Json]) -> Iterator[Sequence[Json]]:
        now = self.clock.now()
        timed = sorted(items, key=lambda item: self.source.submitted_at(item) or now)
        for place in range(0, len(timed), PAGE):
            yield timed[place : place + PAGE]

    def _submissions(self, items: Sequence[Json]) -> list[Submission]:
        """Oldest first, whatever the order of the list."""
        now = self.clock.now()
        timed = sorted(items, key=lambda item: self.source.submitted_at(item) or now)
        return [self._submission(item, now) for item in timed]

    def _submission(self, item: Any, now: datetime) -> Submission:
        raw = json_bytes(item)
        try:
            return self.source.fetched(item, now, raw)
        except Rejected as error:
            return unreadable(self.name, raw, now, str(error))


def cursor_at(moment: datetime) -> str:
    """The cursor of a fetch that brings what was submitted since then."""
    return moment.astimezone(UTC).isoformat()
