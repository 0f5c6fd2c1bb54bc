"""What is known of probes: the last one, and what one of them may have left in a sink. Shared by all daemons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.model import Ref
from syncd.store import cursors
from syncd.store.content import dump, load
from syncd.store.database import Database, micros, moment

_NAME = "probe"


@dataclass(frozen=True, slots=True)
class Probed:
    """The last probe that came to an end."""

    source: str
    at: datetime  # aware, UTC: when it ended
    seconds: float  # from the post until it was found where it was to arrive, or given up
    trouble: str = ""  # empty: it arrived


@dataclass(frozen=True, slots=True)
class Remains:
    """In one sink: records and tasks that a probe has made, and whether there may be some that nobody was told of."""

    refs: tuple[Ref, ...] = ()
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Probes:
    last: Probed | None = None
    remains: Mapping[str, Remains] = field(default_factory=dict)  # sink -> what is to be removed there


def read(database: Database) -> Probes:
    kept = cursors.read(database, _NAME)
    return _read(load(kept)) if kept else Probes()


def ended(database: Database, last: Probed) -> None:
    _keep(database, replace(read(database), last=last))


def remains(database: Database, sink: str, left: Remains) -> None:
    """Durable before the call that makes it so: what a probe leaves in a sink must be removed, whoever dies."""
    known = read(database)
    _keep(database, replace(known, remains={**known.remains, sink: left}))


def _keep(database: Database, probes: Probes) -> None:
    last = probes.last
    said: dict[str, Any] = {"remains": {sink: _parts(left.refs, left.doubt) for sink, left in probes.remains.items()}}
    if last:
        said["last"] = [last.source, micros(last.at), last.seconds, last.trouble]
    with database.write() as tx:
        cursors.move(tx, _NAME, dump(said), database.now_us())


def _parts(refs: Sequence[Ref], doubt: bool) -> list[Any]:
    return [[[ref.object, ref.id] for ref in refs], doubt]


def _read(said: Mapping[str, Any]) -> Probes:
    last = said.get("last")
    return Probes(
        Probed(last[0], moment(last[1]), last[2], last[3]) if last else None,
        {
            sink: Remains(tuple(Ref(*ref) for ref in refs), doubt)
            for sink, (refs, doubt) in said.get("remains", {}).items()
        },
    )
