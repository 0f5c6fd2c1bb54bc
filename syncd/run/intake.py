"""From requests to the inbox: one writer commits whatever is waiting, then everybody is answered."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from syncd import log
from syncd.errors import StoreBusy
from syncd.model import Submission
from syncd.run.bell import Bell
from syncd.store.inbox import Accepted, Inbox

MOST_WAITING = 20_000
MOST_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Delivery:
    submissions: Sequence[Submission]
    answer: "asyncio.Future[Accepted]"
    loop: asyncio.AbstractEventLoop


class Intake:
    """`accept` returns only after the commit; a full queue is refused at once."""

    def __init__(self, inbox: Inbox, bell: Bell) -> None:
        self.inbox, self.bell = inbox, bell
        self.trouble = ""
        self._waiting: deque[Delivery] = deque()
        self._some = threading.Event()
        self._closed = False
        self._log = log.get("intake")
        self._thread = threading.Thread(target=self._write, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Commit what is waiting and end the writer."""
        self._closed = True
        self._some.set()
        self._thread.join(30)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    async def accept(self, submissions: Sequence[Submission]) -> Accepted:
        """Durable when it returns. Raises StoreBusy when nothing can be kept at the moment."""
        if self._closed or len(self._waiting) >= MOST_WAITING:
            raise StoreBusy("the intake is full" if not self._closed else "the daemon is stopping")
        loop = asyncio.get_running_loop()
        delivery = Delivery(submissions, loop.create_future(), loop)
        self._waiting.append(delivery)
        self._some.set()
        return await delivery.answer

    def _write(self) -> None:
        while True:
            self._some.wait()
            self._some.clear()
            while self._waiting:
                self._commit(self._take())
            if self._closed:
                return

    def _take(self) -> list[Delivery]:
        taken, count = [], 0
        while self._waiting and count < MOST_AT_ONCE:
            delivery = self._waiting.popleft()
            taken.append(delivery)
            count += len(delivery.submissions)
        return taken

    def _commit(self, batch: list[Delivery]) -> None:
        everything = [submission for delivery in batch for submission in delivery.submissions]
        try:
            accepted = self.inbox.accept(everything)
        except StoreBusy as error:
            self._tell(str(error))
            _answer(batch, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender must hear that nothing was kept
            if len(batch) > 1:  # one of them is at fault: the others must not suffer
                for delivery in batch:
                    self._commit([delivery])
                return
            self._log.exception("submission not kept")
            _answer(batch, StoreBusy(f"not kept: {type(error).__name__}"))
        else:
            self._tell("")
            _answer(batch, accepted)
            self.bell.ring()

    def _tell(self, trouble: str) -> None:
        if trouble and not self.trouble:
            self._log.error("intake cannot keep anything", trouble=trouble)
        elif self.trouble and not trouble:
            self._log.info("intake keeps again")
        self.trouble = trouble


def _answer(batch: list[Delivery], result: Accepted | Exception) -> None:
    """One hop into each event loop for the whole batch."""
    loops = {delivery.loop for delivery in batch}
    for loop in loops:
        mine = [delivery.answer for delivery in batch if delivery.loop is loop]
        loop.call_soon_threadsafe(_resolve, mine, result)


def _resolve(answers: list["asyncio.Future[Accepted]"], result: Accepted | Exception) -> None:
    for answer in answers:
        if answer.done():  # the client went away; what it sent is kept all the same
            continue
        if isinstance(result, Exception):
            answer.set_exception(result)
        else:
            answer.set_result(result)
