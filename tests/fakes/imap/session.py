"""One connection: its state, what it has been told, and the commands that any state may give."""

import base64
import binascii
import re
import socket
import struct
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.fakes.imap.account import Folder, from_utf7, utf7
from tests.fakes.imap.selected import Selected
from tests.fakes.imap.words import Bad, No, Word, words

if TYPE_CHECKING:
    from tests.fakes.imap.server import FakeImap

_LITERAL = re.compile(rb"\{(\d+)\}$")
_TAG = re.compile(r"[^\s(){%*\"\\+\]]+")
LONGEST = 8000


class Session:
    def __init__(self, server: "FakeImap", talking: socket.socket) -> None:
        self.server, self.talking = server, talking
        self.file = talking.makefile("rb")
        self.known = False  # logged in
        self.selected: Selected | None = None
        self.half = False  # break off in the middle of the next long answer

    def run(self) -> None:
        try:
            self.say("* OK [CAPABILITY {}] ready".format(" ".join(self.server.manners.capabilities)))
            while (line := self._line()) and self._command(line):
                pass
        finally:
            self.file.close()
            self.talking.close()

    # the wire

    def say(self, text: str | bytes) -> None:
        data = (text if isinstance(text, bytes) else text.encode()) + b"\r\n"
        if self.half and len(data) > 100:
            self.talking.sendall(data[: len(data) // 2])
            self._reset()
        self.talking.sendall(data)

    def _line(self) -> str:
        """A whole command, with its literals as quoted strings; empty at the end of the connection."""
        whole = ""
        while raw := self.file.readline(LONGEST + 2):
            if not raw.endswith(b"\r\n"):
                return ""
            raw = raw[:-2]
            literal = _LITERAL.search(raw)
            whole += (raw[: literal.start()] if literal else raw).decode("latin-1")
            if not literal:
                return whole
            self.say("+ go on")
            text = self.file.read(int(literal.group(1))).decode("latin-1")
            whole += '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return ""

    def _reset(self) -> None:
        """RST instead of FIN: what was sent before may be lost as well."""
        with suppress(OSError):
            self.talking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.file.close()
        self.talking.close()
        raise ConnectionResetError

    def _encrypt(self) -> None:
        """What was sent in the clear behind STARTTLS is forgotten (RFC 9051, 11.1)."""
        self.file.close()
        self.talking = self.server.encrypted(self.talking)
        self.file = self.talking.makefile("rb")

    # commands

    def _command(self, line: str) -> bool:
        """False when the connection is at its end."""
        tag, _, rest = line.partition(" ")
        name = rest.partition(" ")[0].upper()
        number = self.server.heard(name, name if name in ("LOGIN", "AUTHENTICATE") else rest)
        if number in self.server.manners.resets:
            self._reset()
        self.half = number in self.server.manners.cuts
        while self.server.manners.silent and self.talking.fileno() != -1:
            if not self.talking.recv(1):
                return False
        if self.server.manners.before_answer:
            self.say(self.server.manners.before_answer)
        if not _TAG.fullmatch(tag):
            self.say("* BAD no tag")
            return True
        try:
            self.say(f"{tag} OK {self._carry_out(name, rest)}")
            if name == "STARTTLS":
                self._encrypt()
        except No as no:
            self.say(f"{tag} NO {no}")
        except Bad as bad:
            self.say(f"{tag} BAD {bad}")
        return name != "LOGOUT"

    def _carry_out(self, name: str, rest: str) -> str:
        """What is said beside OK. Raises No or Bad."""
        args = words(rest)[1:]
        if name in ("CAPABILITY", "NOOP", "LOGOUT"):
            return self._any_state(name, args)
        if name == "STARTTLS":
            if args or self.known or "STARTTLS" not in self.server.manners.capabilities:
                raise Bad("not now")
            return "begin"
        if name in ("LOGIN", "AUTHENTICATE"):
            return self._log_in(name, args)
        if not self.known:
            raise Bad("log in first")
        if name in ("SELECT", "EXAMINE", "CREATE", "LIST", "STATUS"):
            with self.server.account.changed:
                return self._of_folders(name, args)
        if self.selected is None:
            raise Bad("no folder is selected, or there is no such command")
        return self.selected.carry_out(name, args)

    def _any_state(self, name: str, args: list[Word]) -> str:
        if args:
            raise Bad("no arguments")
        if name == "CAPABILITY":
            self.say("* CAPABILITY " + " ".join(self.server.manners.capabilities))
        elif name == "LOGOUT":
            self.say("* BYE until then")
        elif self.selected:
            self.selected.tell()
        return f"{name} done"

    def _log_in(self, name: str, args: list[Word]) -> str:
        if self.known:
            raise Bad("logged in already")
        manners = self.server.manners
        if name == "LOGIN":
            if len(args) != 2 or "LOGINDISABLED" in manners.capabilities:
                raise Bad("LOGIN user password")
            good = args == [manners.user, manners.password]
        else:
            good = self._authenticate(args)
        if manners.login_answer:
            raise No(manners.login_answer)
        if not good:
            raise No("[AUTHENTICATIONFAILED] Invalid credentials")
        self.known = True
        return "logged in"

    def _authenticate(self, args: list[Word]) -> bool:
        """XOAUTH2 and PLAIN (RFC 4616), without an initial response."""
        manners = self.server.manners
        if len(args) != 1 or f"AUTH={str(args[0]).upper()}" not in manners.capabilities:
            raise No("[CANNOT] no such mechanism")
        self.say("+ ")
        try:
            said = base64.b64decode(self.file.readline().strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise Bad("no base64") from None
        if str(args[0]).upper() == "PLAIN":
            return said == f"\0{manners.user}\0{manners.password}"
        if said in {f"user={manners.user}\x01auth=Bearer {token}\x01\x01" for token in manners.tokens}:
            return True
        error = b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'
        self.say(b"+ " + base64.b64encode(error))
        if self.file.readline() != b"\r\n":
            raise Bad("an empty line is what the client has to answer")
        return False

    def _of_folders(self, name: str, args: list[Word]) -> str:
        account = self.server.account
        if name == "LIST":
            return self._list(args)
        if not args or not isinstance(args[0], str):
            raise Bad("which folder?")
        folder = account.find(from_utf7(args[0]))
        if name == "CREATE":
            if folder:
                raise No("[ALREADYEXISTS] there is one")
            account.make(from_utf7(args[0]))
            return "made"
        if name in ("SELECT", "EXAMINE"):
            self.selected = None
        if folder is None:
            raise No("[NONEXISTENT] no such folder")
        if name == "STATUS":
            return self._status(folder, args)
        self.selected = Selected(self, folder, read_only=name == "EXAMINE")
        return self.selected.greet()

    def _list(self, args: list[Word]) -> str:
        if len(args) != 2 or args[0] != "":
            raise Bad('LIST "" pattern')
        pattern = re.compile(re.escape(str(args[1])).replace(r"\*", ".*").replace("%", "[^/]*"))
        for folder in self.server.account.folders.values():
            if pattern.fullmatch(utf7(folder.name)):
                flags = " ".join(filter(None, (r"\HasNoChildren", folder.special)))
                self.say(f'* LIST ({flags}) "/" "{utf7(folder.name)}"')
        return "listed"

    def _status(self, folder: Folder, args: list[Word]) -> str:
        known = {"MESSAGES": len(folder.messages), "UIDNEXT": folder.next_uid, "UIDVALIDITY": folder.validity}
        asked = args[1] if len(args) == 2 else None
        if not isinstance(asked, list) or not all(isinstance(one, str) and one in known for one in asked):
            raise Bad("STATUS folder (what)")
        said = " ".join(f"{one} {known[str(one)]}" for one in asked)
        self.say(f'* STATUS "{utf7(folder.name)}" ({said})')
        return "told"

    def idle_thread(self, *, idling: bool) -> None:
        threading.current_thread().name = "imap idling" if idling else "imap"
