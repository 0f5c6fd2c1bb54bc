"""Files of rejects: rows that were set aside, written so that a person can mend them and put the file in again.

Two columns before all others say which row it is and why it was set aside; whoever reads the file takes them off.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from syncd.wire.csv_records import Record
from syncd.wire.dialects import plain

KEY, REASON = "syncd row", "syncd reason"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of one


@dataclass(frozen=True, slots=True)
class Marked:
    key: str = ""  # of the row that was set aside


def rejects_header(columns: Iterable[str]) -> list[str]:
    return [KEY, REASON, *columns]


def rejected_row(key: str, reason: str, cells: Iterable[str]) -> list[str]:
    """A cell that a spreadsheet would compute is quoted, for the person who opens the file."""
    return [key, harmless(reason), *(harmless(cell) for cell in cells)]


def taken_off(header: Record) -> tuple[Record, Callable[[Record], tuple[Record, Marked]]]:
    """The header without the two columns, and what does the same to every record below it."""
    places = {name: place for place, cell in enumerate(header.cells) if (name := plain(cell)) in (KEY, REASON)}
    if KEY not in places:
        return header, lambda record: (record, _NONE)

    def marks(record: Record) -> tuple[Record, Marked]:
        key = record.cells[places[KEY]].strip() if places[KEY] < len(record.cells) else ""
        return _without(record, places.values(), _honest), Marked(key)

    return _without(header, places.values()), marks


_NONE = Marked()


def _without(record: Record, places: Iterable[int], read: Callable[[str], str] = str) -> Record:
    gone = frozenset(places)
    return replace(record, cells=tuple(read(cell) for place, cell in enumerate(record.cells) if place not in gone))


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def _honest(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell
