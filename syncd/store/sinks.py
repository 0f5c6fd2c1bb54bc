"""The common state of a sink: paused or not, and its budget of calls, shared by all daemons."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.connector import Allowance
from syncd.store.content import storable
from syncd.store.database import Database, moment, moment_or_none
from syncd.store.prepared import Prepared, insert_into
from syncd.store.schema import budgets, number, sink_states, word

_US = timedelta(microseconds=1)
PROBE, LONGEST_PROBE = timedelta(minutes=5), timedelta(hours=1)
"""So often a spent day is asked about again: often where the reserve is large, and never much of it is used up."""

BURST = 0.1
"""Share of a rolling window that may go out at once; the rest is spread, so no window is ever overrun."""


@dataclass(frozen=True, slots=True)
class SinkState:
    """`kind` is empty while the sink works; else rate, outage or login."""

    sink: str
    paused_until: datetime
    kind: str = ""
    reason: str = ""
    failures: int = 0
    since: datetime | None = None


class Sinks:
    """Nothing of this need outlive a loss of power: the service says again what it allows and what ails it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def state(self, sink: str) -> SinkState:
        return self.states().get(sink, SinkState(sink, moment(0)))

    def states(self) -> dict[str, SinkState]:
        with self.database.read() as tx:
            rows = _STATES.all(tx)
        return {
            row.sink: SinkState(
                row.sink,
                moment(row.paused_until),
                row.kind,
                row.reason,
                row.failures,
                moment_or_none(row.since_at),
            )
            for row in rows
        }

    def pause(self, sink: str, kind: str, reason: str, after: timedelta, failures: int = 0) -> bool:
        """Hold all orders of a sink back for a while; True when it was working, or sick in another way.

        Of two pauses that overlap the longer one counts.
        """
        with self.database.write(durable=False) as tx:
            now = self.database.now_us()
            before = _STATE_LOCKED.run(tx, sink=sink).one_or_none()
            values = {
                "paused_until": max(now + after // _US, before.paused_until if before else 0),
                "kind": kind,
                "reason": storable(reason, 1000),
                "failures": failures,
                "since_at": before.since_at if before and before.kind == kind else now,
            }
            _PAUSE.run(tx, sink=sink, **values)
        return before is None or before.kind != kind

    def try_again(self, sink: str) -> None:
        """Its settings have changed: whatever it was paused for may be mended."""
        with self.database.write(durable=False) as tx:
            now = self.database.now_us()
            tx.execute(
                update(sink_states)
                .where(sink_states.c.sink == sink, sink_states.c.paused_until > now)
                .values(paused_until=now)
            )

    def resume(self, sink: str) -> bool:
        """The sink works; True when it did not before. A pause that still runs is left alone."""
        with self.database.write(durable=False) as tx:
            now = self.database.now_us()
            return bool(_RESUME.run(tx, what=sink, now=now).rowcount)

    def learn(self, sink: str, allowance: Allowance) -> None:
        """Remember what the service's own headers say about its limits."""
        values = {
            "per_window": allowance.per_window,
            "window_us": allowance.window // _US,
            "left_today": allowance.left_today,
            "per_day": allowance.per_day,
            "day": self.database.now().date().isoformat(),
        }
        made: Any = sqlite.insert(budgets) if self.database.sqlite else postgresql.insert(budgets)
        with self.database.write(durable=False) as tx:
            tx.execute(made.values(sink=sink, **values).on_conflict_do_update(index_elements=["sink"], set_=values))

    def take(self, sink: str, reserve: float) -> timedelta:
        """Spend one call; zero, or how long to wait first when it may not be spent yet.

        Calls are spread over the window (generic cell rate), keeping `reserve` of the day for others. A day
        that is spent is asked about again now and then, for only the service knows when its day begins.
        """
        with self.database.write(durable=False) as tx:
            now = self.database.now_us()
            row = _BUDGET_LOCKED.run(tx, sink=sink).one_or_none()
            if row is None or row.per_window is None:
                return timedelta(0)
            rate = _Rate.of(row)
            early = rate.early(row.next_at, now)
            if early > 0:
                return timedelta(microseconds=early)
            values: dict[str, Any] = {"next_at": rate.after(row.next_at, now), "calls": row.calls + 1}
            if row.left_today is not None:
                values["left_today"] = row.left_today - 1
            wait = 0
            if self._day_is_spent(row, reserve):
                every = _probe_every(row, reserve) // _US
                wait = _until_probe(row.probe_at, now, every)
                values = {} if wait else values
                if wait in (0, every):  # a probe now, or the first word of it
                    values["probe_at"] = now + every
            if values:
                tx.execute(update(budgets).where(budgets.c.sink == sink).values(**values))
        return timedelta(microseconds=min(wait, _until_midnight(now)))

    def day_is_spent(self, sink: str, reserve: float) -> bool:
        """Whether the day's calls are gone but for the reserve, as far as the service has said."""
        with self.database.read() as tx:
            row = _BUDGET.run(tx, sink=sink).one_or_none()
        return row is not None and self._day_is_spent(row, reserve)

    def _day_is_spent(self, row: Any, reserve: float) -> bool:
        if row.left_today is None or row.day != self.database.now().date().isoformat():
            return False
        return bool(row.left_today <= (row.per_day or 0) * reserve)


def _pause(sqlite: bool) -> Any:
    made = insert_into(sink_states, sqlite_=sqlite)
    said = {column.name: made.excluded[column.name] for column in sink_states.c if column.name != "sink"}
    return made.on_conflict_do_update(index_elements=["sink"], set_=said)


_STATES = Prepared(select(sink_states))
_STATE_LOCKED = Prepared(select(sink_states).where(sink_states.c.sink == bindparam("sink")).with_for_update())
_PAUSE = Prepared(_pause)
_RESUME = Prepared(
    update(sink_states)
    .where(
        sink_states.c.sink == bindparam("what"),
        sink_states.c.kind != word(""),
        sink_states.c.paused_until <= bindparam("now"),
    )
    .values(paused_until=number(0), kind=word(""), reason=word(""), failures=number(0), since_at=None)
)
_OF_SINK = select(budgets).where(budgets.c.sink == bindparam("sink"))
_BUDGET, _BUDGET_LOCKED = Prepared(_OF_SINK), Prepared(_OF_SINK.with_for_update())


def _probe_every(row: Any, reserve: float) -> timedelta:
    """So that the probes of a whole day cost a tenth of the reserve, within limits."""
    probes = max(1.0, (row.per_day or 0) * reserve * _PROBES)
    return min(max(timedelta(days=1) / probes, PROBE), LONGEST_PROBE)


_PROBES = 0.1


def _until_probe(probe_at: int, now: int, every: int) -> int:
    """Microseconds; a time that is long past, or too far ahead, is of another day: then a whole pause is due."""
    return max(0, probe_at - now) if abs(probe_at - now) <= every else every


def _until_midnight(now: int) -> int:
    """When the day by which we count ends."""
    day = timedelta(days=1) // _US
    return day - now % day


@dataclass(frozen=True, slots=True)
class _Rate:
    """So many calls at once, then one per step: within no rolling window are there more than `per_window`.

    https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm; microseconds throughout.
    """

    at_once: int
    step: int

    @classmethod
    def of(cls, row: Any) -> "_Rate":
        at_once = max(1, int(row.per_window * BURST))
        return cls(at_once, row.window_us // (row.per_window - at_once + 1) + 1)

    def early(self, next_at: int, now: int) -> int:
        """How much too early a call would be; zero or less when it may go."""
        return self._sane(next_at, now) - (self.at_once - 1) * self.step - now

    def after(self, next_at: int, now: int) -> int:
        """The theoretical arrival of the call after this one."""
        return max(self._sane(next_at, now), now) + self.step

    def _sane(self, next_at: int, now: int) -> int:
        """Never further ahead than calls can bring it: the limit has changed, or the clock went back."""
        return min(next_at, now + self.at_once * self.step)
