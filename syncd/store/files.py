"""The store's files on disk: for their owner only, whole or not there, and one program at a time."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.errors import StoreError

ALONGSIDE = ("", "-wal", "-shm")
"""What SQLite keeps under the name of a database."""


@contextmanager
def locked_file(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on a file; it goes with the process. Raises BlockingIOError when not waiting."""
    handle = make_private(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)


@contextmanager
def owned(database: Path) -> Iterator[None]:
    """Be the only daemon of an SQLite file. Raises StoreError when another one runs on it."""
    with _no_other(database), locked_file(database.with_name(database.name + ".owner"), wait=False):
        yield


@contextmanager
def _no_other(database: Path) -> Iterator[None]:
    try:
        yield
    except BlockingIOError:
        raise StoreError(
            f"another syncd daemon runs on {database.name}: stop it, or use PostgreSQL for several"
        ) from None


def make_private(path: Path) -> int:
    """An open file for its owner only, made where there is none; to be closed.

    What root makes belongs to whom the folder belongs: the daemon must be able to use it.
    """
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(handle, folder.st_uid, folder.st_gid)
    return handle


def make_durable(path: Path) -> None:
    """Its contents and its name are on the disk when this returns."""
    for each, how in ((path, os.O_RDWR), (path.parent, os.O_RDONLY)):
        handle = os.open(each, how)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def refuse_open_to_others(database: Path) -> None:
    """Raises StoreError when everybody on this machine may read or change what people have written to us."""
    for ending in ALONGSIDE:
        file = database.with_name(database.name + ending)
        try:
            mode = file.stat().st_mode
        except FileNotFoundError:
            continue
        if mode & stat.S_IRWXO:
            raise StoreError(f"{file} is open to everybody on this machine: chmod 600 {file}")
