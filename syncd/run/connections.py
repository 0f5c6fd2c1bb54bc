"""How many connections there may be, and for how long each of them may keep us waiting.

A sender that opens connections and says little must not use them all up. When there are too many, the one that
has been silent for longest goes, never one that has a request in hand, so that who has something to say is heard.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from syncd.run.senders import Senders

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, and bytes per second."""

    head: float = 10.0  # for the head of a request
    body: float = 30.0  # for the whole of a body
    rest: float = 15.0  # between two requests
    answer: float = 30.0  # for taking our answer
    slowest: float = 1000.0  # bytes of a body in a second, once `grace` is over
    grace: float = 5.0


class Connection(Protocol):
    """What the HTTP protocol tells about itself. Times are of `time.monotonic`."""

    sender: str  # empty where many stand behind the address

    def overdue(self, now: float, patience: Patience) -> str:
        """What it owes us for too long; nothing when all is well."""
        ...

    def end(self, why: str) -> None:
        """Say why, as far as that can be said, and close."""
        ...


class Connections:
    """For the event loop's thread alone. `per_sender` counts an address, or a network that is one sender's."""

    def __init__(
        self,
        most: int = 4000,
        per_sender: int = 50,
        senders: Senders | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.most, self.per_sender = most, per_sender
        self.senders, self.patience = senders or Senders(), patience or Patience()
        self.ended: Counter[str] = Counter()  # why connections were ended from our side
        self.silent: dict[Connection, None] = {}  # those that owe us a request, the longest silent first
        self._all: dict[Connection, None] = {}
        self._of: dict[str, dict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._all)

    def join(self, connection: Connection) -> bool:
        """Make room for one more; False when there is none, and then it is not counted either."""
        mine = self._of.setdefault(connection.sender, {}) if connection.sender else {}
        if len(mine) >= self.per_sender and not self._give_way(mine, "address"):
            return False
        if len(self._all) >= self.most and not self._give_way(self.silent, "total"):
            return False
        mine[connection] = self._all[connection] = self.silent[connection] = None
        return True

    def leave(self, connection: Connection) -> None:
        """Once more does no harm."""
        self.silent.pop(connection, None)
        self._all.pop(connection, None)
        mine = self._of.get(connection.sender)
        if mine is not None:
            mine.pop(connection, None)
            if not mine:
                del self._of[connection.sender]

    def sweep(self, now: float | None = None) -> int:
        """End those that kept us waiting for too long; how many there were."""
        now = time.monotonic() if now is None else now
        late = [(each, why) for each in self._all if (why := each.overdue(now, self.patience))]
        for connection, why in late:
            self._end(connection, why)
        return len(late)

    def _give_way(self, among: dict[Connection, None], why: str) -> bool:
        """The longest silent of these has to go for a newcomer; whether there was one."""
        silent = next((each for each in among if each in self.silent), None)
        if silent is not None:
            self._end(silent, why)
        else:
            self.ended[why] += 1  # the newcomer itself
        return silent is not None

    def _end(self, connection: Connection, why: str) -> None:
        self.ended[why] += 1
        self.leave(connection)
        connection.end(why)
