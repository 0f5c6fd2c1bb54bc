"""Whether a sink can do what the config asks of it: asked by a person, and every day by the daemon itself.

What was fine yesterday and is not today (a field, a choice or a permission that went away, somebody who left)
is told before the first lead fails on it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from syncd import log
from syncd.connector import Budgeted, Described, FieldState, Finding, Sink
from syncd.core.playbook import Playbook
from syncd.errors import AuthFailed, RateLimited, Refused, SyncdError
from syncd.run import last_look
from syncd.run.health import Health
from syncd.run.last_look import LastLook
from syncd.run.line import Line
from syncd.store import leases
from syncd.store.database import Database

DAY = timedelta(hours=24)
SICK = timedelta(hours=1)
"""So often what was not fine is looked at again: then the note about it goes away by itself."""

SHOWN = 3
FEW = 0.1
"""Of a day's calls: with less left, a person should know."""


def examine(sink: Sink, playbook: Playbook, last: LastLook) -> tuple[list[Finding], Mapping[str, FieldState]]:
    """Login, fields, choices, permissions, calls left, the people of the config, and what has changed since that look;
    and the fields as they are, none where they are not told. A sink in trouble is a finding.
    """
    found: list[Finding] = []
    fields: dict[str, FieldState] = {}

    def compared() -> Sequence[Finding]:
        fields.update(sink.described() if isinstance(sink, Described) else {})
        return last.changes(fields)

    for look in (sink.check, lambda: sink.prepare(False), lambda: list(_people(sink, playbook)), compared):
        try:
            found += look()
        except SyncdError as error:
            found.append(Finding("connection", ok=False, detail=str(error), remedy=_remedy(error)))
            break
    return list(dict.fromkeys([*found, *_calls(sink)])), fields  # `check` and `prepare` may say the same


def _remedy(error: SyncdError) -> str:
    if isinstance(error, AuthFailed):
        return "put in a login that is good and may do what the page of this CRM in docs/ names"
    if isinstance(error, RateLimited):
        return "wait, it goes on by itself; if it comes again, find out which program uses up the calls"
    if isinstance(error, Refused):
        return "correct the address, or what the config says of this call"
    return "see whether the address is right, and whether the service can be reached from this machine"


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
        self._name = f"doctor:{line.name}"  # of the lease
        self._log = log.get("doctor").bind(sink=line.name)

    def turn(self) -> bool:
        if self.line.paused() or leases.hold(self.database, self._name, self.holder) is None:
            return False
        last = last_look.read(self.database, self.line.name)
        now = self.database.now_us()
        if last.at and now < last.at + (SICK if last.bad else DAY) // timedelta(microseconds=1):
            self._note(last.bad)  # by a daemon that has started since
            return False
        found, fields = examine(self.line.sink, self.playbook(), last)
        bad = [finding for finding in found if not finding.ok]
        self._tell(bad, last.bad)
        look = last.then(now, [_line(each) for each in bad], fields)
        last_look.keep(self.database, self.line.name, look)
        return False

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
