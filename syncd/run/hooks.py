"""Whether a provider still posts to us: asked by a person, and every day by the daemon itself.

A provider that has switched its webhook off makes no error here: nothing comes.
"""

from datetime import timedelta
from typing import Any

import orjson

from syncd import log
from syncd.connector import Finding, Hooked, same_address
from syncd.errors import SyncdError
from syncd.run.health import Health
from syncd.store import cursors, leases
from syncd.store.database import Database

DAY, SICK = timedelta(hours=24), timedelta(hours=1)
"""How often is looked: while all is well, and after something was not."""


def verified(source: Hooked, name: str, url: str) -> Finding:
    """Whether the provider posts to this address. Its own trouble is a finding."""
    remedy = f"syncd hooks create {name}"
    try:
        found = source.hooks()
    except SyncdError as error:
        return Finding("webhook", ok=False, detail=str(error), remedy="see the rights of api_token")
    ours = [hook for hook in found if not hook.url or same_address(hook.url, url)]
    if any(hook.active for hook in ours):
        return Finding("webhook", ok=True, detail=f"posts to {_shown(url)}")
    if ours:
        return Finding("webhook", ok=False, detail="the provider has switched it off", remedy=remedy)
    return Finding("webhook", ok=False, detail=f"nothing posts to {_shown(url)}", remedy=remedy)


def _shown(url: str) -> str:
    """Without the token."""
    head, inside, rest = url.partition("/in/")
    return head + inside + rest.partition("/")[0]


class Hooks:
    """One per such source; of several daemons one looks, once a day. `keep`: what is off is set up again."""

    def __init__(
        self, name: str, source: Hooked, url: str, database: Database, health: Health, holder: str, *, keep: bool
    ) -> None:
        self.name, self.source, self.url, self.keep = name, source, url, keep
        self.database, self.health, self.holder = database, health, holder
        self._place = f"hooks:{name}"
        self._log = log.get("hooks").bind(source=name)

    def turn(self) -> bool:
        if leases.hold(self.database, self._place, self.holder) is None:
            return False
        kept = cursors.read(self.database, self._place)
        before: dict[str, Any] = orjson.loads(kept) if kept else {"at": 0, "bad": ""}
        now = self.database.now_us()
        pause = SICK if before["bad"] else DAY
        if before["at"] and now < before["at"] + pause // timedelta(microseconds=1):
            self._note(before["bad"])  # by a daemon that has started since
            return False
        bad = self._look()
        if bad and bad != before["bad"]:
            self._log.warning("webhook needs attention", detail=bad, remedy=f"syncd hooks create {self.name}")
        self._note(bad)
        with self.database.write() as tx:
            cursors.move(tx, self._place, orjson.dumps({"at": now, "bad": bad}).decode(), now)
        return False

    def _look(self) -> str:
        """What is not as it should be; nothing where it is, or was made so."""
        found = verified(self.source, self.name, self.url)
        if found.ok or not self.keep:
            return "" if found.ok else found.detail
        try:
            self.source.hook_up(self.url)
        except SyncdError as error:
            return f"{found.detail}; not set up again: {error}"
        again = verified(self.source, self.name, self.url)
        if again.ok:
            self._log.warning("webhook set up again", was=found.detail)
        return "" if again.ok else again.detail

    def _note(self, bad: str) -> None:
        note = f"source:{self.name}:webhook"
        if bad:
            self.health.notes[note] = bad
        elif self.health.notes.pop(note, ""):
            self._log.info("webhook is fine again")
