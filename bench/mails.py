"""Mails by IMAP: from a server of its own process into the store, read and kept page by page."""

import time
from contextlib import closing

from bench.places import folder
from bench.world import Process
from connectors.sources.imap import Imap, Options
from syncd.clock import SystemClock
from syncd.connector import HttpClient, Tools
from syncd.store.store import Store

_READY = r"listening (\S+):(\d+) user (\S+) password (\S+)"


def by_imap(count: int) -> dict[str, float]:
    """People's mails of three kilobytes, text and HTML; SQLite with synchronous=FULL. CPU: of this side alone."""
    with folder() as where, Process(["tests.fakes.imap", "--mails", str(count)], where, _READY) as server:
        host, port, user, password = server.found.groups()
        options = Options.model_validate(
            {"host": host, "port": int(port), "tls": "off", "user": user, "password": password, "history": "all"}
        )
        tools = Tools("box", SystemClock(), HttpClient(), where)
        with closing(Store(f"sqlite:///{where}/syncd.db", SystemClock(), list)) as store:
            store.open()
            with closing(Imap(options, tools)) as source:
                started, cpu = time.perf_counter(), time.process_time()
                kept = sum(store.inbox.accept_page("box", page).new for page in source.pages(None))
                took, cpu = time.perf_counter() - started, time.process_time() - cpu
        assert kept == count
        return {"mails/s": count / took, "CPU ms each": cpu / count * 1e3}
