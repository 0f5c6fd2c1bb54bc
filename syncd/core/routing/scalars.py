"""Plain values as a config tree has them, and the error that says where one is wrong."""

from collections.abc import Collection
from difflib import get_close_matches

from syncd.core.cleaning.text import match_form

Path = tuple[str | int, ...]


class ConditionError(ValueError):
    """A condition that cannot be compiled; `path` leads to the place in the tree, keys and indexes."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def read_scalar(asked: object, path: Path) -> str:
    """Text, number or truth value as text, never blank. Raises ConditionError."""
    if isinstance(asked, bool):
        return str(asked).lower()
    if not isinstance(asked, str | int | float):
        raise ConditionError(path, "a plain value is due here, not a list, a mapping or nothing")
    if not match_form(str(asked)):
        raise ConditionError(path, "a blank value compares with nothing; write exists: false")
    return str(asked)


def read_scalars(asked: object, path: Path) -> list[str]:
    """A list of them, or a single one as a list of one. Raises ConditionError."""
    if not isinstance(asked, list | tuple):
        return [read_scalar(asked, path)]
    if not asked:
        raise ConditionError(path, "an empty list matches nothing")
    return [read_scalar(value, (*path, index)) for index, value in enumerate(asked)]


def suggest(name: object, known: Collection[str]) -> str:
    """What to say behind "unknown ...": the nearest known name, or all if they are few."""
    near = get_close_matches(str(name), known, n=1)
    if near:
        return f" (did you mean {near[0]}?)"
    return f"; use one of {', '.join(sorted(known))}" if len(known) <= 30 else ""
