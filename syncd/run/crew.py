"""All loops and connectors of one config. A reload builds a new crew and then lets the old one go."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from syncd import log
from syncd.connector import Alert, PullSource, PushSource
from syncd.core.playbook import Playbook
from syncd.protocols import Checked
from syncd.run.line import Line
from syncd.run.lookup import Lookup
from syncd.run.loop import Loop
from syncd.run.web import Slot

STOP_SECONDS, CLOSE_SECONDS = 20, 5


@dataclass(slots=True)
class Crew:
    """Built by the app, started once, stopped once."""

    playbook: Playbook
    sources: dict[str, PushSource | PullSource] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)  # the system of record first
    alerts: dict[str, Alert] = field(default_factory=dict)
    lookup: Lookup = field(default_factory=partial(Lookup, None))
    loops: list[Loop] = field(default_factory=list)

    def start(self) -> None:
        self.lookup.start()
        for loop in self.loops:
            loop.start()

    def stop(self) -> bool:
        """Let every loop finish its unit, then close the connectors; False when one did not end in time."""
        for loop in self.loops:
            loop.stop()
        end = time.monotonic() + STOP_SECONDS
        late = [loop.name for loop in self.loops if not loop.join(max(0.0, end - time.monotonic()))]
        if late:
            log.get("daemon").warning("loops did not end in time", loops=late)
        self.close()
        return not late

    def close(self) -> None:
        """Close the connectors; one that cannot be closed, or hangs, does not keep the others open."""
        self.lookup.close()
        threads = [
            threading.Thread(target=_close, args=(name, connector), name=name, daemon=True)
            for name, connector in self._connectors()
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + CLOSE_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        if late := [thread.name for thread in threads if thread.is_alive()]:
            log.get("daemon").warning("connectors did not close in time", connectors=late)

    def _connectors(self) -> Iterator[tuple[str, Checked]]:
        yield from self.sources.items()
        yield from ((name, line.sink) for name, line in self.lines.items())
        yield from self.alerts.items()


def _close(name: str, connector: Checked) -> None:
    try:
        connector.close()
    except Exception as error:  # noqa: BLE001 - a connector's bug; everybody is on the way out
        log.get("daemon").error("connector not closed", connector=name, exc_info=error)
