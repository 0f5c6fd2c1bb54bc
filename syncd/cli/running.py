"""`syncd run`: the daemon in the foreground, as systemd and containers want it."""

import os
from pathlib import Path

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config
from syncd.cli.shown import err, fail
from syncd.config.load import load_config
from syncd.console.pages import console_routes
from syncd.errors import StoreBusy, StoreError
from syncd.registry import Registry
from syncd.run.daemon import serve


def run(path: Path = CONFIG) -> None:
    """Take enquiries in, plan them, send them to the CRM, and watch until somebody has answered."""
    loaded = config(path)
    web = loaded.settings.web
    app = App(loaded, reread=lambda: load_config(path, os.environ, Registry()))
    if web.console:
        app.build_web(console_routes(app))

    def ready(address: str) -> None:
        if web.console:
            err.print(f"syncd is ready: open {address}/", markup=False)
        else:
            err.print(f"syncd is ready on {address}", markup=False)

    try:
        serve(app, web.host, web.port, ready)
    except (StoreError, StoreBusy) as error:
        fail(str(error), Exit.STORE)
    except OSError as error:
        fail(f"cannot listen on {web.host}:{web.port}: {error.strerror or error}", Exit.FAILED)
