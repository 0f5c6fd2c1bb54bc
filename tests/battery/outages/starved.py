"""A daemon that may open no more files, or have no more memory (F30): it says so, and lives on or starts again."""

import contextlib
import random
import resource
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.battery.outages.findings import Findings
from tests.battery.outages.real import Site, site
from tests.e2e.processes import until

CROWD = 400
LARGE = b"x" * (900 * 2**10)


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
            died += _no_memory(here, drawn.randrange(1, 5), answers["without memory"], large)
            felt += not set(large) <= {401}
            answers["to large"] += large
        here.post(5)
        here.judge(found)
    for when, statuses in answers.items():
        found.told(f"answers {when} (0: no connection)", dict(sorted(statuses.items())))
        found.none(f"answers {when} that are neither a yes nor a no", statuses.keys() - {0, 200, 401, 429, 503})
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
    return _pid(here) == pid and not _has_ended(here)


def _no_memory(here: Site, left: int, statuses: Counter[int], large: Counter[int]) -> bool:
    """Large bodies at once, with `left` MiB of memory. Whether it died, which is allowed; a false yes and a lost row
    are not.
    """
    pid = _pid(here)
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + left * 2**20
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    with ThreadPoolExecutor(64) as crowd:
        sent = [crowd.submit(_send_large, here) for _ in range(64)]
        statuses.update(here.post(5))
        large.update(one.result() for one in sent)
    died = _has_ended(here)
    if died:
        here.daemon.start()
    else:
        resource.prlimit(pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: here.post()[0] == 200 or None, "an answer after memory is there again", 30)
    return died


def _send_large(here: Site) -> int:
    """Without a signature: whatever becomes of it, it is not a lead."""
    with contextlib.suppress(requests.RequestException):
        form = {"content-type": "application/json"}
        return requests.post(f"{here.daemon.url}/in/demo", LARGE, headers=form, timeout=30).status_code
    return 0


def _has_ended(here: Site) -> bool:
    return here.daemon.process is not None and here.daemon.process.process.poll() is not None


def _pid(here: Site) -> int:
    return here.daemon.process.process.pid  # type: ignore[union-attr] # it runs
