"""What is asked of a mailbox, once somebody is logged in. One thread at a time."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from imap_tools.utils import encode_folder

from connectors.sources.imap.answers import Head, bodies, heads
from connectors.sources.imap.connection import PatientIdle, connect, refusal, shut, translated
from connectors.sources.imap.options import Options
from syncd.connector import Refused

LONGEST_IDLE = 540.0
"""Seconds. Servers end IDLE after 30 minutes, and many routers forget a silent line after 10."""

Answered = bytes | tuple[bytes, bytes] | None

_NEWS = re.compile(rb"^\* \d+ EXISTS", re.IGNORECASE)
_OVER = re.compile(rb"^\* BYE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opened:
    validity: int
    next_uid: int
    count: int  # of its mails


class Session:
    """Every method raises AuthFailed, RateLimited or Retryable; after these the line is not to be used any more.
    Refused is about what was asked alone.
    """

    def __init__(self, options: Options, patience: tuple[float, float], token: Callable[[], str] | None = None) -> None:
        self._host, self._writes = options.host, options.tidies
        self._mailbox = connect(options, patience, token)
        self._client, self._idle = self._mailbox.client, PatientIdle(self._mailbox)
        self._born = monotonic()
        self.folder = ""  # the one that is open
        self._idle_since: float | None = None

    def close(self) -> None:
        shut(self._mailbox)

    @property
    def age(self) -> float:
        """Seconds since the login."""
        return monotonic() - self._born

    def can(self, capability: str) -> bool:
        return capability in self._client.capabilities

    def awake(self) -> None:
        """End the listening, and see whether the line is alive."""
        with translated(f"asking {self._host} for anything"):
            self._end_idle()
            self._client.noop()

    def folders(self) -> dict[str, frozenset[str]]:
        """Name -> its uses (RFC 6154) and other attributes, in lower case."""
        with translated("listing the folders"):
            self._end_idle()
            listed = self._mailbox.folder.list()
        return {one.name: frozenset(flag.lower() for flag in one.flags) for one in listed}

    def open(self, folder: str) -> Opened:
        """As it is now. Read only, unless something is to be tidied up."""
        self.folder = ""
        with translated(f"opening folder {folder}"):
            self._end_idle()
            self._mailbox.folder.set(folder, readonly=not self._writes)
            told = {name: self._number(name) for name in ("UIDVALIDITY", "UIDNEXT", "EXISTS")}
            self._client.untagged_responses.pop("EXISTS", None)
            next_uid = told["UIDNEXT"] or 1 + max(map(int, self._mailbox.uids("ALL", None)), default=0)
        self.folder = folder
        return Opened(told["UIDVALIDITY"], next_uid, told["EXISTS"])

    def search(self, first: int, last: int | None = None, since: datetime | None = None) -> list[int]:
        """UIDs from `first` to `last`, those alone that came in about `since` or later, in order."""
        words = f"UID {first}:{last or '*'}"
        if since is not None:  # a day, and which day it is depends on the server's zone
            words += f" SINCE {_day(since - timedelta(days=1))}"
        with translated(f"searching in {self.folder}"):
            found = map(int, self._mailbox.uids(words, None))
            # `first:*` names the last mail, even where its UID is lower than `first`.
            return sorted(uid for uid in found if first <= uid and (last is None or uid <= last))

    def heads(self, uids: Sequence[int], now: datetime) -> list[Head]:
        """In order; mails that are gone are left out."""
        wanted = set(uids)
        with translated(f"looking at mails in {self.folder}"):
            given = self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE FLAGS)")
            return sorted((one for one in heads(given, now) if one.uid in wanted), key=lambda one: one.uid)

    def bodies(self, uids: Sequence[int], *, head_alone: bool = False) -> dict[int, bytes]:
        """By UID; a mail that is gone has none, and nothing is marked as seen."""
        wanted = set(uids)
        with translated(f"reading mails in {self.folder}"):
            given = self._fetch(uids, "(UID BODY.PEEK[HEADER])" if head_alone else "(UID BODY.PEEK[])")
            return {uid: raw for uid, raw in bodies(given).items() if uid in wanted}

    def flag(self, uids: Sequence[int], flag: str) -> None:
        with translated(f"flagging mails in {self.folder}"):
            self._told("STORE", _set(uids), "+FLAGS.SILENT", f"({flag})")

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Into a folder that is made where there is none. Mails that are gone are no trouble."""
        try:
            self._move(uids, folder)
        except Refused as error:
            if "TRYCREATE" not in str(error) and "NONEXISTENT" not in str(error):
                raise
            with translated(f"making folder {folder}"):
                self._mailbox.folder.create(folder)
            self._move(uids, folder)

    def listen(self, seconds: float) -> bool:
        """Whether new mail was told of in the folder that is open; where the server cannot say, False at once."""
        if not self.can("IDLE") or not self.folder:
            return False
        with translated(f"waiting for mail in {self.folder}"):
            began = monotonic()
            if self._idle_since is None or began - self._idle_since > LONGEST_IDLE:
                self._begin_idle()
            if self._client.untagged_responses.pop("EXISTS", None):
                return True
            lines = self._idle.poll(timeout=seconds)
            if any(_OVER.match(line) for line in lines):
                raise OSError("the server ends the connection")
            if not lines and monotonic() - began < seconds / 2:
                self._begin_idle()  # something came that is no line: is it the end?
            return any(_NEWS.match(line) for line in lines)

    def _begin_idle(self) -> None:
        self._end_idle()
        self._idle.start()
        self._idle_since = monotonic()

    def _end_idle(self) -> None:
        if self._idle_since is not None:
            self._idle_since = None
            self._idle.stop()

    def _number(self, name: str) -> int:
        said = next(reversed(self._client.untagged_responses.get(name, [])), None)
        return int(said) if isinstance(said, bytes) and said.isdigit() else 0

    def _fetch(self, uids: Sequence[int], what: str) -> list[Answered]:
        return list(self._told("FETCH", _set(uids), what))

    def _told(self, command: str, *words: str) -> Iterable[Answered]:
        """Raises what the server's NO means."""
        how, given = self._client.uid(command, *words)
        if how != "OK":
            raise refusal(f"{command} in {self.folder}", given, login=False)
        return given

    def _move(self, uids: Sequence[int], folder: str) -> None:
        """Without MOVE, what is copied is marked as deleted; only UIDPLUS can then take away these alone."""
        name = encode_folder(folder).decode()
        with translated(f"moving mails to {folder}"):
            if self.can("MOVE"):
                self._told("MOVE", _set(uids), name)
                return
            self._told("COPY", _set(uids), name)
            self._told("STORE", _set(uids), "+FLAGS.SILENT", r"(\Deleted)")
            if self.can("UIDPLUS"):
                self._told("EXPUNGE", _set(uids))


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _day(moment: datetime) -> str:
    """As a search wants it, in no local language."""
    return f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
