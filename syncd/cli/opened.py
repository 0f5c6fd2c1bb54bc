"""What most commands need first: the config, and the store without a daemon's claim on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from syncd import log
from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.shown import err, fail
from syncd.clock import SystemClock
from syncd.config.load import Loaded, load_config
from syncd.errors import ConfigError, StoreBusy, StoreError
from syncd.registry import Registry
from syncd.run.operations import Operations
from syncd.store import migrate
from syncd.store.store import Store

CONFIG = typer.Option(Path("config.yaml"), "--config", "-c", envvar="SYNCD_CONFIG", help="the config file")


def config(path: Path) -> Loaded:
    """Ends the command with every problem of the config, and exit code 2."""
    try:
        loaded = load_config(path, os.environ, Registry())
    except ConfigError as error:
        fail(str(error), Exit.CONFIG)
    log.set_up(loaded.settings.log.level, loaded.settings.log.format)
    for warning in loaded.warnings:
        err.print(f"warning: {warning}", markup=False)
    return loaded


@contextmanager
def store(loaded: Loaded) -> Iterator[Store]:
    """Open beside a running daemon; the schema is made where there is none."""
    opened = Store(loaded.settings.store.url.get_secret_value(), SystemClock(), lambda: list(loaded.sinks))
    try:
        _open(opened)
        yield opened
    except (StoreError, StoreBusy) as error:
        fail(str(error), Exit.STORE)
    finally:
        opened.close()


def _open(opened: Store) -> None:
    """A command never upgrades a database that another version's daemon may be using."""
    before, now = migrate.check(opened.database)
    if before and before != now:
        fail(f"the database is of version {before}, this program of {now}: `syncd db upgrade`", Exit.STORE)
    opened.open()


@contextmanager
def operations(path: Path) -> Iterator[tuple[Loaded, Operations]]:
    loaded = config(path)
    with store(loaded) as opened:
        yield loaded, Operations(opened, loaded.playbook)


@contextmanager
def app(loaded: Loaded) -> Iterator[App]:
    """All connectors built and the store open, nothing running."""
    built = App(loaded)
    try:
        _open(built.store)
        yield built
    except (StoreError, StoreBusy) as error:
        fail(str(error), Exit.STORE)
    finally:
        built.crew.close()
        built.store.close()
