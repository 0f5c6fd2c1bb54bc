"""Is it alive, is it ready, and what is wrong: the store, the loops, the sinks, the sources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.errors import StoreBusy, StoreError
from syncd.run.intake import Intake
from syncd.run.loop import Loop
from syncd.run.silences import Silence
from syncd.store.store import Store


@dataclass(slots=True)
class Health:
    """Readiness is red when nothing can be kept durably; a paused sink is told, but takes nothing away."""

    store: Store
    intake: Intake
    loops: Callable[[], Sequence[Loop]]
    notes: dict[str, str] = field(default_factory=dict)  # "source:<name>" or "sink:<name>" -> trouble
    silences: Mapping[str, Silence] = field(default_factory=dict)  # source -> since when it brings nothing
    looked: datetime | None = None  # when that was found; until it is looked again nobody gets more silent

    def alive(self) -> bool:
        """All threads run and get on. Otherwise only another process helps."""
        return self.intake.alive and all(loop.alive for loop in self.loops())

    def report(self) -> dict[str, Any]:
        """What `/readyz` and `syncd status` show."""
        store, sinks = "", {}
        try:
            sinks = self._sinks()
        except (StoreBusy, StoreError) as error:
            store = str(error)
        loops = {loop.name: told for loop in self.loops() if (told := loop.trouble or loop.hangs)}
        intake = self.intake.trouble or self.intake.closed_for
        ready = self.alive() and not store and not intake
        return {
            "ready": ready,
            "store": store or "ok",
            "intake": intake or "ok",
            "sinks": sinks,
            "loops": loops,
            "notes": dict(self.notes),
            "silent": self.silent(),
        }

    def silent(self) -> dict[str, Any]:
        """Sources that bring nothing, though they should."""
        now = self.looked or self.store.database.now()
        return {
            name: {"reason": silence.reason(now), "since": silence.since.isoformat()}
            for name, silence in self.silences.items()
            if silence.silent(now)
        }

    def _sinks(self) -> dict[str, Any]:
        return {
            name: {
                "state": state.kind or "ok",
                "reason": state.reason,
                "since": state.since.isoformat() if state.since else "",
                "until": state.paused_until.isoformat(),
            }
            for name, state in self.store.sinks.states().items()
        }
