"""Getting into the server, and being sure that it is the one."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager

from paramiko import (
    AuthenticationException,
    BadHostKeyException,
    MissingHostKeyPolicy,
    PKey,
    RejectPolicy,
    SFTPClient,
    SSHClient,
    SSHException,
)
from paramiko.pkey import UnknownKeyType

from connectors.sources.sftp import Options
from syncd.connector import AuthFailed, Retryable


class Unproven(SSHException):
    """The server's key is not the one that it should have."""


class _Fingerprint(MissingHostKeyPolicy):
    def __init__(self, wanted: str) -> None:
        self.wanted = wanted.strip().removesuffix("=")

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:  # noqa: ARG002 - paramiko asks so
        if not hmac.compare_digest(key.fingerprint.removesuffix("="), self.wanted):
            raise Unproven


@contextmanager
def words() -> Iterator[None]:
    """What the library raises, as what happens next. OSError passes."""
    try:
        yield
    except (BadHostKeyException, Unproven) as error:
        raise AuthFailed("sftp: the server's key is another one than host_key or known_hosts says") from error
    except AuthenticationException as error:
        raise AuthFailed(f"sftp: the login is refused ({type(error).__name__})") from error
    except (SSHException, EOFError) as error:
        raise Retryable(f"sftp: the connection failed ({type(error).__name__})") from error


def log_in(options: Options) -> tuple[SSHClient, SFTPClient]:
    """Raises AuthFailed, Retryable or OSError."""
    client = SSHClient()
    try:
        with words():
            _trust(client, options)
            client.connect(
                options.host,
                options.port,
                options.user,
                password=options.password.get_secret_value() if options.password else None,
                pkey=_key(options),
                timeout=options.timeout,
                banner_timeout=options.timeout,
                auth_timeout=options.timeout,
                channel_timeout=options.timeout,
                allow_agent=False,
                look_for_keys=False,
            )
            sftp = client.open_sftp()
            channel = sftp.get_channel()
            if channel is not None:
                channel.settimeout(options.timeout)
            return client, sftp
    except (AuthFailed, Retryable, OSError):
        client.close()
        raise


def _trust(client: SSHClient, options: Options) -> None:
    client.set_missing_host_key_policy(_Fingerprint(options.host_key) if options.host_key else RejectPolicy())
    if options.known_hosts:
        client.load_host_keys(str(options.known_hosts))


def _key(options: Options) -> PKey | None:
    try:
        passphrase = options.passphrase.get_secret_value().encode() if options.passphrase else None
        # Bytes, whatever the stubs say.
        return PKey.from_path(options.key_file, passphrase) if options.key_file else None  # type: ignore[arg-type]
    except (SSHException, TypeError, UnknownKeyType, ValueError) as error:
        why = f"the private key cannot be read with this passphrase ({type(error).__name__})"
        raise AuthFailed(f"sftp: {why}") from None
