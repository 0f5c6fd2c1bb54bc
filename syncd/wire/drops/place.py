"""What a folder is, wherever it lies."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol

from syncd.model import Finding

PENDING = ".pending"  # ends the name of an empty file beside one whose rows are not all accounted for


@dataclass(frozen=True, slots=True)
class Seen:
    """A file at a moment."""

    name: str
    stamp: str  # another one as soon as somebody writes into the file or puts another in its place
    at: float = 0  # when it was changed; the oldest is read first


class Place(Protocol):
    """A folder, and the one for read files. Every method may raise OSError, or an error that says what happens next."""

    atomic: bool  # a file is there whole or not at all, so that one look is enough

    def seen(self) -> Iterable[Seen]:
        """All files, whatever they are called; neither folders nor links."""
        ...

    def opened(self, seen: Seen) -> AbstractContextManager[BinaryIO]:
        """To be read from any place in it. Raises FileNotFoundError when it is not there as it was seen."""
        ...

    def unchanged(self, seen: Seen, file: BinaryIO) -> bool:
        """Whether nobody has written into it since."""
        ...

    def put_away(self, seen: Seen, *, pending: bool) -> str:
        """Moves a read file, never over another one, with the mark beside it; its name there. Empty: another file has
        come in its place, and nothing was moved.
        """
        ...

    def put_away_names(self) -> Iterable[str]:
        """Of everything that lies there."""
        ...

    def kept(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file that was put away. Raises FileNotFoundError."""
        ...

    def write(self, name: str, content: BinaryIO) -> None:
        """Whole or not at all, beside the files that were put away, over one of this name."""
        ...

    def remove(self, name: str) -> None:
        """From beside the files that were put away; that it is gone already is fine."""
        ...

    def rest(self) -> None:
        """Nothing more is wanted until the next poll."""
        ...

    def check(self) -> Sequence[Finding]: ...

    def close(self) -> None: ...


def free_names(name: str) -> Iterator[str]:
    """As leads.csv, leads-1.csv, leads-2.csv."""
    path = PurePosixPath(name)
    yield from (name if again == 0 else f"{path.stem}-{again}{path.suffix}" for again in count())
