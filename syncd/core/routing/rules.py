"""The first rule that matches decides, and every rule tried before it says why it did not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from syncd.core.playbook import Rule
from syncd.core.routing.conditions import Facts, Readings


class Tried(NamedTuple):
    """A named tuple, not a dataclass: a thousand of them are made for one lead."""

    name: str
    matched: bool
    why: str  # why it did not match


@dataclass(frozen=True, slots=True)
class RuleChoice:
    rule: Rule
    tried: tuple[Tried, ...]  # in order; the last one is the rule chosen


def choose_rule(rules: Sequence[Rule], facts: Facts) -> RuleChoice:
    """From the top, first match wins. When none does, the last rule gets the lead all the same.

    Raises ValueError only when there are no rules.
    """
    if not rules:
        raise ValueError("no rules to choose from")
    readings, tried = Readings(facts), list[tuple[str, bool, str]]()
    for rule in rules:
        when = rule.when
        why = "" if when is None else when.tell(readings)
        tried.append((rule.name, not why, why))
        if not why:
            break
    return RuleChoice(rule, tuple(map(Tried._make, tried)))


def check_rules(rules: Sequence[Rule]) -> list[str]:
    """What is wrong with the rules as a list, in words; empty when nothing is."""
    if not rules:
        return ["there are no rules: write at least one without a condition, which gets what is left"]
    return [*_wrong_end(rules), *_wrong_names(rules), *_never_reached(rules)]


def _wrong_end(rules: Sequence[Rule]) -> Iterator[str]:
    if rules[-1].when is not None:
        yield f'the last rule, "{rules[-1].name}", has a condition: end with one that takes what is left'


def _wrong_names(rules: Sequence[Rule]) -> Iterator[str]:
    names = [rule.name for rule in rules]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f'{names.count(name)} rules are called "{name}": explanations could not tell them apart'


def _never_reached(rules: Sequence[Rule]) -> Iterator[str]:
    """Sound, not complete: what is reported can never match, but not all that never matches is found."""
    for place, rule in enumerate(rules):
        for earlier in rules[:place]:
            if earlier.when is None:
                yield f'rule "{rule.name}" is never reached: "{earlier.name}" before it has no condition'
                break
            if rule.when is not None and earlier.when.parts <= rule.when.parts:
                yield f'rule "{rule.name}" is never reached: "{earlier.name}" before it asks for no more'
                break
