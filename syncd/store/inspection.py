"""Whether an SQLite file is sound: its pages, and whether its indexes say the same as its rows."""

import sqlite3
import time
from contextlib import closing

from syncd.errors import StoreBusy, StoreError
from syncd.store.database import REMEDY, Database

_STEPS = 10_000  # of SQLite's machine between two looks at the time; some tenths of a millisecond


def inspect(database: Database, seconds: float | None = None) -> bool:
    """Look through the file; False when that takes longer than so many seconds, and nothing was found by then.

    Raises StoreError for a damaged file, with what to do; StoreBusy when it cannot be read now. PostgreSQL
    keeps checksums of its own.
    """
    if database.path is None:
        return True
    end = None if seconds is None else time.monotonic() + seconds
    with closing(sqlite3.connect(database.path)) as connection:
        connection.set_progress_handler(lambda: end is not None and time.monotonic() > end, _STEPS)
        try:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                return False
            raise StoreBusy(f"the store cannot be looked through now: {error}") from error
        except sqlite3.DatabaseError as error:
            found = [str(error)]
    if found != ["ok"]:
        raise StoreError(f"the database file is damaged ({'; '.join(found)[:200]}): {REMEDY}")
    return True
