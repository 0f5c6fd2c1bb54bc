"""How mails are read, told to people and to machines, and kept mails read again by the rules of today."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from rich.progress import track

from syncd.app import unplugged
from syncd.cli.exits import Exit
from syncd.cli.numbers import number_of, submission_numbers
from syncd.cli.opened import CONFIG, config, store
from syncd.cli.payloads import insist_on
from syncd.cli.shown import AS_JSON, as_json, err, fail, say, table, warn
from syncd.config.load import Loaded
from syncd.connector import Mails, MailSourceOptions
from syncd.core.mail import IN_SPAM_FOLDER, Reading, Verdict, known_templates
from syncd.store.inbox_rows import Kept
from syncd.store.store import Store

MAIL = "message/rfc822"

_NUMBERS = typer.Argument(None, help="kept mails, as s12")


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
        _show(reading, name)


def reread(
    numbers: list[str] = _NUMBERS,
    everything: bool = typer.Option(False, "--all", help="every mail that is parked or held back"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Read mails that are parked or held back again, by the templates and domains of today.

    What turns out to be an enquiry goes its way. Exit code 3 when some were no such mails.
    """
    if bool(numbers) == everything:
        fail("name the mails to read again, or say --all", Exit.CONFIG)
    loaded = config(path)
    told: dict[str, str] = {}
    with store(loaded) as opened:
        wanted = list(_set_aside(loaded, opened)) if everything else submission_numbers(numbers)
        many = len(wanted) >= 10 and err.is_terminal
        for number in track(wanted, "reading", console=err, transient=True, disable=not many):
            told[f"s{number}"] = _reread(loaded, opened, number)
    if json:
        as_json(told)
    else:
        for name, verdict in told.items():
            (say if verdict else warn)(f"{name}: {verdict or 'no mail that is parked or held back'}")
    if not all(told.values()):
        raise typer.Exit(Exit.NOT_FOUND)


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
    connector = unplugged(source, loaded.sources[source], loaded.settings.company.domains)
    mails = getattr(connector, "mails", None)
    if not isinstance(mails, Mails):
        fail(f"{source} takes no mails: name one of type mail or imap", Exit.CONFIG)
    return mails


def _set_aside(loaded: Loaded, opened: Store) -> Iterator[int]:
    """Those that could be read again, oldest first."""
    for line in sorted(
        (line for state in ("parked", "quarantined") for line in opened.reports.aside(state, 1_000_000)),
        key=lambda line: line.id,
    ):
        kept = opened.inbox.read(line.id) if line.source in loaded.sources else None
        if kept and _is_whole_mail(loaded, kept):
            yield line.id


def _is_whole_mail(loaded: Loaded, kept: Kept) -> bool:
    """A mail by a source that still takes mails, and not just the head of one that was too large."""
    submission = kept.submission
    chosen = loaded.sources.get(submission.source)
    takes = chosen is not None and isinstance(chosen.options, MailSourceOptions)
    return takes and submission.content_type == MAIL and not submission.key.startswith("unreadable:")


def _reread(loaded: Loaded, opened: Store, number: int) -> str:
    """The verdict of today; empty for what is no mail that is set aside."""
    kept = opened.inbox.read(number)
    if kept is None or not _is_whole_mail(loaded, kept):
        return ""
    was, mails = kept.submission, _mails(loaded, kept.submission.source)
    spam = was.context.no_lead == f"{Verdict.SPAM}: {IN_SPAM_FOLDER}"  # which the mail itself does not tell
    again = mails.submission(was.raw, was.received_at, spam=spam)
    if not opened.rereading.put(number, again):
        return ""
    return again.problem or again.context.no_lead or Verdict.LEAD.value


_MEANINGS = {
    Verdict.LEAD: "An enquiry: it would go its way.",
    Verdict.REVIEW: "For a person: it would be parked, with what could be read of it.",
}
_NO_LEAD = "No lead: it would be kept and held back, and `syncd quarantine --restore` lets it pass."


def _show(reading: Reading, source: str) -> None:
    say(f"{_MEANINGS.get(reading.verdict, _NO_LEAD)}\n")
    context = reading.context
    facts = [
        ("verdict", reading.verdict.value),
        ("why", reading.reason),
        ("template", reading.template),
        ("form", context.form_name),
        ("page", context.page_url),
        ("sent", reading.submitted_at.isoformat() if reading.submitted_at else ""),
        ("by the rules of", source),
        ("key", reading.key),
    ]
    table(("what", "value"), [fact for fact in facts if fact[1]])
    say()
    table(
        ("id", "question", "answer", "field"),
        [(answer.id, answer.label, answer.text, answer.ref) for answer in reading.answers],
    )
    if reading.suggestion:
        say(f"\nThis template would read it; look it over and put it below sources.{source}.templates:\n")
        say(reading.suggestion)


def reading_parts(reading: Reading) -> dict[str, Any]:
    return {
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "key": reading.key,
        "template": reading.template,
        "form": reading.context.form_name,
        "submitted_at": reading.submitted_at,
        "no_lead": reading.context.no_lead,
        "problem": reading.problem,
        "answers": [
            {"id": each.id, "label": each.label, "value": each.value, "kind": each.kind.value, "field": each.ref}
            for each in reading.answers
        ],
        "suggestion": reading.suggestion,
    }
