"""A daemon that may open no more files, or have no more memory (F30): it says so, and lives on or starts again."""

import contextlib
import resource
import socket
import threading
from pathlib import Path

import requests

from tests.battery.outages.findings import Findings
from tests.battery.outages.real import Site, site
from tests.e2e.processes import until

CROWD = 400
LARGE = b"x" * (900 * 2**10)


def run(folder: Path, leads: int, seed: int) -> Findings:
    found = Findings(runs=2)
    with site(folder) as here:
        here.post(5)
        _no_files(here, found)
        _no_memory(here, found)
        here.post(5)
        here.judge(found)
    return found


def _no_files(here: Site, found: Findings) -> None:
    """A crowd that says nothing takes every file that is left."""
    pid = _pid(here)
    used, before = len(list(Path(f"/proc/{pid}/fd").iterdir())), resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 10, before[1]))
    host, port = "127.0.0.1", here.daemon.port
    crowd = [socket.create_connection((host, port), 5) for _ in range(CROWD)]
    statuses = set(here.post(3))
    for each in crowd:
        each.close()
    until(lambda: here.post()[0] == 200 or None, "an answer after the crowd has gone", 30)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    found.told("files: answers in the crowd (0: no connection)", sorted(statuses))
    found.none("files: answers that are neither a yes nor a no", statuses - {0, 200, 429, 503})
    found.exactly(
        "files: the same daemon goes on", _pid(here) == pid and here.daemon.process.process.poll() is None, True
    )  # type: ignore[union-attr]


def _no_memory(here: Site, found: Findings) -> None:
    """Large bodies at once, with hardly any memory left. Dying is allowed; a false yes and a lost row are not."""
    pid = _pid(here)
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + 2 * 2**20
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    large: set[int] = set()
    threads = [threading.Thread(target=_send_large, args=(here, large)) for _ in range(64)]
    for thread in threads:
        thread.start()
    statuses = set(here.post(5))
    for thread in threads:
        thread.join(60)
    died = _has_ended(here)
    if died:
        here.daemon.start()
    else:
        resource.prlimit(pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: here.post()[0] == 200 or None, "an answer after memory is there again", 30)
    found.told("memory: answers (0: no connection)", sorted(statuses))
    found.none("memory: answers that are neither a yes nor a no", statuses - {0, 200, 429, 503})
    found.told("memory: answers to large bodies", sorted(large))
    if large <= {401}:
        found.told("memory: NOT FELT", "nothing was refused for lack of it, so nothing is shown")
    found.told("memory: the daemon", "ended and was started again" if died else "went on")


def _send_large(here: Site, statuses: set[int]) -> None:
    """Without a signature: whatever becomes of it, it is not a lead."""
    status = 0
    with contextlib.suppress(requests.RequestException):
        form = {"content-type": "application/json"}
        status = requests.post(f"{here.daemon.url}/in/demo", LARGE, headers=form, timeout=30).status_code
    statuses.add(status)


def _has_ended(here: Site) -> bool:
    return here.daemon.process is not None and here.daemon.process.process.poll() is not None


def _pid(here: Site) -> int:
    return here.daemon.process.process.pid  # type: ignore[union-attr] # it runs
