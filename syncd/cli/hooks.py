"""`syncd hooks`: the webhooks of a source, as its provider tells of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from syncd.app import source_url
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config
from syncd.cli.opened import app as built_app
from syncd.cli.shown import AS_JSON, as_json, fail, say, table
from syncd.cli.sinks import parts, show
from syncd.connector import Finding, Hooked
from syncd.errors import SyncdError
from syncd.run.hooks import verified

app = typer.Typer(no_args_is_help=True, help="Webhooks of a source, where its provider's API manages them.")

_SOURCE = typer.Argument(..., help="name of the source in the config")


@app.command("list")
def list_all(source: str = _SOURCE, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """All webhooks that the provider tells of, whoever made them."""
    with _opened(source, path) as (hooked, _):
        try:
            found = hooked.hooks()
        except SyncdError as error:
            fail(str(error), Exit.FAILED)
    if json:
        as_json([{"id": hook.id, "url": hook.url, "active": hook.active, "events": hook.events} for hook in found])
    elif found:
        rows = [(hook.id, hook.url or "-", "on" if hook.active else "off", ", ".join(hook.events)) for hook in found]
        table(("id", "posts to", "state", "events"), rows)
    else:
        say("The provider knows of none.")


@app.command("create")
def create(source: str = _SOURCE, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Have the provider post to this source: made anew, or switched on again. Twice is once."""
    with _opened(source, path) as (hooked, url):
        try:
            told = hooked.hook_up(url)
        except SyncdError as error:
            fail(str(error), Exit.FAILED)
        found = verified(hooked, source, url)
    _tell(found, told or "", json=json)


@app.command("verify")
def verify(source: str = _SOURCE, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Whether the provider posts to this source; exit code 1 when it does not."""
    with _opened(source, path) as (hooked, url):
        found = verified(hooked, source, url)
    _tell(found, json=json)


@contextmanager
def _opened(name: str, path: Path) -> Iterator[tuple[Hooked, str]]:
    """The source, and the address at which its provider reaches it."""
    loaded = config(path)
    if name not in loaded.sources:
        fail(f"no source is called {name!r}; there are: {', '.join(loaded.sources)}", Exit.NOT_FOUND)
    with built_app(loaded) as built:
        source = built.crew.sources[name]
        if not isinstance(source, Hooked):
            fail(f"{name}: its provider's API manages no webhooks; set it up there by hand", Exit.CONFIG)
        url = source_url(name, loaded.sources[name], loaded.settings.web)
        if not url:
            fail("set web.public_url: providers have to be told under which address we are reached", Exit.CONFIG)
        yield source, url


def _tell(found: Finding, note: str = "", *, json: bool) -> None:
    if json:
        as_json({**parts(found), **({"note": note} if note else {})})
    else:
        show([found])
        if note:
            say(note)
    if not found.ok:
        raise typer.Exit(Exit.FAILED)
