"""A connection to the server, made and logged in; and what its refusals mean."""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted, UnexpectedCommandStatusError
from imap_tools.errors import MailboxTaggedResponseError
from imap_tools.idle import IdleManager
from imap_tools.utils import check_command_status

from connectors.sources.imap.logins import said
from connectors.sources.imap.options import Options
from syncd.connector import AuthFailed, ConfigError, RateLimited, Refused, Retryable

SLOW_DOWN = timedelta(minutes=5)
"""A server that wants less of us does not say for how long."""


class PatientIdle(IdleManager):
    """What the server tells before it says that it idles is no error: it is the news that we wait for."""

    def start(self) -> None:
        client = self.mailbox.client
        self._idle_tag = client._command("IDLE")  # noqa: SLF001 - imaplib has no IDLE of its own before Python 3.14
        while client._get_response() is not None:  # noqa: SLF001
            if client.tagged_commands[self._idle_tag]:
                check_command_status(client.tagged_commands.pop(self._idle_tag), MailboxTaggedResponseError)

    def stop(self) -> None:
        super().stop()  # type: ignore[no-untyped-call]


def connect(options: Options, patience: tuple[float, float], token: Callable[[], str] | None) -> BaseMailBox:
    """Logged in, no folder selected. `patience`: seconds to connect, and to wait for an answer.

    Raises AuthFailed, RateLimited or Retryable.
    """
    with translated(f"connecting to {options.host}"):
        mailbox = _connected(options, patience[0])
    try:
        if options.tls == "starttls":
            with translated(f"encrypting the line to {options.host}"):
                mailbox.client.starttls(_trust(options))
        with translated(f"login of {options.user.partition('@')[2] or 'the user'} at {options.host}", login=True):
            mailbox.client.sock.settimeout(patience[1])
            _keep_alive(mailbox.client.sock)
            _log_in(mailbox, options, token)
            mailbox.client._get_capabilities()  # noqa: SLF001 - a server tells more of itself after the login
    except BaseException:
        shut(mailbox)
        raise
    return mailbox


def shut(mailbox: BaseMailBox) -> None:
    """Without a farewell: the line may be dead."""
    try:
        mailbox.client.shutdown()
    except (OSError, ValueError):
        return


def _connected(options: Options, seconds: float) -> BaseMailBox:
    if options.tls == "tls":
        return MailBox(options.host, options.at_port, seconds, ssl_context=_trust(options))
    return MailBoxUnencrypted(options.host, options.at_port, seconds)


def _trust(options: Options) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=options.ca_file)
    except OSError as error:
        raise ConfigError(f"imap: ca_file {options.ca_file} cannot be used: {error.strerror}") from error


def _keep_alive(line: socket.socket) -> None:
    """A line that is dead shows within minutes, even while nobody says anything."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)


def _log_in(mailbox: BaseMailBox, options: Options, token: Callable[[], str] | None) -> None:
    if token is not None:
        first = [said(options.user, token())]  # a refusal is a challenge that is to be answered with nothing
        mailbox.client.authenticate("XOAUTH2", lambda _: first.pop() if first else b"")
    elif options.password is not None:
        password = options.password.get_secret_value()
        plain = f"{options.user}{password}".isascii() or "AUTH=PLAIN" not in mailbox.client.capabilities
        (mailbox.login if plain else mailbox.login_utf8)(options.user, password, None)


@contextmanager
def translated(what: str, *, login: bool = False) -> Iterator[None]:
    """Errors of the library become ours. A server's words may hold anything, so only its code is told."""
    try:
        yield
    except UnexpectedCommandStatusError as error:
        raise refusal(what, error.command_result[1], login=login) from None
    except imaplib.IMAP4.abort as error:
        raise refusal(what, [str(error).encode()], login=False, broken=True) from None
    except imaplib.IMAP4.error as error:
        raise refusal(what, [str(error).encode()], login=login, broken=True) from None
    except ssl.SSLCertVerificationError as error:
        raise Retryable(f"imap: {what}: its certificate is not trusted ({error.verify_message})") from None
    except OSError as error:
        raise Retryable(f"imap: {what}: {error.strerror or type(error).__name__}") from None
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise Retryable(f"imap: {what}: the answer makes no sense ({type(error).__name__})") from None


def refusal(what: str, words: list[Any], *, login: bool, broken: bool = False) -> Exception:
    """What a NO, BAD or BYE asks for. https://www.iana.org/assignments/imap-response-codes"""
    text = b" ".join(word for word in words if isinstance(word, bytes)).decode("utf-8", "replace")
    found = _CODE.search(text)
    code = found[1].upper() if found else ""
    told = f"imap: {what}: " + (f"refused with {code}" if code else "broken off" if broken else "refused")
    if code in _SLOW_DOWN or _TOO_MANY.search(text):
        return RateLimited(told, SLOW_DOWN)
    if code in _LOGIN or (login and code not in _LATER):
        return AuthFailed(told)
    return Retryable(told) if broken or login or code in _BUSY else Refused(told)


_CODE = re.compile(r"\[([A-Za-z][A-Za-z0-9-]{1,30})[ \]]")
_SLOW_DOWN = ("LIMIT", "THROTTLED", "OVERQUOTA")
_TOO_MANY = re.compile(r"(?i)too many|rate limit|throttl|temporarily blocked")
_LOGIN = ("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED", "WEBALERT", "CONTACTADMIN")
_BUSY = ("UNAVAILABLE", "INUSE")
_LATER = (*_BUSY, "SERVERBUG", "CORRUPTION")
