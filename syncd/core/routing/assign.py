"""From a rule to a person. Somebody always gets the lead, and the notes say how it came to that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.playbook import Playbook, Rule
from syncd.core.routing.pools import PoolState, absence, take_turn

EXISTING, RULE, POOL, CATCH_ALL = "existing owner", "rule", "pool", "catch-all"


@dataclass(frozen=True, slots=True)
class Assignment:
    person: str  # "" only when the roster is empty
    how: str  # existing owner | rule | pool | catch-all
    pool: str = ""  # whose turn was taken
    pool_state: PoolState | None = None  # to be saved for that pool, together with the decision
    notes: tuple[str, ...] = ()


def assign_owner(
    rule: Rule,
    playbook: Playbook,
    pool_states: Mapping[str, PoolState],
    existing: str,
    existing_active: bool,
    now: datetime,
    load: Mapping[str, int] | None = None,
) -> Assignment:
    """Who owns the lead.

    `existing` is the owner it has, of the roster or not, "" if none; an active one keeps it unless the rule
    may reassign. Where the rule yields nobody, the last rule's person or pool is next, then whoever of the
    roster is there, and in the end the last rule's person even so. `load` is for the pools: `take_turn`.
    """
    notes: list[str] = []
    people = playbook.people
    if existing:
        if existing in people and not existing_active:  # the CRM knows better, also when the rule names them
            people = {**people, existing: replace(people[existing], active=False)}
            playbook = replace(playbook, people=people)
        away = absence(people, existing, now) if existing in people else ""
        active = existing_active and away != "inactive"
        if active and not rule.reassign:
            kept = (f"{existing} keeps the lead, though {away}",) if away else ()
            return Assignment(existing, EXISTING, notes=kept)
        notes.append(f"{existing} had the lead: {'the rule may reassign' if active else 'inactive'}")
    last = playbook.rules[-1] if playbook.rules else rule
    for each in (rule,) if last is rule else (rule, last):
        found = _follow(each, playbook, pool_states, now, load)
        notes += found.notes
        if found.person:
            return replace(found, how=found.how if each is rule else CATCH_ALL, notes=_once(notes))
    person, note = next(_anybody(last, playbook, now), ("", "the roster is empty"))
    return Assignment(person, CATCH_ALL, notes=_once([*notes, note]))


def _follow(
    rule: Rule,
    playbook: Playbook,
    pool_states: Mapping[str, PoolState],
    now: datetime,
    load: Mapping[str, int] | None,
) -> Assignment:
    """Whom this rule yields; person "" and the reasons in the notes where it yields nobody."""
    if rule.person:
        away = absence(playbook.people, rule.person, now)
        if away:
            return Assignment("", RULE, notes=(f'rule "{rule.name}" names {rule.person}, who is {away}',))
        return Assignment(rule.person, RULE)
    pool = playbook.pools.get(rule.pool)
    if pool is None:
        return Assignment("", POOL, notes=(f'rule "{rule.name}" names neither a person nor a known pool',))
    turn = take_turn(pool, pool_states.get(pool.name, PoolState()), playbook.people, now, load)
    notes = tuple(f'{person} skipped in pool "{pool.name}": {reason}' for person, reason in turn.skipped)
    if not turn.person:
        return Assignment("", POOL, notes=(*notes, f'nobody in pool "{pool.name}" can take it'))
    return Assignment(turn.person, POOL, pool.name, turn.state, notes)


def _anybody(last: Rule, playbook: Playbook, now: datetime) -> Iterator[tuple[str, str]]:
    """Person and note, the best first; nothing only for an empty roster."""
    people = playbook.people
    for name in people:
        if not absence(people, name, now):
            yield name, f'rule "{last.name}" yields nobody: {name} is the first of the roster who is there'
    pool = playbook.pools.get(last.pool)
    named = [last.person, *(member for member, _ in pool.members)] if pool else [last.person]
    roster = [name for name in (*named, *people) if name in people]
    for name in sorted(roster, key=lambda name: not people[name].active):
        yield name, f"nobody of the roster is there: {name} gets it though {absence(people, name, now)}"


def _once(notes: list[str]) -> tuple[str, ...]:
    """The rule and the last one may ask the same pool."""
    return tuple(dict.fromkeys(notes))
