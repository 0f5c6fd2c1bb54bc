"""The store as one thing: opened, brought to the program's schema, and handed out in its parts."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from syncd.clock import Clock
from syncd.store import leases, migrate
from syncd.store.announced import Announced
from syncd.store.database import Database
from syncd.store.doubts import Doubts
from syncd.store.files import owned, refuse_open_to_others
from syncd.store.inbox import Inbox
from syncd.store.leads import Leads
from syncd.store.orders import Orders
from syncd.store.planning import Planning
from syncd.store.receipts import Receipts
from syncd.store.reports import Reports
from syncd.store.rereading import Rereading
from syncd.store.sinks import Sinks


class Store:
    """`sink_names` says which sinks a planned lead goes to; it may change with the config."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        sink_names: Callable[[], Sequence[str]] = tuple,
        receipts: Receipts | None = None,
    ) -> None:
        self.database = Database(url, clock)
        self.receipts = receipts
        self.inbox = Inbox(self.database, receipts)
        self.announced = Announced(self.database)
        self.rereading = Rereading(self.database)
        self.leads = Leads(self.database)
        self.orders = Orders(self.database)
        self.doubts = Doubts(self.database)
        self.planning = Planning(self.database, sink_names)
        self.reports = Reports(self.database)
        self.sinks = Sinks(self.database)
        self._owned = ExitStack()

    def open(self) -> None:
        """Bring the schema up to date. Raises StoreError when the database is newer than the program."""
        migrate.upgrade(self.database)

    def own(self) -> None:
        """Be the only daemon of an SQLite file; what a dead owner had in hand becomes due at once.

        Raises StoreError when another daemon runs on this file, or when the file is open to everybody on this
        machine. PostgreSQL takes several daemons.
        """
        path = self.database.path
        if path is None:
            return
        refuse_open_to_others(path)
        self._owned.enter_context(owned(path))
        self.inbox.take_over()
        self.orders.take_over()
        leases.take_over(self.database)

    def close(self) -> None:
        self.database.close()
        if self.receipts:
            self.receipts.close()
        self._owned.close()
