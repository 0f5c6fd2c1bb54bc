"""What is wrong with a configuration: every problem at once, each with the place where it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from syncd.errors import ConfigError

Path = tuple[str | int, ...]
"""Keys and list indexes from the root of the file: ("rules", 2, "assign")."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A problem that knows its path; its place in the file is looked up later."""

    path: Path
    message: str
    at_key: bool = False  # the key is wrong, not its value
    needs: Path | None = None  # the section that it compared with; where that is broken it says nothing


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. Line and column count from 1; line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}  {self.path}: {self.message}" if self.path else f"{place}  {self.message}"


class ConfigErrors(ConfigError):
    """All problems of one configuration, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.line, p.column, p.path, p.message)))
        super().__init__("\n".join(map(str, self.problems)))


def dotted(path: Path) -> str:
    """("rules", 2, "assign") as "rules[2].assign"."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """A guess in brackets, as in "unknown option (did you mean form_id?)"; "" when no known word is near."""
    folded = {word.casefold(): word for word in known}
    near = get_close_matches(wrong.casefold(), folded, n=2, cutoff=0.6)
    if not near:
        near = [word for word in folded if wrong and word.startswith(wrong.casefold())][:2]
    return f" (did you mean {' or '.join(folded[word] for word in near)}?)" if near else ""


def not_among(wrong: str, where: str, known: Sequence[str]) -> str:
    """Says that a name does not exist, and which one was meant or which there are."""
    guess = did_you_mean(wrong, known)
    if guess or not known:
        return f'"{wrong}" is not in {where}{guess}'
    some = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
    return f'"{wrong}" is not in {where}: ({some})'


_SHOWN = 8
