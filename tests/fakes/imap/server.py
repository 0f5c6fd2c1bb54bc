"""The server itself: it listens on loopback, in the clear or with TLS, and breaks off to order."""

import socket
import ssl
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.fakes.imap.account import Account
from tests.fakes.imap.session import Session

USER, PASSWORD = "sales@shop.example.com", "app-password-canary"


@dataclass(slots=True)
class Manners:
    """What the server can do and will do. A test may change it at any time."""

    capabilities: list[str] = field(
        default_factory=lambda: ["IMAP4rev1", "IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "AUTH=PLAIN", "AUTH=XOAUTH2"]
    )
    user: str = USER
    password: str = PASSWORD
    tokens: set[str] = field(default_factory=set)  # access tokens that XOAUTH2 takes
    login_answer: str = ""  # instead of what is right, as "NO [UNAVAILABLE] later"
    resets: set[int] = field(default_factory=set)  # the connection is reset instead of an answer to the N-th command
    cuts: set[int] = field(default_factory=set)  # the same in the middle of the answer
    silent: bool = False  # takes commands and answers nothing
    before_answer: bytes = b""  # a line that nobody expects
    cannot_give: set[int] = field(default_factory=set)  # UIDs whose body it answers with NO
    give_answer: str = "[SERVERBUG] internal error"  # how it says so
    bulk_fails: bool = False  # a call for more than one body is refused, if one of them cannot be given


class FakeImap:
    """One account. `commands` counts what was asked, by its name."""

    def __init__(self, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None) -> None:
        self.account, self.manners = Account(), Manners()
        self.commands: Counter[str] = Counter()
        self.lines: list[str] = []  # every command without its tag; of logins only the name
        self.deliver, self.make = self.account.deliver, self.account.make
        self._tls, self._starttls = tls, starttls
        if starttls:
            self.manners.capabilities += ["STARTTLS", "LOGINDISABLED"]
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    host = "127.0.0.1"

    @property
    def port(self) -> int:
        assert self._socket
        return int(self._socket.getsockname()[1])

    @property
    def count(self) -> int:
        """How many commands there were."""
        return self.commands.total()

    def __enter__(self) -> Self:
        self._socket = socket.create_server((self.host, 0))
        self._begin(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        listening, self._socket = self._socket, None
        assert listening
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        self.drop()
        for thread in self._threads:
            thread.join(10)

    def drop(self) -> None:
        """End every connection there is, as a server does that is started again."""
        with self._lock:
            for one in self._open:
                with suppress(OSError):  # beneath TLS, for another thread is reading
                    socket.socket.shutdown(one, socket.SHUT_RDWR)
        with self.account.changed:
            self.account.changed.notify_all()

    def renumber(self, folder: str = "INBOX") -> None:
        """As after a restored backup or a lost index: all messages have other UIDs, and UIDVALIDITY says so."""
        self.account.renumber(folder)
        self.drop()

    def held(self, folder: str = "INBOX") -> list[tuple[frozenset[str], bytes, str]]:
        """Flags, raw mail and internal date of everything in it."""
        found = self.account.find(folder)
        return [(frozenset(one.flags), one.raw, one.at.isoformat()) for one in found.messages] if found else []

    @property
    def idling(self) -> int:
        """How many clients wait in IDLE just now."""
        return sum(thread.name == "imap idling" for thread in self._threads)

    def heard(self, name: str, line: str) -> int:
        """The number of this command."""
        with self._lock:
            self.commands[name] += 1
            self.lines.append(line)
            return self.count

    def encrypted(self, talking: socket.socket) -> socket.socket:
        """The line of a client that has said STARTTLS; from now on it may log in."""
        assert self._starttls
        self.manners.capabilities = [one for one in self.manners.capabilities if one != "LOGINDISABLED"]
        with self._lock:
            self._open.discard(talking)
            inner = self._starttls.wrap_socket(talking, server_side=True)
            self._open.add(inner)
        return inner

    def _begin(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, name="imap", daemon=True)  # type: ignore[arg-type]
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while listening := self._socket:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._begin(self._serve, taken)

    def _serve(self, plain: socket.socket) -> None:
        try:
            talking = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
        except OSError:  # the client does not trust us
            plain.close()
            return
        with self._lock:
            self._open.add(talking)
        session = Session(self, talking)
        with suppress(OSError):
            session.run()
        with self._lock:
            self._open -= {talking, session.talking}
