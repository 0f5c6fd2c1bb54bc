"""A sink put together of parts, each of which knows one thing of its service."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from syncd.model import (
    FieldState,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    SignalPage,
    TaskOrder,
)
from syncd.protocols import Allowance, Sink
from syncd.wire.directory import Directory


class Preparing(Protocol):
    def prepare(self, *, apply: bool) -> Sequence[Finding]:
        """Raises AuthFailed when the login is not good for anything."""
        ...


def untold() -> Allowance | None:
    """Of a service that counts no calls, or does not say so."""
    return None


def undescribed() -> Mapping[str, FieldState]:
    """Of a service that does not tell its fields."""
    return {}


@dataclass(frozen=True, slots=True)
class Parts:
    """Who answers which method of the sink. Each is thread-safe."""

    find: Callable[[Sequence[LeadKeys]], Sequence[Known | None]]
    upsert: Callable[[Sequence[RecordOrder]], Sequence[Outcome]]
    add_tasks: Callable[[Sequence[TaskOrder]], Sequence[Outcome]]
    add_notes: Callable[[Sequence[NoteOrder]], Sequence[Outcome]]
    owners: Directory
    changes: Callable[[str | None], Iterator[SignalPage]]
    setup: Preparing
    close: Callable[[], None]
    allowance: Callable[[], Allowance | None] = untold
    described: Callable[[], Mapping[str, FieldState]] = undescribed


class AssembledSink(Sink):
    """Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._parts.find(leads) if leads else []

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._parts.owners.heed(self._parts.upsert(orders)) if orders else []

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._parts.owners.heed(self._parts.add_tasks(orders)) if orders else []

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._parts.add_notes(orders) if orders else []

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._parts.owners.by_email()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        return self._parts.changes(cursor)

    def prepare(self, apply: bool) -> Sequence[Finding]:
        return self._parts.setup.prepare(apply=apply)

    def allowance(self) -> Allowance | None:
        return self._parts.allowance()

    def described(self) -> Mapping[str, FieldState]:
        return self._parts.described()

    def check(self) -> Sequence[Finding]:
        """Everything that `prepare` misses. Raises AuthFailed when the login is refused."""
        missing = [finding for finding in self._parts.setup.prepare(apply=False) if not finding.ok]
        return [Finding("login", ok=True), *missing]

    def close(self) -> None:
        self._parts.close()
