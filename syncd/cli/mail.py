"""`syncd mail`: how a mail is read, and a mail from a mail server's pipe, kept before the command ends."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import typer

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.numbers import number_of
from syncd.cli.opened import CONFIG, config, store
from syncd.cli.opened import app as opened_app
from syncd.cli.payloads import SOURCE, insist_on
from syncd.cli.readings import reading_parts, show_reading
from syncd.cli.shown import AS_JSON, as_json, fail, table, warn
from syncd.cli.troubles import Commands
from syncd.config.load import Loaded
from syncd.connector import Mails, MailSourceOptions, Submission, Translating, WebRequest
from syncd.core.mail import known_templates

MAIL = "message/rfc822"
LONGEST = 256 * 2**20
"""Bytes that are taken from the pipe; what the source thinks too large is its own to say."""

app = typer.Typer(cls=Commands, no_args_is_help=True, help="mails by hand, and from a mail server")


@app.command("pipe")
def pipe(source: str = SOURCE, path: Path = CONFIG) -> None:
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


@app.command("read")
def read(
    mail: str = typer.Argument(..., help="a file that holds a mail, or a kept one, as s12"),
    source: str = typer.Option("", "--source", "-s", help="by whose rules; the first source that takes mails"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """What would be kept of a mail, and why; for one that no template fits, a template. Keeps nothing."""
    loaded = config(path)
    raw, came_by = _mail(loaded, mail)
    name = source or came_by or _first_mails(loaded)
    insist_on(loaded, name)
    reading = _mails(loaded, name).read(raw)
    if json:
        as_json(reading_parts(reading))
    else:
        show_reading(reading, name)


@app.command("templates")
def templates(json: bool = AS_JSON) -> None:
    """Forms whose mails syncd knows, and how sure it is of each."""
    known = [{"name": each.name, "product": each.product, "seen": each.seen.value} for each in known_templates()]
    if json:
        as_json(known)
    else:
        table(("name", "product", "known from"), [(each["name"], each["product"], each["seen"]) for each in known])


def _mail(loaded: Loaded, mail: str) -> tuple[bytes, str]:
    """Its bytes, and the source that brought it, where one has."""
    number = number_of(mail, "s")
    if number is None:
        file = Path(mail)
        if not file.is_file():
            fail(f"there is no file {mail}", Exit.NOT_FOUND)
        return file.read_bytes(), ""
    with store(loaded) as opened:
        kept = opened.inbox.read(number)
    if kept is None or kept.submission.content_type != MAIL:
        fail(f"{mail} is no mail that was kept", Exit.NOT_FOUND)
    return kept.submission.raw, kept.submission.source


def _first_mails(loaded: Loaded) -> str:
    names = (name for name, chosen in loaded.sources.items() if isinstance(chosen.options, MailSourceOptions))
    name = next(names, "")
    if not name:
        fail("the config has no source of type imap or mail, whose rules could be taken", Exit.CONFIG)
    return name


def _mails(loaded: Loaded, source: str) -> Mails:
    connector = App.unplugged(source, loaded.sources[source], loaded.settings.company.domains)
    mails = getattr(connector, "mails", None)
    if not isinstance(mails, Mails):
        fail(f"{source} takes no mails: name one of type mail or imap", Exit.CONFIG)
    return mails


def _keep(path: Path, source: str, raw: bytes) -> None:
    loaded = config(path, logged="error")
    insist_on(loaded, source)
    connector = App.unplugged(source, loaded.sources[source], loaded.settings.company.domains)
    if not isinstance(connector, Translating) or MAIL not in getattr(connector, "takes", ()):
        fail(f"{source} takes no mails: give it the type mail or imap", Exit.CONFIG)
    if not raw.strip():
        fail("there is no mail on standard input", Exit.CONFIG)
    request = WebRequest("POST", {"content-type": MAIL}, {}, raw, datetime.now(UTC))
    submissions: list[Submission] = list(connector.translate(request).submissions)
    with opened_app(loaded) as built:
        built.store.inbox.accept(submissions)
