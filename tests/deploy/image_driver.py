"""Inside the rehearsed container: healthy only while the daemon runs, a lead lands, nothing writes elsewhere.

Standard library alone: nothing but the image's own packages is there.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

ADDRESS = "http://127.0.0.1:8080"


def main(commands: dict[str, list[str]]) -> None:
    tell("user", os.getuid() == 10001 and os.getgid() == 10001)
    tell("the root is read-only", all(map(refuses, ("/trace", "/opt/syncd/trace", "/etc/syncd/trace"))))
    tell("not healthy before it runs", ran(commands["health"]) != 0)
    daemon = subprocess.Popen(commands["daemon"])
    tell("healthy once it runs", until(lambda: ran(commands["health"]) == 0))
    fields = {"name": "Ada Beispiel", "email": "ada@ada-works.com", "message": "What does it cost?"}
    with urllib.request.urlopen(f"{ADDRESS}/in/contact", urlencode(fields).encode(), timeout=10) as answer:
        tell("a post is answered 200", answer.status == 200)
    tell("the task lands", until(lambda: 'kind="task",outcome="done"' in read("/metrics")))
    tell("a backup beside the daemon", ran(commands["backup"]) == 0)
    tell("the promises hold", ran(commands["prove"]) == 0)
    daemon.send_signal(signal.SIGTERM)
    tell("SIGTERM ends it with 0", daemon.wait(30) == 0)
    tell("not healthy any more", ran(commands["health"]) != 0)


def tell(what: str, held: object) -> None:
    print(f"  {what}: {'yes' if held else 'NO'}", flush=True)
    if not held:
        sys.exit(1)


def ran(command: list[str]) -> int:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


def read(path: str) -> str:
    with urllib.request.urlopen(ADDRESS + path, timeout=10) as answer:
        return str(answer.read().decode())


def refuses(path: str) -> bool:
    try:
        Path(path).write_text("")
    except OSError:
        return True
    return False


def until(ask: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if ask():
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
