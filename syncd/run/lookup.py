"""Asks the system of record who is already known, with patience but not for ever."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass

from syncd import log
from syncd.errors import SyncdError
from syncd.model import Known, LeadKeys
from syncd.run.line import Line


@dataclass(frozen=True, slots=True)
class Answers:
    """One per lead asked about; `asked` is False when the CRM did not answer in time."""

    known: Sequence[Known | None]
    asked: bool
    reason: str = ""


class Lookup:
    """A call that outlives the patience goes on by itself; until it ends nobody asks again."""

    def __init__(self, line: Line | None) -> None:
        self.line = line
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lookup")
        self._hanging: Future[Sequence[Known | None]] | None = None
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
        self._hanging = self._threads.submit(line.call, "find", lambda: line.sink.find(leads))
        try:
            known = self._hanging.result(line.options.patience.total_seconds())
        except TooLate:
            return Answers(nobody, asked=False, reason="the CRM did not answer in time")
        except SyncdError as error:
            return Answers(nobody, asked=False, reason=str(error))
        if len(known) != len(leads):
            self._log.error("look-up answered for another number of leads", sink=line.name)
            return Answers(nobody, asked=False, reason="the connector answered for another number of leads")
        return Answers(known, asked=True)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
