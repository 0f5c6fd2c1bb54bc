"""What a run leaves behind, in three hands: the driver's ledger, the CRM's objects, the store's rows."""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(slots=True)
class Entry:
    """One submission as its sender remembers it."""

    source: str
    key: str  # as the inbox keeps it
    person: str = ""  # e-mail address, in lower case; empty: the CRM is not asked for a record by it
    token: str = ""  # a word that stands in its answers and in nobody else's; must then stand in one note
    tries: int = 0
    answers: int = 0  # how often 200 came back
    statuses: Counter[int] = field(default_factory=Counter)  # all answers; 0: none came
    red: bool = False  # a 200 came while readiness said that nothing could be kept


class Ledger:
    """Thread-safe. `sent` before each try, `answered` after it; only a 200 obliges syncd."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, str], Entry] = {}

    def sent(self, source: str, key: str, person: str = "", token: str = "") -> None:
        with self._lock:
            entry = self._entries.setdefault((source, key), Entry(source, key, person.lower(), token))
            entry.tries += 1

    def answered(self, source: str, key: str, status: int, *, ready: bool = True) -> None:
        """`status` 0: the connection failed. `ready`: what /readyz said before and after, both red is False."""
        with self._lock:
            entry = self._entries[source, key]
            entry.statuses[status] += 1
            entry.answers += status == 200
            entry.red = entry.red or (status == 200 and not ready)

    def so_far(self) -> "Ledger":
        """A copy to compare with a look at the store: what is answered afterwards is not in it."""
        copy = Ledger()
        with self._lock:
            copy._entries = {
                name: replace(entry, statuses=Counter(entry.statuses)) for name, entry in self._entries.items()
            }
        return copy

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, source: str, key: str) -> Entry | None:
        return self._entries.get((source, key))

    @property
    def accepted(self) -> int:
        """Submissions for which at least one 200 came."""
        return sum(entry.answers > 0 for entry in self)


@dataclass(frozen=True, slots=True)
class Made:
    """A live object in a CRM."""

    id: str
    mark: str  # the lead's id on a record, the order's mark on a task or note; empty: it has none
    people: tuple[str, ...] = ()  # of a record: its e-mail addresses in lower case
    records: tuple[str, ...] = ()  # of a task or note: the records it is joined to
    words: frozenset[str] = frozenset()  # of a note: what stands in it
    inquiries: int | None = None  # of a record: how many enquiries it says there have been


@dataclass(frozen=True, slots=True)
class Crm:
    """What a CRM has committed, whatever it answered."""

    records: tuple[Made, ...] = ()
    tasks: tuple[Made, ...] = ()
    notes: tuple[Made, ...] = ()

    def of(self, kind: str) -> tuple[Made, ...]:
        return {"record": self.records, "task": self.tasks, "note": self.notes}[kind]


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of a store at one moment; column names as in syncd/store/schema.py, times in microseconds."""

    now: int
    received: int  # as the intake counted it
    inbox: tuple[Mapping[str, Any], ...] = ()
    leads: tuple[Mapping[str, Any], ...] = ()
    orders: tuple[Mapping[str, Any], ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()  # history, with `detail` read
    broken: tuple[str, ...] = ()  # promises that `syncd prove` sees broken


@dataclass(frozen=True, slots=True)
class Evidence:
    ledger: Ledger
    store: Stored
    crms: Mapping[str, Crm]  # by the sink's name in the config
    settled: bool = True  # nothing is on its way any more; False: the run goes on, and only what is never true counts
    lived: float = math.inf  # seconds for which a daemon has worked without a break; leases are judged after some
    before: Stored | None = None  # an earlier look at the same store
    texts: tuple[str, ...] = ()  # logs, errors, metrics, pages
    canaries: tuple[str, ...] = ()  # secrets and personal data that must stand in none of the texts


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: str  # I1 ... I10
    what: str
    who: str  # source/key, mark or id; never a name or an address

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}: {self.who}"


def parked(order: Mapping[str, Any]) -> bool:
    return bool(order["state"] == "parked")


def repeated(values: Iterable[str]) -> list[str]:
    """Each that stands there more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def by_key(store: Stored) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row["source"], row["key"]): row for row in store.inbox}
