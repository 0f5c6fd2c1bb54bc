"""The common state of a sink: paused or not, and its budget of calls, shared by all daemons."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from syncd.connector import Allowance, Limit
from syncd.store.content import storable
from syncd.store.database import Database, moment, moment_or_none
from syncd.store.prepared import Prepared, insert_into
from syncd.store.schema import budgets, number, sink_states, word

_US = timedelta(microseconds=1)
PROBE, LONGEST_PROBE = timedelta(minutes=5), timedelta(hours=1)
"""So often a spent day is asked about again: often where the reserve is large, and never much of it is used up."""

AHEAD = 0.04
"""Share of a window by which calls may come before their turn: what goes out at once after a rest, and what those that
come late make up for. The more of it, the slower the pace that overruns no window.
"""
TRAVEL, MOST_TRAVEL = 0.045, timedelta(milliseconds=200)
"""Share of a window by which one call may take longer on its way than another, and the most that is allowed for it."""


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
        made = insert_into(budgets, sqlite_=self.database.sqlite)
        with self.database.write(durable=False) as tx:
            tx.execute(made.values(sink=sink, **values).on_conflict_do_update(index_elements=["sink"], set_=values))

    def take(self, sink: str, reserve: float, limit: Limit | None = None, *, yields: bool = False) -> timedelta:
        """Spend one call; zero, or how long to wait first when it may not be spent yet.

        Calls are spread over the window (generic cell rate), keeping `reserve` of the day for others. One with
        a `limit` of its own needs room in that window too. One that `yields` leaves half of what may go out at
        once to the others, or where that is a single call, lets go first who waits for it. A day that is spent
        is asked about again now and then, for only the service knows when its day begins.
        """
        with self.database.write(durable=False) as tx:
            now = self.database.now_us()
            row, special = self._budget(tx, sink), self._budget_of(tx, sink, limit)
            known = [each for each in (row, special) if each is not None and each.per_window is not None]
            early = max((_Rate.of(each).early(each.next_at, now, yields=yields) for each in known), default=0)
            if early > 0:
                return timedelta(microseconds=early)
            wait, probe = self._until_the_day_allows(row, reserve, now)
            for each in () if wait else known:
                _spend(tx, each, now)
            if probe:
                tx.execute(update(budgets).where(budgets.c.sink == sink).values(probe_at=probe))
        return timedelta(microseconds=min(wait, _until_midnight(now)))

    def _budget(self, tx: Connection, name: str) -> Any:
        return _BUDGET_LOCKED.run(tx, sink=name).one_or_none()

    def _budget_of(self, tx: Connection, sink: str, limit: Limit | None) -> Any:
        """The row of a limit that only some calls have, as wide as the connector says."""
        if limit is None:
            return None
        name, window = f"{sink} {limit.name}", limit.window // _US
        row = self._budget(tx, name)
        if row is None or (row.per_window, row.window_us) != (limit.per_window, window):
            values = {"per_window": limit.per_window, "window_us": window}
            made = insert_into(budgets, sqlite_=self.database.sqlite).values(sink=name, **values)
            tx.execute(made.on_conflict_do_update(index_elements=["sink"], set_=values))
            row = self._budget(tx, name)
        return row

    def _until_the_day_allows(self, row: Any, reserve: float, now: int) -> tuple[int, int]:
        """(how long to wait; when a spent day is to be asked about again, 0: as it was)."""
        if row is None or not self._day_is_spent(row, reserve):
            return 0, 0
        every = _probe_every(row, reserve) // _US
        wait = _until_probe(row.probe_at, now, every)
        return wait, now + every if wait in (0, every) else 0  # a probe now, or the first word of it

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
_SPEND = Prepared(
    update(budgets)
    .where(budgets.c.sink == bindparam("what"))
    .values(next_at=bindparam("following"), left_today=bindparam("left"), calls=budgets.c.calls + number(1))
)


def _spend(tx: Connection, row: Any, now: int) -> None:
    left = None if row.left_today is None else row.left_today - 1
    _SPEND.run(tx, what=row.sink, following=_Rate.of(row).after(row.next_at, now), left=left)


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
    """One call per step, each up to `ahead` before its turn: within no rolling window are there more than `per_window`.

    https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm; microseconds throughout.
    """

    ahead: int
    step: int

    @classmethod
    def of(cls, row: Any) -> "_Rate":
        ahead, travel = int(row.window_us * AHEAD), min(int(row.window_us * TRAVEL), MOST_TRAVEL // _US)
        return cls(ahead, (row.window_us + ahead + travel) // row.per_window + 1)

    def early(self, next_at: int, now: int, *, yields: bool) -> int:
        """How much too early a call would be; zero or less when it may go."""
        if self._astray(next_at, now):
            return 0
        left = max(self.ahead // 2, self.step // 4) if yields else 0  # a waiting one wakes before that
        return next_at - self.ahead + left - now

    def after(self, next_at: int, now: int) -> int:
        """The theoretical arrival of the call after this one."""
        return (now + self.ahead if self._astray(next_at, now) else max(next_at, now)) + self.step

    def _astray(self, next_at: int, now: int) -> bool:
        """Further ahead than calls can bring it: the limit has changed, or the clock went back. One call may go then,
        and turns count anew from it, as if as much had gone before it as may.
        """
        return next_at > now + self.ahead + self.step
