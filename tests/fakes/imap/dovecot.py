"""A real server, where Debian's dovecot-imapd is installed: the judge of the fake and of the client.

One account in a folder of its own, on loopback, in the foreground, ended by its pid. It has what the fake has, as far
as a test may use either: mails are put there by IMAP itself, and folders are renumbered by deleting and making them.
"""

import contextlib
import getpass
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

from tests.fakes.imap.account import WHEN, utf7
from tests.fakes.imap.server import PASSWORD, USER
from tests.outside import needs

DOVECOT = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else "")
needs_dovecot = needs(DOVECOT, "a real IMAP server: install dovecot-imapd")
PATIENCE = 20.0

_CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2
auth_failure_delay = 0
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_uid = {uid}
mail_gid = {gid}
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
mailbox_list_index = no
maildir_stat_dirs = yes
{oauth}passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Archive {{
    special_use = \\All
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""
_TOKENS = """
tokeninfo_url = {url}/info?token=
username_attribute = email
active_attribute = active
active_value = true
"""


class Dovecot:
    host = "127.0.0.1"

    def __init__(self, folder: Path, tokens: str = "") -> None:
        """`folder`: a short path, for its sockets have a place in it. `tokens`: where access tokens are looked up."""
        self.folder, self.port, self.user = folder, _free_port(), USER
        for above in (folder, *folder.parents[:-2]):  # the processes that log people in are nobody
            above.chmod(above.stat().st_mode | 0o011)
        (folder / "run").mkdir()
        (folder / "mail").mkdir()
        self._owner = pwd.getpwnam("nobody" if os.getuid() == 0 else getpass.getuser())  # never root, says Dovecot
        os.chown(folder / "mail", self._owner.pw_uid, self._owner.pw_gid)
        self.config = folder / "dovecot.conf"
        self._write_config(tokens)
        self._process = subprocess.Popen([DOVECOT, "-F", "-c", str(self.config)], stderr=subprocess.DEVNULL)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _write_config(self, tokens: str) -> None:
        me = getpass.getuser()
        root = os.getuid() == 0
        (self.folder / "oauth2.conf").write_text(_TOKENS.format(url=tokens))
        self.config.write_text(
            _CONFIG.format(
                folder=self.folder,
                run=self.folder / "run",
                port=self.port,
                oauth=_OAUTH.format(folder=self.folder) if tokens else "",
                password=PASSWORD,
                uid=self._owner.pw_uid,
                gid=self._owner.pw_gid,
                internal="dovecot" if root else me,  # whom Debian's package makes
                login="dovenull" if root else me,
                group="dovecot" if root else me,
            )
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def fresh(self) -> Self:
        """From now on another, empty mailbox; every user has one, with the same password."""
        self.user = f"{uuid4().hex[:8]}@shop.example.com"
        return self

    # what the fake has as well

    def deliver(self, raw: bytes, folder: str = "INBOX", at: datetime = WHEN, flags: Iterable[str] = ()) -> int:
        """Its UID."""
        with self._client() as client:
            how, said = client.append(_quoted(folder), f"({' '.join(flags)})", at, raw)
            assert how == "OK", said
            return int(said[0].split(b"]")[0].split()[-1])

    def make(self, name: str) -> None:
        with self._client() as client:
            assert client.create(_quoted(name))[0] == "OK"

    def renumber(self, folder: str) -> None:
        """All of it again under other UIDs and another UIDVALIDITY, as after a restored backup."""
        kept = self.held(folder)
        time.sleep(1.1)  # Dovecot takes the second of the making for UIDVALIDITY
        with self._client() as client:
            client.delete(_quoted(folder))
            assert client.create(_quoted(folder))[0] == "OK"
            for _, raw, at in kept:
                client.append(_quoted(folder), "", at, raw)

    def held(self, folder: str = "INBOX") -> list[tuple[frozenset[str], bytes, str]]:
        """Flags, raw mail and internal date of everything in it."""
        found = []
        with self._client() as client:
            client.select(_quoted(folder), readonly=True)
            _, uids = client.uid("SEARCH", "ALL")
            for uid in uids[0].split():
                _, given = client.uid("FETCH", uid.decode(), "(FLAGS INTERNALDATE BODY.PEEK[])")
                line, raw = next(part for part in given if isinstance(part, tuple))
                flags = frozenset(flag.decode() for flag in imaplib.ParseFlags(line))
                date = line.split(b'INTERNALDATE "')[1].split(b'"')[0].decode()
                found.append((flags, raw, f'"{date}"'))
        return found

    @contextlib.contextmanager
    def _client(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4(self.host, self.port, timeout=PATIENCE)
        try:
            client.login(self.user, PASSWORD)
            yield client
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                with self._client():
                    return
            except (OSError, imaplib.IMAP4.error):
                assert self._process.poll() is None, self._words()
                time.sleep(0.05)
        raise AssertionError(self._words())

    def _words(self) -> str:
        log = self.folder / "dovecot.log"
        return log.read_text() if log.exists() else "Dovecot did not start"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _quoted(folder: str) -> str:
    return f'"{utf7(folder)}"'
