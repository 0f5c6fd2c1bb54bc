"""What an account holds: folders, their messages, and who has to be told of a change."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition

WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@dataclass(slots=True)
class Message:
    uid: int
    raw: bytes
    at: datetime  # the internal date
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Folder:
    name: str
    validity: int
    special: str = ""  # its special use, as \All
    next_uid: int = 1
    messages: list[Message] = field(default_factory=list)  # in the order of their UIDs

    def add(self, raw: bytes, at: datetime, flags: Iterable[str] = ()) -> Message:
        message = Message(self.next_uid, raw, at, set(flags))
        self.next_uid += 1
        self.messages.append(message)
        return message

    def uids(self) -> list[int]:
        return [message.uid for message in self.messages]


class Account:
    """Everything under `changed`, which is notified of every change."""

    def __init__(self) -> None:
        self.changed = Condition()
        self._validity = 1000
        self.folders: dict[str, Folder] = {}
        self.make("INBOX")

    def make(self, name: str, special: str = "") -> Folder:
        """A folder with a UIDVALIDITY that no other has, or had."""
        with self.changed:
            self._validity += 1
            folder = self.folders[name] = Folder(name, self._validity, special)
            return folder

    def find(self, name: str) -> Folder | None:
        return self.folders.get("INBOX" if name.upper() == "INBOX" else name)

    def deliver(self, raw: bytes, folder: str = "INBOX", at: datetime = WHEN, flags: Iterable[str] = ()) -> int:
        """Its UID."""
        with self.changed:
            message = self.folders[folder].add(raw, at, flags)
            self.changed.notify_all()
            return message.uid

    def renumber(self, folder: str = "INBOX") -> None:
        with self.changed:
            old = self.folders[folder]
            new = self.make(folder, old.special)
            for message in old.messages:
                new.add(message.raw, message.at, message.flags)
            self.changed.notify_all()


def utf7(name: str) -> str:
    """The name of a folder as RFC 3501 (5.1.3) has it on the wire."""
    said, wide = "", ""
    for letter in [*name, ""]:
        if letter and not " " <= letter <= "~":
            wide += letter
            continue
        if wide:
            said += "&" + base64.b64encode(wide.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
            wide = ""
        said += "&-" if letter == "&" else letter
    return said


def from_utf7(said: str) -> str:
    """The other way round."""

    def letters(wide: re.Match[str]) -> str:
        coded = wide[1].replace(",", "/")
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be") if coded else "&"

    return re.sub("&([^-]*)-", letters, said)
