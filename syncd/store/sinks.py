"""The common state of a sink: paused or not, and its budget of calls, shared by all daemons."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.connector import Allowance
from syncd.store.database import Database, moment, moment_or_none
from syncd.store.schema import budgets, sink_states

_US = timedelta(microseconds=1)
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
    def __init__(self, database: Database) -> None:
        self.database = database

    def state(self, sink: str) -> SinkState:
        return self.states().get(sink, SinkState(sink, moment(0)))

    def states(self) -> dict[str, SinkState]:
        with self.database.read() as tx:
            rows = tx.execute(select(sink_states)).all()
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
        """Hold all orders of a sink back for a while; True when it was working until now."""
        now = self.database.now_us()
        with self.database.write() as tx:
            before = tx.execute(select(sink_states).where(sink_states.c.sink == sink).with_for_update()).one_or_none()
            values = {
                "paused_until": now + after // _US,
                "kind": kind,
                "reason": reason[:1000],
                "failures": failures,
                "since_at": before.since_at if before and before.kind == kind else now,
            }
            self._put(tx, sink, values)
        return before is None or before.kind != kind

    def resume(self, sink: str) -> bool:
        """The sink works; True when it did not before."""
        with self.database.write() as tx:
            return bool(
                tx.execute(
                    update(sink_states)
                    .where(sink_states.c.sink == sink, sink_states.c.kind != "")
                    .values(paused_until=0, kind="", reason="", failures=0, since_at=None)
                ).rowcount
            )

    def _put(self, tx: Connection, sink: str, values: dict[str, Any]) -> None:
        made: Any = sqlite.insert(sink_states) if self.database.sqlite else postgresql.insert(sink_states)
        tx.execute(made.values(sink=sink, **values).on_conflict_do_update(index_elements=["sink"], set_=values))

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
        with self.database.write() as tx:
            tx.execute(made.values(sink=sink, **values).on_conflict_do_update(index_elements=["sink"], set_=values))

    def take(self, sink: str, reserve: float) -> timedelta:
        """Spend one call; zero, or how long to wait first when it may not be spent yet.

        Calls are spread over the window (generic cell rate), keeping `reserve` of the day for others.
        """
        now = self.database.now_us()
        with self.database.write() as tx:
            row = tx.execute(select(budgets).where(budgets.c.sink == sink).with_for_update()).one_or_none()
            if row is None or row.per_window is None:
                return timedelta(0)
            if row.day == self.database.now().date().isoformat() and _day_is_spent(row, reserve):
                return _to_midnight(self.database.now())
            burst = max(1, int(row.per_window * BURST))
            step = row.window_us // max(1, row.per_window - burst)
            early: int = row.next_at - burst * step - now
            if early > 0:
                return timedelta(microseconds=early)
            left = None if row.left_today is None else row.left_today - 1
            tx.execute(
                update(budgets)
                .where(budgets.c.sink == sink)
                .values(next_at=max(row.next_at, now) + step, left_today=left, calls=budgets.c.calls + 1)
            )
        return timedelta(0)

    def budget(self, sink: str) -> Any:
        """The row as it stands, or None."""
        with self.database.read() as tx:
            return tx.execute(select(budgets).where(budgets.c.sink == sink)).one_or_none()


def _day_is_spent(row: Any, reserve: float) -> bool:
    return row.left_today is not None and row.left_today <= (row.per_day or 0) * reserve


def _to_midnight(now: datetime) -> timedelta:
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow - now
