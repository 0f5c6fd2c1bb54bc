"""A daemon's life: start, ready, reload, stop. SIGTERM drains and ends with 0; SIGHUP reloads the config."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from syncd import log
from syncd.run.notify import notify, watchdog_pause
from syncd.run.protocol import PatientProtocol, close_slow

DRAIN_SECONDS = 20
MOST_CONNECTIONS = 1000
SWEEP_SECONDS = 2
SWITCH_SECONDS = 0.0005
"""The writer waits for the interpreter after each commit; at the usual 5 ms that wait is longer than the commit."""


class Service(Protocol):
    """What the daemon keeps running."""

    @property
    def web(self) -> ASGIApp: ...

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
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        service.web, interface="asgi3", host=host, port=port, loop="uvloop", http=PatientProtocol, lifespan="off",
        log_config=None, access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=15,
        backlog=2048, timeout_graceful_shutdown=DRAIN_SECONDS, limit_concurrency=MOST_CONNECTIONS,
    )  # fmt: skip
    bound = config.bind_socket()
    config.setup_event_loop = lambda: None  # type: ignore[method-assign] # asyncio.Runner below chose it
    with bound, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        address = f"http://{_shown(host)}:{bound.getsockname()[1]}"
        runner.run(_live(service, _Server(config), [bound], lambda: ready(address)))


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
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _ask_to_stop, server)
    hung_up = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, hung_up.set)
    service.start()
    helpers = (_reload(service, hung_up), _watch(service), _sweep(server))
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
                logger.info("config reloaded")
        notify("READY=1")


async def _sweep(server: _Server) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        close_slow(server.server_state.connections)


async def _watch(service: Service) -> None:
    """Pet the watchdog only while all threads live."""
    pause = watchdog_pause()
    while pause:
        if service.alive():
            notify("WATCHDOG=1")
        await asyncio.sleep(pause.total_seconds())
