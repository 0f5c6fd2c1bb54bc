"""A selected folder as one client sees it: its numbers change only when it has been told (RFC 3501, 5.2 and 7.4.1)."""

import select
from bisect import bisect_left
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.fakes.imap.account import Folder, Message, from_utf7
from tests.fakes.imap.words import Bad, No, Word, day, numbers

if TYPE_CHECKING:
    from tests.fakes.imap.session import Session

_SECTIONS = {"BODY.PEEK[]": "BODY[]", "BODY.PEEK[HEADER]": "BODY[HEADER]", "BODY[]": "BODY[]"}


class Selected:
    def __init__(self, session: "Session", folder: Folder, *, read_only: bool) -> None:
        self.session, self.folder, self.read_only = session, folder, read_only
        self.account, self.manners = session.server.account, session.server.manners
        self.seen = folder.uids()  # the UIDs of the messages that this client knows of, by their number

    def greet(self) -> str:
        say, folder = self.session.say, self.folder
        say(r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)")
        say(rf"* OK [PERMANENTFLAGS ({'' if self.read_only else chr(92) + 'Seen ' + chr(92) + '*'})] kept")
        say(f"* {len(self.seen)} EXISTS")
        say("* 0 RECENT")
        say(f"* OK [UIDVALIDITY {folder.validity}] valid")
        say(f"* OK [UIDNEXT {folder.next_uid}] next")
        return "[READ-ONLY] examined" if self.read_only else "[READ-WRITE] selected"

    def tell(self) -> None:
        """What has changed since this client was told last."""
        with self.account.changed:
            now = self.folder.uids()
            there = set(now)
            for number in range(len(self.seen), 0, -1):
                if self.seen[number - 1] not in there:
                    self.session.say(f"* {number} EXPUNGE")
                    del self.seen[number - 1]
            if len(now) != len(self.seen):
                self.seen = now
                self.session.say(f"* {len(now)} EXISTS")

    def carry_out(self, name: str, args: list[Word]) -> str:
        if name == "IDLE":
            return self._idle(args)
        with self.account.changed:
            if name == "UNSELECT" and not args:
                self.session.selected = None
                return "unselected"
            if name == "EXPUNGE" and not args:
                self._expunge(self.folder.messages)
                return "expunged"
            if name != "UID" or not args:
                raise Bad("no such command")
            said = self._by_uid(str(args[0]).upper(), args[1:])
            self.tell()
            return said

    def _by_uid(self, name: str, args: list[Word]) -> str:
        if name == "SEARCH":
            return self._search(args)
        if not args or not isinstance(args[0], str):
            raise Bad("which messages?")
        named = self._named(args[0])
        if name == "FETCH" and len(args) == 2:
            return self._fetch(named, args[1] if isinstance(args[1], list) else [args[1]])
        if self.read_only:
            raise No("[READ-ONLY] nothing is changed here")
        if name == "STORE" and len(args) == 3:
            return self._store(named, str(args[1]).upper(), args[2])
        if name == "EXPUNGE" and "UIDPLUS" in self.manners.capabilities:
            self._expunge(named)
            return "expunged"
        if (name == "COPY" or (name == "MOVE" and "MOVE" in self.manners.capabilities)) and len(args) == 2:
            return self._copy(named, str(args[1]), moved=name == "MOVE")
        raise Bad("no such command")

    def _named(self, uids: str) -> list[Message]:
        wanted = numbers(uids, max(self.seen, default=0)) & set(self.seen)
        return [message for message in self.folder.messages if message.uid in wanted]

    def _number(self, message: Message) -> int:
        """UIDs rise with the numbers."""
        return bisect_left(self.seen, message.uid) + 1

    def _search(self, args: list[Word]) -> str:
        found, rest = list(self.folder.messages), [str(arg) for arg in args]
        if rest[:1] == ["CHARSET"]:
            if rest[1].upper() not in ("US-ASCII", "UTF-8"):
                raise No("[BADCHARSET (US-ASCII UTF-8)] not known")
            rest = rest[2:]
        if not rest:
            raise Bad("search for what?")
        while rest:
            key = rest.pop(0).upper()
            if key == "UID" and rest:
                wanted = numbers(rest.pop(0), max(self.folder.uids(), default=0))
                found = [message for message in found if message.uid in wanted]
            elif key == "SINCE" and rest:
                since = day(rest.pop(0))
                found = [message for message in found if message.at - since >= timedelta(0)]
            elif key != "ALL":
                raise Bad("no such key")
        seen = set(self.seen)
        self.session.say(" ".join(["* SEARCH", *(str(message.uid) for message in found if message.uid in seen)]))
        return "searched"

    def _fetch(self, named: list[Message], asked: list[Word]) -> str:
        items = [str(one).upper() for one in asked]
        bodies = [one for one in items if one in _SECTIONS]
        wrong = bodies == ["BODY.PEEK[]"] and [one.uid for one in named if one.uid in self.manners.cannot_give]
        if wrong and (len(named) == 1 or self.manners.bulk_fails):
            raise No(self.manners.give_answer)
        for message in named:
            if wrong and message.uid in wrong:
                continue
            parts = b" ".join(self._items(message, items))
            number = str(self._number(message)).encode()
            self.session.say(b"* " + number + b" FETCH (" + parts + b")")
        if wrong:
            raise No(self.manners.give_answer)
        return "fetched"

    def _items(self, message: Message, items: list[str]) -> Iterator[bytes]:
        if "UID" not in items:
            yield f"UID {message.uid}".encode()  # the answer to a UID FETCH has it in any case
        for item in items:
            if item == "UID":
                yield f"UID {message.uid}".encode()
            elif item == "FLAGS":
                yield f"FLAGS ({' '.join(sorted(message.flags))})".encode()
            elif item == "RFC822.SIZE":
                yield f"RFC822.SIZE {len(message.raw)}".encode()
            elif item == "INTERNALDATE":
                yield f'INTERNALDATE "{message.at:%d-%b-%Y %H:%M:%S %z}"'.encode()
            elif item in _SECTIONS:
                if item == "BODY[]" and not self.read_only:
                    message.flags.add(r"\Seen")
                text = message.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in item else message.raw
                yield _SECTIONS[item].encode() + b" {" + str(len(text)).encode() + b"}\r\n" + text
            else:
                raise Bad("no such item")

    def _store(self, named: list[Message], how: str, flags: Word) -> str:
        if how not in ("+FLAGS", "+FLAGS.SILENT", "-FLAGS") or not isinstance(flags, list):
            raise Bad("store what?")
        for message in named:
            kept = {str(flag) for flag in flags}
            message.flags = message.flags - kept if how.startswith("-") else message.flags | kept
            if not how.endswith("SILENT"):
                number = self._number(message)
                self.session.say(f"* {number} FETCH (UID {message.uid} FLAGS ({' '.join(sorted(message.flags))}))")
        return "stored"

    def _copy(self, named: list[Message], name: str, *, moved: bool) -> str:
        target = self.account.find(from_utf7(name))
        if target is None:
            raise No("[TRYCREATE] no such folder")
        for message in named:
            target.add(message.raw, message.at, message.flags)
        if moved:
            uids = {message.uid for message in named}
            self.folder.messages = [one for one in self.folder.messages if one.uid not in uids]
        self.account.changed.notify_all()
        return "copied"

    def _expunge(self, among: list[Message]) -> None:
        """What is marked as deleted, of these."""
        gone = {one.uid for one in among if r"\Deleted" in one.flags}
        self.folder.messages = [one for one in self.folder.messages if one.uid not in gone]
        self.account.changed.notify_all()

    def _idle(self, args: list[Word]) -> str:
        """Until the client says DONE (RFC 2177)."""
        if args or "IDLE" not in self.manners.capabilities:
            raise Bad("no such command")
        self.session.say("+ idling")
        self.session.idle_thread(idling=True)
        waiting = select.poll()  # not select.select: a long run of tests has more than 1,024 files open
        waiting.register(self.session.talking, select.POLLIN)
        try:
            while True:
                self.tell()
                if self._client_says(waiting):
                    break
        finally:
            self.session.idle_thread(idling=False)
        if self.session.file.readline() != b"DONE\r\n":
            raise Bad("DONE was expected")
        return "idled"

    def _client_says(self, waiting: select.poll) -> bool:
        talking = self.session.talking
        pending = getattr(talking, "pending", int)()
        if pending or waiting.poll(0):
            return True
        with self.account.changed:
            self.account.changed.wait(0.02)
        return False
