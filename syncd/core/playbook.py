"""Everything the decisions need to know of the company, compiled once from the config."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from syncd.core.expect import Expected
from syncd.core.routing.conditions import Condition
from syncd.core.targets import Target
from syncd.core.worktime import WorkCalendar


class FieldPolicy(StrEnum):
    """What happens to a field that the CRM already fills."""

    FILL_EMPTY = "fill_empty"  # a form can never destroy what a rep typed
    OVERWRITE = "overwrite"
    APPEND = "append"  # a new line below what stands there, once
    MAX = "max"  # the greater number or the later date wins
    NEVER = "never"  # not even when it is empty


class PoolMethod(StrEnum):
    ROUND_ROBIN = "round_robin"  # the next eligible after the last one served
    WEIGHTED = "weighted"  # smooth weighted round robin


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the roster. Rules name people by `id`, never by a CRM's id."""

    id: str
    name: str
    email: str  # how every sink finds its user
    calendar: WorkCalendar
    active: bool = True
    away: tuple[tuple[date, date], ...] = ()  # first and last day, both included, in the calendar's zone


@dataclass(frozen=True, slots=True)
class Pool:
    """A rota. The state of its turns lives in the store, keyed by person and not by position."""

    name: str
    members: tuple[tuple[str, int], ...]  # (person id, weight)
    method: PoolMethod = PoolMethod.ROUND_ROBIN
    in_hours_only: bool = False  # skip people outside their working hours while anybody is inside


@dataclass(frozen=True, slots=True)
class Rule:
    """Who gets it, and by when. The last rule of a playbook has no condition."""

    name: str
    when: Condition | None
    person: str = ""  # exactly one of person and pool
    pool: str = ""
    target: Target | None = None  # None: the target of the lead's stage
    hot: bool = False
    priority: str = ""  # "" = by stage
    subject: str = ""  # template; "" = the playbook's
    body: str = ""
    reassign: bool = False  # may take a lead away from the owner it has


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What the decisions need to know of one source."""

    name: str
    tag: str = ""  # lead source
    map: Mapping[str, str] = field(default_factory=dict)  # canonical field -> id, ref or label
    country: str = ""
    expected: Expected | None = None  # what comes at least
    learned: bool = True  # whether silence is judged by what usually comes, too


@dataclass(frozen=True, slots=True)
class JunkPlan:
    flag: int = 40
    quarantine: int = 80
    weights: Mapping[str, int] = field(default_factory=dict)  # only those that differ from the default


@dataclass(frozen=True, slots=True)
class Playbook:
    """One consistent set of rules; `version` is a hash of the config and stands in every decision."""

    version: str
    company: str
    own_domains: frozenset[str]
    country: str
    calendar: WorkCalendar  # where nobody's own applies
    people: Mapping[str, Person]
    pools: Mapping[str, Pool]
    rules: tuple[Rule, ...]
    sources: Mapping[str, SourcePlan]
    targets: Mapping[str, Target]  # stage (name | lead | hot) -> by when somebody must have answered
    policies: Mapping[str, FieldPolicy]  # canonical field -> policy; fill_empty where absent
    junk: JunkPlan
    lead_sources: tuple[str, ...]  # the allowed values; empty: any
    subject: str  # task templates (Jinja2, sandboxed)
    body: str
    languages: frozenset[str] = frozenset()  # scripts that the forms expect; empty: any
    suppressed_domains: frozenset[str] = frozenset()
    suppressed_emails: frozenset[str] = frozenset()  # match keys
