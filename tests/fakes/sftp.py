"""An SFTP server over a folder of this machine: a real SSH server, by paramiko's own server side."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from paramiko import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
    SFTP_NO_SUCH_FILE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
    PKey,
    RSAKey,
    ServerInterface,
    SFTPAttributes,
    SFTPHandle,
    SFTPServer,
    SFTPServerInterface,
    SSHException,
    Transport,
)

USER, PASSWORD = "leads", "sftp-canary"
HOST_KEY = RSAKey.generate(2048)


class FakeSftp:
    """`openssh`: has OpenSSH's extensions, as renaming over a file. `key`: may log in beside the password."""

    def __init__(self, root: Path, *, openssh: bool = True, key: PKey | None = None) -> None:
        self.root, self.openssh, self.key = root, openssh, key
        self.refusing = False
        self.hung = Event()  # set: takes connections and says nothing
        self.logins = 0
        self.struck: Callable[[str, str], int | None] = lambda _operation, _path: None  # an error instead of the deed
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._transports: list[Transport] = []
        self._silent: list[socket.socket] = []
        self._thread = Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        self.cut()

    def cut(self) -> None:
        """Every connection ends."""
        for transport in self._transports:
            transport.close()
        for each in self._silent:
            each.close()
        self._transports.clear()
        self._silent.clear()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            if self.hung.is_set():
                self._silent.append(connection)
                continue
            transport = Transport(connection)
            transport.add_server_key(HOST_KEY)
            transport.set_subsystem_handler("sftp", SFTPServer, _Files, self)
            self._transports.append(transport)
            try:
                transport.start_server(server=_Door(self))
            except (SSHException, EOFError):
                transport.close()


class _Door(ServerInterface):
    def __init__(self, fake: FakeSftp) -> None:
        self.fake = fake

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        return self._judged(username == USER and password == PASSWORD)

    def check_auth_publickey(self, username: str, key: PKey) -> int:
        return self._judged(username == USER and key == self.fake.key)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def _judged(self, good: bool) -> int:
        if not good or self.fake.refusing:
            return AUTH_FAILED
        self.fake.logins += 1
        return AUTH_SUCCESSFUL


class _Files(SFTPServerInterface):
    def __init__(self, server: ServerInterface, fake: FakeSftp) -> None:
        super().__init__(server)
        self.fake = fake

    def list_folder(self, path: str) -> Any:
        return self._done("list", path, lambda there: [_told(each) for each in sorted(there.iterdir())])

    def stat(self, path: str) -> Any:
        return self._done("stat", path, lambda there: SFTPAttributes.from_stat(there.stat()))

    def lstat(self, path: str) -> Any:
        return self._done("lstat", path, lambda there: SFTPAttributes.from_stat(there.lstat()))

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> Any:
        return self._done("open", path, lambda there: _Handle(there, flags))

    def remove(self, path: str) -> Any:
        return self._done("remove", path, lambda there: there.unlink())

    def mkdir(self, path: str, attr: SFTPAttributes) -> Any:
        return self._done("mkdir", path, lambda there: there.mkdir())

    def rename(self, oldpath: str, newpath: str) -> Any:
        """As version 3 of the protocol says: never over another file."""
        new = self._at(newpath)
        if new.exists():
            return SFTPServer.convert_errno(17)
        return self._done("rename", oldpath, lambda there: there.rename(new) and None)

    def posix_rename(self, oldpath: str, newpath: str) -> Any:
        if not self.fake.openssh:
            return SFTP_OP_UNSUPPORTED
        return self._done("posix_rename", oldpath, lambda there: there.replace(self._at(newpath)) and None)

    def _at(self, path: str) -> Path:
        return self.fake.root / os.path.normpath(f"/{path}").lstrip("/")

    def _done(self, what: str, path: str, deed: Callable[[Path], Any]) -> Any:
        struck = self.fake.struck(what, path)
        if struck is not None:
            return struck
        try:
            done = deed(self._at(path))
        except FileNotFoundError:
            return SFTP_NO_SUCH_FILE
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK if done is None else done


def _told(path: Path) -> SFTPAttributes:
    return SFTPAttributes.from_stat(path.lstat(), path.name)


class _Handle(SFTPHandle):
    def __init__(self, path: Path, flags: int) -> None:
        super().__init__(flags)
        keeps = path.exists() and not flags & os.O_TRUNC
        file = path.open("r+b" if keeps else "w+b") if flags & (os.O_WRONLY | os.O_RDWR) else path.open("rb")
        self.readfile = self.writefile = file

    def stat(self) -> Any:
        return SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))
