"""Whether a sink can do what the config asks of it: asked by a person, and every day by the daemon itself.

What was fine yesterday and is not today (a field, a choice or a permission that went away, somebody who left)
is told before the first lead fails on it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from syncd import log
from syncd.connector import Budgeted, Finding, Sink
from syncd.core.playbook import Playbook
from syncd.errors import SyncdError
from syncd.run.health import Health
from syncd.run.line import Line
from syncd.store import cursors, leases
from syncd.store.database import Database

DAY = timedelta(hours=24)
SICK = timedelta(hours=1)
"""So often what was not fine is looked at again: then the note about it goes away by itself."""

SHOWN = 3
FEW = 0.1
"""Of a day's calls: with less left, a person should know."""


def examine(sink: Sink, playbook: Playbook) -> list[Finding]:
    """Login, fields, choices, permissions, calls left, and the people of the config. A sink in trouble is a finding."""
    found: list[Finding] = []
    for look in (sink.check, lambda: sink.prepare(False), lambda: list(_people(sink, playbook))):
        try:
            found += look()
        except SyncdError as error:
            found.append(Finding("connection", ok=False, detail=str(error), remedy="mend the login or the address"))
            break
    return list(dict.fromkeys([*found, *_calls(sink)]))  # `check` and `prepare` may say the same


def _people(sink: Sink, playbook: Playbook) -> Iterator[Finding]:
    owners = sink.owners()
    for person in playbook.people.values():
        owner = owners.get(person.email.lower())
        if not person.active or (owner and owner.active):
            continue
        detail = "has left there" if owner else "no user there has their e-mail address"
        remedy = "give them a seat in the CRM, correct `email`, or set `active: no`; the catch-all's people stand in"
        yield Finding(f"person {person.id}", ok=False, detail=detail, remedy=remedy)


def _calls(sink: Sink) -> Iterator[Finding]:
    allowed = sink.allowance() if isinstance(sink, Budgeted) else None
    if allowed and allowed.per_day and allowed.left_today is not None:
        fine = allowed.left_today >= allowed.per_day * FEW
        detail = f"{allowed.left_today} of {allowed.per_day} left today"
        remedy = "" if fine else "find out which program uses them up, or raise the limit there"
        yield Finding("calls of the day", ok=fine, detail=detail, remedy=remedy)


class Doctor:
    """One per sink; of several daemons one looks, once a day."""

    def __init__(
        self, line: Line, database: Database, playbook: Callable[[], Playbook], health: Health, holder: str
    ) -> None:
        self.line, self.database, self.playbook, self.health, self.holder = line, database, playbook, health, holder
        self._name = f"doctor:{line.name}"
        self._log = log.get("doctor").bind(sink=line.name)

    def turn(self) -> bool:
        if self.line.paused() or leases.hold(self.database, self._name, self.holder) is None:
            return False
        before = self._last()
        now = self.database.now_us()
        if before and now < before["at"] + (SICK if before["bad"] else DAY) // timedelta(microseconds=1):
            self._note(before["bad"])  # by a daemon that has started since
            return False
        found = examine(self.line.sink, self.playbook())
        bad = [finding for finding in found if not finding.ok]
        self._tell(bad, before["bad"] if before else ())
        with self.database.write() as tx:
            cursors.move(tx, self._name, json.dumps({"at": now, "bad": [_line(each) for each in bad]}), now)
        return False

    def _last(self) -> dict[str, Any] | None:
        kept = cursors.read(self.database, self._name)
        found: dict[str, Any] | None = json.loads(kept) if kept else None
        return found

    def _tell(self, bad: Sequence[Finding], before: Sequence[str]) -> None:
        for finding in bad:
            if _line(finding) not in before:
                words = {"what": finding.what, "detail": finding.detail, "remedy": finding.remedy}
                self._log.warning("sink needs attention", **words)
        self._note([_line(finding) for finding in bad])

    def _note(self, bad: Sequence[str]) -> None:
        note = f"sink:{self.line.name}:doctor"
        if bad:
            self.health.notes[note] = "; ".join(bad[:SHOWN])
        elif self.health.notes.pop(note, ""):
            self._log.info("sink is fine again")


def _line(finding: Finding) -> str:
    return f"{finding.what}: {finding.detail}"
