"""A folder into which somebody puts CSV files and workbooks: exports of ad platforms, of fairs, of other programs.

A file is read once it has kept its size and time for `quiet` seconds over at least two looks, so that no
half-written file is taken; writing under another name (.part, .tmp) and renaming is safe as well. Read files
are moved to `done` after everything in them is kept. There is no cursor: the folder is the state, and a file
that comes again, or that a crash left behind, brings the same keys.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EXDEV
from pathlib import Path
from typing import BinaryIO, Self

from syncd.connector import (
    PENDING,
    About,
    Drop,
    DropOptions,
    Field,
    Finding,
    Plugin,
    Seen,
    Tools,
    free_names,
    model_validator,
)


class Options(DropOptions):
    folder: Path = Field(description="where the files are put")
    done: Path | None = Field(None, description="where read files go; empty: done, inside the folder")

    @model_validator(mode="after")
    def _moves_away(self) -> Self:
        if self.done == self.folder:
            raise ValueError("done must be another folder, or files would be read for ever")
        return self


class Folder:
    """On this machine."""

    atomic = False

    def __init__(self, folder: Path, done: Path) -> None:
        self.folder, self.done = folder, done

    def seen(self) -> Iterator[Seen]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield Seen(entry.name, _stamp(status), status.st_mtime)

    @contextmanager
    def opened(self, seen: Seen) -> Iterator[BinaryIO]:
        with _opened(self.folder / seen.name) as file:
            yield file

    def unchanged(self, seen: Seen, file: BinaryIO) -> bool:
        return _stamp(os.fstat(file.fileno())) == seen.stamp

    def put_away(self, seen: Seen, *, pending: bool) -> str:
        """Never a file that has come under the same name meanwhile."""
        path = self.folder / seen.name
        with suppress(FileNotFoundError):
            if _stamp(path.lstat()) == seen.stamp:
                return self._moved(path, pending=pending)
        return ""

    def _moved(self, path: Path, *, pending: bool) -> str:
        self.done.mkdir(parents=True, exist_ok=True)
        target = _free_place(self.done, path.name)
        if pending:
            (self.done / f"{target.name}{PENDING}").touch()
        try:
            path.replace(target)
        except OSError as error:
            if error.errno != EXDEV:
                target.unlink()
                raise
            shutil.copyfile(path, target)
            path.unlink()
        return target.name

    def put_away_names(self) -> list[str]:
        return [path.name for path in self.done.iterdir()] if self.done.is_dir() else []

    @contextmanager
    def kept(self, name: str) -> Iterator[BinaryIO]:
        with _opened(self.done / name) as file:
            yield file

    def write(self, name: str, content: BinaryIO) -> None:
        half = self.done / f".{name}.tmp"
        with half.open("wb") as file:
            shutil.copyfileobj(content, file)
        half.replace(self.done / name)

    def remove(self, name: str) -> None:
        (self.done / name).unlink(missing_ok=True)

    def rest(self) -> None:
        """Nothing stays open between two polls."""

    def check(self) -> Sequence[Finding]:
        usable = self.folder.is_dir() and os.access(self.folder, os.R_OK | os.W_OK | os.X_OK)
        place = self.done if self.done.exists() else self.done.parent
        movable = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
        return [
            Finding("folder", ok=usable, detail=str(self.folder), remedy=_remedy(usable, self.folder)),
            Finding("done", ok=movable, detail=str(self.done), remedy=_remedy(movable, place)),
        ]

    def close(self) -> None:
        """Nothing is open."""


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Neither a link nor a pipe, whatever was put in the file's place since it was seen."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise FileNotFoundError(path)
        yield file


def _free_place(folder: Path, name: str) -> Path:
    """A name of its own, taken by creating it."""
    for free in free_names(name):
        try:
            (folder / free).touch(exist_ok=False)
        except FileExistsError:
            continue
        return folder / free
    raise FileExistsError(folder)


def _remedy(ok: bool, folder: Path) -> str:
    return "" if ok else f"make {folder} a folder that syncd may read and write"


def _drop(options: Options, tools: Tools) -> Drop:
    return Drop(Folder(options.folder, options.done or options.folder / "done"), options, tools, "csv")


plugin = Plugin(
    Options,
    _drop,
    About(
        "CSV and Excel files",
        setup=(
            "Put files into the folder: CSV with any separator, or workbooks; the first row names the columns.",
            "What became of each row stands beside the read file afterwards, in `leads.result.csv`.",
            "`leads.rejects.csv` has the rows that need a person: mend them, put it in again; they count once.",
        ),
        missed="Every row of every file, however late it comes.",
        tested=(
            "Files as spreadsheets and databases write them, made by the tests. The header of Meta's exports is that "
            "of published files; those of Google Ads and LinkedIn are from memory."
        ),
        notes=(
            "A row has the platform's own id, or that of an id column, else its content is its key, for ever.",
            "`as_source: meta` lands the rows as that source's: what its webhook brought counts once.",
        ),
        example={"folder": "data/inbox"},
    ),
)
