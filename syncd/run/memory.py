"""What the C library does with memory that was let go. By glibc's own words; elsewhere nothing is done.

A reload starts every loop as a thread anew, and glibc gives threads arenas of their own, up to eight for each core;
what the threads before them have let go stays in theirs. https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes
import sys

_M_ARENA_MAX = -8
_ARENAS = 2


def few_arenas() -> None:
    """Before the threads are started: one interpreter lets one of them run at a time, so they need no more."""
    if libc := _glibc():
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Free pages go back to the machine."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
