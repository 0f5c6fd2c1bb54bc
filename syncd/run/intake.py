"""From requests to the inbox: one writer commits whatever is waiting, then everybody is answered."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncd import log
from syncd.errors import StoreBusy, StoreError
from syncd.model import Context, Submission
from syncd.run.bell import Bell
from syncd.store.inbox import Inbox


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait for the writer, and how much it commits together."""

    waiting: int = 20_000
    bytes: int = 64 * 2**20
    at_once: int = 400
    try_again: float = 5.0  # seconds until a sick store is tried again, though nobody has sent anything


@dataclass(frozen=True, slots=True)
class Delivery:
    submissions: Sequence[Submission]
    answer: "asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop

    @property
    def size(self) -> int:
        return sum(len(submission.raw) for submission in self.submissions)


class Intake:
    """`accept` returns only after the commit; a full queue is refused at once."""

    def __init__(self, inbox: Inbox, bell: Bell, limits: Limits | None = None) -> None:
        self.inbox, self.bell, self.limits = inbox, bell, limits or Limits()
        self.trouble = ""
        self.closed_for = ""  # why nothing is to be taken in; the watchman says so
        self._waiting: deque[Delivery] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._closed = False
        self._log = log.get("intake")
        self._thread = threading.Thread(target=self._write, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Take nothing more, commit what is waiting and end the writer."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(30)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    async def accept(self, submissions: Sequence[Submission]) -> None:
        """Durable when it returns. Raises StoreBusy when nothing can be kept at the moment."""
        loop = asyncio.get_running_loop()
        delivery = Delivery(submissions, loop.create_future(), loop)
        with self._changed:
            if self._closed:
                raise StoreBusy("the daemon is stopping")
            if self.closed_for:
                raise StoreBusy(self.closed_for)
            if len(self._waiting) >= self.limits.waiting or self._bytes >= self.limits.bytes:
                raise StoreBusy("the intake is full")
            self._waiting.append(delivery)
            self._bytes += delivery.size
            self._changed.notify()
        await delivery.answer

    def turn(self) -> bool:
        """One unit of the writer: wait for something to commit, and commit it; False at the end."""
        batch = self._next()
        if batch:
            self._commit(batch)
        elif batch is not None:
            self._probe()
        return batch is not None

    def _write(self) -> None:
        while self.turn():
            pass

    def _next(self) -> list[Delivery] | None:
        """What is to be committed; nothing when a sick store is to be tried, None at the end."""
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return None
                if not self._changed.wait(self.limits.try_again if self.trouble else None):
                    return []
            taken, count = [], 0
            while self._waiting and count < self.limits.at_once:
                taken.append(self._waiting.popleft())
                count += len(taken[-1].submissions)
                self._bytes -= taken[-1].size
            return taken

    def _commit(self, batch: Sequence[Delivery]) -> None:
        error = self._keep([submission for delivery in batch for submission in delivery.submissions])
        if error is None or isinstance(error, StoreBusy):
            _answer(batch, error)
        elif len(batch) > 1:  # one of them is at fault: the others must not suffer
            for delivery in batch:
                self._commit([delivery])
        else:
            _answer(batch, self._keep_each(batch[0].submissions))
        self.bell.ring()

    def _keep(self, submissions: Sequence[Submission]) -> Exception | None:
        """Commit all of them, or say why not."""
        try:
            self.inbox.accept(submissions)
        except (StoreBusy, StoreError) as error:
            self._tell(str(error))
            return StoreBusy(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender must hear of it
            return error
        self._tell("")
        return None

    def _keep_each(self, submissions: Sequence[Submission]) -> StoreBusy | None:
        """What a source made so that it cannot be kept is kept as it came, for a person to look at."""
        lost = None
        for submission in submissions:
            error = self._keep([submission])
            if error is not None and not isinstance(error, StoreBusy):
                self._log.error("submission cannot be kept as it was read", source=submission.source, exc_info=error)
                error = self._keep([_as_it_came(submission, error)])
            if error is not None:
                lost = error if isinstance(error, StoreBusy) else StoreBusy(f"not kept: {type(error).__name__}")
        return lost

    def _probe(self) -> None:
        """Nobody sends while readiness is red: whether the store works again must be found out."""
        try:
            self.inbox.probe()
        except (StoreBusy, StoreError) as error:
            self._tell(str(error))
        except Exception as error:  # noqa: BLE001 - the writer must outlive any bug
            self._tell(type(error).__name__)
        else:
            self._tell("")

    def _tell(self, trouble: str) -> None:
        if trouble and not self.trouble:
            self._log.error("intake cannot keep anything", trouble=trouble)
        elif self.trouble and not trouble:
            self._log.info("intake keeps again")
        self.trouble = trouble


def _as_it_came(submission: Submission, error: Exception) -> Submission:
    problem = f"the connector's reading of it cannot be kept: {type(error).__name__}"
    return replace(submission, answers=(), context=Context(), submitted_at=None, problem=problem)


def _answer(batch: Sequence[Delivery], error: Exception | None) -> None:
    """One hop into each event loop for the whole batch."""
    for loop in {delivery.loop for delivery in batch}:
        mine = [delivery.answer for delivery in batch if delivery.loop is loop]
        with contextlib.suppress(RuntimeError):  # that loop has ended, and nobody waits there any more
            loop.call_soon_threadsafe(_resolve, mine, error)


def _resolve(answers: Sequence["asyncio.Future[None]"], error: Exception | None) -> None:
    for answer in answers:
        if answer.done():  # the client went away; what it sent is kept all the same
            continue
        if error is None:
            answer.set_result(None)
        else:
            answer.set_exception(error)
