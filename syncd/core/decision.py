"""What was decided about one submission, complete: whoever saves it needs to think no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from syncd.core.draft import Key
from syncd.core.routing.pools import PoolState
from syncd.model import Known, Lead


class Verdict(StrEnum):
    NEW = "new"  # a lead was made
    MERGED = "merged"  # an interaction of a lead we know
    QUARANTINED = "quarantined"  # junk by score, or a provider's test
    SUPPRESSED = "suppressed"  # on the list of those who never go to sales


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """The follow-up task to make, or the open one to raise."""

    mark: str
    subject: str
    body: str
    due_at: datetime  # aware, UTC
    zone: str
    owner: str  # a person of the roster, or "<sink>:<id>"
    kind: str
    priority: str
    raises: bool = False  # the task with this mark is open already: change it


@dataclass(frozen=True, slots=True)
class NotePlan:
    mark: str
    body: str
    at: datetime  # aware, UTC


@dataclass(frozen=True, slots=True)
class Decision:
    """`story` explains everything in plain values: keys, rules tried, owner, due time."""

    verdict: Verdict
    story: Mapping[str, Any]
    lead: Lead | None = None
    keys: tuple[Key, ...] = ()
    task: TaskPlan | None = None
    note: NotePlan | None = None
    pool: tuple[str, PoolState] | None = None
    urgency: int = 1  # 2 hot, 1 usual, 0 backfill
    reassign: bool = False  # a rule says that the CRM's owner gives way
    known: Known | None = None  # what the system of record said
    asked: bool = False  # the system of record was asked and answered
    source: str = ""  # of this submission; a merged lead's own is that of its first
