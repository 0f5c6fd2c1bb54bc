"""A sink on trial beside the one that is in use: lead by lead, what would be different."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from syncd.connector import Known, LeadKeys, Sink
from syncd.store import refs
from syncd.store.database import Database
from syncd.store.trials import Trial, tasks_of, trials


@dataclass(frozen=True, slots=True)
class Difference:
    """`used` is what stands in the sink in use, `tried` what the one on trial would have."""

    lead: str
    what: str
    used: str
    tried: str


@dataclass(frozen=True, slots=True)
class Comparison:
    leads: int  # that the trial has seen
    missing: int  # of those that have a record in the sink in use, how many the trial has not seen
    differences: tuple[Difference, ...]


def compare(database: Database, tried: str, used: str, sink: Sink) -> Comparison:
    """`sink` is the one in use. Raises what its look-up raises."""
    seen = trials(database, tried)
    made = tasks_of(database, used)
    found = tuple(
        difference for trial, known in _known(database, seen, used, sink) for difference in _between(trial, known, made)
    )
    missing = len(made.keys() - {trial.lead for trial in seen})
    return Comparison(len(seen), missing, found)


def _known(database: Database, seen: list[Trial], used: str, sink: Sink) -> Iterator[tuple[Trial, Known | None]]:
    waiting = iter(seen)
    while part := list(islice(waiting, sink.batch)):
        with database.read() as tx:
            homes = refs.records(tx, [trial.lead for trial in part], used)
        keys = [LeadKeys(trial.lead, ref=homes[trial.lead]) for trial in part if trial.lead in homes]
        answers = dict(zip((k.lead for k in keys), sink.find(keys) if keys else (), strict=True))
        yield from ((trial, answers.get(trial.lead)) for trial in part)


def _between(trial: Trial, known: Known | None, made: Mapping[str, set[str]]) -> Iterator[Difference]:
    if known is None:
        yield Difference(trial.lead, "record", "none", trial.there or "a new one")
        return
    owner = (known.owner.email or known.owner.name or known.owner.id).lower() if known.owner else ""
    if owner != trial.owner:
        yield Difference(trial.lead, "owner", owner or "nobody", trial.owner or "nobody")
    for name, value in sorted(trial.fields.items()):
        there = known.values.get(name, "")
        if there != value:
            yield Difference(trial.lead, name, there, value)
    if (count := len(made.get(trial.lead, ()))) != len(trial.tasks):
        yield Difference(trial.lead, "tasks", str(count), str(len(trial.tasks)))
