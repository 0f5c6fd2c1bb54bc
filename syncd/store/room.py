"""Space on the disk of an SQLite file, and a ballast that is let go when it runs out.

On a full disk not even what a CRM has just answered can be noted. The ballast makes room for that, while the
intake stays closed and takes nothing of it.
"""

import os
from pathlib import Path

from syncd import log
from syncd.store.files import make_private

BALLAST = 16 * 2**20
_SHARE_OF_BALLAST = 0.02
_SHORT_SHARE, _SHORT_MOST = 0.05, 256 * 2**20
"""A disk is short of space with less than a twentieth free; on large ones a quarter of a GiB is enough."""


class Room:
    """Of the disk on which `database` lies."""

    def __init__(self, database: Path) -> None:
        self._folder, self._ballast = database.parent, database.with_name(database.name + ".ballast")
        self._log = log.get("store")

    def short(self) -> str:
        """Why nothing new should be taken in; empty while there is space."""
        free, total = self._look()
        if free >= min(total * _SHORT_SHARE, _SHORT_MOST):
            return ""
        return f"the disk is almost full: {free // 2**20} of {total // 2**20} MiB are free"

    def tend(self) -> None:
        """Let the ballast go when the disk is short, and take it up again when there is plenty."""
        free, total = self._look()
        size = min(BALLAST, int(total * _SHARE_OF_BALLAST))
        there = self._ballast.exists()
        if there and self.short():
            self._ballast.unlink(missing_ok=True)
            self._log.error("ballast let go, the disk is almost full", freed=size)
        elif not there and free - size >= 2 * min(total * _SHORT_SHARE, _SHORT_MOST):
            self._take_up(size)

    def _take_up(self, size: int) -> None:
        handle = make_private(self._ballast)
        try:
            os.posix_fallocate(handle, 0, size)
        except OSError as error:
            self._ballast.unlink(missing_ok=True)
            self._log.warning("no ballast taken up", trouble=error.strerror)
        finally:
            os.close(handle)

    def _look(self) -> tuple[int, int]:
        """Bytes free for us, and bytes of the whole disk."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
