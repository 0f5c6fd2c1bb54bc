"""Asks the system of record who is already known, with patience but not for ever."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from syncd import log
from syncd.errors import SyncdError
from syncd.model import Known, LeadKeys
from syncd.run.line import Line

Call = Callable[[], Sequence[Known | None]]
Answer = Future[Sequence[Known | None]]


@dataclass(frozen=True, slots=True)
class Answers:
    """One per lead asked about; `asked` is False when the CRM did not answer in time."""

    known: Sequence[Known | None]
    asked: bool
    reason: str = ""


class Lookup:
    """A call that outlives the patience goes on by itself; until it ends nobody asks again.

    `begin` starts a call beside the planner, usually in a thread of its own; that is a daemon thread: a CRM that
    hangs does not keep the process from ending.
    """

    def __init__(self, line: Line | None, begin: Callable[[Call], Answer] | None = None) -> None:
        self.line, self._begin = line, begin or _in_a_thread
        self._hanging: Answer | None = None
        self._log = log.get("lookup")

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
            known = call.result(line.options.patience.total_seconds())
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


def _in_a_thread(action: Call) -> Answer:
    answer: Answer = Future()

    def run() -> None:
        try:
            answer.set_result(action())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits, as an executor does
            answer.set_exception(error)

    threading.Thread(target=run, name="lookup", daemon=True).start()
    return answer
