"""Who a record of a service can belong to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from syncd.clock import Clock
from syncd.model import Outcome, OwnerRef, Refusal
from syncd.wire.fresh import Fresh

AGAIN = timedelta(minutes=1)  # the soonest that an unknown id makes us look again


def by_address(owner: OwnerRef) -> str:
    return owner.email


class Directory:
    """The users and queues that a service lists, those who have left too if it does, read when needed. Thread-safe.

    All methods but `forget` and `heed` raise what `read` raises. `named`: by what the config calls an owner; empty for
    one who can be given nothing.
    """

    def __init__(
        self, read: Callable[[], Iterable[OwnerRef]], clock: Clock, named: Callable[[OwnerRef], str] = by_address
    ) -> None:
        self._named = named
        self._listed = Fresh(lambda: {owner.id: owner for owner in read()}, clock)

    def everyone(self) -> Mapping[str, OwnerRef]:
        """Id -> owner."""
        return self._listed.value()

    def by_email(self) -> Mapping[str, OwnerRef]:
        """Address -> owner, one who is there before one who has left."""
        found: dict[str, OwnerRef] = {}
        for owner in self.everyone().values():
            name = self._named(owner)
            if name and (name not in found or (owner.active and not found[name].active)):
                found[name] = owner
        return found

    def by_id(self, owner_id: str) -> OwnerRef:
        """One whom the service does not list counts as gone."""
        found = self.everyone().get(owner_id) or self._listed.value(AGAIN).get(owner_id)
        return found or OwnerRef(owner_id, active=False)

    def forget(self) -> None:
        self._listed.forget()

    def heed(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """The same; but when somebody's name was refused they may have left, and the list is read again."""
        if any(isinstance(outcome, Refusal) and outcome.owner for outcome in outcomes):
            self.forget()
        return outcomes
