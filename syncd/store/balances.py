"""What a provider's own list said when it was looked through last, beside what is kept of it."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from syncd.store import cursors
from syncd.store.database import Database, micros, moment
from syncd.store.inbox_rows import Names
from syncd.store.reports import Reports


@dataclass(frozen=True, slots=True)
class Balance:
    """Of one source. `classes` counts the listed ones as `syncd prove` does; nothing listed is in none of them."""

    at: datetime  # aware, UTC: when it was looked through
    since: datetime  # aware, UTC: from when on
    listed: int
    fetched: int  # of them unknown here until then
    classes: Mapping[str, int]

    @property
    def missing(self) -> int:
        return self.listed - sum(self.classes.values())


def count(reports: Reports, source: str, listed: Collection[Names]) -> Mapping[str, int]:
    """Class -> how many of these are in it. What has no id is kept in the slot of its window, or in the one before."""
    keys = {key for names in listed for key in (names.key, names.before) if key}
    fates = reports.fates(source, sorted(keys))
    kept = (fates.get(names.key) or fates.get(names.before) for names in listed)
    return dict(Counter(fate.state for fate in kept if fate))


def read(database: Database, source: str) -> Balance | None:
    kept = cursors.read(database, _name(source))
    if not kept:
        return None
    told: dict[str, Any] = json.loads(kept)
    return Balance(moment(told["at"]), moment(told["since"]), told["listed"], told["fetched"], told["classes"])


def keep(database: Database, source: str, balance: Balance) -> None:
    told = {**asdict(balance), "at": micros(balance.at), "since": micros(balance.since)}
    with database.write() as tx:
        cursors.move(tx, _name(source), json.dumps(told), micros(balance.at))


def _name(source: str) -> str:
    return f"reconcile:{source}"
