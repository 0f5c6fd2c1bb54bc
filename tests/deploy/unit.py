"""A systemd unit as this machine can carry it out: its filters by libseccomp, its file system by bubblewrap."""

import ctypes.util
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FAMILIES = {"AF_UNIX": socket.AF_UNIX, "AF_INET": socket.AF_INET, "AF_INET6": socket.AF_INET6}
NEEDED = ("bwrap", "systemd-analyze")


def missing() -> str:
    """What this machine lacks to carry out a unit; empty when nothing."""
    lacks = [name for name in NEEDED if shutil.which(name) is None]
    if ctypes.util.find_library("seccomp") is None and not Path("/usr/lib/x86_64-linux-gnu/libseccomp.so.2").exists():
        lacks.append("libseccomp")
    tried = not lacks and subprocess.run(["bwrap", "--ro-bind", "/", "/", "true"], capture_output=True, check=False)
    return ", ".join(lacks) or ("leave to use bwrap" if tried and tried.returncode else "")


def options(unit: Path) -> dict[str, list[str]]:
    """Name -> its values, in order."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", unit.read_text("utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def rules(unit: Path) -> Mapping[str, Any]:
    """What `confine.py` takes."""
    said = options(unit)
    return {
        "calls": sorted(_calls(said["SystemCallFilter"])),
        "families": [FAMILIES[name] for name in said["RestrictAddressFamilies"][0].split()],
        "deny_write_execute": said["MemoryDenyWriteExecute"] == ["yes"],
    }


def _calls(filters: list[str]) -> set[str]:
    """As systemd.exec(5) has it: the first line allows, a line with ~ takes away again."""
    allowed = {*_members("@default"), "execve"}  # our own way into the program
    for line in filters:
        named = {call for word in line.removeprefix("~").split() for call in _members(word)}
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


def _members(word: str) -> Iterator[str]:
    if not word.startswith("@"):
        yield word
        return
    for each in _sets()[word]:
        yield from _members(each)


@cache
def _sets() -> dict[str, list[str]]:
    told = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = {}
    for line in told.splitlines():
        if line.startswith("@"):
            found[line.strip()] = current = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            current.append(line.strip())
    return found
