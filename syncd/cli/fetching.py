"""`syncd backfill` and `syncd reconcile`: what a provider has, beside what is kept here."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, app, config
from syncd.cli.payloads import insist_on
from syncd.cli.shown import AS_JSON, as_json, err, fail, say, when
from syncd.connector import LooksBack, Page
from syncd.errors import SyncdError
from syncd.run.reconciler import look_through
from syncd.store import balances
from syncd.store.balances import Balance
from syncd.wire.fetching import LONG_AGO

_NAME = typer.Argument(..., help="name of the source in the config")
_SINCE = typer.Option(..., "--since", help="a day (2026-01-31), a moment (2026-01-31T12:00Z), or all")
_NAMES = typer.Argument(None, help="names of sources; every one that can be asked when left out")
_DAYS = typer.Option(3, "--days", min=1, max=365, help="how far back")


def backfill(source: str = _NAME, since: str = _SINCE, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Fetch whatever the provider has since then. What is known already is not taken twice.

    It is kept at once, and lands with the running daemon. The source's own fetching goes on from where it is.
    """
    moment = _moment(since)
    loaded = config(path)
    insist_on(loaded, source)
    with app(loaded) as built:
        balance = _looked_through(built, source, moment)
    if json:
        as_json(parts({source: balance}))
    else:
        say(f"{source}: {balance.listed} there since {when(moment) if moment > LONG_AGO else 'ever'},"
            f" {balance.fetched} of them new here. {_classes(balance)}.")  # fmt: skip


def reconcile(sources: list[str] | None = _NAMES, days: int = _DAYS, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Compare each provider's own list with what is kept here and in the CRM; fetch what is missing.

    The daemon does so every night; `syncd prove` shows the last of each.
    """
    loaded = config(path)
    for name in sources or ():
        insist_on(loaded, name)
    with app(loaded) as built:
        names = sources or [name for name, source in built.crew.sources.items() if isinstance(source, LooksBack)]
        found = {}
        for name in names:
            found[name] = _looked_through(built, name, built.clock.now() - timedelta(days=days))
            balances.keep(built.store.database, name, found[name])
    if json:
        as_json(parts(found))
        return
    for name, balance in found.items():
        say(told(name, balance))
    if not found:
        say("No source here can be asked: see `missed` on its page in docs/sources.")


def told(name: str, balance: Balance) -> str:
    """The balance of a source in one line."""
    adds_up = "" if not balance.missing else f" {balance.missing} MISSING."
    fetched = f", {balance.fetched} of them fetched only then" if balance.fetched else ""
    since = f"since {when(balance.since)}, as of {when(balance.at)}"
    return f"{name}: {balance.listed} at the provider {since}{fetched}: {_classes(balance)}.{adds_up}"


def parts(found: Mapping[str, Balance]) -> dict[str, object]:
    return {
        name: {
            "since": balance.since, "listed": balance.listed, "fetched": balance.fetched, "missing": balance.missing,
            "classes": balance.classes,
        }
        for name, balance in found.items()
    }  # fmt: skip


def _classes(balance: Balance) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(balance.classes.items())) or "nothing to land"


def _looked_through(built: App, name: str, since: datetime) -> Balance:
    source = built.crew.sources[name]
    if not isinstance(source, LooksBack):
        fail(f"{name} cannot be asked for what was: its provider has no list, or no key for it is set", Exit.CONFIG)
    try:
        with _progress(name, since, built.clock.now()) as each:
            return look_through(name, source, built.store.inbox, built.store.reports, since, each)
    except SyncdError as error:
        fail(f"{name}: {error}. What was fetched before is kept; the same command again goes on", Exit.UNFINISHED)


@contextmanager
def _progress(name: str, since: datetime, now: datetime) -> Iterator[Callable[[Page], None]]:
    """How much of the time has been looked through, whichever end the provider begins with."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        seen: list[datetime] = []
        count = 0
        task = bar.add_task(name, total=None if since <= LONG_AGO else (now - since).total_seconds())

        def each(page: Page) -> None:
            nonlocal count, seen
            count += len(page.submissions)
            seen = [*seen, *(one.submitted_at for one in page.submissions if one.submitted_at)]
            seen = [min(seen), max(seen)] if seen else []
            looked = (seen[1] - seen[0]).total_seconds() if seen else 0
            bar.update(task, completed=looked, description=f"{name}: {count} submissions")

        yield each


def _moment(text: str) -> datetime:
    if text == "all":
        return LONG_AGO
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--since {text}: neither a day (2026-01-31), a moment, nor all", Exit.CONFIG)
    return moment.replace(tzinfo=moment.tzinfo or UTC)
