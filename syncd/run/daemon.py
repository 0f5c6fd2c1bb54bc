"""A daemon's life: start, ready, reload, stop. SIGTERM drains and ends with 0; SIGHUP reloads the config."""

import asyncio
import contextlib
import gc
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from syncd import log
from syncd.run import memory
from syncd.run.connections import Connections
from syncd.run.notify import notify, watchdog_pause
from syncd.run.protocol import PatientProtocol

DRAIN_SECONDS = 20
SWEEP_SECONDS = 1
SPARE_FILES = 200
"""Of the files that may be open at a time: for the store, the log, the calls."""
SWITCH_SECONDS = 0.0005
"""The writer waits for the interpreter after each commit; at the usual 5 ms that wait is longer than the commit."""


HELPERS = 8
"""Threads for what the event loop must not wait for itself. They are started with it: when memory is short, Python may
wait for ever for a new one (https://github.com/python/cpython/issues/140746)."""

YOUNG = 20_000
"""Objects made until the garbage collector looks: what is read and decided leaves no rings behind, and each look
goes through what is in hand. What was there at the start is not looked at again."""


class Service(Protocol):
    """What the daemon keeps running."""

    @property
    def web(self) -> ASGIApp: ...

    @property
    def connections(self) -> Connections: ...

    def start(self) -> None: ...

    def reload(self) -> str:
        """Read the config anew; what was wrong with it, or nothing. The old one stays when it is wrong."""
        ...

    def alive(self) -> bool: ...

    def stop(self) -> None: ...


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(service: Service, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT; `ready` gets the address once the port is bound and the store open.

    Raises SystemExit when the port is not to be had; the server has logged why.
    """
    _tune()
    connections = service.connections
    connections.most = min(connections.most, _open_files() - SPARE_FILES)
    config = uvicorn.Config(
        service.web, interface="asgi3", host=host, port=port, loop="uvloop", lifespan="off", ws="none",
        http=partial(PatientProtocol, watched_by=connections),  # type: ignore[arg-type] # whatever makes one
        log_config=None, access_log=False, server_header=False, proxy_headers=False, backlog=2048,
        timeout_keep_alive=round(connections.patience.rest), timeout_graceful_shutdown=DRAIN_SECONDS,
    )  # fmt: skip
    bound = config.bind_socket()
    config.setup_event_loop = lambda: None  # type: ignore[method-assign] # asyncio.Runner below chose it
    with bound, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        address = f"http://{_shown(host)}:{bound.getsockname()[1]}"
        runner.run(_live(service, _Server(config), [bound], lambda: ready(address)))


def _open_files() -> int:
    """How many files may be open at a time, after asking for as many as there may be."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else sys.maxsize


def _tune() -> None:
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    memory.few_arenas()
    _settle_memory()


def _settle_memory() -> None:
    """What is here stays, and is not looked through again and again; what a reload has let go is given back at once."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    memory.give_back()


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)  # noqa: S104 - only shown


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - absent on some platforms
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


async def _live(service: Service, server: _Server, sockets: list, ready: Callable[[], None]) -> None:  # type: ignore[type-arg]
    logger = log.get("daemon")
    loop = asyncio.get_running_loop()
    loop.set_default_executor(_helpers())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _ask_to_stop, server)
    hung_up = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, hung_up.set)
    service.start()
    helpers = (_reload(service, hung_up), _watch(service), _sweep(service.connections))
    tasks = [asyncio.create_task(helper) for helper in helpers]
    serving = asyncio.create_task(server.serve(sockets=sockets))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn rings no bell
        await asyncio.sleep(0.005)
    if server.started:
        ready()
        notify("READY=1")
        logger.info("daemon ready")
    try:
        await serving
    finally:
        notify("STOPPING=1")
        for task in tasks:
            task.cancel()
        await asyncio.to_thread(service.stop)
        logger.info("daemon stopped")


def _helpers() -> ThreadPoolExecutor:
    """All of them started."""
    helpers, all_here = ThreadPoolExecutor(HELPERS, "helper"), threading.Barrier(HELPERS)
    list(helpers.map(lambda _: all_here.wait(), range(HELPERS)))
    return helpers


def _ask_to_stop(server: _Server) -> None:
    server.should_exit = True


async def _reload(service: Service, hung_up: asyncio.Event) -> None:
    logger = log.get("daemon")
    while True:
        await hung_up.wait()
        hung_up.clear()
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            wrong = await asyncio.to_thread(service.reload)
        except Exception:  # a bug in a reload must end neither the daemon nor later reloads
            logger.exception("config not reloaded")
        else:
            if wrong:
                logger.error("config not reloaded, the old one stays", problems=wrong)
            else:
                await asyncio.to_thread(_settle_memory)
                logger.info("config reloaded")
        notify("READY=1")


async def _sweep(connections: Connections) -> None:
    logger = log.get("daemon")
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            connections.sweep()
        except Exception:  # a lack of memory, or a bug: without the next ones slow senders would keep their places
            logger.exception("connections not swept")


async def _watch(service: Service) -> None:
    """Pet the watchdog only while all threads live."""
    pause = watchdog_pause()
    while pause:
        if service.alive():
            notify("WATCHDOG=1")
        await asyncio.sleep(pause.total_seconds())
