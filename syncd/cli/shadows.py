"""`syncd shadow`: what a sink on trial would have written, beside what is there."""

from dataclasses import asdict
from pathlib import Path

import typer

from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config
from syncd.cli.opened import app as built_app
from syncd.cli.shown import AS_JSON, as_json, fail, say
from syncd.errors import SyncdError
from syncd.run.comparing import Comparison, compare

app = typer.Typer(no_args_is_help=True, help="A new sink on trial (`shadow: yes`): compare it with the one in use.")

_NAME = typer.Argument(..., help="name of the sink on trial")
_MOST = 100  # differences that are shown


@app.callback()
def _group() -> None:
    """A command of its own below, however many there will be."""


@app.command("diff")
def diff(
    name: str = _NAME,
    against: str = typer.Option("", "--against", help="the sink in use; the system of record when left out"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Lead by lead: owner, fields and tasks that would be different; exit code 1 when there are any."""
    loaded = config(path)
    used = against or loaded.system_of_record
    with built_app(loaded) as built:
        for each in (name, used):
            if each not in built.crew.lines:
                fail(f"no sink is called {each!r}; there are: {', '.join(built.crew.lines)}", Exit.NOT_FOUND)
        if name == used:
            fail(f"{name} is the sink in use: name the one on trial", Exit.CONFIG)
        try:
            found = compare(built.store.database, name, used, built.crew.lines[used].sink)
        except SyncdError as error:
            fail(f"{used} cannot be asked: {error}", Exit.FAILED)
    if json:
        as_json(asdict(found))
    else:
        _show(found, name, used)
    if found.differences:
        raise typer.Exit(Exit.FAILED)


def _show(found: Comparison, tried: str, used: str) -> None:
    for each in found.differences[:_MOST]:
        say(f"{each.lead}  {each.what}: {used} has {each.used or 'nothing'!r}, {tried} would have {each.tried!r}")
    if len(found.differences) > _MOST:
        say(f"... and {len(found.differences) - _MOST} more (--json tells all)")
    leads = len({each.lead for each in found.differences})
    say(f"{found.leads} leads on trial in {tried}: {found.leads - leads} as in {used}, {leads} different")
    if found.missing:
        say(f"{found.missing} leads of {used} are older than the trial")
