"""Since when daemons have listened for each source: in a time without a daemon no silence means anything."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from syncd.store import cursors
from syncd.store.content import dump, load
from syncd.store.database import Database, moment

AWAY = timedelta(minutes=10)
"""So long after the last look nobody has listened."""

_NAME = "listening"
_AWAY_US = AWAY // timedelta(microseconds=1)


def read(database: Database) -> Mapping[str, datetime]:
    """Source -> since when."""
    kept = cursors.read(database, _NAME)
    return {source: moment(since) for source, since in load(kept)["since"].items()} if kept else {}


def note(database: Database, sources: Iterable[str], silent: Collection[str] | None) -> Mapping[str, datetime]:
    """A daemon listens now for these; since when without a break. Several daemons are one that listens.

    `silent`: those in trouble, None where that was not looked at yet. A break of ours does not end their silence.
    """
    now = database.now_us()
    with database.write(durable=False) as tx:
        database.take_turns(tx, [_NAME])
        kept = load(cursors.value(tx, _NAME) or '{"looked": 0, "since": {}, "silent": []}')
        listened = now - kept["looked"] <= _AWAY_US
        told = kept["silent"] if silent is None else sorted(silent)
        held = {source: at for source, at in kept["since"].items() if listened or source in told}
        since = {source: held.get(source, now) for source in sources}
        cursors.move(tx, _NAME, dump({"looked": now, "since": since, "silent": told}), now)
    return {source: moment(at) for source, at in since.items()}
