"""Tells people of trouble that lasts: each cause once at the start or after a while, again after hours, after a day."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncd import log
from syncd.clock import Clock
from syncd.connector import Alert, AlertMessage
from syncd.errors import StoreBusy, StoreError, SyncdError
from syncd.run.health import Health
from syncd.store import alarms, leases
from syncd.store.database import Database, micros, moment

AFTER = (timedelta(minutes=15), timedelta(hours=2), timedelta(days=1))
AT_ONCE = (timedelta(0), *AFTER[1:])
"""For what no waiting mends: a person must act."""

ONCE = AT_ONCE[:1]

AGAIN = timedelta(minutes=5)
LEASE = "alarms"


@dataclass(frozen=True, slots=True)
class Cause:
    """A trouble of now. `shared`: all daemons see it, and one of them tells it."""

    name: str
    text: str
    since: datetime | None = None  # None: nobody has noted it; it counts from when it was seen first
    urgent: bool = False
    shared: bool = False
    once: bool = False  # it has lasted when it is found, and to say it again would bring nobody nearer


class Alarms:
    """One loop of its own: an alert that hangs must hold up nobody else."""

    def __init__(
        self, health: Health, database: Database, alerts: Callable[[], Mapping[str, Alert]], holder: str, clock: Clock
    ) -> None:
        self.health, self.database, self.alerts, self.holder, self.clock = health, database, alerts, holder, clock
        self._own: alarms.Told = {}  # of this daemon's own causes
        self._taken: dict[str, set[str]] = {}  # mark -> alerts that have taken it while others have not
        self._not_before: dict[str, datetime] = {}
        self._log = log.get("alarms")

    def turn(self) -> bool:
        causes = list(causes_of(self.health.report()))
        self._own = self._tell([cause for cause in causes if not cause.shared], self._own)
        with contextlib.suppress(StoreBusy, StoreError):  # one of the daemon's own causes tells that
            self._tell_shared([cause for cause in causes if cause.shared])
        return False

    def _tell_shared(self, causes: list[Cause]) -> None:
        before = alarms.read(self.database)
        if not (causes or before) or leases.hold(self.database, LEASE, self.holder) is None:
            return
        before = alarms.read(self.database)  # another daemon may have told it before we got the lease
        after = self._tell(causes, before)
        if after != before:
            alarms.keep(self.database, after)

    def _tell(self, causes: list[Cause], told: alarms.Told) -> alarms.Told:
        """What has been told afterwards."""
        now, after = self.clock.now(), {}
        for cause in causes:
            since, times = told.get(cause.name, (micros(cause.since or now), 0))
            stages = ONCE if cause.once else AT_ONCE if cause.urgent else AFTER
            if times < len(stages) and now - moment(since) >= stages[times] and self._send(cause, since, times):
                times += 1
            after[cause.name] = (since, times)
        for name in told.keys() - after.keys():
            if told[name][1]:
                self._log.info("trouble is over", cause=name)
                self._say(f"{name}:{told[name][0]}:over", f"{name}: works again")
        return after

    def _send(self, cause: Cause, since: int, times: int) -> bool:
        mark = f"{cause.name}:{since}:{times}"
        if self.clock.now() < self._not_before.get(mark, self.clock.now()):
            return False
        if mark not in self._taken:
            self._log.error("trouble lasts", cause=cause.name, since=moment(since).isoformat(), reason=cause.text)
        if not self._say(mark, f"{cause.name}: {cause.text} (since {moment(since):%Y-%m-%d %H:%M} UTC)"):
            self._not_before[mark] = self.clock.now() + AGAIN
            return False
        self._not_before.pop(mark, None)
        self._taken.pop(mark, None)
        return True

    def _say(self, mark: str, title: str) -> bool:
        """Whether every alert has taken it, now or before."""
        taken = self._taken.setdefault(mark, set())
        message = AlertMessage(mark=f"alarm:{mark}", title=f"syncd: {title}", text=title)
        alerts = self.alerts()
        for name, alert in alerts.items():
            if name not in taken and self._sent(name, alert, message):
                taken.add(name)
        return taken >= alerts.keys()

    def _sent(self, name: str, alert: Alert, message: AlertMessage) -> bool:
        try:
            alert.send(message)
        except SyncdError as error:
            self._log.warning("alarm not sent", alert=name, reason=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - a connector's bug must not silence the other alerts
            self._log.error("alarm not sent", alert=name, exc_info=error)
            return False
        return True


def causes_of(report: Mapping[str, Any]) -> Iterator[Cause]:
    """Of the report that `/readyz` shows."""
    for part in ("store", "intake"):
        if report[part] != "ok":
            yield Cause(part, report[part], urgent=True)
    for name, sink in report["sinks"].items():
        if sink["state"] != "ok":
            text = f"{_WORDS.get(sink['state'], sink['state'])}: {sink['reason']}"
            seen = datetime.fromisoformat(sink["since"]) if sink["since"] else None
            yield Cause(f"sink {name}", text, seen, urgent=sink["state"] == "login", shared=True)
    for name, silence in report["silent"].items():
        since = datetime.fromisoformat(silence["since"])
        yield Cause(f"arrivals of {name}", silence["reason"], since, shared=True, once=True)
    for name, trouble in report["loops"].items():
        yield Cause(f"loop {name}", trouble, urgent=trouble.startswith("hangs"))
    for name, trouble in report["notes"].items():
        yield Cause(name.replace(":", " "), trouble, urgent=name.startswith(("store", "probe")))


_WORDS = {"login": "the credentials are refused", "outage": "it does not answer", "rate": "it asks us to slow down"}
