"""Is it alive, is it ready, and what is wrong: the store, the loops, the sinks, the sources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncd.errors import StoreBusy
from syncd.run.intake import Intake
from syncd.run.loop import Loop
from syncd.store.store import Store


@dataclass(slots=True)
class Health:
    """Readiness is red when nothing can be kept durably; a paused sink is told, but takes nothing away."""

    store: Store
    intake: Intake
    loops: Callable[[], Sequence[Loop]]
    notes: dict[str, str] = field(default_factory=dict)  # "source:<name>" or "sink:<name>" -> trouble

    def alive(self) -> bool:
        """All threads run."""
        return self.intake.alive and all(loop.alive for loop in self.loops())

    def report(self) -> dict[str, Any]:
        """What `/readyz` and `syncd status` show."""
        store = self._store()
        sinks = self._sinks() if not store else {}
        loops = {loop.name: loop.trouble for loop in self.loops() if loop.trouble}
        ready = self.alive() and not store and not self.intake.trouble
        return {
            "ready": ready,
            "store": store or "ok",
            "intake": self.intake.trouble or "ok",
            "sinks": sinks,
            "loops": loops,
            "notes": dict(self.notes),
        }

    def _store(self) -> str:
        try:
            self.store.inbox.waiting()
        except StoreBusy as error:
            return str(error)
        return ""

    def _sinks(self) -> Mapping[str, Any]:
        return {
            name: {
                "state": state.kind or "ok",
                "reason": state.reason,
                "until": state.paused_until.isoformat(),
            }
            for name, state in self.store.sinks.states().items()
        }
