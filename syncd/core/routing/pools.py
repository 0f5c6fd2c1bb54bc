"""Whose turn it is. A turn is a pure step: pool and state in, person and next state out.

Round robin follows a pointer kept by person, so adding, removing or moving people shifts nobody's turn.
Weighted is smooth weighted round robin: everybody eligible gains their weight, whoever stands highest is
served and pays what all gained together, so 5:1:1 serves a a b a c a a. Whoever is away gains nothing: the
turn is lost, and nobody comes back to a flood.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.core.playbook import Person, Pool, PoolMethod
from syncd.core.worktime import is_open


@dataclass(frozen=True, slots=True)
class PoolState:
    """Where a pool stands between two turns."""

    last: str = ""  # served last
    credits: Mapping[str, int] = field(default_factory=dict)  # person -> turns given back and not yet used
    seen: tuple[str, ...] = ()  # the members at the last turn, in order
    weights: tuple[int, ...] = ()  # theirs; only of a weighted pool
    balance: Mapping[str, int] = field(default_factory=dict)  # person -> standing; only of a weighted pool

    def to_json(self) -> dict[str, Any]:
        return {
            "last": self.last,
            "credits": dict(self.credits),
            "seen": list(self.seen),
            "weights": list(self.weights),
            "balance": dict(self.balance),
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> "PoolState":
        """What `to_json` gave, also by an older or a newer version: unknown keys are passed over."""
        return PoolState(
            last=str(stored.get("last", "")),
            credits=dict(stored.get("credits", {})),
            seen=tuple(stored.get("seen", ())),
            weights=tuple(stored.get("weights", ())),
            balance=dict(stored.get("balance", {})),
        )


@dataclass(frozen=True, slots=True)
class Turn:
    person: str  # "" when nobody is eligible; the state is then as it was
    state: PoolState
    skipped: tuple[tuple[str, str], ...] = ()  # (person, why), in the pool's order


def take_turn(
    pool: Pool,
    state: PoolState,
    people: Mapping[str, Person],
    now: datetime,
    load: Mapping[str, int] | None = None,
) -> Turn:
    """`load` (person -> open leads) decides between members who stand level in a weighted pool."""
    weights = dict(pool.members)
    reasons = _reasons(pool, weights, people, now)
    skipped = tuple((person, reason) for person, reason in reasons.items() if reason)
    eligible = [person for person in _from_pointer(list(weights), state) if not reasons[person]]
    owed = [person for person in eligible if state.credits.get(person, 0) > 0]
    if not eligible:
        return Turn("", state, skipped)
    if owed:
        return Turn(owed[0], _credited(state, owed[0], -1), skipped)
    if pool.method is PoolMethod.WEIGHTED:
        person, state = _serve_highest(weights, state, eligible, load or {})
    else:
        person, state = eligible[0], replace(state, weights=(), balance={})
    return Turn(person, replace(state, last=person, seen=tuple(weights)), skipped)


def give_back(state: PoolState, person: str) -> PoolState:
    """The lead was no lead (junk, duplicate): the person is served once more before the others go on."""
    return _credited(state, person, 1)


def absence(people: Mapping[str, Person], name: str, now: datetime) -> str:
    """Why this person gets no leads at all now, hours apart; "" when present."""
    person = people.get(name)
    if person is None:
        return "not on the roster"
    if not person.active:
        return "inactive"
    today = now.astimezone(person.calendar.zone).date()
    for first, last in person.away:
        if first <= today <= last:
            return f"away until {last.isoformat()}"
    return ""


def _reasons(pool: Pool, weights: Mapping[str, int], people: Mapping[str, Person], now: datetime) -> dict[str, str]:
    """Person -> why not, "" for the eligible. Hours count only while somebody eligible is inside theirs."""
    reasons = {person: absence(people, person, now) for person in weights}
    if pool.method is PoolMethod.WEIGHTED:
        reasons |= {person: "weight 0" for person in weights if not reasons[person] and weights[person] < 1}
    if not pool.in_hours_only:
        return reasons
    outside = [person for person, reason in reasons.items() if not reason and not is_open(people[person].calendar, now)]
    if len(outside) < sum(not reason for reason in reasons.values()):
        reasons |= dict.fromkeys(outside, "outside working hours")
    return reasons


def _from_pointer(members: list[str], state: PoolState) -> list[str]:
    """The members in the order of their turns; where the last one served has left, the follower is next."""
    if state.last in members:
        start = members.index(state.last) + 1
    else:
        place = state.seen.index(state.last) if state.last in state.seen else 0
        followers = [person for person in state.seen[place:] + state.seen[:place] if person in members]
        start = members.index(followers[0]) if followers else 0
    return members[start:] + members[:start]


def _serve_highest(
    weights: Mapping[str, int], state: PoolState, eligible: list[str], load: Mapping[str, int]
) -> tuple[str, PoolState]:
    balance = _standings(weights, state)
    for person in eligible:
        balance[person] += weights[person]
    order = list(weights)
    person = min(eligible, key=lambda each: (-balance[each], load.get(each, 0), order.index(each)))
    balance[person] -= sum(weights[each] for each in eligible)
    return person, replace(state, balance=balance, weights=tuple(weights.values()))


def _standings(weights: Mapping[str, int], state: PoolState) -> dict[str, int]:
    """Joiners start level with the others; after a change of weights everybody does."""
    before = dict(zip(state.seen, state.weights, strict=False))
    stayed = {person: state.balance.get(person, 0) for person in weights if person in before}
    if any(before[person] != weights[person] for person in stayed):
        return dict.fromkeys(weights, 0)
    level = round(sum(stayed.values()) / len(stayed)) if stayed else 0
    return {person: stayed.get(person, level) for person in weights}


def _credited(state: PoolState, person: str, turns: int) -> PoolState:
    left = {**state.credits, person: state.credits.get(person, 0) + turns}
    return replace(state, credits={person: count for person, count in left.items() if count > 0})
