"""Webhooks that come never, late, again or after each other; polls that die; backfills: each submission is kept once.

The provider's list shows some of what was submitted only half an hour later, as Typeform's does, and is down at times.
"""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from syncd.connector import Page
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.poller import Poller
from syncd.run.reconciler import look_through
from syncd.store.schema import inbox
from syncd.store.store import Store
from syncd.testing import FakeClock
from tests.connectors.posted.pulled import MINUTE, PULLED, Pulled
from tests.connectors.posted.test_pulled import posted, source
from tests.fakes.lists import FakeLists
from tests.templates import migrated_sqlite

__all__ = ["migrated_sqlite"]

EVENING = datetime(2026, 3, 2, 20, tzinfo=UTC)
"""So that what has no id crosses the midnight at which its window turns."""
KINDS = ("fillout", "netlify", "jotform", "unbounce", "wufoo", "formspree", "tally")
_numbers = itertools.count()

number = st.integers(0, 5)
step = st.one_of(
    st.tuples(st.just("submit"), st.integers(0, 30)),  # the lag in minutes
    st.tuples(st.just("deliver"), number),
    st.tuples(st.just("deliver and die before it is kept"), number),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("poll"), st.just(0)),
    st.tuples(st.just("poll and die before a page is kept"), st.integers(0, 2)),
    st.tuples(st.just("the list is down"), st.integers(1, 2)),
    st.tuples(st.just("backfill"), st.just(0)),
)


SHOWS_UP_BEHIND_ANOTHER = [("submit", 30), ("wait", 5), ("submit", 0), ("poll", 0), ("wait", 40)]
FOUND_AGAIN_DAYS_LATER = [("submit", 0), ("deliver", 0), ("poll", 0), ("days pass", 2), ("backfill", 0)]
MISSED_FOR_DAYS = [("submit", 0), ("the list is down", 2), ("poll", 0), ("poll", 0), ("days pass", 3), ("submit", 0)]


class Killed(Exception):
    """The process is gone."""


class Scene:
    """A provider, and a daemon that may be started anew at any time."""

    def __init__(self, case: Pulled, fake: FakeLists, clock: FakeClock, store: Store) -> None:
        self.case, self.fake, self.clock, self.store = case, fake, clock, store
        self.submitted: list[datetime] = []
        self.start()

    def start(self) -> None:
        self.source = source(self.case, self.fake, self.clock)
        health = Health(self.store, Intake(self.store.inbox, Bell()), list)
        self.poller = Poller("forms", self.source, self.store.inbox, Bell(), "me", health)

    def act(self, what: str, how: int) -> None:
        match what:
            case "submit":
                at = self.clock.now()
                self.fake.submit(at, self.case.listed(len(self.submitted), at), how * MINUTE)
                self.submitted.append(at)
            case "deliver" | "deliver and die before it is kept" if how < len(self.submitted):
                self.deliver(how, kept=what == "deliver")
            case "wait":
                self.clock.advance(minutes=how)
            case "days pass":
                self.clock.advance(days=how)
            case "poll":
                self.poller.turn()
            case "poll and die before a page is kept":
                self.die_while_polling(how)
            case "the list is down":
                self.fake.order_fault("server_error", count=how)
            case "backfill":
                with suppress(Exception):  # the list may be down
                    look_through("forms", self.source, self.store.inbox, self.store.reports, EVENING)

    def deliver(self, which: int, *, kept: bool) -> None:
        arrived = posted(self.case, self.source, which, self.submitted[which], self.clock.now())
        if kept:
            self.store.inbox.accept([arrived])
        else:
            self.start()

    def die_while_polling(self, pages: int) -> None:
        whole = self.source.pages

        def dying(cursor: str | None) -> Iterator[Page]:
            yield from itertools.islice(whole(cursor), pages)
            raise Killed

        self.source.pages = dying
        with suppress(Killed):
            self.poller.turn()
        self.start()

    def keys(self) -> list[str]:
        """Without the slot that stands behind the key of what has no id."""
        with self.store.database.read() as tx:
            kept = tx.execute(select(inbox.c.key)).scalars()
            return sorted(key.rpartition(":")[0] if key.startswith("sha256:") else key for key in kept)


@pytest.mark.parametrize("case", [case for case in PULLED if case.name in KINDS], ids=lambda case: case.name)
@example(steps=SHOWS_UP_BEHIND_ANOTHER)
@example(steps=FOUND_AGAIN_DAYS_LATER)
@example(steps=MISSED_FOR_DAYS)
@settings(max_examples=8)
@given(steps=st.lists(step, min_size=4, max_size=14))
def test_every_submission_is_kept_exactly_once(
    case: Pulled, steps: list[tuple[str, int]], migrated_sqlite: Path, tmp_path_factory: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / f"interleaved-{next(_numbers)}.db"
    shutil.copy(migrated_sqlite, path)
    clock = FakeClock(EVENING)
    store = Store(f"sqlite:///{path}", clock)
    store.open()
    try:
        with FakeLists(case.style, clock) as fake:
            scene = Scene(case, fake, clock, store)
            scene.act("poll", 0)
            for what, how in steps:
                scene.act(what, how)
            fake.clear_faults()
            clock.advance(minutes=30)
            for _ in range(2):
                scene.act("poll", 0)

            expected = [posted(case, scene.source, one, at).key for one, at in enumerate(scene.submitted)]
            assert scene.keys() == sorted(expected)
    finally:
        store.close()
        path.unlink()
