"""What is the same in all dialects: modules, names of fields and ids. What differs stands behind `Service`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from connectors.sinks.sugar.failures import Fault
from syncd.connector import Delivery, FieldState, OwnerRef, Unknown, Wait

LEADS, CONTACTS = "Leads", "Contacts"
MODULES = (CONTACTS, LEADS)  # whom a person is looked for in, first to last
EMAIL, EMAILS, OPTED_OUT, DELETED = "email", "emails", "opted_out", "deleted"

Row = Mapping[str, Any]
"""A record by names of fields, and beside them `emails` (texts, the primary first), `opted_out` and `deleted`."""
Verdict = Row | Fault | Wait | Unknown
"""A row holds the id of what was written."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    name: str
    type: str
    length: int | None = None  # characters
    required: bool = False
    writable: bool = True
    options: frozenset[str] = frozenset()  # of a list of choices; empty: not told

    def state(self, *, ours: bool) -> FieldState:
        return FieldState(self.type, ours, self.required, self.writable, tuple(sorted(self.options)))


@dataclass(frozen=True, slots=True)
class Question:
    """Records whose field has one of the values. By `email` any address of a record counts, in either case."""

    module: str
    by: str
    values: tuple[str, ...]
    fields: tuple[str, ...]
    deleted: bool = False  # those too that were deleted, where the dialect can tell


@dataclass(frozen=True, slots=True)
class Write:
    at: int  # the position of its order
    module: str
    id: str
    values: Mapping[str, Any] = field(repr=False)
    new: bool = False  # it is made under this id, which the CRM takes only once
    gone: bool = False  # it is deleted; nothing else of it is written


class Service(Protocol):
    """Thread-safe. Everything raises AuthFailed, RateLimited or Retryable, and Refused where a question is refused."""

    name: str  # in messages
    batch: int  # orders of one call of the sink

    def read(self, questions: Sequence[Question]) -> list[list[Row]]:
        """The answer to each, in order."""
        ...

    def changed(self, module: str, since: datetime, page: int, fields: Sequence[str]) -> list[Row]:
        """Those changed at that time or later, the first to change first; less than PAGE: there are no more."""
        ...

    def write(self, delivery: Delivery, writes: Sequence[Write]) -> dict[int, Verdict]:
        """One verdict for each; a fault that says `taken` for what is new and is there already, or was deleted since.

        Raises what `Delivery.attempt` raises.
        """
        ...

    def fields(self, module: str) -> Mapping[str, FieldInfo]: ...

    def users(self) -> Iterator[OwnerRef]:
        """Those who have left too."""
        ...

    def me(self) -> str:
        """The id of the user as whom we write; the cheapest call that proves the login."""
        ...

    def instant(self, moment: datetime) -> str:
        """As its date fields want it."""
        ...

    def page_of(self, module: str, record_id: str) -> str:
        """Where a person opens a record."""
        ...

    def close(self) -> None: ...


PAGE = 100  # rows of one read of changes
