"""What outlives a reload: the parts that every crew works with."""

from dataclasses import dataclass
from pathlib import Path

from syncd.clock import Clock
from syncd.run.auditor import Auditor
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.heartbeat import Heartbeat
from syncd.run.metrics import Metrics
from syncd.store.store import Store


@dataclass(frozen=True, slots=True)
class Lasting:
    clock: Clock
    store: Store
    metrics: Metrics
    heartbeat: Heartbeat
    auditor: Auditor
    health: Health
    plan_bell: Bell  # rung when something may be planned
    holder: str  # who we are among several daemons

    @property
    def data_dir(self) -> Path:
        """Beside the SQLite file; otherwise `data` in the working folder."""
        path = self.store.database.path
        return path.parent if path else Path("data").absolute()
