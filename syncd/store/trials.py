"""What a sink on trial would have written, as lines of history, and the way back to a sink that writes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from syncd.store import history
from syncd.store.content import load
from syncd.store.database import Database, in_parts
from syncd.store.schema import OPEN, orders, word
from syncd.store.schema import history as lines

EVENT = "would write"
SHADOW = "shadow"
"""The object of refs that exist nowhere."""


@dataclass(slots=True)
class Trial:
    """What would stand in the sink of one lead."""

    lead: str
    fields: dict[str, str] = field(default_factory=dict)  # canonical field -> value, the newest
    owner: str = ""  # e-mail address in lower case
    there: str = ""  # the record that it would have been written to; empty: a new one
    tasks: set[str] = field(default_factory=set)  # marks
    notes: set[str] = field(default_factory=set)


def note(database: Database, sink: str, writes: Sequence[Mapping[str, Any]]) -> None:
    """Keep what would be written; each with its `mark`."""
    with database.write() as tx:
        named = {row.mark: row for row in tx.execute(_orders(sink, [write["mark"] for write in writes]))}
        now = database.now_us()
        known = [(named[write["mark"]], write) for write in writes if write["mark"] in named]
        rows = [
            history.row(now, EVENT, lead=order.lead_id, order=order.id, sink=sink, **write) for order, write in known
        ]
        history.write(tx, rows)


def trials(database: Database, sink: str) -> list[Trial]:
    """One for each lead that a trial of this sink has seen, the oldest first."""
    found: dict[str, Trial] = {}
    with database.read() as tx:
        for row in tx.execute(select(lines).where(lines.c.event == EVENT).order_by(lines.c.id)):
            detail = load(row.detail)
            if detail.get("sink") == sink:
                _add(found.setdefault(row.lead_id, Trial(row.lead_id)), detail)
    return list(found.values())


def tasks_of(database: Database, sink: str) -> Mapping[str, set[str]]:
    """Lead -> the marks of the tasks that were made for it in a sink."""
    made: dict[str, set[str]] = defaultdict(set)
    done = select(orders.c.lead_id, orders.c.mark).where(
        orders.c.sink == sink, orders.c.kind == "task", orders.c.done > 0
    )
    with database.read() as tx:
        for row in tx.execute(done):
            made[row.lead_id].add(row.mark)
    return made


def go_live(database: Database, sink: str) -> int:
    """Forget where a trial "made" things; how many there were. Who writes again gets a real record."""
    of_sink, made = orders.c.sink == sink, orders.c.object == SHADOW
    with database.write() as tx:
        recorded = select(orders.c.lead_id).where(of_sink, made, orders.c.kind == word("record"))
        still = (of_sink, orders.c.kind != word("record"), orders.c.state.in_(OPEN), orders.c.lead_id.in_(recorded))
        waiting = sorted(set(tx.execute(select(orders.c.lead_id).where(*still)).scalars()))
        for part in in_parts(waiting):  # what is on its way goes out, and needs its record for that
            mine = update(orders).where(of_sink, orders.c.lead_id.in_(part))
            tx.execute(mine.where(orders.c.kind != word("record"), orders.c.state.in_(OPEN)).values(state="blocked"))
            again = mine.where(orders.c.kind == word("record"), orders.c.state == word("done"))
            tx.execute(again.values(state="waiting", due_at=database.now_us()))
        forgotten = update(orders).where(of_sink, made).values(object=None, ref=None, url=None)
        return int(tx.execute(forgotten).rowcount)


def _orders(sink: str, marks: Sequence[str]) -> Any:
    return select(orders.c.id, orders.c.lead_id, orders.c.mark).where(orders.c.sink == sink, orders.c.mark.in_(marks))


def _add(trial: Trial, detail: Mapping[str, Any]) -> None:
    if detail["kind"] == "record":
        trial.fields |= detail["fields"]
        trial.owner, trial.there = detail["owner"], detail["there"]
    else:
        (trial.tasks if detail["kind"] == "task" else trial.notes).add(detail["mark"])
