"""Tells systemd that we are ready, stopping and alive (sd_notify(3)); silent where there is no systemd."""

import contextlib
import os
import socket
from datetime import timedelta


def notify(state: str) -> None:
    """Say READY=1, STOPPING=1, WATCHDOG=1 or RELOADING=1 to the socket that systemd named.

    That nobody hears it, or nobody hears it now, is no error: the daemon's work does not depend on it.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel,
    ):
        channel.setblocking(False)
        channel.connect(address)
        channel.sendall(state.encode())


def watchdog_pause() -> timedelta | None:
    """How often systemd wants to hear from us: half of its limit; None when it does not watch."""
    limit = os.environ.get("WATCHDOG_USEC", "")
    return timedelta(microseconds=int(limit) // 2) if limit.isdigit() and int(limit) else None
