"""What can be wrong with the account behind a sink, and what `syncd doctor` must say of each fault."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tests.cli.office import Office

PEOPLE = ("eva@example.com", "tom@example.com")


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault. `plant` does it to the fake, or gives back options of the sink that are at fault; one that is None is
    left out.
    """

    plant: Callable[[Any], dict[str, Any] | None]
    what: str  # as `syncd doctor` names it
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Case:
    """`start` gives the fake and the sink's entry of the config; the account is sound, with the office's two people."""

    name: str
    start: Callable[[], AbstractContextManager[tuple[Any, dict[str, Any]]]]
    planted: tuple[Planted, ...]  # that are there at the same time
    alone: tuple[Planted, ...] = ()  # that hide the others
    overnight: tuple[Planted, ...] = ()  # that only a comparison with yesterday's fields shows
    listed: tuple[str, str] = ("", "")  # a canonical field whose field there is a list, and one of its choices
    held: Callable[[Any], str] = str  # what stands in that field of the only record; empty: nothing
    notes: Callable[[Any], list[str]] = list  # the texts of all notes


def connect(office: Office, entry: dict[str, Any]) -> None:
    """The sink is called `crm`."""
    office.change("book: {type: local}", f"crm: {json.dumps(entry)}")


def plant(office: Office, fake: Any, entry: dict[str, Any], faults: tuple[Planted, ...]) -> None:
    """In the account, and in the config where it is the config that is at fault."""
    wrong = dict(entry)
    for fault in faults:
        wrong |= fault.plant(fake) or {}
    wrong = {name: value for name, value in wrong.items() if value is not None}
    office.change(json.dumps(entry), json.dumps(wrong))


def findings(office: Office, code: int = 1) -> dict[str, dict[str, Any]]:
    """Those that are not fine, by what they are about."""
    told = office.run("doctor", "crm", "--json", code=code).json()["crm"]
    return {finding["what"]: finding for finding in told if not finding["ok"]}


def people(add: Callable[[str, str], Any]) -> Iterator[Any]:
    """What `add` makes of each."""
    for email in PEOPLE:
        yield add(email, email.partition("@")[0].title())
