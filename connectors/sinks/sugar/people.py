"""Who owns, and what is there: both are looked at again when what we know is older than a minute.

The CRMs take any id for an owner or a parent without a word, so it is for us to see that somebody stands behind it.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from connectors.sinks.sugar.service import Question, Service
from syncd.connector import Clock, Directory, Lately, NoteOrder, OwnerRef, RecordOrder, Refusal, TaskOrder

MINUTE = timedelta(minutes=1)
Place = tuple[str, str]  # (module, id)


class People:
    def __init__(self, service: Service, clock: Clock) -> None:
        self.directory = Directory(service.users, clock)
        self._name, self._clock = service.name, clock
        self._read_at: float | None = None

    def owner(self, owner_id: str) -> OwnerRef:
        return self.directory.by_id(owner_id)

    def refused(self, orders: Sequence[RecordOrder | TaskOrder | NoteOrder]) -> dict[int, Refusal]:
        """Orders for somebody who has left."""
        owners = {at: order.owner for at, order in enumerate(orders) if order.owner is not None}
        if owners:
            self._look_again()
        reason = Refusal(f"{self._name}: the owner is no active user", ("assigned_user_id",), owner=True)
        return {at: reason for at, owner in owners.items() if not self.owner(owner.id).active}

    def _look_again(self) -> None:
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= MINUTE.total_seconds():
            self.directory.forget()
            self._read_at = now


class Presence:
    """Which records are there. Thread-safe."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._seen: Lately[Place] = Lately(clock)

    def saw(self, place: Place) -> None:
        self._seen.saw(place)

    def forget(self, place: Place) -> None:
        self._seen.forget(place)

    def missing(self, places: Iterable[Place]) -> set[Place]:
        """Those of them that are not there; one read for each module that has one we have not seen for a minute."""
        unsure = {place for place in places if not self._seen.has(place)}
        modules = sorted({module for module, _ in unsure})
        questions = [
            Question(module, "id", tuple(sorted(each for where, each in unsure if where == module)), ("id",))
            for module in modules
        ]
        there = {
            (module, str(row["id"]))
            for module, rows in zip(modules, self._service.read(questions), strict=True)
            for row in rows
        }
        for place in there:
            self.saw(place)
        return unsure - there
