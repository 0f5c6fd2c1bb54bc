"""`python confine.py <filter.json> <program> ...`: take on a unit's filter of system calls, then become the program.

The part of systemd's sandbox that can be had without systemd as process 1: the same libseccomp, the same lists.
https://man7.org/linux/man-pages/man3/seccomp_rule_add.3.html
"""

import ctypes
import errno
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
EQUAL, MASKED = 4, 7  # enum scmp_compare
PROT_WRITE, PROT_EXEC = 2, 4
PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 38, 65


class Compare(ctypes.Structure):
    """struct scmp_arg_cmp"""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def main(rules: Mapping[str, Any], program: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if rules["deny_write_execute"]:
        libc.prctl(PR_SET_MDWE, 1, 0, 0, 0)  # of newer kernels, beside the filter
    load(rules)
    os.execv(program[0], program)  # noqa: S606 - no shell is wanted


def load(rules: Mapping[str, Any]) -> None:
    lib = ctypes.CDLL("libseccomp.so.2")
    lib.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(REFUSE)))
    for name in rules["calls"]:
        number = lib.seccomp_syscall_resolve_name(name.encode())
        for conditions in _conditions(name, rules):
            array = (Compare * len(conditions))(*conditions)
            code = lib.seccomp_rule_add_array(context, ctypes.c_uint32(ALLOW), number, len(conditions), array)
            if code not in (0, -errno.EDOM, -errno.EINVAL):  # calls of other machines are left out
                raise OSError(-code, f"rule for {name}")
    if (code := lib.seccomp_load(context)) != 0:
        raise OSError(-code, "seccomp_load")


def _conditions(name: str, rules: Mapping[str, Any]) -> Iterator[list[Compare]]:
    """When a call of the list may go through; one of these is enough."""
    if name == "socket":
        yield from ([Compare(0, EQUAL, family, 0)] for family in rules["families"])
    elif name == "mmap" and rules["deny_write_execute"]:
        yield from ([Compare(2, MASKED, bit, 0)] for bit in (PROT_WRITE, PROT_EXEC))
    elif name in {"mprotect", "pkey_mprotect"} and rules["deny_write_execute"]:
        yield [Compare(2, MASKED, PROT_EXEC, 0)]
    else:
        yield []


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")), sys.argv[2:])
