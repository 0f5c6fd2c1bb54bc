"""A folder into which somebody puts CSV files: exports of ad platforms, of fairs, of other programs.

A file is read once it has kept its size and time for `quiet` seconds over at least two looks, so that no
half-written file is taken; writing under another name (.part, .tmp) and renaming is safe as well. Read files
are moved to `done` after everything in them is kept. There is no cursor: the folder is the state, and a file
that comes again, or that a crash left behind, brings the same keys.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EXDEV
from fnmatch import fnmatch
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO, Self

from syncd.connector import (
    CsvFormat,
    Field,
    Finding,
    Page,
    Plugin,
    Rejected,
    Retryable,
    SourceOptions,
    Tools,
    field_validator,
    model_validator,
    read_csv,
    row_submission,
    unreadable,
)

ROWS_PER_PAGE = 500
KEPT_OF_UNREADABLE = 64 * 1024
UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")


class Options(SourceOptions):
    folder: Path = Field(description="where the files are put")
    done: Path | None = Field(None, description="where read files go; empty: done, inside the folder")
    pattern: str = Field("*.csv", min_length=1, description="names of the files to read")
    quiet: float = Field(5, ge=0, le=3600, description="seconds for which a file must not have changed")
    delimiter: str = Field("", max_length=1, description="what parts the cells; empty: found out")
    encoding: str = Field("", description="as cp1250; empty: UTF-8, UTF-16 or Windows-1252, found out")
    id_column: str = Field("", description="column with an id that no other row will ever have")

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str) -> str:
        try:
            "".encode(encoding or "utf-8")
        except (LookupError, UnicodeError):
            raise ValueError(f'there is no encoding "{encoding}"') from None
        return encoding

    @model_validator(mode="after")
    def _moves_away(self) -> Self:
        if self.done == self.folder:
            raise ValueError("done must be another folder, or files would be read for ever")
        return self


@dataclass(frozen=True, slots=True)
class State:
    """What changes when somebody writes into a file or puts another in its place."""

    inode: int
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Look:
    state: State
    since: float  # monotonic: when the file was seen so for the first time


class CsvDrop:
    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name, self.clock = options, tools.name, tools.clock
        self.done = options.done or options.folder / "done"
        self.looks: dict[str, Look] = {}

    def pages(self, cursor: str | None) -> Iterator[Page]:  # noqa: ARG002 - the folder is the state
        """Up to 500 rows each; the last one of a file moves it.

        Raises Retryable at the end, when all that can be read has been: a folder or file in trouble.
        """
        troubles: list[OSError] = []
        for name, state in self._quiet_files():
            try:
                yield from self._pages_of(name, state)
            except FileNotFoundError:  # taken away, or read by somebody else
                continue
            except OSError as error:
                troubles.append(error)
        if troubles:
            raise _trouble("a file cannot be read", troubles[0]) from troubles[0]

    def check(self) -> Sequence[Finding]:
        folder, done = self.options.folder, self.done
        usable = folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        place = done if done.exists() else done.parent
        return [
            Finding("folder", ok=usable, detail=str(folder), remedy=_remedy(usable, folder)),
            Finding(
                "done",
                ok=(movable := place.is_dir() and os.access(place, os.W_OK | os.X_OK)),
                detail=str(done),
                remedy=_remedy(movable, place),
            ),
        ]

    def close(self) -> None:
        """Nothing stays open between two polls."""

    def _quiet_files(self) -> list[tuple[str, State]]:
        """The files that nobody has been writing for long enough, the oldest first."""
        now, before = self.clock.monotonic(), self.looks
        self.looks = {}
        try:
            for name, state in self._files():
                look = before.get(name)
                self.looks[name] = look if look and look.state == state else Look(state, now)
        except OSError as error:
            raise _trouble("the folder cannot be read", error) from error
        quiet = [
            (look.state.changed_ns, name, look.state)
            for name, look in self.looks.items()
            if look is before.get(name) and now - look.since >= self.options.quiet
        ]
        return [(name, state) for _, name, state in sorted(quiet, key=lambda one: one[:2])]

    def _files(self) -> Iterator[tuple[str, State]]:
        with os.scandir(self.options.folder) as entries:
            for entry in entries:
                name = entry.name.lower()
                if name.startswith(".") or name.endswith(UNFINISHED):
                    continue
                if fnmatch(name, self.options.pattern.lower()) and entry.is_file(follow_symlinks=False):
                    yield entry.name, _state(entry.stat(follow_symlinks=False))

    def _pages_of(self, name: str, state: State) -> Iterator[Page]:
        with _opened(self.options.folder / name) as file:
            now, waiting = self.clock.now(), Page((), None)
            try:
                rows = read_csv(file, CsvFormat(self.options.delimiter, self.options.encoding))
                while batch := list(islice(rows, ROWS_PER_PAGE)):
                    if waiting.submissions:
                        yield waiting
                    kept = [row_submission(row, self.name, now, self.options.id_column) for row in batch]
                    if _state(os.fstat(file.fileno())) != state:
                        return  # somebody writes into it after all: all of it again when it is quiet
                    waiting = Page(kept, None)
            except Rejected as error:
                file.seek(0)
                raw = file.read(KEPT_OF_UNREADABLE)
                waiting = Page([unreadable(self.name, raw, now, f"{name}: {error}", "text/csv")], None)
            yield Page(waiting.submissions, None, settle=partial(self._move, name, state))

    def _move(self, name: str, state: State) -> None:
        """Never over another file, and never a file that has come under the same name meanwhile."""
        path = self.options.folder / name
        try:
            if _state(path.lstat()) != state:
                return
            self.done.mkdir(parents=True, exist_ok=True)
            target = _free_place(self.done, path)
            try:
                path.replace(target)
            except OSError as error:
                if error.errno != EXDEV:
                    target.unlink()
                    raise
                shutil.copyfile(path, target)
                path.unlink()
        except OSError as error:
            raise _trouble(f"{name} is read, but cannot be moved", error) from error


def _state(status: os.stat_result) -> State:
    return State(status.st_ino, status.st_size, status.st_mtime_ns)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Neither a link nor a pipe, whatever was put in the file's place since it was seen."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise FileNotFoundError(path)
        yield file


def _free_place(folder: Path, path: Path) -> Path:
    """A name of its own, taken by creating it."""
    names = (path.name if again == 0 else f"{path.stem}-{again}{path.suffix}" for again in count())
    for name in names:
        try:
            (folder / name).touch(exist_ok=False)
        except FileExistsError:
            continue
        return folder / name
    raise FileExistsError(folder)


def _trouble(what: str, error: OSError) -> Retryable:
    return Retryable(f"csv: {what} ({error.strerror or type(error).__name__})")


def _remedy(ok: bool, folder: Path) -> str:
    return "" if ok else f"make {folder} a folder that syncd may read and write"


plugin = Plugin(Options, CsvDrop)
