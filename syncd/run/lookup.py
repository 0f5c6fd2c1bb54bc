"""Asks the system of record who is already known, with patience but not for ever."""

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from queue import SimpleQueue

from syncd import log
from syncd.errors import SyncdError
from syncd.model import Known, LeadKeys
from syncd.run.line import Line

Call = Callable[[], Sequence[Known | None]]
Answer = Future[Sequence[Known | None]]
_OUT_OF_MEMORY = 1.0  # seconds until what could not be told for lack of it is told again


@dataclass(frozen=True, slots=True)
class Answers:
    """One per lead asked about; `asked` is False when the CRM did not answer in time."""

    known: Sequence[Known | None]
    asked: bool
    reason: str = ""


class Lookup:
    """A call that outlives the patience goes on by itself; until it ends nobody asks again.

    `begin` starts a call beside the planner, usually in a thread for all of them; that is a daemon thread: a CRM
    that hangs does not keep the process from ending.
    """

    def __init__(self, line: Line | None, begin: Callable[[Call], Answer] | None = None) -> None:
        self._beside = _Beside()
        self.line, self._begin = line, begin or self._beside.begin
        self._hanging: Answer | None = None
        self._log = log.get("lookup")

    @property
    def patience(self) -> timedelta:
        """How long `ask` may take."""
        return self.line.options.patience if self.line else timedelta(0)

    def start(self) -> None:
        """The thread, before anything is asked; without it the first call starts it."""
        if self.line is not None:
            self._beside.start()

    def close(self) -> None:
        """The thread ends after the call in hand."""
        self._beside.close()

    def ask(self, leads: Sequence[LeadKeys]) -> Answers:
        """One batched call; never raises for trouble of the CRM."""
        nobody = [None] * len(leads)
        line = self.line
        if line is None or not leads:
            return Answers(nobody, asked=False)
        if self._hanging is not None and not self._hanging.done():
            return Answers(nobody, asked=False, reason="the CRM has not answered the last look-up yet")
        if line.paused():
            return Answers(nobody, asked=False, reason="the CRM is paused")
        self._hanging = call = self._begin(lambda: line.call("find", lambda: line.sink.find(leads)))
        try:
            known = call.result(self.patience.total_seconds())
        except SyncdError as error:
            return Answers(nobody, asked=False, reason=str(error))
        except Exception as error:  # noqa: BLE001 - a connector's bug must not hold up planning
            if not call.done():
                return Answers(nobody, asked=False, reason="the CRM did not answer in time")
            self._log.error("look-up failed", sink=line.name, exc_info=error)
            return Answers(nobody, asked=False, reason=f"a bug of the connector: {type(error).__name__}")
        if len(known) != len(leads):
            self._log.error("look-up answered for another number of leads", sink=line.name)
            return Answers(nobody, asked=False, reason="the connector answered for another number of leads")
        return Answers(known, asked=True)


class _Beside:
    """One thread for one call after another, ended by `close` or with this object.

    A thread for each call would be a risk: when memory is short just then, Python waits for ever for one that has died
    before it began (https://github.com/python/cpython/issues/140746), and planning would stand still.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[tuple[Call, Answer] | None] = SimpleQueue()
        self._thread = threading.Thread(target=_one_by_one, args=(self._calls,), name="lookup", daemon=True)
        self.close = weakref.finalize(self, self._calls.put, None)

    def start(self) -> None:
        if self._thread.ident is None:
            self._thread.start()

    def begin(self, call: Call) -> Answer:
        self.start()
        answer: Answer = Future()
        self._calls.put((call, answer))
        return answer


def _one_by_one(calls: "SimpleQueue[tuple[Call, Answer] | None]") -> None:
    while (asked := calls.get()) is not None:
        _answer(*asked)
        del asked  # what the CRM said is not kept until it is asked again


def _answer(call: Call, answer: Answer) -> None:
    known: Sequence[Known | None] = ()
    failed: BaseException | None = None
    try:
        known = call()
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits, as an executor does
        failed = error
    while not answer.done():
        try:
            answer.set_exception(failed) if failed else answer.set_result(known)
        except MemoryError:
            time.sleep(_OUT_OF_MEMORY)
