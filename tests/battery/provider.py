"""A form provider: posts steadily, sends again what was not answered 200, and now and then what was."""

import http.client
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from tests.battery.evidence import Ledger

SOURCE = "hook"
_FIRST = ("Ada", "Bob", "Cleo", "Dora", "Emil", "Frida", "Gustav", "Hanna", "Ida", "Jonas")
_LAST = ("Beispiel", "Muster", "Sommer", "Winter", "Berger", "Vogel", "Brandt", "Keller")
_QUESTIONS = (
    "What does it cost for ten people, including support?",
    "Could somebody call me about an integration with our shop?",
    "We would like to see a demo of your product next week.",
    "Please send us an offer for two locations.",
)


class Provider:
    """`doors` are the ports to knock at; one that is shut makes it try the next."""

    def __init__(
        self, doors: Callable[[], Sequence[int]], seed: int, per_second: float = 40.0, threads: int = 3
    ) -> None:
        self.ledger = Ledger()
        self._doors, self._pause, self._seed = doors, threads / per_second, seed
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._number = self._under_way = 0
        self._bodies: dict[str, bytes] = {}
        self._again: deque[str] = deque()  # keys that were not answered 200 yet
        self._answered: list[str] = []
        self._stopping, self._draining = threading.Event(), threading.Event()
        self._open = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(at,), daemon=True) for at in range(threads)]

    def start(self) -> None:
        self._open.set()
        for thread in self._threads:
            thread.start()

    def pause(self) -> None:
        """Send nothing for a while; returns when everything sent was answered or has failed."""
        with self._lock:  # nobody is between asking whether it may send and saying that it does
            self._open.clear()
        while self._under_way:
            time.sleep(0.01)

    def resume(self) -> None:
        self._open.set()

    def drain(self, seconds: float = 120.0) -> None:
        """Nothing new any more; end when everything sent has been answered 200."""
        self._draining.set()
        self._open.set()
        end = time.monotonic() + seconds
        while time.monotonic() < end and any(not entry.answers for entry in self.ledger):
            time.sleep(0.05)
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            if thread.ident:
                thread.join(40)

    def wait_for(self, more: int, seconds: float) -> bool:
        """Until so many more were accepted."""
        wanted, end = self.ledger.accepted + more, time.monotonic() + seconds
        while self.ledger.accepted < wanted and time.monotonic() < end:
            time.sleep(0.01)
        return self.ledger.accepted >= wanted

    def _run(self, at: int) -> None:
        connection: http.client.HTTPConnection | None = None
        while not self._stopping.is_set():
            self._open.wait(0.5)
            key = self._next()
            if key is None:
                time.sleep(0.05)
                continue
            began = time.monotonic()
            doors = self._doors()
            if connection is None or connection.port not in doors:
                connection = http.client.HTTPConnection("127.0.0.1", doors[at % len(doors)], timeout=30)
            answered = self._post(connection, key)
            with self._lock:
                self._under_way -= 1
            if not answered:
                connection.close()
                at, connection = at + 1, None
            time.sleep(max(0.0, self._pause - (time.monotonic() - began)))
        if connection:
            connection.close()

    def _post(self, connection: http.client.HTTPConnection, key: str) -> bool:
        status = 0
        with suppress(OSError, http.client.HTTPException):
            connection.request("POST", f"/in/{SOURCE}", self._bodies[key], {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        self.ledger.answered(SOURCE, key, status)
        with self._lock:
            (self._answered if status == 200 else self._again).append(key)
        return status != 0

    def _next(self) -> str | None:
        """Counted as under way from now on."""
        with self._lock:
            if not self._open.is_set():
                return None
            if self._again and (self._draining.is_set() or self._random.random() < 0.7):
                key = self._again.popleft()
            elif self._draining.is_set():
                return None
            elif self._answered and self._random.random() < 0.05:
                key = self._random.choice(self._answered)
            else:
                key = self._new()
            self._under_way += 1
            entry = json.loads(self._bodies[key])
        self.ledger.sent(SOURCE, key, entry["email"], entry["reference"])
        return key

    def _new(self) -> str:
        """Three of ten come from somebody who has written before."""
        number = self._number = self._number + 1
        known = number > 10 and self._random.random() < 0.3
        person = self._random.randrange(max(1, number - 200), number) if known else number
        key = f"{self._seed}-{number}"
        first, last = _FIRST[person % len(_FIRST)], _LAST[person % len(_LAST)]
        self._bodies[key] = json.dumps(
            {
                "id": key,
                "name": f"{first} {last}",
                "email": f"{first}.{last}.{person}@{last}-works{person // 20}.com".lower(),
                "company": f"{last} Works {person // 20} GmbH",
                "message": self._random.choice(_QUESTIONS),
                "reference": f"zq{self._seed}x{number}",
            }
        ).encode()
        return key
