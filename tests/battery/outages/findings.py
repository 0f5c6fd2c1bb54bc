"""What a scenario found: figures, each with the limit that it must hold."""

from dataclasses import dataclass, field


class CannotLook(Exception):
    """The scenario cannot be set up here; the reason is told, and it does not count as held."""


@dataclass(frozen=True, slots=True)
class Figure:
    what: str
    value: object
    limit: str = ""  # in words; empty: told, but not judged
    held: bool = True

    def __str__(self) -> str:
        shown = f"{self.value:.3g}" if isinstance(self.value, float) else str(self.value)
        limit = f" ({self.limit})" if self.limit else ""
        return f"{self.what}: {shown}{limit}{'' if self.held else '  <-- BROKEN'}"


@dataclass(slots=True)
class Findings:
    """Collected while a scenario runs; nothing stops at the first broken limit."""

    figures: list[Figure] = field(default_factory=list)
    runs: int = 1  # how often the fault struck
    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    also: str = ""  # the figure that says most, for the table

    @property
    def broken(self) -> list[Figure]:
        return [figure for figure in self.figures if not figure.held]

    @property
    def judged(self) -> int:
        return sum(bool(figure.limit) for figure in self.figures)

    def told(self, what: str, value: object) -> None:
        self.figures.append(Figure(what, value))

    def exactly(self, what: str, value: object, wanted: object) -> None:
        self.figures.append(Figure(what, value, f"exactly {wanted}", value == wanted))

    def most(self, what: str, value: float, limit: float) -> None:
        self.figures.append(Figure(what, value, f"at most {limit:g}", value <= limit))

    def least(self, what: str, value: float, limit: float) -> None:
        self.figures.append(Figure(what, value, f"at least {limit:g}", value >= limit))

    def none(self, what: str, found: object) -> None:
        """`found` is a collection of what broke it; the first few are shown."""
        items = list(found)  # type: ignore[call-overload]
        shown = 0 if not items else f"{len(items)}, as {items[:3]}"
        self.figures.append(Figure(what, shown, "none", not items))
