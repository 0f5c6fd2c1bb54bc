"""What most commands need first: the config, and the store without a daemon's claim on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from syncd import log
from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.shown import fail, warn
from syncd.clock import SystemClock
from syncd.config.load import Loaded, load_config
from syncd.registry import Registry
from syncd.run.operations import Operations
from syncd.store import migrate
from syncd.store.database import Database
from syncd.store.store import Store

CONFIG = typer.Option(Path("config.yaml"), "--config", "-c", envvar="SYNCD_CONFIG", help="the config file")

_LEVELS = ("debug", "info", "warning", "error")


def config(path: Path, *, logged: str = "warning") -> Loaded:
    """Raises ConfigError with every problem. Less than `logged` is not logged, whatever the config says."""
    if not path.exists():
        fail(
            f"{path}: there is no such file. Copy config.example.yaml to {path} and adapt it, "
            "or name your config with --config FILE or SYNCD_CONFIG",
            Exit.CONFIG,
        )
    loaded = load_config(path, os.environ, Registry())
    chosen = loaded.settings.log
    log.set_up(max(chosen.level, logged, key=_LEVELS.index), chosen.format)
    for warning in loaded.warnings:
        warn(f"warning: {warning}")
    return loaded


@contextmanager
def store(loaded: Loaded) -> Iterator[Store]:
    """Open beside a running daemon; the schema is made where there is none."""
    with reachable():
        opened = Store(loaded.settings.store.url.get_secret_value(), SystemClock(), lambda: list(loaded.sinks))
    try:
        open_schema(opened)
        yield opened
    finally:
        opened.close()


@contextmanager
def operations(path: Path) -> Iterator[tuple[Loaded, Operations]]:
    loaded = config(path)
    with store(loaded) as opened:
        yield loaded, Operations(opened, loaded.playbook)


@contextmanager
def app(loaded: Loaded) -> Iterator[App]:
    """All connectors built and the store open, nothing running."""
    with reachable():
        built = App(loaded)
    try:
        open_schema(built.store)
        yield built
    finally:
        built.crew.close()
        built.store.close()


@contextmanager
def database(path: Path, *, logged: str = "warning") -> Iterator[Database]:
    """The bare database, whatever its schema."""
    loaded = config(path, logged=logged)
    with reachable():
        opened = Database(loaded.settings.store.url.get_secret_value(), SystemClock())
    try:
        yield opened
    finally:
        opened.close()


def open_schema(opened: Store) -> None:
    """A command never upgrades a database that another version's daemon may be using."""
    before, now = migrate.check(opened.database)
    if before and before != now:
        fail(f"the database is of version {before}, this program of {now}: `syncd db upgrade`", Exit.STORE)
    opened.open()


@contextmanager
def reachable() -> Iterator[None]:
    """Trouble with the store's place."""
    try:
        yield
    except OSError as error:
        fail(f"the store cannot be opened: {error.filename}: {error.strerror}", Exit.STORE)
