"""What must be, said as shortly as possible: which submission lands on whom, and what becomes of it."""

from dataclasses import dataclass, field
from datetime import datetime

from syncd.core import ids

PEOPLE = 4
NOBODY = PEOPLE
"""The number of a sender who cannot be reached."""


@dataclass(slots=True)
class Expected:
    """One person: what of theirs has landed, and what has become of it."""

    landed: list[tuple[str, str]] = field(default_factory=list)
    task: str = ""  # mark of the open task
    tasks: set[str] = field(default_factory=set)
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    key: tuple[str, str]  # source and key
    number: int
    person: int
    test: bool
    at: datetime


class Model:
    """What must be, said as shortly as possible."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Arrived] = {}
        self.waiting: set[tuple[str, str]] = set()
        self.parked: set[tuple[str, str]] = set()
        self.aside: set[tuple[str, str]] = set()  # in quarantine
        self.trusted: set[tuple[str, str]] = set()
        self.people: dict[int, Expected] = {}

    def receive(self, key: tuple[str, str], person: int, at: datetime, *, test: bool) -> None:
        if key not in self.kept:
            self.kept[key] = Arrived(key, len(self.kept) + 1, person, test, at)
            self.waiting.add(key)

    def plan(self) -> None:
        """In the order in which they came."""
        for one in sorted((self.kept[key] for key in self.waiting), key=lambda arrived: arrived.number):
            if one.person == NOBODY:
                self.parked.add(one.key)
            elif one.test and one.key not in self.trusted:
                self.aside.add(one.key)
            else:
                self.land(one)
        self.waiting.clear()

    def land(self, one: Arrived) -> None:
        """A lead waits anew when the question is younger than the answer; an open task is raised, not doubled."""
        who = self.people.setdefault(one.person, Expected())
        who.landed.append(one.key)
        if who.answered_at and who.answered_at < one.at:
            who.answered_at = None
        if not who.task:
            who.task = ids.task_mark(*one.key)
            who.tasks.add(who.task)

    def release(self) -> None:
        """Somebody has looked: what was in quarantine is no junk, and what could not be read is read again."""
        self.trusted |= self.aside
        self.waiting |= self.aside | self.parked
        self.aside, self.parked = set(), set()

    def replay(self, number: int) -> None:
        """What has landed stays as it is."""
        again = {key for key in self.parked | self.aside if self.kept[key].number == number}
        self.waiting |= again
        self.parked -= again
        self.aside -= again

    def complete(self, person: int, at: datetime) -> None:
        who = self.people[person]
        who.task, who.answered_at = "", who.answered_at or at
