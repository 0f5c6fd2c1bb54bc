"""The folder as a place of files. A connection lasts for one poll."""

import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from posixpath import join
from typing import BinaryIO

from paramiko import SFTPAttributes, SFTPClient, SSHClient

from connectors.sources.sftp import Options
from connectors.sources.sftp.login import log_in, words
from syncd.connector import PENDING, Drop, Finding, Seen, SyncdError, Tools, brought, free_names

_CHUNK = 1 << 15  # what a packet holds


class Folder:
    atomic = False

    def __init__(self, options: Options) -> None:
        self.options = options
        self.done = join(options.folder, options.done)
        self._open: tuple[SSHClient, SFTPClient] | None = None

    def seen(self) -> Iterator[Seen]:
        with words():
            for entry in self._sftp().listdir_attr(self.options.folder):
                if stat.S_ISREG(entry.st_mode or 0):
                    yield Seen(entry.filename, _stamp(entry), float(entry.st_mtime or 0))

    @contextmanager
    def opened(self, seen: Seen) -> Iterator[BinaryIO]:
        path = join(self.options.folder, seen.name)
        with self._fetched(path) as file:
            if self._stamp_of(path) != seen.stamp:
                raise FileNotFoundError(path)
            yield file

    def unchanged(self, seen: Seen, file: BinaryIO) -> bool:  # noqa: ARG002 - what was brought here cannot change
        return True

    def put_away(self, seen: Seen, *, pending: bool) -> str:
        path = join(self.options.folder, seen.name)
        if self._stamp_of(path) != seen.stamp:
            return ""
        with words():
            if self.options.after == "delete":
                self._sftp().remove(path)
                return ""
            self._make_done()
            name = next(free for free in free_names(seen.name) if not self._stamp_of(join(self.done, free)))
            if pending:
                self.write(name + PENDING, BytesIO())
            self._sftp().rename(path, join(self.done, name))  # never over another file
            return name

    def put_away_names(self) -> list[str]:
        with words():
            try:
                return self._sftp().listdir(self.done)
            except FileNotFoundError:
                return []

    @contextmanager
    def kept(self, name: str) -> Iterator[BinaryIO]:
        with self._fetched(join(self.done, name)) as file:
            yield file

    def write(self, name: str, content: BinaryIO) -> None:
        half, whole = join(self.done, f".{name}.tmp"), join(self.done, name)
        with words():
            self._sftp().putfo(content, half)
            try:
                self._sftp().posix_rename(half, whole)
            except OSError:  # an extension of OpenSSH's
                with suppress(FileNotFoundError):
                    self._sftp().remove(whole)
                self._sftp().rename(half, whole)

    def remove(self, name: str) -> None:
        with words(), suppress(FileNotFoundError):
            self._sftp().remove(join(self.done, name))

    def rest(self) -> None:
        self.close()

    def check(self) -> Sequence[Finding]:
        where = f"{self.options.user}@{self.options.host}:{self.options.folder}"
        try:
            with words():
                self._sftp().listdir_attr(self.options.folder)
        except (SyncdError, OSError) as error:
            why = str(error) if isinstance(error, SyncdError) else error.strerror or type(error).__name__
            return [Finding("folder", ok=False, detail=f"{where}: {why}", remedy="correct host, login and folder")]
        finally:
            self.close()
        return [Finding("folder", ok=True, detail=where)]

    def close(self) -> None:
        there, self._open = self._open, None
        if there:
            there[0].close()

    def _sftp(self) -> SFTPClient:
        if self._open is None:
            self._open = log_in(self.options)
        return self._open[1]

    def _make_done(self) -> None:
        try:
            self._sftp().stat(self.done)
        except FileNotFoundError:
            self._sftp().mkdir(self.done)

    def _stamp_of(self, path: str) -> str:
        """Empty for what is not there."""
        with words():
            try:
                return _stamp(self._sftp().lstat(path))
            except FileNotFoundError:
                return ""

    @contextmanager
    def _fetched(self, path: str) -> Iterator[BinaryIO]:
        with brought(self._pieces(path), self.options.largest) as file:
            yield file

    def _pieces(self, path: str) -> Iterator[bytes]:
        with words(), self._sftp().open(path, "rb") as remote:
            remote.prefetch(max_concurrent_requests=64)
            while piece := remote.read(_CHUNK):
                yield piece


def _stamp(status: SFTPAttributes) -> str:
    return f"{status.st_size} {status.st_mtime}"


def make(options: Options, tools: Tools) -> Drop:
    return Drop(Folder(options), options, tools, "sftp", after=options.after)
