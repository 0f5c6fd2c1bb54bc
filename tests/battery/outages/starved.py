"""A daemon that may open no more files, or have no more memory (F30): it says so, and lives on or starts again."""

import contextlib
import random
import resource
import socket
from collections import Counter
from pathlib import Path

from tests.battery.outages.findings import Findings
from tests.battery.outages.real import Site, site
from tests.e2e.processes import until

CROWD = 400
LARGE = b"x" * (900 * 2**10)
END = 1_000


def run(folder: Path, leads: int, seed: int) -> Findings:
    """As many times as there are leads, half of them of either kind."""
    found, drawn, times = Findings(), random.Random(seed), max(leads // 2, 1)  # drawn by a seed
    answers: dict[str, Counter[int]] = {"in the crowd": Counter(), "without memory": Counter(), "to large": Counter()}
    lived, died, felt = 0, 0, 0
    with site(folder) as here:
        here.post(5)
        for _ in range(times):
            lived += _no_files(here, drawn.randrange(5, 25), answers["in the crowd"])
            large: Counter[int] = Counter()
            died += _no_memory(here, drawn.randrange(1024), answers["without memory"], large)
            felt += not set(large) <= {401}
            answers["to large"] += large
        here.post(5)
        here.judge(found)
    for when, statuses in answers.items():
        found.told(f"answers {when} (0: no connection)", dict(sorted(statuses.items())))
        fair = {0, 401, 429, 503} if when == "to large" else {0, 200, 429, 503}  # the large ones are not signed
        found.none(f"answers {when} that are neither a yes nor a no", statuses.keys() - fair)
    found.exactly("without files: the same daemon went on", lived, times)
    found.least("without memory: times in which something was refused for lack of it", felt, 1)
    found.told("without memory: daemons that ended and were started again", died)
    found.runs = 2 * times
    found.also = f"lack of memory was felt {felt} times of {times}, {died} daemons ended by it and were started again"
    return found


def _no_files(here: Site, left: int, statuses: Counter[int]) -> bool:
    """A crowd that says nothing takes every file that is left. Whether the same daemon goes on."""
    pid = _pid(here)
    used, before = len(list(Path(f"/proc/{pid}/fd").iterdir())), resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + left, before[1]))
    host, port = "127.0.0.1", here.daemon.port
    crowd = [socket.create_connection((host, port), 5) for _ in range(CROWD)]
    statuses.update(here.post(3))
    for each in crowd:
        each.close()
    until(lambda: here.post()[0] == 200 or None, "an answer after the crowd has gone", 30)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    return _pid(here) == pid


def _no_memory(here: Site, left: int, statuses: Counter[int], large: Counter[int]) -> bool:
    """A crowd of large bodies under way, with `left` KiB of memory, to a daemon that has none put by. Whether it died,
    which is allowed; a false yes and a lost row are not.
    """
    here.daemon.stop()
    here.daemon.start()
    pid = _pid(here)
    status = Path(f"/proc/{pid}/status").read_text()
    data = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData:"))
    resource.prlimit(pid, resource.RLIMIT_DATA, ((data + left) * 2**10, resource.RLIM_INFINITY))
    senders = [_begin_large(here) for _ in range(64)]
    statuses.update(here.post(5))
    large.update(_end_large(sender) for sender in senders)
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: here.post()[0] == 200 or _started_again(here), "an answer after memory is there again", 30)
    return _pid(here) != pid


def _started_again(here: Site) -> None:
    """As its supervisor does, when it has ended."""
    if here.daemon.process is not None and here.daemon.process.process.poll() is not None:
        here.daemon.start()


def _begin_large(here: Site) -> socket.socket | None:
    """All but the end. Without a signature: whatever becomes of it, it is not a lead."""
    head = (
        f"POST /in/demo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(LARGE)}\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        sender = socket.create_connection(("127.0.0.1", here.daemon.port), 5)
        with contextlib.suppress(OSError):
            sender.sendall(head.encode() + LARGE[:-END])
        return sender
    return None


def _end_large(sender: socket.socket | None) -> int:
    """The status; 0 when there was no answer."""
    if sender is None:
        return 0
    with sender, contextlib.suppress(OSError, ValueError):
        with contextlib.suppress(OSError):
            sender.sendall(LARGE[-END:])
        return int(sender.recv(100)[9:12])
    return 0


def _pid(here: Site) -> int:
    return here.daemon.process.process.pid  # type: ignore[union-attr] # it runs
