"""`syncd run`: the daemon in the foreground, as systemd and containers want it."""

import os
from pathlib import Path

from prometheus_client import start_http_server

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config, reachable
from syncd.cli.shown import fail, warn
from syncd.config.load import load_config
from syncd.console.routes import console_routes
from syncd.registry import Registry
from syncd.run.daemon import serve


def run(path: Path = CONFIG) -> None:
    """Take enquiries in, plan them, send them to the CRM, and watch until somebody has answered."""
    os.umask(0o077)  # whatever the daemon or a connector writes is somebody's
    loaded = config(path, logged="debug")
    web = loaded.settings.web
    with reachable():
        app = App(loaded, reread=lambda: load_config(path, os.environ, Registry()))
    if web.console:
        app.build_web(console_routes(app))
    if web.metrics:
        _serve_metrics(app, web.metrics)
    try:
        serve(app, web.host, web.port, lambda address: _announce(address, console=web.console))
    except SystemExit:  # the server ends so when the port is not to be had, and has logged why
        fail(f"cannot listen on {web.host}:{web.port}: is it in use? Set web.port, or stop who has it", Exit.FAILED)


def _serve_metrics(app: App, place: str) -> None:
    host, _, port = place.rpartition(":")
    try:
        start_http_server(int(port), host.strip("[]"), app.metrics.registry)
    except OSError as error:
        fail(
            f"cannot listen on {place} for metrics: {error.strerror}. Set web.metrics, or stop who has it", Exit.FAILED
        )


def _announce(address: str, *, console: bool) -> None:
    warn(f"syncd is ready: open {address}/" if console else f"syncd is ready on {address}")
