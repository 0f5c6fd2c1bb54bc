"""A process that has imported syncd and forks a daemon for each line on its standard input.

Importing takes most of a daemon's start. What is forked is the program itself with its own command line, a process
of its own that can be killed, stopped and terminated; only the reading of its modules is not repeated.

    {"start": [words of the command], "log": path, "cwd": path, "env": {..}}  ->  {"pid": n}
    {"wait": pid}  ->  {"code": exit code, negative for a signal}
"""

import gc
import importlib
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from syncd.cli.main import main as program
from syncd.core.cleaning.emails import clean_email

_PROGRAM = ("connectors.sinks.hubspot", "connectors.sinks.local", "connectors.sources.webhook", "uvloop")
"""What a daemon imports only when its config asks for it."""


def main() -> None:
    _read_everything()
    gc.collect()
    gc.freeze()
    _say({"ready": os.getpid()})
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            _say({"code": os.waitstatus_to_exitcode(status)})
            continue
        pid = os.fork()
        if not pid:
            _become(order)
        _say({"pid": pid})


def _read_everything() -> None:
    for name in _PROGRAM:
        importlib.import_module(name)
    clean_email("eva@example.com")  # reads the list of public suffixes


def _become(order: Mapping[str, Any]) -> None:
    """Never returns."""
    code = 70
    try:
        gc.unfreeze()
        os.chdir(order["cwd"])
        os.environ.update(order["env"])
        log = os.open(order["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDWR)
        for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(ours, theirs)
        os.closerange(3, 1024)
        sys.argv = ["syncd", *order["start"]]
        program()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _say(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
