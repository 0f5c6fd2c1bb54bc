"""What an account must have: fields of a type, and the choices that the config names. Each finding has its remedy."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from syncd.model import Finding


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field."""

    what: str  # as a finding calls it
    of: str  # the kind of object that has it, in the vendor's word
    name: str
    type: str  # as what it is made
    works: frozenset[str] = frozenset()  # as these; empty: as any, what does not fit is left out
    words: str = ""  # for the types with which it works; empty: that as which it is made
    remedy: str = ""  # where it is none that syncd may make


def field_findings(
    wanted: Iterable[Wanted], there: Callable[[Wanted], str], make: Callable[[Wanted], str] | None
) -> list[Finding]:
    """`there`: its type in the account, empty where it is missing. `make`: makes it and says why that was refused,
    empty when it was not; None: nothing is to be made.
    """
    return [_finding(each, there(each), make) for each in wanted]


def choice_findings(given: Mapping[str, str], there: Collection[str] | Mapping[str, str]) -> Iterator[Finding]:
    """One for each choice that the account does not have. `given`: what it is for -> choice; `there` may say what each
    is called.
    """
    listed = (f"{key} ({there[key]})" if isinstance(there, Mapping) else key for key in there)
    remedy = f"name one of: {', '.join(listed)}" if there else "make one first"
    for what, choice in given.items():
        if choice not in there:
            yield Finding(what, ok=False, detail=f"{choice} is not there", remedy=remedy)


def _finding(wanted: Wanted, found: str, make: Callable[[Wanted], str] | None) -> Finding:
    what = wanted.what
    if found:
        if not wanted.works or found in wanted.works:
            return Finding(what, ok=True)
        remedy = "name another field, or let syncd make one after renaming this one"
        detail = f"is of type {found}, not {wanted.words or wanted.type}"
        return Finding(what, ok=False, detail=detail, remedy=remedy)
    if make is None or wanted.remedy:
        by_hand = f"let syncd make it, or make a field of this name by hand ({wanted.type})"
        return Finding(what, ok=False, detail="missing", remedy=wanted.remedy or by_hand)
    if refused := make(wanted):
        return Finding(what, ok=False, detail=f"not made: {refused}", remedy="make it by hand")
    return Finding(what, ok=True, detail="made", changed=True)
