"""`syncd mail`: how a mail is read, and a mail from a mail server's pipe, kept before the command ends."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

import typer

from syncd.app import unplugged
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config
from syncd.cli.opened import app as opened_app
from syncd.cli.payloads import insist_on
from syncd.cli.readings import MAIL, read, reread, templates
from syncd.cli.shown import fail, say, warn
from syncd.cli.troubles import Commands
from syncd.config.load import Loaded
from syncd.connector import Submission, Translating, WebRequest

LONGEST = 256 * 2**20
"""Bytes that are taken from the pipe; what the source thinks too large is its own to say."""

app = typer.Typer(cls=Commands, help="mails by hand, and from a mail server")
app.command("read")(read)
app.command("reread")(reread)
app.command("templates")(templates)


_SOURCE = typer.Option(
    "", "--source", "-s", help="name of the source in the config; not needed where one alone takes mails"
)


@app.callback(invoke_without_command=True)
def mail(context: typer.Context, source: str = _SOURCE, path: Path = CONFIG) -> None:
    """Mails by hand, and from a mail server: `syncd mail < message` is `syncd mail pipe < message`."""
    if context.invoked_subcommand is None:
        if sys.stdin.isatty():
            say(context.get_help())
            return
        pipe(source, path)


@app.command("pipe")
def pipe(source: str = _SOURCE, path: Path = CONFIG) -> None:
    """Keep the mail on standard input, for procmail, Postfix and Exim.

    Ends with 0 once it is kept. Whatever is wrong, it ends with 75, which asks the mail server to keep the mail and
    to try again later: no mail goes back to its sender because of a mistake in the config or a full disk.
    """
    try:
        _keep(path, source, sys.stdin.buffer.read(LONGEST))
    except typer.Exit as ended:
        raise typer.Exit(Exit.LATER if ended.exit_code else Exit.OK) from None
    except Exception as error:
        warn(f"not kept: {str(error) or type(error).__name__}")
        raise typer.Exit(Exit.LATER) from error


def _keep(path: Path, source: str, raw: bytes) -> None:
    loaded = config(path, logged="error")
    source = source or _only(loaded)
    insist_on(loaded, source)
    connector = unplugged(source, loaded.sources[source], loaded.settings.company.domains)
    if not _takes_mails(connector):
        fail(f"{source} takes no mails: give it the type mail or imap", Exit.CONFIG)
    if not raw.strip():
        fail("there is no mail on standard input", Exit.CONFIG)
    request = WebRequest("POST", {"content-type": MAIL}, {}, raw, datetime.now(UTC))
    submissions: list[Submission] = list(connector.translate(request).submissions)
    with opened_app(loaded) as built:
        built.store.inbox.accept(submissions)


def _takes_mails(connector: object) -> TypeGuard[Translating]:
    return isinstance(connector, Translating) and MAIL in getattr(connector, "takes", ())


def _only(loaded: Loaded) -> str:
    """The one source that takes mails. Ends the command where there are several, or none."""
    domains = loaded.settings.company.domains
    found = [name for name, chosen in loaded.sources.items() if _takes_mails(unplugged(name, chosen, domains))]
    if len(found) != 1:
        fail(f"say --source: {', '.join(found) or 'none'} of the sources take mails", Exit.CONFIG)
    return found[0]
