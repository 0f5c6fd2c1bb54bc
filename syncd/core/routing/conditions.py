"""Declarative conditions, as YAML writes them, compiled to closures.

    country: [DE, AT]                 # one of; a plain value means equals
    company_size: {from: 50, to: 500}
    any:                              # parts of one mapping must all hold; all, any and not nest
      - message: {contains: [pricing, quote]}
      - not: {email: {domain_in: [gmail.com]}}

A missing or blank value is no wildcard: every comparison with it is false (`exists: false` and `not` see it).
A field with several values meets a comparison when one of them does, and `not_in` when none is listed.
There are no regular expressions: nothing that a config says can make a match slow.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from syncd.core.routing.operators import Check, Part, Tell, compile_operators
from syncd.core.routing.readings import Facts, Readings
from syncd.core.routing.scalars import ConditionError, Path, suggest

__all__ = ["Condition", "ConditionError", "Facts", "Readings", "compile_condition"]

DEPTH = 20  # of all, any and not inside each other
_GROUPS = ("all", "any", "not")


@dataclass(frozen=True, slots=True)
class Condition:
    """Two conditions are equal when they are the same but for order, case and spaces.

    Make one `Readings` where many conditions are asked about the same facts, and call `check` and `tell`.
    """

    parts: frozenset[str]  # what must hold, each in its normal form
    says: str = field(compare=False)
    check: Check = field(compare=False, repr=False)  # `matches` on Readings
    tell: Tell = field(compare=False, repr=False)  # `why_not` on Readings

    def __str__(self) -> str:
        return self.says

    def matches(self, facts: Facts) -> bool:
        """Never raises, whatever the facts hold."""
        return self.check(Readings(facts))

    def why_not(self, facts: Facts) -> str:
        """The first part that failed: field, actual value (shortened), expectation; "" when it matches."""
        return self.tell(Readings(facts))


def compile_condition(tree: object, fields: Collection[str]) -> Condition:
    """`tree` is plain YAML; scalars may all be strings. Raises ConditionError for the first mistake found."""
    parts = _compile(tree, fields, (), 0)
    whole = _all_of(parts)
    return Condition(frozenset(part.key for part in parts), whole.says, whole.check, whole.tell)


def _compile(tree: object, fields: Collection[str], path: Path, depth: int) -> list[Part]:
    """The parts that must all hold."""
    if depth > DEPTH:
        raise ConditionError(path, f"all, any and not are nested more than {DEPTH} deep")
    if not isinstance(tree, Mapping):
        raise ConditionError(path, "a condition is a mapping of fields, all, any and not")
    if not tree:
        raise ConditionError(path, "an empty condition; leave it out where everything matches")
    parts: list[Part] = []
    for name, asked in tree.items():
        here = (*path, str(name))
        if name in _GROUPS:
            parts += _compile_group(name, asked, fields, here, depth + 1)
        elif name in fields:
            parts += compile_operators(name, asked, here)
        else:
            raise ConditionError(here, f"unknown field {str(name)!r}{suggest(name, (*fields, *_GROUPS))}")
    return parts


def _compile_group(name: str, asked: object, fields: Collection[str], path: Path, depth: int) -> list[Part]:
    if name == "not":
        return [_none_of(_all_of(_compile(asked, fields, path, depth)))]
    if not isinstance(asked, list | tuple) or not asked:
        raise ConditionError(path, f"{name} takes a list of conditions, each with a dash before it")
    inner = [_compile(tree, fields, (*path, index), depth) for index, tree in enumerate(asked)]
    if name == "any":
        return [_any_of([_all_of(parts) for parts in inner])]
    return [part for parts in inner for part in parts]


def _all_of(parts: list[Part]) -> Part:
    """Its `tell` may be asked at any time: it is "" when all parts hold."""
    checks = [part.check for part in parts]
    pairs = [(part.check, part.tell) for part in parts]

    def check(facts: Readings) -> bool:
        for holds in checks:  # noqa: SIM110  # all() over a generator takes three times as long
            if not holds(facts):
                return False
        return True

    def tell(facts: Readings) -> str:
        for holds, explain in pairs:
            if not holds(facts):
                return explain(facts)
        return ""

    says = " and ".join(part.says for part in parts)
    return Part(_key("all", parts), says, _fields(parts), checks[0] if len(parts) == 1 else check, tell)


def _any_of(parts: list[Part]) -> Part:
    def check(facts: Readings) -> bool:
        return any(part.check(facts) for part in parts)

    def tell(facts: Readings) -> str:
        first = "; ".join(part.tell(facts) for part in parts[:3])
        return first if len(parts) == 1 else f"none of {len(parts)} alternatives: {first}"

    says = f"any of ({' | '.join(part.says for part in parts)})"
    return Part(_key("any", parts), says, _fields(parts), check, tell)


def _none_of(part: Part) -> Part:
    def tell(facts: Readings) -> str:
        found = ", ".join(f"{name} is {facts.shown[name]}" for name in part.fields[:3])
        return f"{found}, expected not ({part.says})"

    says = f"not ({part.says})"
    return Part(_key("not", [part]), says, part.fields, lambda facts: not part.check(facts), tell)


def _key(group: str, parts: list[Part]) -> str:
    return f"{group} {sorted({part.key for part in parts})}"


def _fields(parts: list[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.fields))
